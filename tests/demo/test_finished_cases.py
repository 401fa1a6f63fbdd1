"""The finished investigations that a demo may come with."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from triage.demo.finished_cases import FINISHED, read_finished, span
from triage.retrospective.recommendation_status import STATUSES

ANSWERS = Path(__file__).parents[1] / "answers"


def test_the_three_worked_cases_are_those_that_the_tests_answer() -> None:
    told = {one.name: one.answers for one in read_finished()}
    assert told == {path.name: path.read_text("utf-8") for path in ANSWERS.glob("*.yaml")}
    assert len(told) == 3


def test_every_letter_has_words_and_a_known_status_and_comes_in_order() -> None:
    for example in read_finished():
        times = [one.after for one in example.letters]
        assert times == sorted(times) and all(times)
        for letter in example.letters:
            assert letter.text.strip()
            assert (letter.status in STATUSES) == (letter.verb in {"judge", "close"})


@pytest.mark.parametrize("text", ["", "soon", "3", "-2h"])
def test_what_is_no_length_is_told(text: str) -> None:
    with pytest.raises(ValueError, match="is not a length"):
        span(text)


def test_lengths_are_read_in_days_hours_and_minutes() -> None:
    assert span("1d2h30m") == timedelta(days=1, hours=2, minutes=30)
    assert FINISHED.is_dir()
