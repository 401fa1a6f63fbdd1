"""Signing in with OAuth: codes with PKCE, client credentials, and renewals that survive everything."""

from __future__ import annotations

import json
import os
import signal
import socket
import stat
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from tests.helpdesk.fake_authorization import CLIENT, CLIENT_SECRET, Authorization, authorization
from triage.config.known_secrets import listen
from triage.config.profiles import Profile
from triage.config.secret import Redactor, Secret
from triage.config.sign_in import SignInStore, Tokens
from triage.desk.signing_in import Person, log_in
from triage.helpdesk.oauth.authorize import begin, code_in
from triage.helpdesk.oauth.opening import endpoint_of, renewing
from triage.helpdesk.zendesk.adapter import OAUTH, open_helpdesk
from triage.model.errors import HelpdeskFailed, Invalid, NeedsInput, Refused, TriageError
from triage.model.operation import NotSent


@pytest.fixture
def server() -> Iterator[Authorization]:
    with authorization() as made:
        yield made


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def profile_of(server: Authorization, folder: Path, **values: Any) -> Profile:
    given: dict[str, Any] = {"auth": "oauth", "oauth_client": CLIENT, "oauth_port": free_port(), **values}
    return Profile(name="acme", helpdesk="zendesk", url=server.url, folder=folder, database="", **given)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, server: Authorization) -> Path:
    """A TRIAGE_HOME with the profile ``acme`` that signs in with OAuth."""
    monkeypatch.setenv("TRIAGE_HOME", str(tmp_path))
    config = tmp_path / "config" / "config.toml"
    config.parent.mkdir(mode=0o700)
    config.write_text(
        f'[profile.acme]\nhelpdesk = "zendesk"\nurl = "{server.url}"\nauth = "oauth"\n'
        f'oauth_client = "{CLIENT}"\noauth_port = {free_port()}\n'
    )
    return tmp_path


def store_in(home: Path) -> SignInStore:
    return SignInStore(Profile("acme", "zendesk", "https://x.test", home / "data" / "acme", ""))


def visit(url: str) -> str:
    """A browser: follows where it is sent and gives the page's words."""
    with urllib.request.urlopen(url, timeout=10) as page:
        return str(page.read().decode())


class Browsing:
    """A person with a browser on this machine; remembers what was shown and what the last page said."""

    def __init__(self) -> None:
        self.shown: list[str] = []
        self.pages: list[str] = []

    def browse(self, url: str) -> None:
        threading.Thread(target=lambda: self.pages.append(visit(url)), daemon=True).start()

    @property
    def person(self) -> Person:
        return Person(show=self.shown.append, browse=self.browse)


# --- signing in ---------------------------------------------------------------------------------------------


def test_a_browser_on_this_machine_signs_in_and_the_tokens_are_for_their_owner_alone(
    server: Authorization, home: Path
) -> None:
    done = log_in("acme", Browsing().person, wait_s=20)
    assert (done.account, done.helpdesk) == ("Robin Vale", "zendesk")
    assert server.given == ["authorization_code"]
    kept = store_in(home)
    assert stat.S_IMODE(kept.path.stat().st_mode) == 0o600
    tokens = kept.load()
    assert tokens is not None
    assert tokens.refresh == Secret(server.refresh)
    assert done.ends_at is not None
    assert timedelta(minutes=20) < done.ends_at - datetime.now(UTC) < timedelta(minutes=31)
    assert not list(home.glob("data/acme/.sign-in*"))


