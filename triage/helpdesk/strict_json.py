"""JSON as a helpdesk must send it; anything doubtful is an error instead of a guess."""

from __future__ import annotations

import json
import math
import re
from typing import Any

DEEPEST = 64
"""Levels of nesting; no helpdesk needs more, and recursion would end the program."""

_SURROGATE_ESCAPE = re.compile(rb"\\u[dD][89a-fA-F]")
_LONE = re.compile("[\ud800-\udfff]")


class MalformedJsonError(ValueError):
    """The text is not strict JSON; the message says in what way."""


def parse(body: bytes) -> Any:
    """The value in ``body``.

    Raises `MalformedJsonError` for broken JSON, NaN and infinities, a key that appears twice and nesting
    beyond `DEEPEST`. Bytes that are no UTF-8 and lone halves of surrogate pairs become U+FFFD: one
    mangled mail must not hide a queue.
    """
    text = body.decode("utf-8-sig", errors="replace")
    try:
        value = json.loads(
            text, parse_constant=_no_constant, parse_float=_finite, object_pairs_hook=_no_duplicates
        )
    except RecursionError:
        raise MalformedJsonError("nested too deeply") from None
    except MalformedJsonError:
        raise
    except json.JSONDecodeError as error:
        raise MalformedJsonError(f"broken JSON: {error}") from None
    except ValueError:
        # Python refuses to read thousands of digits, and advises its programmer about it.
        raise MalformedJsonError("a number is too large") from None
    _check_depth(value)
    return _repaired(value) if _SURROGATE_ESCAPE.search(body) else value


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


def _check_depth(value: Any) -> None:
    level = [value]
    for _ in range(DEEPEST + 1):
        level = [child for node in level for child in _children(node) if isinstance(child, dict | list)]
        if not level:
            return
    raise MalformedJsonError("nested too deeply")


def _children(node: Any) -> Any:
    if isinstance(node, dict):
        return node.values()
    return node if isinstance(node, list) else ()


def _repaired(value: Any) -> Any:
    if isinstance(value, str):
        return repaired(value)
    if isinstance(value, list):
        return [_repaired(item) for item in value]
    if isinstance(value, dict):
        return {repaired(key): _repaired(item) for key, item in value.items()}
    return value
