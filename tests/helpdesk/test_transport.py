from __future__ import annotations

import asyncio
import io
import random
import subprocess
import sys
import time
import traceback
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from tests.helpdesk.loopback import Request, answering, serving
from triage.config.secret import Secret
from triage.helpdesk import body as body_module
from triage.helpdesk import transport as transport_module
from triage.helpdesk import waits
from triage.helpdesk.answer import LONGEST_PAUSE_S, Again, Answer, Forbidden, retry_after
from triage.helpdesk.origin import OriginAuth, origin_of
from triage.helpdesk.pace import NARROWEST, WIDEST
from triage.helpdesk.transport import Transport
from triage.helpdesk.waits import READ_TOTAL_S, SHORTEST_TRY_S, Waits
from triage.model.errors import HelpdeskFailed, Invalid, NotFound, Refused, TriageError
from triage.model.operation import Conflict, NotSent, Rejected, Throttled, Unknown

TOKEN = "s3cret-token-value"
_secret = Secret(TOKEN)


def transport_to(url: str, **rest: Any) -> Transport:
    return Transport(url, lambda: f"Bearer {_secret.reveal()}", **rest)


def mocked(handler: Any, **rest: Any) -> Transport:
    return transport_to("https://desk.test/", transport=httpx.MockTransport(handler), **rest)


# --- where the credential goes -------------------------------------------------------------------


async def test_the_token_goes_to_the_helpdesk_with_one_user_agent_and_no_compression() -> None:
    async with serving(answering(200)) as server:
        await transport_to(server.url).read("api/x")
    headers = server.requests[0].headers
    assert headers["authorization"] == f"Bearer {TOKEN}"
    assert headers["user-agent"].startswith("triage/")
    assert "mozilla" not in headers["user-agent"].lower()
    assert headers["accept-encoding"] == "identity"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_an_error_that_names_the_host_and_nothing_reaches_the_other_server(
    status: int,
) -> None:
    async with serving(answering(200)) as other:
        target = f"{other.url}/take?token={TOKEN}"
        async with serving(answering(status, b"", Location=target)) as server:
            desk = transport_to(server.url)
            with pytest.raises(HelpdeskFailed) as caught:
                await desk.read("api/x")
            written = await desk.write("POST", "api/x", {"note": "words"})
        assert other.connections == 0
    assert "127.0.0.1" in str(caught.value)
    assert TOKEN not in str(caught.value)
    assert isinstance(written, Unknown if status == 303 else Rejected)


@pytest.mark.parametrize(
    "link",
    ["{other}/next", "//{bare}/next", "http://user:pw@{bare}/next", "https://127.0.0.1/next", "ftp://x/y"],
)
async def test_a_link_to_another_origin_is_not_followed(link: str) -> None:
    async with serving(answering(200)) as other, serving(answering(200)) as server:
        link = link.format(other=other.url, bare=f"127.0.0.1:{other.port}")
        with pytest.raises(TriageError, match=r"not followed|not a web address"):
            await transport_to(server.url).read(link)
        assert other.connections == 0


def test_the_credential_itself_refuses_another_origin() -> None:
    auth = OriginAuth(origin_of(httpx.URL("https://desk.test/")), lambda: TOKEN)
    good = httpx.Request("GET", "https://desk.test:443/api")
    next(auth.auth_flow(good))
    assert good.headers["Authorization"] == TOKEN
    for url in (
        "http://desk.test/",
        "https://desk.test:8443/",
        "https://other.test/",
        "https://desk.test.evil/",
    ):
        with pytest.raises(HelpdeskFailed, match="not sent there"):
            next(auth.auth_flow(httpx.Request("GET", url)))


async def test_a_link_of_the_same_origin_is_followed_with_its_query() -> None:
    async with serving(answering(200)) as server:
        await transport_to(server.url).read(f"{server.url}/next?page=2")
    assert server.requests[0].target == "/next?page=2"


