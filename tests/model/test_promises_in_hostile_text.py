"""Text from outside can be long and strange; looking for promises in it ends all the same.

An expression that steps back without end would take minutes for each of these; the alarm ends the wait.
"""

from __future__ import annotations

import signal
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from triage.model.promises_in_text.reading import find_promises

SAID = datetime(2026, 5, 18, 15, 4, tzinfo=UTC)
HANG_S = 40


@pytest.fixture(autouse=True)
def _alarm() -> Iterator[None]:
    def rang(_number: int, _frame: object) -> None:
        raise AssertionError("still reading")

    before = signal.signal(signal.SIGALRM, rang)
    signal.alarm(HANG_S)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


def test_a_reply_below_long_quotations_is_read() -> None:
    quoted = "\n".join("> " + "word " * 14 for _ in range(130))
    for _ in range(40):
        [found] = find_promises(f"You will hear from me by 17:00 UTC.\n{quoted}\n", SAID, UTC)
    assert found.due.hour == 17


@pytest.mark.parametrize("time", ["10:00 ", "tomorrow ", "an hour later ", "3 pm "])
def test_a_time_table_promises_nothing(time: str) -> None:
    assert find_promises((time * (500 // len(time)) + ".\n") * 19, SAID, UTC) == ()
