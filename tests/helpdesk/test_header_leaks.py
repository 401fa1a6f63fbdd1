"""No byte of a secret reaches another host: five ways to present it, eight ways astray, every adapter."""

from __future__ import annotations

import asyncio
import io
import re
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.helpdesk.loopback import Request, reply, serving
from tests.helpdesk.stands import OURS, TOKENS, first_ticket, opened
from tests.helpdesk.test_mangled_answers import everything
from tests.reliability.counting import sized, tell
from triage.config.profiles import Profile
from triage.config.secret import Secret
from triage.helpdesk import registry
from triage.helpdesk.adapter import basic
from triage.helpdesk.transport import Transport
from triage.model.errors import TriageError

SECRET = "s3cret-key-of-the-desk"
HOME = "https://desk.test"
PRESENTED: dict[str, Callable[[], str]] = {
    "bearer": lambda: f"Bearer {SECRET}",
    "api token": lambda: basic("robin@acme.test/token", SECRET),
    "key as user": lambda: basic(SECRET, "key"),
    "token": lambda: f"token {SECRET}",
    "token=": lambda: f"Token token={SECRET}",
}
ASTRAY = {
    "another host": "https://evil.test/take",
    "another port": "https://desk.test:8443/take",
    "no encryption": "http://desk.test/take",
    "a name in the address": "https://desk.test@evil.test/take",
    "no scheme": "//evil.test/take",
    "a longer host": "https://desk.test.evil.test/take",
    "a backslash": "https://evil.test\\@desk.test/take",
    "capital letters and a dot": "https://EVIL.test./take",
}


class Road:
    """Remembers every request that left, and sends the first one of each kind astray."""

    def __init__(self, link: str) -> None:
        self.link = link
        self.left: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.left.append(request)
        if request.url.path == "/api/redirected":
            return httpx.Response(307, headers={"Location": self.link})
        return httpx.Response(200, json={"next": self.link}, headers={"Link": f'<{self.link}>; rel="next"'})

    @property
    def strangers(self) -> list[httpx.Request]:
        """Requests to anybody but the helpdesk itself."""
        return [one for one in self.left if (one.url.scheme, one.url.host, one.url.port) != (
            "https", "desk.test", None)]  # fmt: skip


def holds_secret(request: httpx.Request) -> bool:
    encoded = basic(SECRET, "key").removeprefix("Basic ")[:20]
    everything = f"{request.url} {request.headers.raw!r} {request.content!r}"
    return SECRET in everything or encoded in everything or "Authorization" in request.headers


@pytest.mark.parametrize("astray", ASTRAY)
@pytest.mark.parametrize("presented", PRESENTED)
async def test_no_secret_reaches_another_host(presented: str, astray: str) -> None:
    road = Road(ASTRAY[astray])
    desk = Transport(HOME, PRESENTED[presented], transport=httpx.MockTransport(road))
    with suppress(TriageError):
        await desk.read("api/redirected")
    with suppress(TriageError):
        await desk.write("POST", "api/redirected", {"note": "words for the desk only"})
    with suppress(TriageError):
        await desk.upload("api/redirected", {"filename": "a.log"}, b"words for the desk only", "text/plain")
    with suppress(TriageError):
        found = await desk.read("api/list")
        await desk.read(found["next"])
    assert len(road.left) >= 4
    assert road.strangers == []
    # A file may lie elsewhere; what is fetched there goes without anything of ours.
    with suppress(TriageError, httpx.HTTPError):
        await desk.download(ASTRAY[astray], io.BytesIO(), 1000)
    assert not [one for one in road.strangers if holds_secret(one)]
    await desk.aclose()
    tell("header leaks", 1, transport=1)


