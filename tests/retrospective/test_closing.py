"""A case ends with the customer's word, not with ours."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from triage.model.investigation import CaseEvent
from triage.model.promise import Promise
from triage.retrospective.closing import closes, kept_open_by

NOW = datetime(2026, 3, 13, 12, 0, tzinfo=UTC)


def event(kind: str, hour: int) -> CaseEvent:
    at = NOW.replace(hour=hour)
    return CaseEvent(f"E{hour}", at, kind, kind, "ticket_public", f"comment {hour}", "customer")


def promise(kind: str, *, met: bool, due: int = 1) -> Promise:
    at = NOW - timedelta(hours=2)
    return Promise("p", kind, at, NOW + timedelta(hours=due), met_at=NOW if met else None)  # type: ignore[arg-type]


def test_it_may_close_once_the_customer_confirmed() -> None:
    assert kept_open_by([event("fix", 9)], [], NOW)
    assert not kept_open_by([event("fix", 9), event("verify", 10)], [], NOW)


def test_a_confirmation_from_before_it_was_reopened_is_none() -> None:
    assert kept_open_by([event("verify", 9), event("reopen", 10)], [], NOW)
    assert not kept_open_by([event("verify", 9), event("reopen", 10), event("verify", 11)], [], NOW)


def test_it_may_close_once_the_customer_was_told_that_it_cannot_be_solved() -> None:
    assert not kept_open_by([], [promise("cannot_solve_notice", met=True)], NOW)
    assert kept_open_by([], [promise("cannot_solve_notice", met=False)], NOW)
    assert kept_open_by([], [promise("answer", met=True)], NOW)


@pytest.mark.parametrize(("due", "words"), [(1, "is still owed"), (-1, "was missed")])
def test_what_is_promised_and_not_kept_keeps_it_open(due: int, words: str) -> None:
    [reason] = kept_open_by([event("verify", 10)], [promise("fix_eta", met=False, due=due)], NOW)
    assert words in reason


@pytest.mark.parametrize("status", ["solved", "Resolved", "closed", "close"])
def test_each_helpdesks_word_for_closed_is_known(status: str) -> None:
    assert closes(status)


@pytest.mark.parametrize("status", [None, "", "open", "pending", "unsolved", "stalled"])
def test_other_words_close_nothing(status: str | None) -> None:
    assert not closes(status)
