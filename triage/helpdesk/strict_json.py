"""JSON as a helpdesk must send it; anything doubtful is an error instead of a guess."""

from __future__ import annotations

import json
import math
import re
from typing import Any

DEEPEST = 64
"""Levels of nesting; no helpdesk needs more, and recursion would end the program."""

_LONE = re.compile("[\ud800-\udfff]")
_HALF_PAIR = re.compile(
    r"\\u[dD](?:[89abAB]..(?!\\u[dD][c-fC-F])|[c-fC-F](?<!\\u[dD][89abAB]..\\u[dD].))", re.DOTALL
)
"""One half of a surrogate pair without the other, as it is escaped."""
_NESTED = frozenset({dict, list})


class MalformedJsonError(ValueError):
    """The text is not strict JSON; the message says in what way."""


def parse(body: bytes) -> Any:
    """The value in ``body``.

    Raises `MalformedJsonError` for broken JSON, NaN and infinities, a key that appears twice and nesting
    beyond `DEEPEST`. Bytes that are no UTF-8 and lone halves of surrogate pairs become U+FFFD: one
    mangled mail must not hide a queue.
    """
    text = body.decode("utf-8-sig", errors="replace").rstrip()
    value = _decoded(text, _FAST)
    if _keys(value) != _keys_written(text):
        value = _decoded(text, _CAREFUL)
    return _repaired(value) if _may_be_broken(text) else value


def repaired(text: str) -> str:
    """``text`` with lone halves of surrogate pairs replaced, so that UTF-8 can carry it."""
    return _LONE.sub("\ufffd", text)


def _no_constant(name: str) -> Any:
    raise MalformedJsonError(f"{name} is not JSON")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise MalformedJsonError("a number is too large")
    return number


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise MalformedJsonError("a key appears twice")
    return found


_FAST = json.JSONDecoder(parse_constant=_no_constant, parse_float=_finite)
_CAREFUL = json.JSONDecoder(
    parse_constant=_no_constant, parse_float=_finite, object_pairs_hook=_no_duplicates
)
"""Looks at each object, for a third more time."""


def _decoded(text: str, decoder: json.JSONDecoder) -> Any:
    try:
        return decoder.decode(text)
    except RecursionError:
        raise MalformedJsonError("nested too deeply") from None
    except MalformedJsonError:
        raise
    except json.JSONDecodeError as error:
        raise MalformedJsonError(f"broken JSON: {error}") from None
    except ValueError:
        # Python refuses to read thousands of digits, and advises its programmer about it.
        raise MalformedJsonError("a number is too large") from None


def _keys(value: Any) -> int:
    """How many keys ``value`` has in all. Raises `MalformedJsonError` beyond `DEEPEST`."""
    found = 0
    level = [value] if type(value) in _NESTED else []
    for _ in range(DEEPEST + 1):
        below: list[Any] = []
        for node in level:
            if type(node) is dict:
                found += len(node)
                below += [child for child in node.values() if type(child) in _NESTED]
            else:
                below += [child for child in node if type(child) in _NESTED]
        if not below:
            return found
        level = below
    raise MalformedJsonError("nested too deeply")


def _keys_written(text: str) -> int:
    """How many keys valid JSON ``text`` spells out, those that come twice included; -1 where that takes
    more than a look. It may be more, never less.

    A quotation mark before a colon ends a key, or begins a text, or has a backslash before it inside of one.
    """
    if any(blank in text for blank in ("\n", "\r", "\t", " :")):
        return -1
    escaped = text.count('\\":')
    return -1 if escaped and '\\\\":' in text else text.count('":') - escaped


def _may_be_broken(text: str) -> bool:
    """Whether half a surrogate pair may be in ``text``; where backslashes are escaped, pairs look like it."""
    return "\\u" in text and ("\\\\u" in text or _HALF_PAIR.search(text) is not None)


def _repaired(value: Any) -> Any:
    if isinstance(value, str):
        return repaired(value)
    if isinstance(value, list):
        return [_repaired(item) for item in value]
    if isinstance(value, dict):
        return {repaired(key): _repaired(item) for key, item in value.items()}
    return value
