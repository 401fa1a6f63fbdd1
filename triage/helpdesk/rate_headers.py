"""How much of a rate limit is left, in the headers of several helpdesks.

Zendesk: ``X-Rate-Limit-Remaining``, ``ratelimit-reset`` in seconds, and one header for each endpoint
(``zendesk-ratelimit-tickets-index: total=100; remaining=99; resets=41``). GitHub: ``X-RateLimit-*``, with the
reset as seconds since 1970. Jira Cloud: the reset as an ISO 8601 time; Jira Data Center: a bucket that is
filled every ``X-RateLimit-Interval-Seconds``. PagerDuty: ``ratelimit-*``, in seconds.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from triage.helpdesk.answer import http_date

_REMAINING = ("ratelimit-remaining", "x-ratelimit-remaining", "x-rate-limit-remaining")
_LIMIT = ("ratelimit-limit", "x-ratelimit-limit", "x-rate-limit", "x-rate-limit-limit", "x-ratelimit-total")
_RESET = ("ratelimit-reset", "x-ratelimit-reset", "x-rate-limit-reset", "x-ratelimit-interval-seconds")
_ENDPOINT = "zendesk-ratelimit-"
_SINCE_1970 = 1_000_000_000.0
"""A larger reset is a time, a smaller one a number of seconds."""
_LONGEST_NUMBER = 12
"""Digits; more is no count and no time."""
_UNSAID_RESET_S = 60.0
"""Limits without a word on their end are limits for a minute."""


@dataclass(frozen=True, slots=True)
class Allowance:
    """What may still be asked before a helpdesk says "not now"."""

    remaining: int
    limit: int | None
    """None where the helpdesk does not say."""
    resets_in_s: float
    """Seconds until it is filled again; never negative."""
    whole_account: bool = True
    """False where it counts for one endpoint only."""

    @property
    def scarce(self) -> bool:
        """Whether it is time to slow down: less than a tenth is left."""
        return self.remaining < (max(self.limit // 10, 1) if self.limit else 10)


def allowance(headers: Mapping[str, str], now: datetime) -> Allowance | None:
    """The tightest limit ``headers`` speak of; None where they speak of none that can be read.

    ``now`` (UTC) stands in where the answer has no ``Date`` of its own.
    """
    low = {name.lower(): value.strip() for name, value in headers.items()}
    at = http_date(low.get("date", "")) or now
    found = [_of_account(low, at), *(_of_endpoint(low[name]) for name in low if name.startswith(_ENDPOINT))]
    told = [one for one in found if one is not None]
    return min(told, key=lambda one: one.remaining / (one.limit or 100), default=None)


def of_one_ticket(headers: Mapping[str, str]) -> bool:
    """Whether a 429 is about writes to one ticket only (Jira), so that the others may go on."""
    return "per-issue" in headers.get("RateLimit-Reason", "").lower()


def _of_account(low: Mapping[str, str], at: datetime) -> Allowance | None:
    remaining = _first_number(low, _REMAINING)
    if remaining is None:
        return None
    limit = _first_number(low, _LIMIT)
    resets = next((low[name] for name in _RESET if name in low), "")
    return Allowance(remaining, limit, _seconds_until(resets, at))


def _of_endpoint(value: str) -> Allowance | None:
    parts = dict(re.findall(r"(total|remaining|resets)=(\d{1,9})(?![\w.])", value))
    if "remaining" not in parts:
        return None
    total, resets = parts.get("total"), parts.get("resets")
    return Allowance(
        int(parts["remaining"]), int(total) if total else None,
        float(resets) if resets else _UNSAID_RESET_S, whole_account=False,
    )  # fmt: skip


def _first_number(low: Mapping[str, str], names: tuple[str, ...]) -> int | None:
    return next((number for name in names if (number := _number(low.get(name, ""))) is not None), None)


def _number(text: str) -> int | None:
    """A whole number; some gateways put several limits behind each other, the first is the nearest."""
    first = text.partition(",")[0].partition(";")[0].strip()
    readable = first.isascii() and first.isdigit() and len(first) <= _LONGEST_NUMBER
    return int(first) if readable else None


def _seconds_until(text: str, at: datetime) -> float:
    number = _number(text)
    if number is not None:
        return max(0.0, number - at.timestamp()) if number >= _SINCE_1970 else float(number)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return _UNSAID_RESET_S
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (aware - at).total_seconds())
