"""Which playbooks fit a ticket, and why. Works on plain mappings: a cached matcher needs no models."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from triage.model.case import CaseFacts
from triage.playbook.language.context import ticket_values
from triage.playbook.language.durations import parse_duration
from triage.playbook.language.patterns import PatternError, PatternTooSlowError, search


@dataclass(frozen=True, slots=True)
class Fit:
    """How well a matcher fits."""

    matched: bool
    score: float
    """Weight of the conditions that hold over the weight of all, 0 to 1."""
    reasons: tuple[str, ...]
    """The conditions that hold, in words."""


@dataclass(slots=True)
class _Tally:
    held: float = 0.0
    total: float = 0.0


def fit(matcher: Mapping[str, Any], facts: CaseFacts, now: datetime) -> Fit:
    """Hold ``matcher`` (an ``applies_to`` mapping) against a ticket. Text is compared whatever its case."""
    values = ticket_values(facts)
    values["created"] = facts.ticket.created_at
    reasons: list[str] = []
    tally = _Tally()
    matched = _holds(matcher, values, now, reasons, tally)
    score = tally.held / tally.total if tally.total else 0.0
    return Fit(matched, round(score, 4), tuple(dict.fromkeys(reasons)) if matched else ())


def _holds(
    node: Mapping[str, Any], values: Mapping[str, Any], now: datetime, reasons: list[str], tally: _Tally
) -> bool:
    if node.get("all") is not None:
        parts = [_holds(part, values, now, reasons, tally) for part in node["all"]]
        return all(parts)
    if node.get("any") is not None:
        # Every part is looked at, so that the reasons and the score are whole.
        parts = [_holds(part, values, now, reasons, tally) for part in node["any"]]
        return any(parts)
    if node.get("not") is not None:
        return not _holds(node["not"], values, now, [], _Tally())
    reason = _reason(node, values, now)
    weight = float(node.get("weight", 1))
    tally.total += weight
    if reason:
        tally.held += weight
        reasons.append(reason)
    return bool(reason)


def _reason(node: Mapping[str, Any], values: Mapping[str, Any], now: datetime) -> str:
    """Why the condition holds, in words; empty when it does not."""
    if node.get("older_than") is not None:
        old = now - values["created"].astimezone(UTC) > parse_duration(node["older_than"])
        return f"open for more than {node['older_than']}" if old else ""
    field = node["field"]
    value = _value(field, values)
    if value is None:
        return ""
    for test, holds in _TESTS.items():
        if node.get(test) is not None:
            found = holds(value, node[test])
            return f"{field} {_WORDS[test]} {found}" if found else ""
    return ""


def _value(field: str, values: Mapping[str, Any]) -> Any:
    if field.startswith("custom."):
        return values.get("custom", {}).get(field.removeprefix("custom."))
    return values.get(field)


def _texts(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, bool):
        return ["true" if value else "false"]
    return [str(one) for one in value] if isinstance(value, Sequence) else [str(value)]


def _equals(value: Any, wanted: Any) -> str:
    word = _texts(wanted)[0]
    return word if any(text.casefold() == word.casefold() for text in _texts(value)) else ""


def _in(value: Any, wanted: Sequence[str]) -> str:
    return next((word for word in wanted if _equals(value, word)), "")


def _contains(value: Any, wanted: str) -> str:
    if not isinstance(value, str):
        return _equals(value, wanted)
    return wanted if wanted.casefold() in value.casefold() else ""


def _contains_any(value: Any, wanted: Sequence[str]) -> str:
    return ", ".join(word for word in wanted if _contains(value, word))


def _matches(value: Any, pattern: str) -> str:
    try:
        for text in _texts(value):
            if found := search(pattern, text):
                return f"“{' '.join(found.group().split())[:40]}”"
    except (PatternError, PatternTooSlowError):
        return ""
    return ""


_TESTS = {
    "equals": _equals,
    "in": _in,
    "contains": _contains,
    "contains_any": _contains_any,
    "matches": _matches,
}
_WORDS = {"equals": "is", "in": "is", "contains": "has", "contains_any": "has", "matches": "says"}
