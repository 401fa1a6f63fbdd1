"""Identifiers of docket entries: UUIDv7 that only ever go up."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID

from triage.model.uuid7 import uuid7

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_TAIL_BITS = 74
_LOW_BITS = 62


def next_entry_id(now: datetime, randomness: Callable[[int], bytes], after: str | None) -> str:
    """A UUIDv7 of ``now`` that sorts behind ``after``, the newest one there is.

    Entries are folded in the order of their ids. Within one millisecond, and after a clock was set back, the
    id therefore counts on from ``after`` instead (RFC 9562, section 6.2, method 2).
    """
    milliseconds = (now - _EPOCH) // _MILLISECOND
    tail = int.from_bytes(randomness(10), "big") & (1 << _TAIL_BITS) - 1
    if after is not None:
        last_milliseconds, last_tail = _parts(after)
        if milliseconds <= last_milliseconds:
            milliseconds, tail = last_milliseconds, last_tail + 1 + (tail & 0xFFFF)
            milliseconds, tail = milliseconds + (tail >> _TAIL_BITS), tail & (1 << _TAIL_BITS) - 1
    spread = tail >> _LOW_BITS << 64 | tail & (1 << _LOW_BITS) - 1
    return uuid7(milliseconds, spread.to_bytes(10, "big"))


def _parts(entry_id: str) -> tuple[int, int]:
    """Milliseconds and the 74 bits behind them, without version and variant."""
    value = UUID(entry_id).int
    return value >> 80, (value >> 64 & 0xFFF) << _LOW_BITS | value & (1 << _LOW_BITS) - 1
