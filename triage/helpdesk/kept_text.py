"""How much of a note a helpdesk kept.

Helpdesks rewrite texts: white space, line ends, HTML there and back, entities. None of that is held against
them. What counts is that nothing is missing at the end: a cut note has lost what it was to say, and the
marker by which it would be known again.
"""

from __future__ import annotations

import html
import unicodedata
from functools import lru_cache

from triage.model.errors import Refused
from triage.model.json_value import Json
from triage.model.operation import Step

LEAST_KEPT = 200
"""Characters, white space not counted, by which a cut note without its marker is known as ours."""

_MARKERS = ("ref:esc-", "<!--esc-op:")
_CUT_MARKS = ("…", "...", "[", "(")
"""What the words begin with that a helpdesk puts where it cut."""
_OWN_WORDS = 60
"""Characters that a helpdesk may add where it cut, such as ``[truncated]``."""
_LEAST_LOST = 20
"""Characters that must be missing on top of those before a differing end counts as a cut."""


def refuse_longer(text: str, most: int, helpdesk: str, key: str) -> None:
    """Raise `Refused` where ``text`` has more than the ``most`` characters that ``helpdesk`` takes.

    Counted as UTF-16 does, the strictest of the ways in use. ``key`` is the ticket's.
    """
    size = len(text) + sum(char > "\uffff" for char in text)
    if size > most:
        raise Refused(
            f"the note has {size:,} characters, and {helpdesk} takes {most:,}", where=key,
            do="Shorten it, or write it as several notes",
        )  # fmt: skip


def is_rest(step: Step, kept: str) -> bool:
    """Whether ``kept`` is what a helpdesk left of the note of ``step``: cut, and with it its marker."""
    if len(kept) < LEAST_KEPT:
        return False
    shown, whole = _significant(kept), _significant(_sent(step))
    until = _kept_until(whole, shown)
    if until is None or until < LEAST_KEPT:
        return False
    # Other words at the end make it another note that begins alike, as notes from one template do.
    return until == len(shown) or shown[until:].startswith(_CUT_MARKS)


def cut(step: Step, *kept: str) -> list[str]:
    """What is missing of the note of ``step``, in words; ``kept`` is what is there, told in several ways."""
    sent = _sent(step)
    whole = _significant(sent)
    least: int | None = 0
    for way in kept:
        until = _kept_until(whole, _significant(way))
        least = None if until is None or least is None else max(least, until)
    if not kept or least is None:
        return []
    return [
        f"the helpdesk kept only {_place(sent, least):,} of {len(sent):,} characters of the note: "
        "write what is missing as another one"
    ]


def _kept_until(whole: str, shown: str) -> int | None:
    """Where ``whole`` was cut; None where ``shown`` is not a cut of it."""
    if len(shown) >= len(whole):
        return None
    if whole.startswith(shown):
        return len(shown)
    same = next(place for place, char in enumerate(shown) if whole[place] != char)
    added = len(shown) - same
    if added > _OWN_WORDS or len(whole) - same < added + _LEAST_LOST:
        return None
    return None if any(marker in shown for marker in _MARKERS) else same


@lru_cache(maxsize=16)
def _significant(text: str) -> str:
    """``text`` without all that helpdesks change at will."""
    plain = "".join(unicodedata.normalize("NFC", html.unescape(text)).split())
    return plain if plain.isprintable() else "".join(char for char in plain if char.isprintable())


def _place(sent: str, significant: int) -> int:
    """After how many characters of ``sent`` so many significant ones have been told."""
    low, high = 0, len(sent)
    while low < high:
        middle = (low + high) // 2
        if len(_significant(sent[:middle])) < significant:
            low = middle + 1
        else:
            high = middle
    return low


def _sent(step: Step) -> str:
    value: Json = step.payload.get("note")
    return value if isinstance(value, str) else ""
