"""``triage doctor`` and set-up against each helpdesk: who we are, what we lack, what is in the queue."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.helpdesk.fake_github import INSIDE, FakeGitHub
from tests.helpdesk.fake_pagerduty import FakePagerDuty
from tests.helpdesk.fake_redmine import FakeRedmine
from tests.helpdesk.fake_zammad import FakeZammad
from tests.helpdesk.scripted_zendesk import PEOPLE, ScriptedZendesk, ticket
from tests.helpdesk.stands import OURS, TICKETS, helpdesk_name
from triage.cli.program import run
from triage.config.profiles import Profile
from triage.config.secret import Secret
from triage.config.sign_in import SignInStore, Tokens
from triage.desk.helpdesk_facts import helpdesk_lines, look_at
from triage.desk.views import CheckLine
from triage.helpdesk import registry
from triage.helpdesk.port import Helpdesk


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TRIAGE_HOME", str(tmp_path))
    monkeypatch.setenv("TRIAGE_TOKEN", "a-token-for-the-fake")
    return tmp_path


def configured(home: Path, helpdesk: str, **settings: str) -> None:
    config = home / "config" / "config.toml"
    config.parent.mkdir(mode=0o700, exist_ok=True)
    lines = [f'{name} = "{value}"' for name, value in settings.items()]
    config.write_text(
        "\n".join(["[profile.acme]", f'helpdesk = "{helpdesk}"', 'url = "https://x.test"', *lines])
    )


def doctor(capsys: pytest.CaptureFixture[str]) -> tuple[int, list[dict[str, str]]]:
    capsys.readouterr()
    code = run(["doctor", "--json"])
    assert isinstance(code, int)
    return code, json.loads(capsys.readouterr().out)


def told(lines: list[dict[str, str]], name: str) -> list[str]:
    return [line["text"] for line in lines if line["name"] == name]


@pytest.mark.parametrize("name", OURS)
def test_every_helpdesk_is_examined(
    name: str, home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    stand = OURS[name]()
    monkeypatch.setattr(registry, "open_helpdesk", lambda profile, secret: stand.desk)
    configured(home, helpdesk_name(name))
    code, lines = doctor(capsys)
    assert code == 0, [line for line in lines if line["state"] == "failed"]
    [known] = told(lines, "helpdesk")
    assert known.startswith(f"{helpdesk_name(name)} knows us as ")
    [queue] = told(lines, "queue")
    assert queue.endswith("23 tickets" if name == "zendesk" else f"{TICKETS} tickets")
    assert len(told(lines, "example")) == 3
    [can] = told(lines, "capabilities")
    assert "internal notes" in can
    assert told(lines, "connection") == ["encrypted, or on this machine"]
    assert len(told(lines, "clock")) == 1
    assert told(lines, "ceiling") == list(stand.desk.ceilings)


async def test_what_only_a_write_would_show_is_a_note_and_not_a_fault() -> None:
    desk = _github()()
    lines = await helpdesk_lines(desk, await desk.whoami(), "")
    [note] = [line for line in lines if "cannot be seen by reading" in line.text]
    assert (note.name, note.state) == ("rights", "ok")


def _redmine() -> Helpdesk:
    server = FakeRedmine()
    server.my_role = 4
    server.add_issue(1)
    return server.desk()


def _github(**values: Any) -> Callable[[], Helpdesk]:
    def made() -> Helpdesk:
        server = FakeGitHub()
        for name, value in values.items():
            setattr(server, name, value)
        server.add_issue(1)
        return server.desk(**INSIDE)

    return made


def _pagerduty() -> Helpdesk:
    server = FakePagerDuty()
    server.role = "read_only_user"
    return server.desk()


def _zammad() -> Helpdesk:
    server = FakeZammad()
    server.agent = False
    return server.desk()


def _zendesk() -> Helpdesk:
    server = ScriptedZendesk()
    server.on("users/me.json", {"user": {**PEOPLE[7], "role": "end-user"}})
    return server.desk()


def _zendesk_scope() -> Helpdesk:
    server = ScriptedZendesk()
    server.on("search/export.json", {"results": [ticket()], "meta": {"has_more": False}})
    denied = httpx.Response(403, json={"error": "Forbidden", "description": "Missing scopes: read"})
    server.on("tickets/5/audits.json", denied)
    return server.desk()


@pytest.mark.parametrize(
    ("opened", "queue", "words"),
    [
        (_redmine, "", "have set_notes_private and view_private_notes granted"),
        (_github(may_push=False), "", "have the role Triage granted"),
        (_github(private=False), "", "the repository is public"),
        (_pagerduty, "", "have the role Responder granted"),
        (_zammad, "", "give it the role Agent"),
        (_zendesk, "tag:escalated", "it needs the role of an agent"),
        (_zendesk_scope, "tag:escalated", "Missing scopes: read"),
    ],
)
async def test_what_is_lacking_is_named_with_what_to_grant(
    opened: Callable[[], Helpdesk], queue: str, words: str
) -> None:
    desk = opened()
    lines = await helpdesk_lines(desk, await desk.whoami(), queue)
    assert any(words in line.text + line.do for line in lines if line.state != "ok"), lines


@pytest.mark.parametrize(("seconds", "words"), [(600, "600 s ahead of ours"), (-600, "600 s behind ours")])
async def test_a_clock_that_is_off_is_told(seconds: int, words: str) -> None:
    server = FakeZammad()
    server.now = datetime.now(UTC) + timedelta(seconds=seconds)
    desk = server.desk()
    lines = await helpdesk_lines(desk, await desk.whoami(), "")
    [clock] = [line for line in lines if line.name == "clock"]
    assert clock.state == "warning"
    assert words.split()[1] in clock.text
    assert words.split()[2] in clock.text


async def test_a_queue_that_cannot_be_read_fails_with_what_to_do() -> None:
    desk = FakeRedmine().desk()
    lines = await helpdesk_lines(desk, await desk.whoami(), "project_id=nowhere")
    assert (
        CheckLine("queue", "failed", "there is no such project or saved query", "triage init lists them")
        in lines
    )


async def test_an_empty_queue_is_asked_about() -> None:
    desk = FakeRedmine().desk()
    lines = await helpdesk_lines(desk, await desk.whoami(), "project_id=1&status_id=open")
    [queue] = [line for line in lines if line.name == "queue"]
    assert (queue.state, queue.do) == ("warning", "Is this the right queue?")


async def test_a_very_long_queue_is_not_counted_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("triage.desk.helpdesk_facts.MOST_COUNTED", 100)
    server = FakeRedmine()
    for number in range(1, 251):
        server.add_issue(number)
    look = await look_at(server.desk(), "project_id=1&status_id=open")
    assert (look.count, look.counted, len(look.examples)) == (100, False, 3)


async def test_a_token_on_an_open_road_fails(tmp_path: Path) -> None:
    made = Profile("a", "redmine", "http://redmine.test", tmp_path, "")
    desk = registry.open_helpdesk(made, Secret("k"))
    assert not desk.way.encrypted
    await desk.aclose()


def test_a_proxy_is_shown_without_its_password(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("https_proxy", "http://robin:hidden@proxy.test:3128")
    desk = registry.open_helpdesk(Profile("a", "redmine", "https://redmine.test", tmp_path, ""), Secret("k"))
    assert desk.way.proxy == "proxy.test:3128/"


# --- signing in ---------------------------------------------------------------------------------------------


def oauth(home: Path) -> SignInStore:
    configured(home, "zendesk", auth="oauth", oauth_client="triage")
    return SignInStore(Profile("acme", "zendesk", "https://x.test", home / "data" / "acme", ""))


def test_a_sign_in_that_is_missing_is_named(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    oauth(home)
    code, lines = doctor(capsys)
    assert code == 1
    [line] = [line for line in lines if line["name"] == "sign-in"]
    assert (line["state"], line["do"]) == ("failed", "triage login --profile acme")


@pytest.mark.parametrize(("days", "state"), [(20, "ok"), (1, "warning")])
def test_a_sign_in_says_when_it_ends(
    days: int, state: str, home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    now = datetime.now(UTC)
    until = now + timedelta(days=days)
    oauth(home).save(Tokens(Secret("a" * 20), Secret("r" * 20), now + timedelta(hours=1), until, "triage"))
    monkeypatch.setattr(registry, "open_helpdesk", lambda profile, secret: OURS["redmine"]().desk)
    _, lines = doctor(capsys)
    [line] = [line for line in lines if line["name"] == "sign-in"]
    assert line["state"] == state
    assert f"{until:%Y-%m-%d}" in line["text"]


def test_an_api_token_is_warned_of_at_set_up_and_later(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    server = ScriptedZendesk(auth="api_token", account="robin@acme.test")
    server.on("search/export.json", {"results": [ticket()], "meta": {"has_more": False}})
    server.on("tickets/5/audits.json", {"audits": [], "meta": {"has_more": False}})
    monkeypatch.setattr(registry, "open_helpdesk", lambda profile, secret: server.desk())
    words = ["init", "--no-input", "--profile", "acme", "--helpdesk", "zendesk", "--url", "https://x.test",
             "--auth", "api_token", "--account", "robin@acme.test", "--queue", "tag:escalated"]  # fmt: skip
    assert run(words) == 0
    assert "30 April 2027" in capsys.readouterr().out
    _, lines = doctor(capsys)
    assert any("30 April 2027" in text and "triage login" in text for text in told(lines, "rights"))


def test_set_up_with_oauth_keeps_the_profile_and_says_what_comes_next(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["init", "--no-input", "--profile", "acme", "--helpdesk", "zendesk", "--url", "https://x.test",
             "--auth", "oauth", "--oauth-client", "triage", "--queue", "tag:escalated"]  # fmt: skip
    assert run(words) == 3
    assert "triage login --profile acme" in capsys.readouterr().err
    text = (home / "config" / "config.toml").read_text()
    assert 'oauth_client = "triage"' in text
    assert run(["profile", "remove", "acme"]) == 0


def test_forgetting_a_profile_forgets_its_sign_in(home: Path) -> None:
    store = oauth(home)
    store.save(Tokens(Secret("a" * 20), Secret("r" * 20), None, None, "triage"))
    assert run(["profile", "remove", "acme"]) == 0
    assert not store.path.exists()
