from __future__ import annotations

import pytest

from triage.cli.options import Globals, split_globals
from triage.model.errors import Invalid


@pytest.mark.parametrize(
    "words",
    [
        ["--profile", "acme", "queue", "--json"],
        ["queue", "--profile", "acme", "--json"],
        ["queue", "--json", "--profile=acme"],
    ],
)
def test_the_profile_may_stand_anywhere(words: list[str]) -> None:
    assert split_globals(words) == (Globals(profile="acme"), ["queue", "--json"])


def test_quiet_and_no_input_are_taken_out() -> None:
    assert split_globals(["sync", "-q", "--no-input"]) == (Globals(no_input=True, quiet=True), ["sync"])


def test_words_after_two_dashes_are_left_alone() -> None:
    assert split_globals(["queue", "--", "--profile"]) == (Globals(), ["queue", "--", "--profile"])


@pytest.mark.parametrize("words", [["queue", "--profile"], ["--profile", "--json"], ["--profile="]])
def test_a_profile_without_a_name_is_refused(words: list[str]) -> None:
    with pytest.raises(Invalid):
        split_globals(words)