def test_a_public_client_sends_no_secret_and_a_confidential_one_its_own(
    server: Authorization, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRIAGE_TOKEN", "a-token-of-another-kind")
    log_in("acme", Browsing().person, wait_s=20)
    assert "client_secret" not in json.loads(server.heard[-1])
    server.needs_secret = True
    monkeypatch.setenv("TRIAGE_TOKEN_ENV", "DESK_SECRET")
    monkeypatch.setenv("DESK_SECRET", CLIENT_SECRET)
    log_in("acme", Browsing().person, wait_s=20)
    assert json.loads(server.heard[-1])["client_secret"] == CLIENT_SECRET


def test_a_stranger_at_the_door_changes_nothing_and_the_door_opens_once(
    server: Authorization, home: Path
) -> None:
    browsing = Browsing()

    def first_a_stranger(url: str) -> None:
        query = parse_qs(urlsplit(url).query)
        back = query["redirect_uri"][0]
        for wrong in (
            f"{back}?state=guessed&code=stolen",
            f"{back}?code=stolen",
            back,
            back.rsplit("/", 1)[0],
        ):
            with pytest.raises(urllib.error.HTTPError) as refused:
                visit(wrong)
            assert b"stolen" not in refused.value.read()
        browsing.browse(url)

    done = log_in("acme", Person(show=browsing.shown.append, browse=first_a_stranger), wait_s=20)
    assert done.account == "Robin Vale"
    assert server.refused == []


def test_over_ssh_the_address_is_pasted(server: Authorization, home: Path) -> None:
    shown: list[str] = []
    lines = iter(["\n"])

    def pasted() -> str:
        if (line := next(lines, None)) is not None:
            return line
        query = {key: values[0] for key, values in parse_qs(urlsplit(shown[0]).query).items()}
        return server.authorize(query) + "\n"

    waiting = threading.Event()

    def show(words: str) -> None:
        shown.append(words)
        waiting.set()

    def patient() -> str:
        waiting.wait(10)
        return pasted()

    assert log_in("acme", Person(show=show, pasted=patient), wait_s=20).account == "Robin Vale"


def test_a_taken_port_leaves_pasting(
    server: Authorization, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        monkeypatch.setenv("TRIAGE_OAUTH_PORT", str(taken.getsockname()[1]))
        with pytest.raises(Invalid, match="is taken"):
            log_in("acme", Browsing().person, wait_s=5)
        shown: list[str] = []
        asked = threading.Event()

        def show(words: str) -> None:
            shown.append(words)
            if words.startswith("http"):
                asked.set()

        def pasted() -> str:
            asked.wait(10)
            return server.authorize({k: v[0] for k, v in parse_qs(urlsplit(shown[-1]).query).items()})

        assert log_in("acme", Person(show=show, pasted=pasted), wait_s=20).account == "Robin Vale"
        assert "is taken" in shown[0]


def test_nobody_and_no_are_told_apart(server: Authorization, home: Path) -> None:
    with pytest.raises(NeedsInput, match="nobody signed in within"):
        log_in("acme", Person(show=lambda words: None), wait_s=0.1)
    server.denies = True
    with pytest.raises(Refused, match="The person said no"):
        log_in("acme", Browsing().person, wait_s=20)
    assert store_in(home).load() is None


def test_an_answer_of_another_attempt_is_no_answer() -> None:
    attempt = begin("https://acme.test", OAUTH, CLIENT, 47811, os.urandom)
    other = begin("https://acme.test", OAUTH, CLIENT, 47811, os.urandom)
    assert attempt.state != other.state
    assert attempt.verifier.reveal() not in attempt.url
    right = f"{attempt.redirect}?code=c&state={attempt.state.reveal()}"
    assert code_in(right, attempt) == "c"
    with pytest.raises(Refused, match="another attempt"):
        code_in(right, other)
    for strange in ("https://acme.test/", "", "nonsense", f"{attempt.redirect}"):
        with pytest.raises(Invalid):
            code_in(strange, attempt)


@pytest.mark.parametrize(
    "address", ["http://[", "//[/callback?x=1", "http://127.0.0.1:1/callback?state=\udcff"]
)
def test_what_is_no_address_at_all_is_told_in_words(address: str) -> None:
    attempt = begin("https://help.example", OAUTH, CLIENT, 1, lambda count: b"x" * count)
    with pytest.raises((Invalid, Refused)):
        code_in(address, attempt)


def test_a_profile_that_signs_in_otherwise_says_so(
    home: Path, monkeypatch: pytest.MonkeyPatch, server: Authorization
) -> None:
    monkeypatch.setenv("TRIAGE_AUTH", "bearer")
    with pytest.raises(Invalid, match="nothing to sign in to"):
        log_in("acme", Browsing().person)
    monkeypatch.setenv("TRIAGE_HELPDESK", "redmine")
    with pytest.raises(Invalid, match="not signed in to like this"):
        log_in("acme", Browsing().person)


def test_the_words_of_a_refusal_carry_no_secret(server: Authorization, tmp_path: Path) -> None:
    def echo(request: httpx.Request) -> httpx.Response:
        sent = json.loads(request.content)
        return httpx.Response(400, json={"error": "invalid_grant", "error_description": f"{sent}"})

    profile = profile_of(server, tmp_path)
    endpoint = endpoint_of(profile, Secret(CLIENT_SECRET), OAUTH)
    endpoint._transport = httpx.MockTransport(echo)
    with pytest.raises(HelpdeskFailed) as refused:
        endpoint.by_refresh(Secret("refresh-that-must-not-be-told"))
    for secret in (CLIENT_SECRET, "refresh-that-must-not-be-told"):
        assert secret not in str(refused.value)
        assert secret not in repr(refused.value.__dict__)


# --- renewing -----------------------------------------------------------------------------------------------


def signed_in(server: Authorization, folder: Path, *, ends_in_s: float) -> Profile:
    """A profile that is signed in, with an access token that ends so soon."""
    server.access, server.refresh = "access-first-of-all", "refresh-first-of-all"
    profile = profile_of(server, folder)
    ends_at = datetime.now(UTC) + timedelta(seconds=ends_in_s)
    SignInStore(profile).save(Tokens(Secret(server.access), Secret(server.refresh), ends_at, None, CLIENT))
    return profile


async def asked_who(profile: Profile) -> str:
    desk = open_helpdesk(profile, Secret(""))
    try:
        return (await desk.whoami()).name
    finally:
        await desk.aclose()


async def test_a_token_that_holds_is_used_and_one_near_its_end_is_renewed_before(
    server: Authorization, tmp_path: Path
) -> None:
    assert await asked_who(signed_in(server, tmp_path, ends_in_s=600)) == "Robin Vale"
    assert server.renewals == 0
    profile = signed_in(server, tmp_path, ends_in_s=60)
    assert await asked_who(profile) == "Robin Vale"
    assert server.renewals == 1
    kept = SignInStore(profile).load()
    assert kept is not None
    assert (kept.access, kept.refresh) == (Secret(server.access), Secret(server.refresh))
    assert not kept.renewing


async def test_the_new_pair_is_on_disk_before_it_is_used(
    server: Authorization, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    profile = signed_in(server, tmp_path, ends_in_s=0)
    used_when_saved: list[int] = []
    save = SignInStore.save

    def watched(self: SignInStore, tokens: Tokens) -> None:
        save(self, tokens)
        used_when_saved.append(len(server.used))

    monkeypatch.setattr(SignInStore, "save", watched)
    assert await asked_who(profile) == "Robin Vale"
    assert used_when_saved == [0, 0]  # that a renewal begins, and its result
    assert len(server.used) == 1


CHILD = """
import asyncio, os, signal, sys
from pathlib import Path
from triage.config.profiles import Profile
from triage.config.secret import Secret
from triage.config.sign_in import SignInStore
from triage.helpdesk.oauth.endpoint import TokenEndpoint
from triage.helpdesk.zendesk.adapter import open_helpdesk

url, folder, client, kill_at = sys.argv[1:]
die = lambda: os.kill(os.getpid(), signal.SIGKILL)
save, ask = SignInStore.save, TokenEndpoint.by_refresh

def saving(self, tokens):
    if kill_at == "before saving" and not tokens.renewing: die()
    save(self, tokens)
    if kill_at == "after saving" and not tokens.renewing: die()

def asking(self, refresh):
    if kill_at == "before sending": die()
    return ask(self, refresh)

SignInStore.save, TokenEndpoint.by_refresh = saving, asking

async def main():
    profile = Profile("acme", "zendesk", url, Path(folder), "", auth="oauth", oauth_client=client)
    desk = open_helpdesk(profile, Secret(""))
    print((await desk.whoami()).name)
    await desk.aclose()

asyncio.run(main())
"""


def child(server: Authorization, folder: Path, kill_at: str = "never") -> subprocess.Popen[str]:
    words = [sys.executable, "-c", CHILD, server.url, str(folder), CLIENT, kill_at]
    return subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@pytest.mark.parametrize(
    ("kill_at", "renewals", "then"),
    [
        ("before sending", 0, "renews"),
        ("before saving", 1, "has to sign in"),
        ("after saving", 1, "goes on"),
    ],
)
async def test_a_kill_in_a_renewal_leaves_a_pair_that_works_or_says_what_to_do(
    server: Authorization, tmp_path: Path, kill_at: str, renewals: int, then: str
) -> None:
    profile = signed_in(server, tmp_path, ends_in_s=0)
    killed = child(server, tmp_path, kill_at)
    killed.communicate(timeout=60)
    assert killed.returncode == -signal.SIGKILL
    assert server.renewals == renewals
    if then == "has to sign in":
        with pytest.raises(NeedsInput, match=r"never arrived.*triage login --profile acme"):
            await asked_who(profile)
        return
    assert await asked_who(profile) == "Robin Vale"
    assert server.renewals == 1
    assert server.refused == []


def test_many_processes_renew_once(server: Authorization, tmp_path: Path) -> None:
    signed_in(server, tmp_path, ends_in_s=0)
    started = [child(server, tmp_path) for _ in range(4)]
    ended = [one.communicate(timeout=120) for one in started]
    assert [out.strip() for out, _ in ended] == ["Robin Vale"] * 4, ended
    assert server.renewals == 1
    assert server.refused == []


async def test_a_lost_answer_names_the_way_back(server: Authorization, tmp_path: Path) -> None:
    profile = signed_in(server, tmp_path, ends_in_s=0)
    server.lose_answers = 1
    for _ in range(2):  # the first reading tries again by itself, and then knows
        with pytest.raises(NeedsInput, match=r"never arrived.*triage login"):
            await asked_who(profile)
    assert server.renewals == 1


async def test_a_revoked_sign_in_is_told_apart(server: Authorization, tmp_path: Path) -> None:
    profile = signed_in(server, tmp_path, ends_in_s=0)
    server.refresh = "revoked"
    with pytest.raises(NeedsInput, match=r"it was revoked, or not used.*triage login"):
        await asked_who(profile)


async def test_a_helpdesk_out_of_reach_spends_nothing(server: Authorization, tmp_path: Path) -> None:
    profile = signed_in(server, tmp_path, ends_in_s=0)
    away = Profile("acme", "zendesk", f"http://127.0.0.1:{free_port()}", tmp_path, "", auth="oauth",
                   oauth_client=CLIENT)  # fmt: skip
    with pytest.raises(HelpdeskFailed, match="nothing answers there"):
        await asked_who(away)
    kept = SignInStore(profile).load()
    assert kept is not None
    assert not kept.renewing
    assert await asked_who(profile) == "Robin Vale"


async def test_a_token_refused_before_its_time_is_renewed_and_the_question_asked_again(
    server: Authorization, tmp_path: Path
) -> None:
    profile = signed_in(server, tmp_path, ends_in_s=3600)
    server.access = "somebody revoked the other one"
    assert await asked_who(profile) == "Robin Vale"
    assert server.renewals == 1


async def test_a_write_refused_for_its_token_was_not_sent_and_is_not_repeated_by_itself(
    server: Authorization, tmp_path: Path
) -> None:
    desk = open_helpdesk(signed_in(server, tmp_path, ends_in_s=3600), Secret(""))
    server.access = "somebody revoked the other one"
    first = await desk._transport.write("PUT", "api/v2/tickets/1.json", {})
    assert isinstance(first, NotSent)
    assert server.used == []
    second = await desk._transport.write("PUT", "api/v2/tickets/1.json", {})
    assert not isinstance(second, NotSent)
    await desk.aclose()


async def test_a_client_signs_in_for_itself_and_again_when_its_token_ends(
    server: Authorization, tmp_path: Path
) -> None:
    server.needs_secret = True
    server.lasts_s = 60  # within the margin: asked for anew with every opening
    profile = profile_of(server, tmp_path, auth="client_credentials")
    for _ in range(2):
        desk = open_helpdesk(profile, Secret(CLIENT_SECRET))
        assert (await desk.whoami()).name == "Robin Vale"
        await desk.aclose()
    assert server.given == ["client_credentials"] * 2
    kept = SignInStore(profile).load()
    assert kept is not None
    assert kept.refresh is None
    with pytest.raises(TriageError, match="invalid_client"):
        await renewing(
            profile_of(server, tmp_path, auth="client_credentials"), Secret("wrong"), OAUTH
        ).fresh()


async def test_tokens_of_another_client_are_not_used(server: Authorization, tmp_path: Path) -> None:
    signed_in(server, tmp_path, ends_in_s=3600)
    other = profile_of(server, tmp_path, oauth_client="another")
    with pytest.raises(NeedsInput, match="nobody has signed in yet"):
        await asked_who(other)


async def test_tokens_that_come_up_are_kept_out_of_texts(server: Authorization, tmp_path: Path) -> None:
    redactor = Redactor()
    listen(redactor)
    profile = signed_in(server, tmp_path, ends_in_s=0)
    await asked_who(profile)
    told = redactor.redact(f"{server.access} {server.refresh} access-first-of-all refresh-first-of-all")
    assert told == "*** *** *** ***"


def test_a_sign_in_that_others_can_read_is_refused(server: Authorization, tmp_path: Path) -> None:
    profile = signed_in(server, tmp_path, ends_in_s=0)
    SignInStore(profile).path.chmod(0o644)
    with pytest.raises(Refused, match="others can read"):
        SignInStore(profile).load()


def test_a_keyring_keeps_the_tokens_where_the_profile_names_one(
    server: Authorization, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    held: dict[tuple[str, str], str] = {}

    class Ring:
        @staticmethod
        def get_password(service: str, user: str) -> str | None:
            return held.get((service, user))

        @staticmethod
        def set_password(service: str, user: str, value: str) -> None:
            held[service, user] = value

    monkeypatch.setitem(sys.modules, "keyring", Ring)
    store = SignInStore(profile_of(server, tmp_path, token_keyring="triage"))
    store.save(Tokens(Secret("access-in-the-ring"), None, None, None, CLIENT))
    assert list(held) == [("triage", "acme/sign-in")]
    assert not store.path.exists()
    kept = store.load()
    assert kept is not None
    assert kept.access == Secret("access-in-the-ring")
