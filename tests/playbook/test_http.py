"""Requests: where they may go, what they carry, and what is made of the answer."""

# ruff: noqa: E501 - embedded YAML reads better on one line

from __future__ import annotations

import asyncio
import shutil
import ssl
import subprocess
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from tests.playbook.world import END, NOW, Bench, codes, context, document, findings
from triage.model.errors import Refused
from triage.playbook.run import engine
from triage.playbook.run.addresses import listed, refusal
from triage.playbook.run.command import MASK
from triage.playbook.run.http_request import BODY_LIMIT, send
from triage.playbook.run.output import HttpReply
from triage.playbook.run.request import Request, request_of
from triage.playbook.run.script import run_script

Answer = Callable[[bytes], bytes]
OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello"


def asked(url: str, **changes: object) -> Request:
    """A request to ``url`` with everything on this machine allowed."""
    known = Request(
        "look",
        "GET",
        url,
        "h.example",
        {},
        frozenset(),
        5.0,
        (),
        ("h.example", "127.0.0.1", "localhost"),
        "d",
    )
    return replace(known, **changes)  # type: ignore[arg-type]


async def here(_host: str, _port: int) -> Sequence[str]:
    return ["127.0.0.1"]


@asynccontextmanager
async def server(
    answer: Answer | bytes, tls: ssl.SSLContext | None = None
) -> AsyncIterator[tuple[int, list[bytes]]]:
    """A server of one answer; its port and the heads of the requests it got."""
    heads: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            heads.append(await reader.readuntil(b"\r\n\r\n"))
            writer.write(answer if isinstance(answer, bytes) else answer(heads[-1]))
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    running = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls)
    try:
        yield running.sockets[0].getsockname()[1], heads
    finally:
        running.close()


async def sent(request: Request, **more: object) -> HttpReply:
    return await send(request, clock=lambda: NOW, **{"lookup": here, **more})  # type: ignore[arg-type]


async def test_it_reads_an_answer_and_carries_only_the_headers_that_were_named() -> None:
    async with server(OK) as (port, heads):
        reply = await sent(asked(f"http://h.example:{port}/a?b=c", headers={"X-Team": "red"}))
    assert (reply.status, reply.out, reply.size, reply.fault, reply.problem) == (200, "hello", 5, "", "")
    lines = heads[0].decode().lower().split("\r\n")
    assert lines[0] == "get /a?b=c http/1.1"
    names = {line.split(":")[0] for line in lines[1:] if line}
    assert names == {"host", "user-agent", "accept", "accept-encoding", "connection", "x-team"}
    assert f"host: h.example:{port}" in lines


async def test_ambient_proxies_cookies_and_logins_are_not_used(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("default login a password b\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    answer = OK.replace(b"Content-Type", b"Set-Cookie: id=1\r\nContent-Type")
    async with server(answer) as (port, heads):
        request = asked(f"http://h.example:{port}/")
        assert (await sent(request)).status == 200
        await sent(request)
    assert b"authorization" not in heads[0].lower()
    assert b"cookie" not in heads[1].lower()


async def test_a_redirect_is_followed_on_the_same_host_only() -> None:
    def answer(head: bytes) -> bytes:
        if head.startswith(b"GET /there"):
            return OK
        return b"HTTP/1.1 302 Found\r\nLocation: /there\r\nContent-Length: 0\r\n\r\n"

    async with server(answer) as (port, heads):
        assert (await sent(asked(f"http://h.example:{port}/"))).status == 200
        assert len(heads) == 2
    away = b"HTTP/1.1 302 Found\r\nLocation: http://other.example/\r\nContent-Length: 0\r\n\r\n"
    for target in (
        away,
        away.replace(b"other.example", b"h.example:1"),
        away.replace(b"other.example", b"x@h.example"),
    ):
        async with server(target) as (port, heads):
            reply = await sent(asked(f"http://h.example:{port}/"))
            assert (reply.status, len(heads), reply.problem, reply.fault) == (302, 1, "", "")
            assert "location: http://" in reply.head


async def test_a_redirect_to_what_is_no_address_is_the_answer() -> None:
    broken = b"HTTP/1.1 302 Found\r\nLocation: http://[\r\nContent-Length: 0\r\n\r\n"
    async with server(broken) as (port, heads):
        reply = await sent(asked(f"http://h.example:{port}/"))
    assert (reply.status, len(heads), reply.problem) == (302, 1, "")


@pytest.mark.parametrize("host", ["a..example", "a" * 70 + ".example"])
async def test_a_name_that_cannot_be_looked_up_is_told_in_words(host: str) -> None:
    reply = await send(asked(f"http://{host}/", host=host), clock=lambda: NOW)
    assert "not a name" in reply.problem


async def test_redirects_without_end_are_given_up() -> None:
    async with server(b"HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n\r\n") as (port, heads):
        assert (await sent(asked(f"http://h.example:{port}/"))).status == 302
        assert len(heads) == 6


async def test_a_body_is_read_up_to_its_limit() -> None:
    body = b"x" * (BODY_LIMIT + 5000)
    async with server(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + body) as (port, _):
        reply = await sent(asked(f"http://h.example:{port}/"))
    assert reply.omitted > 0
    assert reply.out == "x" * BODY_LIMIT + "\n[… the rest was not read …]"


async def test_secrets_in_the_answer_and_its_headers_are_not_kept() -> None:
    answer = b"HTTP/1.1 200 OK\r\nSet-Cookie: id=verysecretvalue\r\nConnection: close\r\n\r\ntoken ghp_aaaaaaaaaaaaaaaaaaaaaaaaa"
    async with server(answer) as (port, _):
        reply = await sent(asked(f"http://h.example:{port}/"))
    assert "verysecretvalue" not in reply.text
    assert "ghp_" not in reply.text
    assert reply.redactions == 2


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "::1", "10.1.2.3", "192.168.1.1", "172.16.0.1", "169.254.169.254", "fe80::1", "fd00::1", "0.0.0.0", "100.64.0.1", "::ffff:127.0.0.1",
     "::ffff:10.0.0.1", "64:ff9b::a9fe:a9fe", "2002:7f00:1::", "224.0.0.1", "fd00:ec2::254", "fec0::1", "100.100.100.200", "fe80::1%eth0", "nonsense"],
)  # fmt: skip
async def test_nothing_is_sent_into_the_own_network_unless_it_is_listed(address: str) -> None:
    async def lookup(_host: str, _port: int) -> Sequence[str]:
        return [address]

    reply = await sent(asked("http://h.example/", allowed=()), lookup=lookup)
    assert reply.status is None
    assert "h.example stands for" in reply.problem or "no address" in reply.problem


