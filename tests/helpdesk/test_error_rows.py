"""Refusals of every helpdesk in the shapes their makers give them: what they mean, and in whose words."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.helpdesk.fake_github import INSIDE, FakeGitHub
from tests.helpdesk.stands import OURS, Stand, first_ticket, helpdesk_name
from tests.helpdesk.writing import everything, operation, send
from triage.helpdesk.answer import Forbidden
from triage.model.errors import HelpdeskFailed, TriageError
from triage.model.operation import Conflict, Note, Outcome, Rejected, Throttled, Unknown

INTERNAL = Note("words", "internal")
ERRORS_PAGE = b"<html><body>Unauthorized (401)</body></html>"


def answering(status: int, body: Any = b"", **headers: str) -> httpx.Response:
    """An answer; a text is a plain text."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    if isinstance(body, bytes | str):
        kind = {"Content-Type": "text/plain"} if isinstance(body, str) else {}
        return httpx.Response(status, content=body, headers=kind | named)
    return httpx.Response(status, json=body, headers=named)


def asks(stand: Stand, part: str, status: int, body: Any = b"", **headers: str) -> None:
    """From now on whatever has ``part`` in its method and address is answered so."""
    stand.server.before = lambda request: (
        answering(status, body, **headers) if part in f"{request.method} {request.url.path}" else None
    )


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


# --- set-up ----------------------------------------------------------------------------------------

STRANGER: dict[str, Any] = {
    "zendesk": {"error": "invalid_token", "error_description": "The access token provided is expired"},
    "request_tracker": {"message": "Unauthorized"},
    "jira cloud": "Client must be authenticated to access this resource.",
    "jira data center": ERRORS_PAGE,
    "zammad": {"error": "Invalid token!", "error_human": "Invalid token!"},
    "redmine": b"",
    "github": {"message": "Bad credentials", "documentation_url": "https://docs.github.com/rest"},
    "pagerduty": {"error": {"message": "Unauthorized", "code": 2006}},
}  # fmt: skip


@pytest.mark.parametrize("name", OURS)
async def test_wrong_credentials_are_found_at_set_up_and_named(name: str) -> None:
    stand = OURS[name]()
    asks(stand, "", 401, STRANGER[name])
    with pytest.raises(HelpdeskFailed, match="token was not accepted") as problem:
        await stand.desk.whoami()
    assert "token" in problem.value.do


LACKING: dict[str, tuple[Any, str, str]] = {
    "zendesk": ({"error": "Forbidden", "description": "Missing scopes: read"}, "Missing scopes: read",
                "the scope read"),
    "request_tracker": ({"message": "Forbidden"}, "Forbidden", "SeeQueue and ShowTicket"),
    "jira cloud": ({"errorMessages": ["You do not have permission"], "errors": {}},
                   "You do not have permission", "Browse Projects"),
    "jira data center": ({"errorMessage": "No access", "i18nErrorMessage": {}}, "No access",
                         "Browse Projects"),
    "zammad": ({"error": "Not authorized (token)!", "error_human": "Not authorized"}, "Not authorized",
               "ticket.agent"),
    "redmine": (b"", "may not read", "View Issues"),
    "github": ({"message": "Resource not accessible by personal access token"}, "not accessible", "Issues"),
    "pagerduty": ({"error": {"message": "Access Denied", "code": 2010}}, "Access Denied",
                  "incidents.read"),
}  # fmt: skip
"""What is said to somebody without a right, which words of it count, and what has to be granted."""
LISTS = {
    "zendesk": "/search", "request_tracker": "GET /REST/2.0/tickets", "jira cloud": "/search/jql",
    "jira data center": "/search", "zammad": "/tickets/search", "redmine": "/issues.json",
    "github": "/desk/issues", "pagerduty": "GET /incidents",
}  # fmt: skip
QUEUES = {
    "zendesk": "tag:escalated", "request_tracker": "id > 0", "jira cloud": "project = D",
    "jira data center": "project = D", "redmine": "status_id=open",
}  # fmt: skip


@pytest.mark.parametrize("name", OURS)
async def test_a_right_that_is_missing_for_the_queue_is_named_with_what_to_grant(name: str) -> None:
    stand = OURS[name]()
    body, words, grant = LACKING[name]
    asks(stand, LISTS[name], 403, body)
    with pytest.raises(TriageError) as problem:
        await everything(stand.desk.queue(QUEUES.get(name, "")))
    assert isinstance(problem.value, Forbidden), problem.value
    assert words in problem.value.what
    assert grant in problem.value.do


@pytest.mark.parametrize("name", OURS)
async def test_a_right_that_is_missing_from_the_first_question_on_is_named_too(name: str) -> None:
    stand = OURS[name]()
    body, _, grant = LACKING[name]
    asks(stand, "", 403, body)
    with pytest.raises(Forbidden) as problem:
        await stand.desk.whoami()
    assert grant in problem.value.do


async def test_a_repository_that_is_hidden_from_the_token_is_told_from_a_wrong_address() -> None:
    stand = OURS["github"]()
    asks(stand, "/desk", 404, {"message": "Not Found", "documentation_url": "https://docs.github.com"})
    with pytest.raises(HelpdeskFailed, match="the token does not see the repository acme/desk"):
        await stand.desk.whoami()
    stand = OURS["github"]()
    asks(stand, "/user", 404, {"message": "Not Found"})
    with pytest.raises(HelpdeskFailed, match="Is the address right"):
        await stand.desk.whoami()


async def test_github_names_the_permission_that_a_token_lacks() -> None:
    server = FakeGitHub()
    server.add_issue(1)
    body = LACKING["github"][0]
    headers = {"X_Accepted_GitHub_Permissions": "issues=write"}
    server.before = lambda r: answering(403, body, **headers) if r.method == "POST" else None
    desk = server.desk(**INSIDE)
    ticket = await desk.ticket("1")
    (step,) = desk.plan(operation("1", note=INTERNAL), ticket)
    assert (await send(desk, step, "1"))[1] == Rejected(
        403, ("Resource not accessible by personal access token", "the token needs issues=write")
    )


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
    "jira data center": (429, {}, {"Retry_After": "6", "X_RateLimit_Remaining": "0"}, 6, "account"),
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


@pytest.mark.parametrize("name", OURS)
async def test_out_of_order_leaves_a_write_unknown_however_long_it_asks_to_wait(name: str) -> None:
    assert isinstance(await refused(name, 503, b"", {"Retry_After": "2"}), Unknown)


def test_every_helpdesk_has_its_rows() -> None:
    assert {helpdesk_name(name) for name in LACKING} == {helpdesk_name(name) for name in OURS}
    assert set(STRANGER) == set(LACKING) == set(LISTS) == set(OURS)
