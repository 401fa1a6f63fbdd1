"""Refusals of every helpdesk in the shapes their makers give them: what they mean, and in whose words."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.helpdesk.fake_github import INSIDE, FakeGitHub
from tests.helpdesk.refusals import answering, refuses
from tests.helpdesk.stands import OURS, first_ticket
from tests.helpdesk.writing import operation, send
from triage.model.errors import HelpdeskFailed
from triage.model.operation import Conflict, Note, Outcome, Rejected, Throttled, Unknown

INTERNAL = Note("words", "internal")


async def refused(
    name: str, status: int, body: Any, headers: dict[str, str], change: dict[str, Any] | None = None
) -> Outcome:
    """How the first request of a change ends which the helpdesk answers so."""
    stand = OURS[name]()
    number = first_ticket(name)
    ticket = await stand.desk.ticket(number)
    step = stand.desk.plan(operation(ticket.id, **(change or {"note": INTERNAL})), ticket)[0]
    sent = []

    def answer(request: httpx.Request) -> httpx.Response | None:
        if request.method == "GET":
            return None
        sent.append(request)
        return answering(status, body, **headers)

    stand.server.before = answer
    _, outcome = await send(stand.desk, step, number)
    assert len(sent) == 1
    return outcome


# --- bodies of refusals ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "status", "body", "words"),
    [
        (
            "zendesk", 422,
            {"error": "RecordInvalid", "description": "Record validation errors",
             "details": {"status": [{"description": "Status: closed prevents ticket update"}]}},
            ("RecordInvalid", "Record validation errors", "status: Status: closed prevents ticket update"),
        ),
        ("zendesk", 403, {"error": {"title": "Forbidden", "message": "You do not have access"}},
         ("Forbidden", "You do not have access")),
        ("zendesk", 400, "Unparseable request", ("Unparseable request",)),
        ("request_tracker", 403, {"message": "Permission Denied"}, ("Permission Denied",)),
        ("request_tracker", 400, {"message": "Status 'x' isn't valid"}, ("Status 'x' isn't valid",)),
        (
            "jira cloud", 400,
            {"errorMessages": ["Comment body is not valid!"], "errors": {"comment": "too long"}},
            ("Comment body is not valid!", "comment: too long"),
        ),
        ("jira cloud", 403, {"errorMessage": "You cannot comment", "i18nErrorMessage": {"i18nKey": "x"}},
         ("You cannot comment",)),
        ("jira data center", 404, {"errorMessages": ["Issue Does Not Exist"], "errors": {}},
         ("Issue Does Not Exist",)),
        ("zammad", 422, {"error": "No lookup value found", "error_human": "There is no such state"},
         ("There is no such state", "No lookup value found")),
        ("zammad", 403, {"error": "Not authorized"}, ("Not authorized",)),
        ("redmine", 422, {"errors": ["Status is invalid", "Notes is too long"]},
         ("Status is invalid", "Notes is too long")),
        ("github", 422,
         {"message": "Validation Failed", "errors": [
             {"resource": "Issue", "field": "labels", "code": "invalid"}]},
         ("Validation Failed", "labels: invalid")),
        ("github", 410, {"message": "This issue was deleted"}, ("This issue was deleted",)),
        ("pagerduty", 400,
         {"error": {"message": "Invalid Input Provided", "code": 2001, "errors": ["Too many notes"]}},
         ("Invalid Input Provided", "Too many notes")),
        ("pagerduty", 403, {"error": {"message": "Access Denied", "code": 2010}}, ("Access Denied",)),
    ],
)  # fmt: skip
async def test_a_refused_write_says_what_the_helpdesk_says(
    name: str, status: int, body: Any, words: tuple[str, ...]
) -> None:
    assert await refused(name, status, body, {}) == Rejected(status, words)


async def test_github_names_the_permission_that_a_token_lacks() -> None:
    server = FakeGitHub()
    server.add_issue(1)
    body = {"message": "Resource not accessible by personal access token"}
    headers = {"X_Accepted_GitHub_Permissions": "issues=write"}
    server.before = lambda r: answering(403, body, **headers) if r.method == "POST" else None
    desk = server.desk(**INSIDE)
    ticket = await desk.ticket("1")
    (step,) = desk.plan(operation("1", note=INTERNAL), ticket)
    assert (await send(desk, step, "1"))[1] == Rejected(
        403, ("Resource not accessible by personal access token", "the token needs issues=write")
    )


@pytest.mark.parametrize("name", OURS)
async def test_a_write_without_the_right_and_without_a_word_is_about_writing(name: str) -> None:
    outcome = await refused(name, 403, b"", {})
    assert isinstance(outcome, Rejected)
    assert "may not change this" in outcome.errors[0]


@pytest.mark.parametrize(
    ("name", "status", "body"),
    [
        ("zendesk", 409, {"error": "UpdateConflict", "description": "Safe Update prevented the update"}),
        ("request_tracker", 412, {"message": "Precondition Failed"}),
        ("jira cloud", 409, {"errorMessages": ["The issue is being updated"], "errors": {}}),
    ],
)
async def test_a_lock_that_has_moved_on_is_a_conflict(name: str, status: int, body: Any) -> None:
    outcome = await refused(name, status, body, {}, {"fields": {"priority": "high"}})
    assert isinstance(outcome, Conflict)


# --- limits ------------------------------------------------------------------------------------------

SLOWER: dict[str, tuple[int, Any, dict[str, str], float, str]] = {
    "zendesk": (429, {"error": "APIRateLimitExceeded"}, {"Retry_After": "41"}, 41, "account"),
    "zendesk in plain text": (429, "Number of allowed API requests exceeded", {"Retry_After": "9"}, 9,
                              "account"),
    "jira cloud in bursts": (429, {"errorMessages": ["Rate limit exceeded"]}, {
        "RateLimit_Reason": "jira-burst-based", "Retry_After": "3"}, 3, "account"),
    "jira cloud for one issue": (429, {}, {
        "RateLimit_Reason": "jira-per-issue-on-write", "Retry_After": "7"}, 7, "ticket"),
    "jira data center": (429, {}, {"Retry_After": "6", "X_RateLimit_Remaining": "0",
                                  "X_RateLimit_Interval_Seconds": "6"}, 6, "account"),
    "github": (403, {"message": "You have exceeded a secondary rate limit"}, {}, 60, "account"),
    "pagerduty": (429, {"error": {"message": "Rate Limit Exceeded", "code": 2020}},
                  {"ratelimit_reset": "21"}, 21, "account"),
    "zammad behind a gateway": (429, b"<html>Too Many Requests</html>", {}, 30, "account"),
    "redmine behind a gateway": (429, b"", {"Retry_After": "5"}, 5, "account"),
    "request_tracker behind a gateway": (429, b"", {"Retry_After": "5"}, 5, "account"),
}  # fmt: skip


@pytest.mark.parametrize("row", SLOWER)
async def test_too_many_requests_are_a_pause_of_the_length_that_was_asked_for(row: str) -> None:
    status, body, headers, seconds, scope = SLOWER[row]
    name = next(name for name in OURS if row.startswith(name))
    assert await refused(name, status, body, headers) == Throttled(seconds, scope)


@pytest.mark.parametrize("row", [*(row for row in SLOWER if SLOWER[row][3] < 60), "jira cloud out of order"])
async def test_a_read_that_came_too_early_goes_again(row: str) -> None:
    status, body, headers, *_ = SLOWER.get(row, (503, b"", {"Retry_After": "2"}))
    name = next(name for name in OURS if row.startswith(name))
    stand = OURS[name]()
    refusals = [answering(status, body, **headers)]
    stand.server.before = lambda request: refusals.pop() if refusals else None
    assert (await stand.desk.ticket(first_ticket(name))).id == first_ticket(name)
    assert refusals == []


async def test_a_read_does_not_wait_out_a_whole_minute_but_says_until_when() -> None:
    status, body, *_ = SLOWER["github"]
    stand = OURS["github"]()
    refuses(stand, "", status, body)
    with pytest.raises(HelpdeskFailed, match="asks us to wait until"):
        await stand.desk.ticket("1")


@pytest.mark.parametrize("name", OURS)
async def test_out_of_order_leaves_a_write_unknown_however_long_it_asks_to_wait(name: str) -> None:
    assert isinstance(await refused(name, 503, b"", {"Retry_After": "2"}), Unknown)