async def test_one_bad_address_among_good_ones_stops_it() -> None:
    async def lookup(_host: str, _port: int) -> Sequence[str]:
        return ["93.184.216.34", "127.0.0.1"]

    assert "this machine" in (await sent(asked("http://h.example/", allowed=()), lookup=lookup)).problem


def test_a_listed_name_may_be_private_but_no_name_may_stand_for_the_credentials_of_a_cloud() -> None:
    assert refusal("wiki.corp", "10.0.0.5", ["*.corp"]) == ""
    assert "credentials" in refusal("wiki.corp", "169.254.169.254", ["*.corp"])
    assert refusal("169.254.169.254", "169.254.169.254", ["169.254.169.254"]) == ""
    assert refusal("example.org", "93.184.216.34", []) == ""
    assert refusal("example.org", "::ffff:93.184.216.34", []) == ""
    assert not listed("evilcorp", ["*.corp"])
    assert listed("A.B.Corp.", ["*.corp"])


async def test_the_name_is_looked_up_once_and_the_connection_goes_to_what_was_looked_at() -> None:
    answers = iter([["127.0.0.1"], ["203.0.113.9"]])

    async def lookup(_host: str, _port: int) -> Sequence[str]:
        return next(answers)

    async with server(OK) as (port, _):
        reply = await sent(
            asked(f"http://rebound.example:{port}/", allowed=("rebound.example",)), lookup=lookup
        )
    assert reply.status == 200
    assert next(answers) == ["203.0.113.9"]


async def test_no_connection_is_a_fail_and_an_unknown_name_cannot_be_told() -> None:
    async with server(OK) as (port, _):
        pass
    refused = await sent(asked(f"http://h.example:{port}/"))
    assert (refused.status, refused.problem) == (None, "")
    assert refused.fault

    async def lookup(_host: str, _port: int) -> Sequence[str]:
        raise OSError(-2, "Name or service not known")

    assert "not known" in (await sent(asked("http://h.example/"), lookup=lookup)).problem


async def test_an_answer_that_never_comes_is_timed_out_and_can_be_cancelled() -> None:
    asked_for = asyncio.Event()

    async def lookup(_host: str, _port: int) -> Sequence[str]:
        asked_for.set()
        await asyncio.Event().wait()
        return []

    assert (await sent(asked("http://h.example/", timeout_s=0.01), lookup=lookup)).timed_out
    asked_for.clear()
    task = asyncio.create_task(sent(asked("http://h.example/"), lookup=lookup))
    await asked_for.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A server's side and a client's that trusts it, for h.example and ten days."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed")
    key, cert = tmp_path / "key.pem", tmp_path / "cert.pem"
    made = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "10", "-subj", "/CN=h.example", "-addext", "subjectAltName=DNS:h.example", "-keyout", str(key), "-out", str(cert)]  # fmt: skip
    subprocess.run(made, check=True, capture_output=True)
    there = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    there.load_cert_chain(cert, key)
    return there, ssl.create_default_context(cafile=str(cert))