class Misleading:
    """The network to a stand whose answers lead away: by a redirect, or by every link in them."""

    def __init__(self, name: str, link: str, lead: str, at: int) -> None:
        self.stand = OURS[name]()
        self.link = link
        self.lead = lead
        self.at = at
        self.left: list[httpx.Request] = []
        self.home = 0
        self.led = 0

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        """Remember what left; answer what came home."""
        self.left.append(request)
        if not at_home(request):
            return httpx.Response(200, json={})
        self.home += 1
        asked = httpx.Request(
            request.method, request.url.copy_with(host="fake.test"), headers=request.headers,
            content=await request.aread(),
        )  # fmt: skip
        answer = await self.stand.answered(asked)
        if self.home - 1 < self.at:
            return httpx.Response(answer.status_code, content=answer.content, headers=kept(answer))
        self.led += 1
        if self.lead == "redirect":
            return httpx.Response(307, headers={"Location": self.link})
        body = re.sub(
            rb'"https?://[^"]*"', b'"' + self.link.replace("\\", "\\\\").encode() + b'"', answer.content
        )
        links = {"Link": f'<{self.link}>; rel="next"', "Location": self.link}
        return httpx.Response(answer.status_code, content=body, headers=kept(answer) | links)


def kept(answer: httpx.Response) -> dict[str, str]:
    return {name: value for name, value in answer.headers.items() if name not in ("content-length", "link")}


def at_home(request: httpx.Request) -> bool:
    return (request.url.scheme, request.url.host, request.url.port) == ("https", "desk.test", None)


@pytest.mark.parametrize("astray", ASTRAY)
@pytest.mark.parametrize("name", OURS)
async def test_no_adapter_is_led_astray(name: str, astray: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """In all that it does, at each of its first answers."""
    cases = 0
    for lead in ("redirect", "links"):
        for at in range(1, sized(2, 13)):
            network = Misleading(name, ASTRAY[astray], lead, at)

            async def leave(self: Any, request: httpx.Request, to: Misleading = network) -> httpx.Response:
                return await to(request)

            monkeypatch.setattr(httpx.AsyncHTTPTransport, "handle_async_request", leave)
            async with opened(name, HOME) as desk:
                await everything(desk, first_ticket(name))
            assert network.left
            strangers = [one for one in network.left if not at_home(one)]
            secret = TOKENS.get(name, "t")
            assert not [one for one in strangers if "Authorization" in one.headers]
            assert len(secret) < 6 or not [one for one in strangers if secret in said(one)]
            # Files alone may lie elsewhere, and are fetched with nothing of ours.
            assert {one.method for one in strangers} <= {"GET"}
            cases += network.led > 0
    tell("header leaks", cases, **{name: cases})


def said(request: httpx.Request) -> str:
    return f"{request.url} {request.headers.raw!r} {request.content!r}"


@pytest.mark.parametrize("name", OURS)
async def test_a_proxy_hears_where_we_go_and_nothing_else(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async def refuse(request: Request, writer: asyncio.StreamWriter) -> None:
        writer.write(reply(502))

    async with serving(refuse) as proxy:
        monkeypatch.setenv("https_proxy", proxy.url)
        async with opened(name, HOME) as desk:
            with suppress(TriageError):
                await desk.whoami()
        assert {request.method for request in proxy.requests} == {"CONNECT"}
        assert "authorization" not in proxy.everything_heard.lower()
        assert len(TOKENS.get(name, "t")) < 6 or TOKENS[name] not in proxy.everything_heard
    tell("header leaks", 1, proxy=1)


@pytest.mark.parametrize("name", registry.names())
async def test_adapters_present_the_secret_in_the_one_header_that_is_watched(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A key in a header of its own would follow a redirect; ours is in Authorization alone."""
    left: list[httpx.Request] = []

    async def leave(self: httpx.AsyncHTTPTransport, request: httpx.Request) -> httpx.Response:
        left.append(request)
        return httpx.Response(401, json={})

    monkeypatch.setattr(httpx.AsyncHTTPTransport, "handle_async_request", leave)
    token = "1-46-" + SECRET.replace("-", "") if name == "request_tracker" else SECRET
    place = "/repos/acme/desk" if name == "github" else ""
    values: dict[str, Any] = {"account": "robin@acme.test"} if name == "pagerduty" else {}
    profile = Profile("x", name, f"{HOME}{place}", Path(), "", **values)
    if name == "request_tracker":
        profile = Profile("x", name, HOME, Path(), "", account="robin")
    desk = registry.open_helpdesk(profile, Secret(token))
    with suppress(TriageError):
        await desk.whoami()
    await desk.aclose()
    assert left
    for request in left:
        assert "Authorization" in request.headers
        others = {k: v for k, v in request.headers.items() if k != "authorization"}
        assert token not in f"{others} {request.url} {request.content!r}"
