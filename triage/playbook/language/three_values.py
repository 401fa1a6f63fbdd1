"""The values of conditions: true, false and unknown, and the comparisons and functions over them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from triage.playbook.language.patterns import PatternError, PatternTooSlowError, search


class _Unknown:
    """The third truth value. Not falsy: asking it for its truth is a mistake of the program."""

    def __repr__(self) -> str:
        return "unknown"

    def __bool__(self) -> bool:
        raise TypeError("unknown is neither true nor false")


UNKNOWN: Final = _Unknown()


@dataclass(frozen=True, slots=True)
class Scope:
    """What names mean: plain nested mappings under the roots, and the time."""

    values: Mapping[str, Any]
    now: datetime = field(default_factory=lambda: datetime.min.replace(tzinfo=UTC))

    def get(self, path: Sequence[str]) -> Any:
        """The value at ``path``, or `UNKNOWN` when it is missing or null."""
        here: Any = self.values
        for part in path:
            if not isinstance(here, Mapping) or part not in here:
                return UNKNOWN
            here = here[part]
        return UNKNOWN if here is None else here


def compare(operator: str, left: Any, right: Any) -> Any:
    """One comparison in three values. Values of different kinds are unequal and have no order."""
    if left is UNKNOWN or right is UNKNOWN:
        return UNKNOWN
    if operator in ("in", "not in"):
        found = _contains(right, left)
        return found if found is UNKNOWN else found == (operator == "in")
    if operator in ("==", "!="):
        return _same(left, right) == (operator == "==")
    if not _ordered(left, right):
        return UNKNOWN
    return {"<": left < right, "<=": left <= right, ">": left > right, ">=": left >= right}[operator]


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _same(left: Any, right: Any) -> bool:
    if isinstance(left, bool) != isinstance(right, bool):
        return False
    return bool(left == right)


def _ordered(left: Any, right: Any) -> bool:
    return (_number(left) and _number(right)) or (isinstance(left, str) and isinstance(right, str))


def _contains(container: Any, item: Any) -> Any:
    if isinstance(container, str):
        return item in container if isinstance(item, str) else False
    if not isinstance(container, Sequence):
        return UNKNOWN
    if any(element is not UNKNOWN and _same(element, item) for element in container):
        return True
    return UNKNOWN if any(element is UNKNOWN for element in container) else False


@dataclass(frozen=True, slots=True)
class _Function:
    arguments: int
    run: Callable[[list[Any], Scope], Any]


def _matches(arguments: list[Any], _scope: Scope) -> Any:
    text, pattern = arguments
    if not isinstance(text, str) or not isinstance(pattern, str):
        return UNKNOWN
    try:
        return search(pattern, text) is not None
    except (PatternTooSlowError, PatternError):
        return UNKNOWN


def _to_number(arguments: list[Any], _scope: Scope) -> Any:
    value = arguments[0]
    if _number(value):
        return value
    try:
        return float(value) if isinstance(value, str) and len(value) < 40 else UNKNOWN
    except ValueError:
        return UNKNOWN


def _since(seconds: float) -> Callable[[list[Any], Scope], Any]:
    def run(arguments: list[Any], scope: Scope) -> Any:
        try:
            then = datetime.fromisoformat(str(arguments[0]))
        except ValueError:
            return UNKNOWN
        then = then if then.tzinfo else then.replace(tzinfo=UTC)
        return (scope.now - then).total_seconds() / seconds

    return run


def _length(arguments: list[Any], _scope: Scope) -> Any:
    value = arguments[0]
    return len(value) if isinstance(value, str | Sequence | Mapping) else UNKNOWN


def _lower(arguments: list[Any], _scope: Scope) -> Any:
    return arguments[0].lower() if isinstance(arguments[0], str) else UNKNOWN


FUNCTIONS: Final[dict[str, _Function]] = {
    "len": _Function(1, _length),
    "lower": _Function(1, _lower),
    "contains": _Function(2, lambda arguments, _scope: _contains(arguments[0], arguments[1])),
    "matches": _Function(2, _matches),
    "exists": _Function(1, lambda _arguments, _scope: UNKNOWN),
    "number": _Function(1, _to_number),
    "days_since": _Function(1, _since(86400)),
    "minutes_since": _Function(1, _since(60)),
}
"""The functions of the language; ``exists`` looks at the name itself and is decided by the evaluation."""
