"""When a queue is suddenly so short that a person must look before anything is taken out of it.

A view that was edited, a token that lost rights or a search index that is down all look like "nothing
there"; a program that believes them empties the desk.
"""

from __future__ import annotations

LARGEST_LOSS = 0.3
"""The share of the queue that may be missing without a reason we know."""

SMALLEST_ALARM = 3
"""Fewer missing tickets than this are everyday life, however short the queue."""


def too_short(before: int, solved: int, now: int) -> bool:
    """Whether ``now`` tickets are suspiciously few after ``before``, ``solved`` of which are known solved."""
    expected = before - solved
    missing = expected - now
    return missing >= SMALLEST_ALARM and missing > LARGEST_LOSS * expected