async def test_cookies_are_not_kept() -> None:
    async with serving(answering(200, Set_Cookie="session=1; Path=/")) as server:
        desk = transport_to(server.url)
        await desk.read("a")
        await desk.read("b")
        await desk.write("PUT", "c", {})
    assert all("cookie" not in request.headers for request in server.requests)


async def test_no_secret_is_in_any_text_of_an_error() -> None:
    async with serving(answering(500, TOKEN.encode()[:0] + b"oops")) as server:
        desk = transport_to(server.url)
        with pytest.raises(HelpdeskFailed) as caught:
            await desk.read("api/x", {"q": "v"})
    shown = (
        "".join(traceback.format_exception(caught.value))
        + repr(desk)
        + repr(caught.value)
        + str(caught.value)
    )
    assert TOKEN not in shown


@pytest.mark.parametrize("url", ["https://me:pw@desk.test", "ftp://desk.test", "desk.test", "", "http://"])
def test_an_address_that_cannot_be_one_is_refused_without_being_repeated(url: str) -> None:
    with pytest.raises(Invalid) as caught:
        transport_to(url)
    assert "pw" not in str(caught.value)


def test_a_file_of_certificates_that_cannot_be_read_is_named() -> None:
    with pytest.raises(Invalid, match="certificates"):
        transport_to("https://desk.test", ca_file="/nowhere/ca.pem")


# --- what can come back --------------------------------------------------------------------------


async def test_nobody_listening_is_one_clear_line() -> None:
    async with serving(answering(200)) as server:
        url = server.url
    with pytest.raises(HelpdeskFailed) as caught:
        await transport_to(url).read("api/x")
    assert "nothing answers there" in str(caught.value)
    assert caught.value.exit_code == 6
    assert caught.value.do


async def test_an_unknown_name_is_one_clear_line() -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("[Errno -2] Name or service not known")

    with pytest.raises(HelpdeskFailed, match="no server of this name"):
        await mocked(handler).read("x")


async def test_a_certificate_that_cannot_be_verified_is_not_tried_again() -> None:
    calls = []

    def handler(request: httpx.Request) -> httpx.Response:
        calls.append(request)
        raise httpx.ConnectError("[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed")

    with pytest.raises(HelpdeskFailed, match="certificate"):
        await mocked(handler).read("x")
    assert len(calls) == 1


@pytest.mark.parametrize(
    ("status", "kind", "words"),
    [
        (401, HelpdeskFailed, "token was not accepted"),
        (403, Forbidden, "may not read"),
        (404, NotFound, "no such thing.*url of the profile"),
        (418, HelpdeskFailed, "418"),
        (500, HelpdeskFailed, "500"),
    ],
)
async def test_each_refusal_has_its_own_words_and_is_not_repeated(
    status: int, kind: type, words: str
) -> None:
    async with serving(answering(status, b'{"message": "no"}')) as server:
        with pytest.raises(kind, match=words):
            await transport_to(server.url).read("x")
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"<!doctype html><title>Login</title>", "web page"),
        (b"", "empty page"),
        (b"hello", "no API"),
        (b'{"tickets": [{"id": 1', "cannot be read"),
        (b'{"id": NaN}', "cannot be read"),
    ],
)
async def test_a_body_that_is_no_json_is_one_clear_line(body: bytes, words: str) -> None:
    async with serving(answering(200, body)) as server:
        with pytest.raises(HelpdeskFailed, match=words):
            await transport_to(server.url).read("x")


async def test_a_web_page_instead_of_a_missing_thing_says_there_is_no_api() -> None:
    async with serving(answering(404, b"<html>")) as server:
        with pytest.raises(HelpdeskFailed, match="no API at this address"):
            await transport_to(server.url).read("x")


async def test_a_body_shorter_than_announced_is_read_again_and_then_given_up() -> None:
    async def cut(request: Request, writer: asyncio.StreamWriter) -> None:
        writer.write(b'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"tickets": [')

    async with serving(cut) as server:
        with pytest.raises(HelpdeskFailed, match="middle of the answer"):
            await transport_to(server.url).read("x")
    assert len(server.requests) > 1


