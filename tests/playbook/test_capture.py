"""Running commands: what they get, what is kept, and that nothing of them stays."""

# ruff: noqa: E501 - tables and embedded YAML read better on one line

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import random
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.playbook.world import END, Bench, document
from triage.playbook.language.steps import Check
from triage.playbook.run import engine
from triage.playbook.run.capture import MARK, capture
from triage.playbook.run.command import Command, command_of
from triage.playbook.run.output import HEAD_LIMIT, TAIL_LIMIT, CaptureResult, Stream, printable
from triage.playbook.run.redaction import redact

RECORDER = "import sys, os, json; json.dump([sys.argv[1:], {k: os.environ[k] for k in os.environ if k.startswith('V_')}], sys.stdout)"


def clock() -> datetime:
    return datetime(2026, 11, 21, tzinfo=UTC)


def command(*argv: str, **changes: Any) -> Command:
    known: dict[str, Any] = {
        "step_id": "s", "argv": argv, "script": "", "env": {}, "masked": frozenset(), "timeout_s": 20.0,
        "effect": "read_only", "redact": (), "needs": (), "digest": "d",
    }  # fmt: skip
    return Command(**{**known, **changes})


def shell(script: str, **changes: Any) -> Command:
    return command("bash", "-euo", "pipefail", "-c", script, **changes)


async def run(wanted: Command, **named: Any) -> CaptureResult:
    return await capture(wanted, clock=clock, **named)


def alive(mark_file: Path) -> bool:
    try:
        os.kill(int(mark_file.read_text()), 0)
    except (ProcessLookupError, FileNotFoundError, ValueError):
        return False
    # A zombie that nobody has waited for yet is not alive.
    state = Path(f"/proc/{mark_file.read_text().strip()}/stat")
    return not state.exists() or state.read_text().rpartition(")")[2].split()[0] != "Z"


async def test_output_exit_and_hash_are_kept() -> None:
    result = await run(shell("echo hello; echo oops >&2; exit 3"))
    assert (result.out, result.err, result.exit_code) == ("hello\n", "oops\n", 3)
    assert result.text == "hello\n[standard error]\noops\n"
    assert (await run(shell("echo hello"))).sha256 == hashlib.sha256(b"hello\n").hexdigest()


async def test_a_flood_is_kept_at_head_and_tail_and_counted_whole() -> None:
    script = (
        f"{sys.executable} -c \"import sys; sys.stdout.write('first\\n' + 'x' * 39_000_000 + '\\nlast')\""
    )
    result = await run(shell(script))
    size = 39_000_000 + len("first\n\nlast")
    assert result.size == size
    assert result.omitted == size - HEAD_LIMIT - TAIL_LIMIT
    assert result.out.startswith("first\n") and result.out.endswith("last")
    assert f"[… {result.omitted:,} bytes not kept …]" in result.out
    assert len(result.out) < 300_000
    assert result.sha256 == hashlib.sha256(b"first\n" + b"x" * 39_000_000 + b"\nlast").hexdigest()


async def test_an_endless_flood_ends_at_the_time_limit() -> None:
    before = time.monotonic()
    result = await run(command("yes", timeout_s=0.5), grace_s=1)
    assert result.timed_out
    assert result.exit_code is None
    assert result.size > 1_000_000
    assert time.monotonic() - before < 8