async def test_a_certificate_is_verified_for_the_name_and_its_days_are_counted(
    certificate: tuple[ssl.SSLContext, ssl.SSLContext],
) -> None:
    there, trust = certificate
    async with server(OK, there) as (port, _):
        good = await send(asked(f"https://h.example:{port}/"), clock=_now, lookup=here, trust=trust)
        other = await send(
            asked(f"https://x.example:{port}/", allowed=("x.example",)), clock=_now, lookup=here, trust=trust
        )
        unknown = await send(asked(f"https://h.example:{port}/"), clock=_now, lookup=here)
    assert good.status == 200
    assert good.cert_days is not None
    assert 8 < good.cert_days < 11
    assert (other.status, unknown.status) == (None, None)
    assert "certificate" in other.fault.lower()
    assert "certificate" in unknown.fault.lower()


def _now():  # type: ignore[no-untyped-def]
    from datetime import UTC, datetime

    return datetime.now(UTC)


STEP = (
    "  - {id: look, kind: http, title: Look, url: 'https://{{ vars.host }}/a/{{ vars.key }}?q={{ ticket.subject }}', headers: {Authorization: 'Bearer {{ vars.token }}'}, manual: m,"
    " expect: {status: [200, 204], body_matches: fine, json: [{path: a.0, equals: 1}], max_ms: 900, cert_days_min: 14}, on_pass: done, on_fail: bad, capture: {left: 'X-Left: (\\d+)'}}\n"
    + END
    + "  - {id: bad, kind: end, title: Bad, outcome: unresolved}\n"
)
HEAD = "vars: {host: {default: status.example, pattern: '[a-z.]+'}, key: {default: '../../x?y#z'}, token: {type: secret, from: env.TOKEN}}\n"


def bench(**changes: object) -> Bench:
    return Bench(document(STEP, HEAD), **{"environment": {"TOKEN": "hunter2222"}, **changes})  # type: ignore[arg-type]


def wanted(made: Bench) -> Request:
    step = made.state.step
    assert step is not None and step.kind == "http"
    return request_of(made.state, step, made.context)


def test_values_behind_the_host_cannot_become_another_path_or_parameter() -> None:
    request = wanted(bench())
    assert request.url == "https://status.example/a/..%2F..%2Fx%3Fy%23z?q=Nobody%20can%20sign%20in"
    assert (request.host, request.problem) == ("status.example", "")


@pytest.mark.parametrize("host", ["a b", "user@h", "h:0", "h:x", "", "[::1", "h\\e"])
def test_a_host_that_is_none_is_not_sent_to(host: str) -> None:
    head = HEAD.replace("status.example, pattern: '[a-z.]+'", f"'{host}'")
    request = wanted(Bench(document(STEP, head), environment={"TOKEN": "x"}))
    assert request.problem


def test_a_secret_is_sent_and_neither_shown_nor_written() -> None:
    made = bench()
    shown = made.view.current
    assert shown is not None and shown.command is not None
    assert wanted(made).headers["Authorization"] == "Bearer hunter2222"
    assert shown.command.env == {"Authorization": MASK}
    made.do(engine.command_started, "look", shown.command.digest)
    assert "hunter2222" not in repr(made.entries)


def test_a_line_break_in_a_header_is_not_sent() -> None:
    assert "cannot be sent" in wanted(bench(environment={"TOKEN": "a\r\nX: y"})).problem


def test_a_host_is_asked_about_once_in_a_run_and_a_listed_one_is_not() -> None:
    made = bench()
    first = made.view.current
    assert first is not None and first.command is not None and first.command.request is not None
    assert (first.command.confirm, first.command.request.listed) == ("ask", False)
    made.do(engine.command_started, "look", first.command.digest)
    made.do(engine.command_finished, "look", HttpReply(NOW, NOW, None, "", problem="no route"))
    made.do(engine.resolve_panel, "retry")
    again = made.view.current
    assert again is not None and again.command is not None
    assert again.command.confirm == "none"
    listed_view = bench(http_allow=("*.Example",)).view.current
    assert listed_view is not None and listed_view.command is not None
    assert listed_view.command.confirm == "none"


def test_without_trust_nothing_is_sent_and_another_address_is_another_consent() -> None:
    untrusted = bench(trust="none")
    shown = untrusted.view.current
    assert shown is not None and shown.command is not None
    with pytest.raises(Refused, match="not trusted yet"):
        untrusted.do(engine.command_started, "look", shown.command.digest)
    made = bench()
    digest = wanted(made).digest
    made.do(engine.set_variable, "host", "other.example")
    with pytest.raises(Refused, match="no longer the one that was shown"):
        made.do(engine.command_started, "look", digest)


