"""Everything a network can do to an answer, in the middle of what adapters do.

Fourteen faults, six calls of every adapter, any number of seeds: each call ends in time, in a result or in
one clear line, and a write is sent at most once. ``TRIAGE_HTTP_FAULTS=13`` runs thirteen seeds of every pair.
"""

from __future__ import annotations

import asyncio
import os
import random
import resource
import struct
import sys
import time
import zlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.helpdesk.loopback import Request, serving
from tests.helpdesk.stands import OURS, Stand, as_asked, as_sent, first_ticket, opened
from tests.helpdesk.writing import operation
from tests.reliability.counting import sized, tell
from triage.helpdesk import body as body_module
from triage.helpdesk import connections, transport, waits
from triage.helpdesk.github.repository import WriteSpacing
from triage.helpdesk.port import Helpdesk
from triage.model.errors import TriageError
from triage.model.note_file import PLAIN_TEXT, NoteFile
from triage.model.operation import Landed, Note, Outcome

SEEDS = int(os.environ.get("TRIAGE_HTTP_FAULTS", sized(0, 13)))
"""Seeds of every pair of fault and call; 0: a sample of a few calls for each fault."""
SAMPLE = 4
AT_ONCE = 12
MOST_S = 20.0
"""Far above every deadline below, and on a crowded machine still far from for ever."""
MOST_MIB = 300
"""Resident memory at its highest, where one process runs all faults."""
PROMISED = 8_400


@pytest.fixture(autouse=True)
def short_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    for module, name, value in (
        (transport, "READ_DEADLINE_S", 0.5), (transport, "WRITE_DEADLINE_S", 0.6),
        (waits, "READ_TOTAL_S", 1.0), (waits, "SHORTEST_TRY_S", 0.05), (waits, "BACKOFF_BASE_S", 0.001),
        (waits, "BACKOFF_CAP_S", 0.01), (connections, "CONNECT_DEADLINE_S", 0.5),
        (body_module, "LARGEST_BODY", 200_000),
    ):  # fmt: skip
        monkeypatch.setattr(module, name, value)

    async def at_once(self: WriteSpacing) -> None:
        del self

    monkeypatch.setattr(WriteSpacing, "wait", at_once)


# --- what goes wrong ----------------------------------------------------------------------------------------

Fault = Callable[[bytes, asyncio.StreamWriter, random.Random], Awaitable[None]]


def whole(body: bytes, *, said: int | None = None, extra: str = "") -> bytes:
    length = len(body) if said is None else said
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n{extra}"
    return f"{head}Connection: close\r\n\r\n".encode() + body


async def latency(body: bytes, writer: asyncio.StreamWriter, chance: random.Random) -> None:
    await asyncio.sleep(chance.uniform(0, 0.2))
    writer.write(whole(body))


async def silence(body: bytes, writer: asyncio.StreamWriter, chance: random.Random) -> None:
    await asyncio.sleep(2)


async def reset(body: bytes, writer: asyncio.StreamWriter, chance: random.Random) -> None:
    writer.write(whole(body)[: chance.randrange(len(body) + 100)])
    sock = writer.get_extra_info("socket")
    sock.setsockopt(1, 13, struct.pack("ii", 1, 0))  # SO_LINGER of nothing: the close is a reset
    writer.transport.abort()


async def slices(body: bytes, writer: asyncio.StreamWriter, chance: random.Random) -> None:
    raw = whole(body)
    while raw:
        size = chance.randrange(1, 1500)
        writer.write(raw[:size])
        raw = raw[size:]
        await asyncio.sleep(0)


async def cut(body: bytes, writer: asyncio.StreamWriter, chance: random.Random) -> None:
    raw = whole(body)
    writer.write(raw[: chance.randrange(len(raw))])


async def drip(body: bytes, writer: asyncio.StreamWriter, chance: random.Random) -> None:
    for place in range(40):
        writer.write(whole(body)[place : place + 1])
        await writer.drain()
        await asyncio.sleep(0.05)


async def no_http(body: bytes, writer: asyncio.StreamWriter, chance: random.Random) -> None:
    writer.write(chance.choice([b"SSH-2.0-OpenSSH_9\r\n", b"HTTP/9.9 xyz\r\n\r\n", b"\x00\xff\x00\r\n\r\n"]))


async def header_flood(body: bytes, writer: asyncio.StreamWriter, chance: random.Random) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\n" + b"X-Flood: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n" * 20_000)


async def longer(body: bytes, writer: asyncio.StreamWriter, chance: random.Random) -> None:
    writer.write(whole(body, said=len(body) + chance.randrange(1, 99)))


async def shorter(body: bytes, writer: asyncio.StreamWriter, chance: random.Random) -> None:
    writer.write(whole(body, said=chance.randrange(max(1, len(body)))))


async def bomb(body: bytes, writer: asyncio.StreamWriter, chance: random.Random) -> None:
    writer.write(whole(zlib.compress(b"[" * 5_000_000), extra="Content-Encoding: deflate\r\n"))


