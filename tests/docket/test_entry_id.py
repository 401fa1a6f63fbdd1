from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from triage.docket.entry_id import next_entry_id

NOW = datetime(2026, 3, 10, 3, 0, tzinfo=UTC)


def zeros(count: int) -> bytes:
    return b"\0" * count


def ones(count: int) -> bytes:
    return b"\xff" * count


@settings(deadline=None)  # a machine at work on other things is not a fault
@given(
    st.lists(
        st.tuples(st.integers(-5, 5), st.sampled_from([zeros, ones, os.urandom])), min_size=2, max_size=30
    )
)
def test_ids_only_go_up_however_the_clock_moves(moves: list[tuple[int, Callable[[int], bytes]]]) -> None:
    now, last, ids = NOW, None, []
    for milliseconds, randomness in moves:
        now += timedelta(milliseconds=milliseconds)
        last = next_entry_id(now, randomness, last)
        ids.append(last)
    assert ids == sorted(set(ids))
    assert all(UUID(one).version == 7 for one in ids)
    assert {UUID(one).variant for one in ids} == {"specified in RFC 4122"}


def test_an_id_carries_its_time() -> None:
    assert UUID(next_entry_id(NOW, os.urandom, None)).int >> 80 == int(NOW.timestamp() * 1000)


@pytest.mark.parametrize("back", [timedelta(hours=1), timedelta(days=400)])
def test_a_clock_that_was_set_back_does_not_reorder_the_docket(back: timedelta) -> None:
    first = next_entry_id(NOW, ones, None)
    assert next_entry_id(NOW - back, zeros, first) > first