GOOD = {"status": 200, "out": '{"a": [1], "b": "fine"}', "ms": 10, "cert_days": 30}


@pytest.mark.parametrize(
    ("change", "end"),
    [({}, "done"), ({"status": 204}, "done"), ({"status": 500}, "bad"), ({"out": '{"a": [2], "b": "fine"}'}, "bad"),
     ({"out": '{"a": [1]}'}, "bad"), ({"ms": 901}, "bad"), ({"cert_days": 13}, "bad"), ({"fault": "refused"}, "bad")],
)  # fmt: skip
def test_an_answer_is_judged_by_everything_that_is_written(change: dict[str, object], end: str) -> None:
    run = run_script(
        document(STEP, HEAD), {"done": True, "bad": True}, {"look": {**GOOD, **change}}, context=context()
    )
    assert run.path == ("look", end)


def test_what_cannot_be_told_is_neither_a_pass_nor_a_fail() -> None:
    for change in (
        {"cert_days": None},
        {"out": "fine, but not JSON"},
        {"timed_out": True},
        {"problem": "no route"},
    ):
        run = run_script(
            document(STEP, HEAD), {"done": True}, {"look": {**GOOD, **change}}, context=context()
        )
        assert run.view.panel is not None
        assert run.path == ()


def test_status_time_and_captured_headers_are_results() -> None:
    made = bench()
    shown = made.view.current
    assert shown is not None and shown.command is not None
    made.do(engine.command_started, "look", shown.command.digest)
    reply = HttpReply(
        NOW,
        NOW,
        None,
        '{"a": [1], "b": "fine"}',
        status=200,
        ms=7,
        cert_days=30.04,
        head="HTTP/1.1 200 OK\nX-Left: 12",
    )
    made.do(engine.command_finished, "look", reply)
    values = made.state.results["look"]
    assert (values["ok"], values["status"], values["ms"], values["cert_days"], values["left"]) == (
        True,
        200,
        7,
        30.0,
        "12",
    )


POLL = (
    "  - {id: look, kind: check, title: Look, run: [look], effect: read_only, manual: m, poll: {every: 2s, up_to: 1m}}\n"
    + END
)


def test_a_try_that_does_not_pass_is_seen_and_the_last_one_counts() -> None:
    from triage.playbook.run.output import CaptureResult

    made = Bench(document(POLL), live=True)
    shown = made.view.current
    assert shown is not None and shown.command is not None
    assert shown.command.poll == "every 2s for up to 1m"
    made.do(engine.command_started, "look", shown.command.digest)
    made.do(engine.command_polled, "look", CaptureResult(NOW, NOW, 7, ""))
    view = made.do(engine.command_polled, "look", CaptureResult(NOW, NOW, None, "", timed_out=True))
    assert view.current is not None
    assert view.current.tries == ("exit 7", "no end within 30s")
    made.do(engine.command_finished, "look", CaptureResult(NOW, NOW, 0, ""))
    assert (made.here, made.state.results["look"]["tries"]) == ("done", 3)


@pytest.mark.parametrize(
    ("url", "found"),
    [("https://{{ ticket.customer }}/x", "error"), ("https://{{ vars.free }}/x", "warning"), ("https://{{ vars.kept }}/x", ""), ("{{ config.base }}/x", ""),
     ("https://{{ vars.team }}/{{ ticket.id }}", ""), ("https://{{ vars.said }}/", "error"), ("https://{{ vars.saidkept }}/", ""), ("https://example.org/{{ vars.free }}", ""), ("http://127.0.0.1/", "warning"), ("https://a.{{ steps.first.value }}.org/", "error")],
)  # fmt: skip
def test_where_a_host_may_come_from(url: str, found: str) -> None:
    head = "vars: {free: {prompt: f}, kept: {prompt: k, pattern: '[a-z]+'}, team: {from: config.host}, said: {from: ticket.customer}, saidkept: {from: ticket.customer, pattern: '[a-z]+'}}\n"
    steps = (
        f"  - {{id: first, kind: ask, title: First, type: text}}\n  - {{id: look, kind: http, title: Look, manual: m, url: '{url}'}}\n"
        + END
    )
    assert "".join(one.level for one in findings(steps, head) if one.code == "PB407") == found


def test_what_is_no_address_and_what_is_the_programs_own_header_are_errors() -> None:
    step = "  - {{id: look, kind: http, title: Look, manual: m, url: '{}', headers: {{{}: x}}}}\n"
    assert "PB414" in codes(step.format("ftp://example.org", "A") + END)
    for name in ("Host", "cookie", "Transfer-Encoding"):
        assert "PB410" in codes(step.format("https://example.org", name) + END)