async def test_half_a_body_that_ends_with_the_connection_is_not_taken_for_a_whole_one() -> None:
    async def cut(request: Request, writer: asyncio.StreamWriter) -> None:
        writer.write(b'HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{"tickets": [{"id": 1}')

    async with serving(cut) as server:
        with pytest.raises(HelpdeskFailed, match="cannot be read"):
            await transport_to(server.url).read("x")


async def test_a_body_above_the_limit_is_not_read_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(body_module, "LARGEST_BODY", 1000)
    sent = 0

    async def endless(request: Request, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
        while sent < 50_000_000:
            writer.write(b" " * 10_000)
            sent += 10_000
            await writer.drain()

    async with serving(endless) as server:
        with pytest.raises(body_module.TooLarge):
            await transport_to(server.url).read("x")
    assert sent < 50_000_000


async def test_a_compressed_body_is_refused_unread() -> None:
    async with serving(answering(200, b"\x1f\x8b", Content_Encoding="gzip")) as server:
        with pytest.raises(HelpdeskFailed, match="compressed"):
            await transport_to(server.url).read("x")


async def test_a_server_that_drips_is_left_at_the_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport_module, "READ_DEADLINE_S", 0.15)

    async def drip(request: Request, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{")
        for _ in range(100):
            await asyncio.sleep(0.03)
            writer.write(b" ")
            await writer.drain()

    async with serving(drip) as server:
        with pytest.raises(HelpdeskFailed, match="in time"):
            await asyncio.wait_for(transport_to(server.url).read("x"), 3)


async def test_a_large_answer_is_parsed_outside_the_event_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    import threading

    from triage.helpdesk import answer as answer_module

    parsed_in: list[str] = []
    real = answer_module.parse

    def spy(body: bytes) -> Any:
        parsed_in.append(threading.current_thread().name)
        return real(body)

    monkeypatch.setattr(answer_module, "parse", spy)
    desk = mocked(lambda request: httpx.Response(200, json={"x": "y" * 200_000}))
    assert len((await desk.read("x"))["x"]) == 200_000
    await mocked(lambda request: httpx.Response(200, json={})).read("x")
    assert parsed_in[0] != threading.main_thread().name
    assert parsed_in[1] == threading.main_thread().name


# --- trying again --------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [429, 502, 503, 504])
async def test_a_read_is_tried_again_while_the_helpdesk_is_busy(status: int) -> None:
    answers = iter([httpx.Response(status), httpx.Response(status), httpx.Response(200, json={"ok": 1})])
    assert await mocked(lambda request: next(answers)).read("x") == {"ok": 1}


async def test_a_read_gives_up_after_a_few_failures() -> None:
    calls = []

    def handler(request: httpx.Request) -> httpx.Response:
        calls.append(request)
        raise httpx.ReadError("gone")

    with pytest.raises(HelpdeskFailed):
        await mocked(handler).read("x")
    assert len(calls) == 4


async def test_trying_again_writes_nothing_over_the_screen() -> None:
    code = (
        "import asyncio, httpx, stamina; stamina.set_testing(True, attempts=9, cap=True)\n"
        "from triage.helpdesk.transport import Transport\n"
        "answers = iter([httpx.Response(503), httpx.Response(200, json={})])\n"
        "desk = Transport('https://d.test', str, transport=httpx.MockTransport(lambda r: next(answers)))\n"
        "asyncio.run(desk.read('x'))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("", "")


def test_the_pause_obeys_the_helpdesk_and_otherwise_grows_with_full_jitter() -> None:
    waits = Waits(random.Random(7))
    assert 12 <= waits.before_retry(Again("busy", after_s=12.0, patience=8)) <= 13
    assert waits.before_retry(Again("busy", after_s=READ_TOTAL_S, patience=8)) is False
    assert waits.before_retry(HelpdeskFailed("no")) is False
    pauses = [Waits(random.Random(seed)).before_retry(Again("cut")) for seed in range(200)]
    assert 0 <= min(pauses) < 0.05
    assert 0.4 < max(pauses) <= 0.5


def test_a_repetition_that_could_not_end_in_time_is_not_begun() -> None:
    now = [100.0]
    waits = Waits(random.Random(7), lambda: now[0])
    assert waits.left_s == READ_TOTAL_S
    now[0] += READ_TOTAL_S - SHORTEST_TRY_S - 10
    assert 5 <= waits.before_retry(Again("busy", after_s=5.0, patience=8)) <= 6
    assert waits.before_retry(Again("busy", after_s=11.0, patience=8)) is False
    now[0] += 10
    assert waits.before_retry(Again("cut")) is False


async def test_a_mute_server_is_left_after_one_total_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport_module, "READ_DEADLINE_S", 0.3)
    monkeypatch.setattr(waits, "READ_TOTAL_S", 0.7)
    monkeypatch.setattr(waits, "SHORTEST_TRY_S", 0.0)
    monkeypatch.setattr(waits, "BACKOFF_BASE_S", 0.0)

    async def mute(request: Request, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(5)

    async with serving(mute) as server:
        begun = time.monotonic()
        with pytest.raises(HelpdeskFailed, match="in time"):
            await transport_to(server.url).read("x")
        assert 0.5 < time.monotonic() - begun < 1.1


@pytest.mark.parametrize("garbage", ["nan", "-5", "inf", "soon", "1e9", ""])
async def test_a_pause_that_says_nothing_falls_back_to_the_usual_one(garbage: str) -> None:
    answers = iter([httpx.Response(429, headers={"Retry-After": garbage}), httpx.Response(200, json={})])
    begun = time.monotonic()
    assert await mocked(lambda request: next(answers)).read("x") == {}
    assert time.monotonic() - begun < 2


async def test_a_refused_header_is_told_without_the_header() -> None:
    for error in (
        httpx.LocalProtocolError(f"Illegal header value b'Bearer {TOKEN}'"),
        httpx.UnsupportedProtocol(f"no {TOKEN}"),
        httpx.WriteError(f"while writing {TOKEN}"),
        httpx.RemoteProtocolError(f"malformed {TOKEN}"),
    ):

        def handler(request: httpx.Request, error: Exception = error) -> httpx.Response:
            raise error

        with pytest.raises(HelpdeskFailed) as caught:
            await mocked(handler).read("x")
        assert TOKEN not in str(caught.value)
        assert TOKEN not in repr(await mocked(handler).write("PUT", "x", {}))


@pytest.mark.parametrize("text", ["http://127.0.0.1:99999", "http://desk.test:0", "http://desk.test:-1"])
def test_a_port_that_cannot_be_is_told_before_anything_is_sent(text: str) -> None:
    with pytest.raises(Invalid, match="there is no port"):
        transport_to(text)


@pytest.mark.parametrize("text", ["http://::1:8080", "https://2001:db8::1", "http://[::1"])
def test_an_ipv6_address_without_its_brackets_is_told(text: str) -> None:
    with pytest.raises(Invalid, match="brackets"):
        transport_to(text)
    assert transport_to("http://[::1]:8080").base.port == 8080


async def test_a_link_that_is_no_address_is_one_clear_line() -> None:
    with pytest.raises(HelpdeskFailed, match="no address"):
        await mocked(lambda request: httpx.Response(200)).read("http://[::1/next")


NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("7", 7),
        ("0", 0),
        ("999999", LONGEST_PAUSE_S),
        ("Sun, 01 Mar 2026 12:00:30 GMT", 30),
        ("Sun, 01 Mar 2026 18:00:00 GMT", LONGEST_PAUSE_S),
        ("Sun, 01 Mar 2026 11:00:00 GMT", 30),
        ("-5", 30),
        ("soon", 30),
        ("", 30),
        ("²", 30),
    ],
)
def test_retry_after_is_read_as_seconds_or_as_a_date(value: str, seconds: float) -> None:
    assert retry_after({"Retry-After": value}, NOW) == seconds


def test_a_date_to_retry_after_is_measured_by_the_servers_own_clock() -> None:
    headers = {"Retry-After": "Sun, 01 Mar 2026 12:00:30 GMT", "Date": "Sun, 01 Mar 2026 12:00:20 GMT"}
    assert retry_after(headers, NOW - timedelta(days=1)) == 10


async def test_the_servers_clock_is_learnt_from_its_answers() -> None:
    desk = mocked(
        lambda request: httpx.Response(200, json={}, headers={"Date": "Sun, 01 Mar 2026 13:00:00 GMT"}),
        clock=lambda: NOW,
    )
    await desk.read("x")
    assert desk.skew == timedelta(hours=1)
    assert desk.server_now() == NOW + timedelta(hours=1)


async def test_no_more_than_a_few_requests_run_at_once() -> None:
    running, most = 0, 0

    async def handler(request: httpx.Request) -> httpx.Response:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        running -= 1
        return httpx.Response(200, json={})

    desk = mocked(handler)
    await asyncio.gather(*(desk.read("x") for _ in range(9)))
    assert most == NARROWEST
    await asyncio.gather(*(desk.read("x") for _ in range(60)))
    assert most == WIDEST


# --- writing -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "headers", "outcome"),
    [
        (409, {}, Conflict),
        (412, {}, Conflict),
        (429, {"Retry-After": "3"}, Throttled),
        (400, {}, Rejected),
        (401, {}, Rejected),
        (403, {}, Rejected),
        (404, {}, Rejected),
        (422, {}, Rejected),
        (408, {}, Unknown),
        (500, {}, Unknown),
        (502, {}, Unknown),
        (503, {"Retry-After": "3"}, Unknown),
    ],
)
async def test_every_refusal_of_a_write_has_its_outcome_and_is_sent_once(
    status: int, headers: dict[str, str], outcome: type
) -> None:
    calls = []

    def handler(request: httpx.Request) -> httpx.Response:
        calls.append(request)
        return httpx.Response(status, json={"error": "no"}, headers=headers)

    assert isinstance(await mocked(handler).write("PUT", "x", {}), outcome)
    assert len(calls) == 1


