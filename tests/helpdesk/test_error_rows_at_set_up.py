"""Wrong credentials and missing rights are found at set-up, and named with what to have granted."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.helpdesk.fake_pagerduty import FakePagerDuty
from tests.helpdesk.refusals import refuses
from tests.helpdesk.stands import OURS, helpdesk_name
from tests.helpdesk.writing import everything
from triage.cli.program import run
from triage.helpdesk import registry
from triage.helpdesk.answer import Forbidden
from triage.model.errors import HelpdeskFailed, NotFound, TriageError

ERRORS_PAGE = b"<html><body>Unauthorized (401)</body></html>"
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
    refuses(stand, "", 401, STRANGER[name])
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
    refuses(stand, LISTS[name], 403, body)
    with pytest.raises(TriageError) as problem:
        await everything(stand.desk.queue(QUEUES.get(name, "")))
    assert isinstance(problem.value, Forbidden), problem.value
    assert words in problem.value.what
    assert grant in problem.value.do


@pytest.mark.parametrize("name", OURS)
async def test_a_right_that_is_missing_from_the_first_question_on_is_named_too(name: str) -> None:
    stand = OURS[name]()
    body, _, grant = LACKING[name]
    refuses(stand, "", 403, body)
    with pytest.raises(Forbidden) as problem:
        await stand.desk.whoami()
    assert grant in problem.value.do


@pytest.mark.parametrize("name", OURS)
def test_doctor_names_wrong_credentials_and_what_to_do(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    stand = OURS[name]()
    refuses(stand, "", 401, STRANGER[name])
    monkeypatch.setattr(registry, "open_helpdesk", lambda profile, secret: stand.desk)
    monkeypatch.setenv("TRIAGE_HOME", str(tmp_path))
    monkeypatch.setenv("TRIAGE_TOKEN", "wrong")
    (tmp_path / "config").mkdir(mode=0o700)
    settings = f'[profile.acme]\nhelpdesk = "{helpdesk_name(name)}"\nurl = "https://x.test"\n'
    (tmp_path / "config" / "config.toml").write_text(settings)
    assert run(["doctor", "--json"]) != 0
    lines = json.loads(capsys.readouterr().out)
    [said] = [line["text"] for line in lines if (line["name"], line["state"]) == ("helpdesk", "failed")]
    assert "token was not accepted. Check" in said


def test_queues_that_may_not_be_listed_are_told_from_none_for_escalations(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    stand = OURS["zammad"]()
    refuses(stand, "/groups", 403, LACKING["zammad"][0])
    monkeypatch.setattr(registry, "open_helpdesk", lambda profile, secret: stand.desk)
    monkeypatch.setenv("TRIAGE_HOME", str(tmp_path))
    monkeypatch.setenv("TRIAGE_TOKEN", "t")
    assert run(["--profile", "acme", "init", "--helpdesk", "zammad", "--url", "https://zammad.test"]) == 1
    assert "Name one with --queue; if it has any, the account may not list them" in capsys.readouterr().err


async def test_a_name_for_writing_that_pagerduty_does_not_know_is_found_at_set_up() -> None:
    with pytest.raises(NotFound, match=r"knows no user nobody@acme\.test.*Set account"):
        await FakePagerDuty().desk(account="nobody@acme.test").whoami()


async def test_a_repository_that_is_hidden_from_the_token_is_told_from_a_wrong_address() -> None:
    stand = OURS["github"]()
    refuses(stand, "/desk", 404, {"message": "Not Found", "documentation_url": "https://docs.github.com"})
    with pytest.raises(HelpdeskFailed, match="the token does not see the repository acme/desk"):
        await stand.desk.whoami()
    stand = OURS["github"]()
    refuses(stand, "/user", 404, {"message": "Not Found"})
    with pytest.raises(HelpdeskFailed, match="Is the address right"):
        await stand.desk.whoami()