async def test_the_event_loop_stays_free_during_a_flood() -> None:
    lags: list[float] = []

    async def watch() -> None:
        while True:
            before = time.perf_counter()
            await asyncio.sleep(0.01)
            lags.append(time.perf_counter() - before - 0.01)

    watching = asyncio.create_task(watch())
    await run(command("yes", timeout_s=0.5), grace_s=1)
    watching.cancel()
    assert sorted(lags)[len(lags) // 2] < 0.05


async def test_ignoring_the_polite_signal_only_costs_the_grace(tmp_path: Path) -> None:
    pid = tmp_path / "pid"
    before = time.monotonic()
    result = await run(
        shell(f"trap '' TERM; echo $$ > {pid}; while true; do sleep 0.05; done", timeout_s=0.5), grace_s=0.5
    )
    assert result.timed_out
    assert not alive(pid)
    assert time.monotonic() - before < 6


async def test_a_daemon_that_left_the_group_is_found_and_ended(tmp_path: Path) -> None:
    pid = tmp_path / "pid"
    result = await run(
        shell(f"setsid bash -c 'echo $$ > {pid}; exec sleep 60' >/dev/null 2>&1 & sleep 0.3; echo started"),
        grace_s=1,
    )
    assert result.out == "started\n"
    assert result.exit_code == 0
    assert result.left_background
    assert not alive(pid)


async def test_a_child_that_keeps_the_pipe_open_does_not_hold_the_run_up(tmp_path: Path) -> None:
    pid = tmp_path / "pid"
    before = time.monotonic()
    result = await run(shell(f"sleep 60 & echo $! > {pid}; echo hi"), grace_s=1)
    assert time.monotonic() - before < 5
    assert (result.out, result.exit_code, result.left_background, result.timed_out) == (
        "hi\n",
        0,
        True,
        False,
    )
    assert not alive(pid)


async def test_a_command_that_waits_for_input_gets_none() -> None:
    result = await run(shell("read -r line || echo nothing came"))
    assert result.out == "nothing came\n"


async def test_giving_up_ends_the_command_before_it_returns(tmp_path: Path) -> None:
    pid = tmp_path / "pid"
    seen = asyncio.Event()
    task = asyncio.create_task(
        run(shell(f"echo $$ > {pid}; echo ready; exec sleep 60"), grace_s=0.5, on_output=lambda _: seen.set())
    )
    await asyncio.wait_for(seen.wait(), 10)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not alive(pid)


async def test_giving_up_twice_still_ends_the_command(tmp_path: Path) -> None:
    pid = tmp_path / "pid"
    seen = asyncio.Event()
    script = f"trap '' TERM; echo $$ > {pid}; echo ready; while true; do sleep 0.05; done"
    task = asyncio.create_task(run(shell(script), grace_s=0.5, on_output=lambda _: seen.set()))
    await asyncio.wait_for(seen.wait(), 10)
    task.cancel()
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not alive(pid)


async def test_a_program_that_is_not_there_is_a_problem_not_an_exception() -> None:
    result = await run(command("no-such-program-here"))
    assert "no-such-program-here" in result.problem
    assert result.exit_code is None


async def test_the_environment_is_clean_and_holds_the_step_values(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZENDESK_TOKEN", "canary-token")
    monkeypatch.setenv("TRIAGE_TOKEN", "canary-token")
    result = await run(command("env", env={"V_A": "1"}))
    names = {line.partition("=")[0] for line in result.out.splitlines()}
    assert "canary" not in result.out
    assert {"PATH", "V_A", "TERM", "PAGER", MARK} <= names
    assert names <= {
        "PATH", "HOME", "USER", "LOGNAME", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "TERM", "PAGER", "GIT_PAGER", "TMPDIR", MARK,
        "V_A", "http_proxy", "https_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "SSL_CERT_FILE",
        "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE",
    }  # fmt: skip


async def test_no_open_file_of_ours_reaches_the_command(tmp_path: Path) -> None:
    handle = os.open(tmp_path / "secret", os.O_CREAT | os.O_RDWR)
    os.set_inheritable(handle, True)
    try:
        result = await run(shell("ls -l /proc/self/fd"))
    finally:
        os.close(handle)
    assert "secret" not in result.out


async def test_it_runs_in_an_empty_folder_that_is_gone_afterwards() -> None:
    result = await run(shell("pwd; ls -A | wc -l; touch left; stat -c %a ."))
    folder, count, mode = result.out.split()
    assert (count, mode) == ("0", "700")
    assert not Path(folder).exists()


HOSTILE = [
    '"; touch pwned #', "$(touch pwned)", "`touch pwned`", "'; touch pwned; '", "| touch pwned", "a\nb", "\\", "*", "~",
    "%s", "${HOME}", "--", "-rf", "é\u202e\U0001f600", " lead", "trail ", "", "a\tb", "\x01\x1b]0;x\x07", "&& touch pwned",
]  # fmt: skip


@pytest.mark.parametrize("seed", [1, 2])
async def test_hostile_values_arrive_byte_for_byte(seed: int) -> None:
    dice = random.Random(seed)
    alphabet = "ab \"'`$(){};|&<>\\*?[]~#!\n\t-=%é\x01"
    made = ["".join(dice.choice(alphabet) for _ in range(dice.randrange(40))) for _ in range(60)]
    values = {f"V_{number}": value for number, value in enumerate(HOSTILE + made)}
    wanted = command(sys.executable, "-c", RECORDER, "--", *values.values(), env=values)
    result = await run(wanted)
    raw = json.loads(result.out)
    assert raw == [["--", *values.values()], values]
    script = " ".join(f'"${name}"' for name in values)
    told = await run(
        shell(f"{sys.executable} -c '{RECORDER.replace(chr(39), chr(34))}' {script}; ls -A", env=values)
    )
    assert json.loads(told.out.splitlines()[0])[0] == list(values.values())
    assert "pwned" not in told.out.splitlines()[1:]


async def test_terminal_sequences_are_taken_out_of_what_is_kept() -> None:
    result = await run(
        shell(r"printf '\033[31mred\033[0m \033]0;title\007\033]52;c;aGk=\033\\ok\r\n\x08\x9b31m'")
    )
    assert result.out.startswith("red ok\n")
    assert "\x1b" not in result.out and "\x07" not in result.out and "title" not in result.out


async def test_binary_output_is_only_counted_and_hashed() -> None:
    result = await run(shell("head -c 5000 /dev/zero"))
    assert (result.binary, result.out, result.size) == (True, "", 5000)
    assert result.sha256 == hashlib.sha256(b"\0" * 5000).hexdigest()


async def test_secrets_are_blacked_out_before_anything_is_kept() -> None:
    known = "s3cr3t-of-ours"
    lines: list[str] = []
    result = await run(
        shell(f"echo 'Authorization: Bearer abcdef123456'; echo {known}; echo code=9911", redact=(r"code=\K\d+",)),
        redact=lambda text: text.replace(known, "***"), on_output=lines.append,
    )  # fmt: skip
    assert result.redactions == 3
    for secret in ("abcdef123456", known, "9911"):
        assert secret not in result.out + "".join(lines)


@pytest.mark.parametrize(
    "secret",
    [
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV",
        "AKIA" + "IOSFODNN7EXAMPLE", "ghp_" + "a" * 36, "glpat-" + "b" * 20, "xoxb-" + "1" * 12,
        "-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----",
    ],
)  # fmt: skip
def test_known_shapes_of_secrets_are_found(secret: str) -> None:
    text, count = redact(f"before {secret} after")
    assert count >= 1
    assert secret not in text
    assert text.startswith("before ") and text.endswith(" after")


@pytest.mark.parametrize(
    ("line", "kept"),
    [
        ("Set-Cookie: sid=abc123; Path=/", "Set-Cookie:"), ("password=hunter2secret", "password="),
        ('{"api_key": "abcd1234"}', '"api_key"'), ("https://bob:hunter2@x.example/", "x.example"),
        ("Authorization: Basic Ym9iOmh1bnRlcjI=", "Authorization:"),
    ],
)  # fmt: skip
def test_the_name_of_a_secret_stays_and_its_value_goes(line: str, kept: str) -> None:
    text, count = redact(line)
    assert count == 1
    assert kept in text
    assert "hunter2" not in text and "abc123" not in text and "abcd1234" not in text and "Ym9i" not in text


def test_ordinary_words_are_not_redacted() -> None:
    text = "the token of goodwill; password reset page; notAfter=Nov 1 2026; bearer of news"
    assert redact(text) == (text, 0)


def test_text_that_cannot_be_searched_in_time_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    class Slow:
        def subn(self, *_: object, timeout: float) -> None:
            raise TimeoutError(timeout)

    monkeypatch.setattr("triage.playbook.run.redaction.compile_pattern", lambda _: Slow())
    text, count = redact("password=hunter2secret", [r"x+"])
    assert text.startswith("[not kept")
    assert (count, "hunter2" in text) == (2, False)


def test_a_stream_never_holds_more_than_it_keeps() -> None:
    stream = Stream(10, 20)
    for _ in range(1000):
        stream.feed(b"0123456789")
    assert (len(stream.head), stream.size, stream.omitted) == (10, 10_000, 9_970)
    assert len(stream.tail) <= 40


def test_progress_bars_become_lines() -> None:
    assert printable("10%\r20%\r\ndone") == "10%\n20%\ndone"


async def test_a_child_that_wiped_its_environment_is_ended_too(tmp_path: Path) -> None:
    pid = tmp_path / "pid"
    script = f"env -i bash -c 'echo $$ > {pid}; exec /bin/sleep 60' >/dev/null 2>&1 & while [ ! -s {pid} ]; do sleep 0.02; done"
    result = await run(shell(script), grace_s=1)
    assert result.left_background
    assert not alive(pid)


async def test_a_child_that_ignores_the_polite_signal_is_killed_with_its_group(tmp_path: Path) -> None:
    pid = tmp_path / "pid"
    script = f"(trap '' TERM; echo $BASHPID > {pid}; while true; do sleep 0.05; done) & wait"
    result = await run(shell(script, timeout_s=0.5), grace_s=0.3)
    assert result.timed_out
    assert not alive(pid)


async def test_the_terminal_of_the_program_is_not_the_input_of_a_command() -> None:
    reader, writer = os.pipe()
    kept = os.dup(0)
    os.dup2(reader, 0)
    try:
        result = await run(command("readlink", "/proc/self/fd/0"))
    finally:
        os.dup2(kept, 0)
        for handle in (reader, writer, kept):
            os.close(handle)
    assert result.out == "/dev/null\n"


async def test_from_consent_to_evidence_with_a_real_command() -> None:
    steps = (
        "  - {id: look, kind: check, title: Look, run: [printf, 'n=%s', $WHAT], env: {WHAT: '{{ ticket.customer }}'},"
        " effect: read_only, manual: m, expect: {stdout_matches: 'n=P'}, capture: {who: 'n=(.*)'}}\n" + END
    )
    bench = Bench(document(steps), trust="read")
    shown = bench.view.current
    assert shown is not None and shown.command is not None
    assert shown.command.argv == ("printf", "n=%s", "Pemba Air")
    bench.do(engine.command_started, "look", shown.command.digest)
    step = bench.state.graph.steps["look"]
    assert isinstance(step, Check)
    wanted = command_of(bench.state, step, bench.context)
    assert wanted.digest == shown.command.digest
    view = bench.do(engine.command_finished, "look", await run(wanted))
    assert (view.current is not None and view.current.id, view.results["look"]["who"]) == (
        "done",
        "Pemba Air",
    )  # type: ignore[index, call-overload]


DYING = """
import asyncio, os, signal, sys
from datetime import UTC, datetime
from triage.playbook.run.capture import capture
from triage.playbook.run.command import Command

def hear(text):
    if "ready" in text:
        os.kill(os.getpid(), signal.SIGKILL)

wanted = Command("s", ("bash", "-c", sys.argv[1]), "", {}, frozenset(), 60.0, "read_only", (), (), "d")
asyncio.run(capture(wanted, clock=lambda: datetime.now(UTC), on_output=hear))
"""


@pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="needs pidfd_open of Linux")
@pytest.mark.parametrize(
    "script",
    [
        "echo $$ > PID; echo ready; sleep 1000",
        "setsid sh -c 'trap \"\" TERM; echo $$ > PID; echo ready; sleep 1000' & wait",
    ],
)
async def test_a_command_does_not_outlive_a_program_that_was_killed(tmp_path: Path, script: str) -> None:
    pid_file = tmp_path / "pid"
    dying = await asyncio.create_subprocess_exec(
        sys.executable, "-c", DYING, script.replace("PID", str(pid_file)), start_new_session=True
    )
    assert await dying.wait() == -9
    try:
        handle = os.pidfd_open(int(pid_file.read_text()))
    except ProcessLookupError:
        return
    loop, gone = asyncio.get_running_loop(), asyncio.Event()
    loop.add_reader(handle, gone.set)
    try:
        await asyncio.wait_for(gone.wait(), 20)
    finally:
        loop.remove_reader(handle)
        os.close(handle)
