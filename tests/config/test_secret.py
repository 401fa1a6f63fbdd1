from __future__ import annotations

import base64
import logging
import pickle
import stat
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.config.log_redaction import RedactingFilter
from triage.config.profiles import Profile
from triage.config.secret import MASK, Redactor, Secret
from triage.config.secrets_source import resolve_token
from triage.model.errors import Invalid, NeedsInput, Refused

TOKEN = "s3cr3t/+value=%1"


def profile(**settings: object) -> Profile:
    values = {"name": "a", "helpdesk": "zendesk", "url": "u", "folder": Path("x"), "database": "d"}
    return Profile(**(values | settings))  # type: ignore[arg-type]


def test_a_secret_shows_itself_only_when_asked() -> None:
    secret = Secret(TOKEN)
    assert {str(secret), repr(secret), f"{secret}", f"{secret:>3}", str([secret])} == {MASK, f"[{MASK}]"}
    assert secret.reveal() == TOKEN
    with pytest.raises(TypeError):
        pickle.dumps(secret)


@given(
    before=st.binary(max_size=7),
    after=st.binary(max_size=7),
    token=st.text(st.characters(codec="ascii", exclude_categories=["Cc"]), min_size=10, max_size=60),
)
def test_a_secret_is_found_in_every_form_it_travels_in(before: bytes, after: bytes, token: str) -> None:
    redactor = Redactor([Secret(token)])
    raw = token.encode()
    for text in (f"x{token}y", quote(token, safe=""), base64.b64encode(before + raw + after).decode()):
        redacted, count = redactor.count(text)
        assert count >= 1
        assert token not in redacted
    encoded = redactor.redact(base64.b64encode(before + raw + after).decode())
    assert MASK in encoded
    assert base64.urlsafe_b64encode(raw).decode().rstrip("=")[:-2] not in redactor.redact(
        base64.urlsafe_b64encode(raw).decode()
    )


def test_short_values_do_not_blot_out_words() -> None:
    assert Redactor([Secret("the")]).redact("the queue") == "the queue"


def test_basic_authorization_is_redacted() -> None:
    header = base64.b64encode(f"me@acme.example/token:{TOKEN}".encode()).decode()
    redacted = Redactor([Secret(TOKEN)]).redact(f"Authorization: Basic {header}")
    assert TOKEN not in base64.b64decode(redacted.split()[-1].replace(MASK, "") + "==").decode("latin-1")
    assert MASK in redacted


def test_logs_hide_secrets_in_messages_arguments_and_tracebacks(caplog: pytest.LogCaptureFixture) -> None:
    log = logging.getLogger("redaction")
    log.addFilter(RedactingFilter(Redactor([Secret(TOKEN)])))
    try:
        log.warning("sent %s", TOKEN)
        log.warning("%d", TOKEN)
        try:
            raise ValueError(TOKEN)
        except ValueError:
            log.exception("failed with %r", {"token": TOKEN})
    finally:
        log.filters.clear()
    assert TOKEN not in caplog.text
    assert "sent ***" in caplog.text
    assert "ValueError: ***" in caplog.text


class TestResolveToken:
    def test_the_environment_is_the_last_resort(self, tmp_path: Path) -> None:
        path = tmp_path / "token"
        path.write_text("from-file\n")
        path.chmod(0o600)
        env = {"T": "from-env"}
        assert resolve_token(profile(token_env="T"), env).reveal() == "from-env"
        assert resolve_token(profile(token_env="T", token_file=str(path)), env).reveal() == "from-file"
        by_command = profile(token_env="T", token_file=str(path), token_command=("echo", "from-command"))
        assert resolve_token(by_command, env).reveal() == "from-command"

    def test_the_keyring_comes_first(self, monkeypatch: pytest.MonkeyPatch) -> None:
        keyring = pytest.importorskip("keyring")
        held = {("triage", "me"): "from-keyring"}
        monkeypatch.setattr(keyring, "get_password", lambda service, user: held.get((service, user)))
        both = profile(token_keyring="triage", account="me", token_command=("false",))
        assert resolve_token(both, {}).reveal() == "from-keyring"
        with pytest.raises(NeedsInput, match="keyring set other me"):
            resolve_token(profile(token_keyring="other", account="me"), {})

    @pytest.mark.parametrize("bits", [0o640, 0o604, 0o660, 0o777])
    def test_a_file_that_others_can_read_is_refused(self, tmp_path: Path, bits: int) -> None:
        path = tmp_path / "token"
        path.write_text("x" * 20)
        path.chmod(bits)
        with pytest.raises(Refused, match="chmod 600"):
            resolve_token(profile(token_file=str(path)), {})
        assert stat.S_IMODE(path.stat().st_mode) == bits

    @pytest.mark.parametrize("content", [b"", b"\n\n", b"\xff\xfe"])
    def test_a_file_without_a_printable_token_is_told(self, tmp_path: Path, content: bytes) -> None:
        path = tmp_path / "token"
        path.write_bytes(content)
        path.chmod(0o600)
        with pytest.raises(Invalid, match="no token in it"):
            resolve_token(profile(token_file=str(path)), {})

    @pytest.mark.parametrize(
        "value", ["abc\ndef", "abc\rdef", "abc def", "abc\x7fdef", "abcödef", "a\x1bdef"]
    )
    @pytest.mark.parametrize("source", ["env", "file", "keyring"])
    def test_what_no_header_can_carry_is_no_token_and_is_never_shown(
        self, value: str, source: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path = tmp_path / "token"
        path.write_text(value.replace("\n", "\x0b"), encoding="utf-8", newline="")
        path.chmod(0o600)
        keyring = pytest.importorskip("keyring") if source == "keyring" else None
        if keyring is not None:
            monkeypatch.setattr(keyring, "get_password", lambda service, name: value)
        settings = {"file": {"token_file": str(path)}, "keyring": {"token_keyring": "k"}}
        with pytest.raises(Invalid, match="this is no token") as caught:
            resolve_token(profile(**settings.get(source, {})), {"TRIAGE_TOKEN": value})
        assert "abc" not in str(caught.value)
        assert "def" not in str(caught.value)

    def test_a_missing_token_says_what_to_set(self) -> None:
        with pytest.raises(NeedsInput, match="Set T"):
            resolve_token(profile(token_env="T"), {})

    @pytest.mark.parametrize("command", [("false",), ("/no/such/program",)])
    def test_a_failing_command_is_told_without_its_output(self, command: tuple[str, ...]) -> None:
        with pytest.raises(Invalid, match="token_command"):
            resolve_token(profile(token_command=command), {})

    def test_a_hanging_command_is_given_up(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("triage.config.secrets_source.COMMAND_TIMEOUT_S", 0.05)
        with pytest.raises(Invalid, match="no answer"):
            resolve_token(profile(token_command=("sleep", "5")), {})