async def test_a_throttled_write_says_how_long() -> None:
    result = await mocked(lambda r: httpx.Response(429, headers={"Retry-After": "41"})).write("PUT", "x", {})
    assert isinstance(result, Throttled)
    assert result.retry_after_s == 41


async def test_a_rejected_write_says_why() -> None:
    body = {
        "error": "RecordInvalid",
        "description": "bad",
        "details": {"status": [{"description": "closed"}]},
    }
    result = await mocked(lambda r: httpx.Response(422, json=body)).write("PUT", "x", {})
    assert result == Rejected(422, ("RecordInvalid", "bad", "status: closed"))


async def test_a_write_that_never_left_is_not_sent() -> None:
    async with serving(answering(200)) as server:
        url = server.url
    assert isinstance(await transport_to(url).write("PUT", "x", {}), NotSent)


@pytest.mark.parametrize("error", [httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout])
async def test_an_error_before_connecting_is_not_sent(error: type[httpx.HTTPError]) -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        raise error("x")

    assert isinstance(await mocked(handler).write("PUT", "x", {}), NotSent)


@pytest.mark.parametrize(
    "error",
    [httpx.ReadTimeout, httpx.WriteTimeout, httpx.ReadError, httpx.WriteError, httpx.RemoteProtocolError],
)
async def test_an_error_after_connecting_leaves_the_outcome_unknown(error: type[httpx.HTTPError]) -> None:
    calls = []

    def handler(request: httpx.Request) -> httpx.Response:
        calls.append(request)
        raise error("x")

    assert isinstance(await mocked(handler).write("PUT", "x", {}), Unknown)
    assert len(calls) == 1


