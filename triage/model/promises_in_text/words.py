"""How the turns of phrase of this room are written down, so that they read as what people write.

A pattern is a regular expression without regard to case, in which a blank stands for any white space, ``'``
for either apostrophe and ``@`` for a character of a time expression; ``<name>`` is a list given by name.
Inside a look-behind a blank is one blank, since a look-behind has a fixed length.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

Turns = Mapping[str, tuple[str, ...]]
"""Turns of phrase by the reason why they count."""
TIME = "\ue000"
"""Stands for every character of a time expression while a clause is read."""
_LIST = re.compile(r"(?<!P)<([a-z_]+)>")
_SIGN = re.compile(r"\(\?<[=!](?:[^()\\]|\\.|\([^()]*\))*\)|\[\^?\]?(?:\\.|[^\]\\])*\]|\\.|[ '@]", re.DOTALL)
_MEANT = {" ": r"\s+", "'": "['’]", "@": TIME}


def pattern(*turns: str, **lists: str) -> re.Pattern[str]:
    """One expression for all of ``turns``; ``lists`` are the lists they name."""
    named = _LIST.sub(lambda name: lists[name[1]], "|".join(turns))
    return re.compile(_SIGN.sub(lambda sign: _meant(sign[0]), named), re.IGNORECASE)


def pattern_of(turns: Turns, lists: Mapping[str, str]) -> re.Pattern[str]:
    """One expression for a whole table."""
    return pattern(*(turn for group in turns.values() for turn in group), **lists)


def _meant(sign: str) -> str:
    return _MEANT.get(sign) or (sign if sign.startswith("\\") else sign.replace("@", TIME))