async def endless(body: bytes, writer: asyncio.StreamWriter, chance: random.Random) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n[")
    while True:
        writer.write(b'"x",' * 5_000)
        await writer.drain()


async def page(body: bytes, writer: asyncio.StreamWriter, chance: random.Random) -> None:
    writer.write(whole(b"<!DOCTYPE html><title>Sign in</title>"))


async def garbage(body: bytes, writer: asyncio.StreamWriter, chance: random.Random) -> None:
    broken = bytearray(body or b"{}")
    for _ in range(3):
        broken[chance.randrange(len(broken))] = chance.randrange(256)
    writer.write(whole(bytes(broken)))


FAULTS: tuple[Fault, ...] = (
    latency, silence, reset, slices, cut, drip, no_http, header_flood, longer, shorter, bomb, endless, page,
    garbage,
)  # fmt: skip


# --- what is asked ------------------------------------------------------------------------------------------


async def account(desk: Helpdesk) -> None:
    await desk.whoami()


async def queue(desk: Helpdesk) -> None:
    async for _ in desk.queue(""):
        pass


async def changes(desk: Helpdesk) -> None:
    cursor = [one.cursor async for one in desk.changes("", None)][-1]
    async for _ in desk.changes("", cursor):
        pass


async def story(desk: Helpdesk) -> None:
    async for _ in desk.timeline(await desk.ticket(first_ticket_of(desk))):
        pass


async def note(desk: Helpdesk) -> Outcome:
    current = await desk.ticket(number := first_ticket_of(desk))
    files = (NoteFile("weather.log", PLAIN_TEXT, "It rains.\n" * 500),)
    wanted = Note(
        "A note in bad weather.", "internal", files=files if desk.capabilities.internal_files else ()
    )
    step = desk.plan(operation(number, note=wanted), current)[-1]
    return await desk.apply(replace(step, sent_at=datetime.now(UTC)), number)


async def looking(desk: Helpdesk) -> None:
    """What follows an unknown outcome, and a landed one."""
    current = await desk.ticket(number := first_ticket_of(desk))
    step = desk.plan(operation(number, note=Note("A note of before.", "internal")), current)[-1]
    step = replace(step, sent_at=datetime.now(UTC))
    # Nothing of it was ever sent: whatever the wire does, it cannot be there.
    assert (await desk.probe(step, number)).verdict != "found"
    await desk.verify(step, number)


def first_ticket_of(desk: Helpdesk) -> str:
    return first_ticket(desk.name)


CALLS: tuple[Callable[[Helpdesk], Awaitable[Outcome | None]], ...] = (
    account,
    queue,
    changes,
    story,
    note,
    looking,
)


@dataclass
class Weather:
    """A fake behind a wire that goes bad at one of its answers, once or from then on."""

    stand: Stand
    fault: Fault
    at: int
    lasting: bool
    chance: random.Random
    answered: int = 0

    async def __call__(self, request: Request, writer: asyncio.StreamWriter) -> None:
        reply = await self.stand.answered(as_asked(request))
        bad = self.answered >= self.at if self.lasting else self.answered == self.at
        self.answered += 1
        if bad:
            await self.fault(reply.content, writer, self.chance)
            return
        writer.write(as_sent(reply))


def written(stand: Stand) -> int:
    """Requests with our note that reached the server."""
    return sum(b"A note in bad weather" in request.content for request in stand.server.asked)


async def case(fault: Fault, name: str, call: Callable[[Helpdesk], Any], seed: int) -> str:
    """What is wrong with one case; empty for nothing."""
    chance = random.Random(f"{fault.__name__}/{name}/{call.__name__}/{seed}")
    stand = OURS[name]()
    weather = Weather(stand, fault, chance.randrange(4), chance.random() < 0.5, chance)
    title = f"{fault.__name__} in {call.__name__} of {name}, seed {seed}"
    began = time.monotonic()
    try:
        async with asyncio.timeout(MOST_S), serving(weather) as server:
            url = server.url.replace("http:", "https:") if seed % 12 == 11 else server.url
            async with opened(name, url) as desk:
                outcome = await call(desk)
    except TriageError as problem:
        return "" if str(problem).strip() and "\n" not in str(problem) else f"{title}: no clear line"
    except TimeoutError:
        return f"{title}: hangs for {time.monotonic() - began:.0f} s"
    except Exception as fault_of_ours:
        return f"{title}: {type(fault_of_ours).__name__}: {fault_of_ours}"
    if call is note:
        if written(stand) > 1:
            return f"{title}: written {written(stand)} times"
        if isinstance(outcome, Landed) and not written(stand):
            return f"{title}: said to have landed, and never arrived"
    return ""


async def in_turn(cases: list[Awaitable[str]]) -> list[str]:
    places = asyncio.Semaphore(AT_ONCE)

    async def one(work: Awaitable[str]) -> str:
        async with places:
            return await work

    return [words for words in await asyncio.gather(*map(one, cases)) if words]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
async def test_whatever_comes_each_call_ends_in_time_and_in_words(fault: Fault) -> None:
    pairs = [(name, call) for name in OURS for call in CALLS]
    if SEEDS:
        cases = [case(fault, name, call, seed) for name, call in pairs for seed in range(SEEDS)]
    else:
        # Another part of the pairs for each fault, so that all of them are met.
        start = FAULTS.index(fault) * SAMPLE
        chosen = [pairs[(start + place) % len(pairs)] for place in range(SAMPLE)]
        cases = [case(fault, name, call, 0) for name, call in chosen]
    count = len(cases)
    assert await in_turn(cases) == []
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // (1024 if sys.platform == "linux" else 2**20)
    assert not SEEDS or most < MOST_MIB
    tell("HTTP faults", count, **{fault.__name__: count})


def test_there_are_as_many_cases_as_are_promised() -> None:
    pairs = len(OURS) * len(CALLS)
    assert len(FAULTS) * pairs * 13 >= PROMISED
    assert len(FAULTS) * SAMPLE >= pairs