async def test_a_dropped_reply_leaves_the_outcome_unknown_and_is_not_sent_again() -> None:
    async def drop(request: Request, writer: asyncio.StreamWriter) -> None:
        writer.transport.abort()

    async with serving(drop) as server:
        assert isinstance(await transport_to(server.url).write("POST", "x", {"a": 1}), Unknown)
    assert len(server.requests) == 1


async def test_a_late_reply_leaves_the_outcome_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport_module, "WRITE_DEADLINE_S", 0.1)
    hold = asyncio.Event()

    async def late(request: Request, writer: asyncio.StreamWriter) -> None:
        await hold.wait()

    async with serving(late) as server:
        assert isinstance(await transport_to(server.url).write("POST", "x", {}), Unknown)
        hold.set()


async def test_a_silent_handshake_is_not_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    """The server accepts and never speaks TLS: nothing of the request can have left."""
    monkeypatch.setattr(transport_module, "WRITE_DEADLINE_S", 0.2)
    hold = asyncio.Event()

    async def mute(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await hold.wait()
        writer.close()

    server = await asyncio.start_server(mute, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    try:
        result = await transport_to(f"https://127.0.0.1:{port}").write("POST", "x", {})
    finally:
        hold.set()
        server.close()
        await server.wait_closed()
    assert isinstance(result, NotSent)


async def test_a_cut_answer_to_a_write_leaves_the_outcome_unknown() -> None:
    async def cut(request: Request, writer: asyncio.StreamWriter) -> None:
        writer.write(b'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"ticket"')

    async with serving(cut) as server:
        assert isinstance(await transport_to(server.url).write("PUT", "x", {}), Unknown)


async def test_each_write_uses_a_connection_of_its_own() -> None:
    async def keep(request: Request, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")

    async with serving(keep, keep_open=True) as server:
        desk = transport_to(server.url)
        for _ in range(3):
            assert isinstance(await desk.write("PUT", "x", {}), Answer)
        assert server.connections == 3
        for _ in range(3):
            await desk.read("x")
        assert server.connections == 4
        await desk.aclose()


async def test_half_a_surrogate_pair_does_not_leave_the_house() -> None:
    async with serving(answering(200)) as server:
        await transport_to(server.url).write("PUT", "x", {"note": ["a\ud800b", 1, None, True]})
    assert server.requests[0].body == b'{"note": ["a\\ufffdb", 1, null, true]}'


# --- files ---------------------------------------------------------------------------------------


async def test_a_file_on_another_server_is_fetched_without_the_token() -> None:
    async with serving(answering(200, b"bytes")) as other:
        async with serving(answering(302, b"", Location=f"{other.url}/file")) as server:
            sink = io.BytesIO()
            size = await transport_to(server.url).download("attachments/1", sink, 100)
        assert "authorization" in server.requests[0].headers
        assert TOKEN not in other.everything_heard
        assert "authorization" not in other.requests[0].headers
    assert (size, sink.getvalue()) == (5, b"bytes")


async def test_a_file_elsewhere_must_come_encrypted_when_the_helpdesk_is_not_on_this_machine() -> None:
    desk = mocked(lambda request: httpx.Response(302, headers={"Location": "http://10.0.0.1/file"}))
    with pytest.raises(Refused, match="without encryption"):
        await desk.download("attachments/1", io.BytesIO(), 100)


async def test_a_file_that_is_too_large_or_moves_for_ever_is_refused() -> None:
    with pytest.raises(Refused, match="larger"):
        await mocked(lambda r: httpx.Response(200, content=b"x" * 101)).download("f", io.BytesIO(), 100)
    with pytest.raises(HelpdeskFailed, match="moved"):
        await mocked(lambda r: httpx.Response(302, headers={"Location": "/f"})).download(
            "f", io.BytesIO(), 100
        )
    with pytest.raises(NotFound):
        await mocked(lambda r: httpx.Response(404)).download("f", io.BytesIO(), 100)


def test_only_a_network_makes_plain_http_a_worry() -> None:
    assert transport_to("http://desk.example").cleartext
    assert not transport_to("http://127.0.0.1:80").cleartext
    assert not transport_to("https://desk.example").cleartext


async def test_a_path_below_the_address_is_kept() -> None:
    async with serving(answering(200)) as server:
        desk = transport_to(server.url + "/rt/")
        await desk.read("REST/2.0/rt")
        await desk.aclose()
    assert server.requests[0].target == "/rt/REST/2.0/rt"
