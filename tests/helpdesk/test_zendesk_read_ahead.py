"""Timelines from the stream of events: the same as from the audits, or read from those."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import aclosing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from triage.config.profiles import Profile
from triage.config.secret import Secret
from triage.demo import ticket_events
from triage.demo.app import create_app
from triage.demo.helpdesk_state import HelpdeskState, Settings
from triage.demo.opening import open_records
from triage.demo.records import Records
from triage.helpdesk.transport import Transport
from triage.helpdesk.zendesk import event_stream, read_ahead
from triage.helpdesk.zendesk.adapter import Zendesk, open_helpdesk
from triage.helpdesk.zendesk.event_stream import EventStream, as_audit
from triage.model.errors import HelpdeskFailed
from triage.model.ticket import Ticket
from triage.model.timeline import TimelineEvent
from triage.store.database import Database
from triage.sync.pull import PullProgress, pull

START = datetime(2026, 3, 11, 4, 22, 40, tzinfo=UTC)
TOKEN = "a-token-of-the-tests"
ALL = "search:status<closed"
EVENTS = "/incremental/ticket_events.json"
AUDITS = "/audits.json"
GENERATED = 10_070
"""A ticket whose updates the stream tells whole."""

Alter = Callable[[dict[str, Any]], dict[str, Any]]
Timelines = dict[str, list[TimelineEvent]]


class Wire(httpx.AsyncBaseTransport):
    """The embedded helpdesk in this process; what was asked is written down, the stream can be altered."""

    def __init__(self, records: Records, **settings: Any) -> None:
        self.seconds = START.timestamp() + 600
        self.asked: list[str] = []
        self.alter: Alter = dict
        self.held = asyncio.Event()
        self.held.set()
        self.held_behind = 0
        app = create_app(HelpdeskState(records, Settings(TOKEN, **settings), lambda: self.seconds))
        self._inner = httpx.ASGITransport(app)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request.url.path)
        if request.url.path.endswith(EVENTS) and self.count(EVENTS) > self.held_behind:
            await self.held.wait()
        answer = await self._inner.handle_async_request(request)
        if not request.url.path.endswith(EVENTS) or answer.status_code != 200:
            return answer
        body = self.alter(json.loads(await answer.aread()))
        return httpx.Response(body.pop("status", 200), json=body)

    def count(self, ending: str) -> int:
        return sum(path.endswith(ending) for path in self.asked)

    def desk(self, account: str = "") -> Zendesk:
        profile = Profile(
            name="demo", helpdesk="zendesk", url="http://127.0.0.1:9", folder=Path(), database="",
            auth="api_token" if account else "bearer", account=account,
        )  # fmt: skip
        return open_helpdesk(profile, Secret(TOKEN), transport=self)


@pytest.fixture
def records(tmp_path: Path) -> Iterator[Records]:
    opened = open_records(tmp_path / "demo", now=START, zone="UTC", tickets=80)
    yield opened
    opened.close()


@pytest.fixture
def eager(monkeypatch: pytest.MonkeyPatch) -> None:
    """The stream is worth it for any queue."""
    monkeypatch.setattr(read_ahead, "ASKED_BEFORE", 0)
    monkeypatch.setattr(read_ahead, "SMALLEST", 0)


async def timeline(desk: Zendesk, ticket: Ticket) -> list[TimelineEvent]:
    return [event async for page in desk.timeline(ticket) for event in page.items]


async def while_listing(desk: Zendesk, selector: str = ALL) -> Timelines:
    """As a pull reads them: while the queue is being told."""
    return {
        ticket.id: await timeline(desk, ticket)
        async for page in desk.queue(selector)
        for ticket in page.items
    }


async def one_by_one(desk: Zendesk, selector: str = ALL) -> Timelines:
    """After the queue was told, nothing is kept of the stream."""
    tickets = [ticket async for page in desk.queue(selector) for ticket in page.items]
    return {ticket.id: await timeline(desk, ticket) for ticket in tickets}


async def write(wire: Wire, ticket_id: int, **fields: Any) -> None:
    async with httpx.AsyncClient(
        transport=wire, base_url="http://127.0.0.1:9", headers={"Authorization": f"Bearer {TOKEN}"}
    ) as http:
        answer = await http.put(f"/api/v2/tickets/{ticket_id}.json", json={"ticket": fields})
        assert answer.status_code == 200, answer.text


@pytest.mark.usefixtures("eager")
async def test_both_ways_tell_the_same_timelines(records: Records) -> None:
    wire = Wire(records)
    note = {"body": "from a program", "public": False}
    await write(wire, 10005, comment=note, tags=["late", "escalated"], metadata={"op": "0197-1"})
    await write(wire, 10006, comment={"body": "told the customer", "public": True}, priority="low")
    wire.seconds += 600
    ahead = await while_listing(wire.desk())
    by_audits = wire.count(AUDITS)
    plain = await one_by_one(wire.desk())
    assert ahead == plain
    assert {event.marker for event in ahead["10005"]} >= {"0197-1"}
    assert any(event.attachments for events in ahead.values() for event in events)
    assert {event.visibility for events in ahead.values() for event in events} == {"public", "internal"}
    assert {event.kind for events in ahead.values() for event in events} >= {
        "message",
        "change",
        "escalation",
    }
    assert 0 < by_audits <= len(plain) / 2
    assert wire.count(AUDITS) == by_audits + len(plain)


@pytest.mark.usefixtures("eager")
async def test_a_view_is_told_ahead_too(records: Records) -> None:
    wire = Wire(records)
    ahead = await while_listing(wire.desk(), "view:Escalated to engineering")
    assert wire.count(EVENTS) == 1
    assert ahead == await one_by_one(wire.desk(), "view:Escalated to engineering")


@pytest.mark.usefixtures("eager")
async def test_who_may_not_export_reads_the_audits_and_asks_only_once(records: Records) -> None:
    wire = Wire(records)
    desk = wire.desk("noor@harbourlight.example")
    first = await while_listing(desk)
    assert (wire.count(EVENTS), wire.count(AUDITS)) == (1, len(first))
    assert await while_listing(desk) == first
    assert wire.count(EVENTS) == 1


@pytest.mark.usefixtures("eager")
async def test_the_limit_of_the_export_is_waited_for_and_then_kept(
    records: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ticket_events, "LARGEST", 12)
    wire = Wire(records, export_limit=5)
    desk = wire.desk()
    pace = desk._transport.pace
    waited: list[float] = []

    async def pause(seconds: float, plain: Any = pace._pause) -> None:
        waited.append(seconds)
        wire.seconds += seconds
        await plain(seconds)

    pace._pause = pause
    ahead = await while_listing(desk)
    # Ten a minute were tried first, then five; from then on nobody was held up.
    assert wire.count(EVENTS) > 20
    assert len([seconds for seconds in waited if seconds not in (6.0, 12.0)]) <= 3
    assert waited[-12:] == [12.0] * 12
    assert wire.count(AUDITS) <= len(ahead) / 2
    assert ahead == await one_by_one(wire.desk())


@pytest.mark.usefixtures("eager")
async def test_what_changes_while_the_queue_is_told_is_read_by_the_audits(records: Records) -> None:
    wire = Wire(records, lag_s=60)
    desk, told = wire.desk(), dict[str, list[TimelineEvent]]()
    async for page in desk.queue("tag:escalated"):
        for ticket in page.items:
            if not told:
                told[ticket.id] = await timeline(desk, ticket)
                continue
            await write(wire, int(ticket.id), comment={"body": "just now", "public": False})
            changed = await desk.ticket(ticket.id)
            assert "just now" in [event.text for event in await timeline(desk, changed)]
    assert wire.count(EVENTS) == 1


def by_a_person(body: dict[str, Any], ids: set[int]) -> dict[str, Any]:
    """The stream, with updates of these ids made on the helpdesk's own pages."""
    told = [{**one, "via": "Web form"} if one["id"] in ids else one for one in body["ticket_events"]]
    return {**body, "ticket_events": told}


async def newest(desk: Zendesk, ticket_id: str) -> list[int]:
    """The ids of a ticket's audits, newest first."""
    pages = [page async for page in desk._account.audits(ticket_id, newest_first=True)]
    return [int(audit["id"]) for page in pages for audit in page]


@pytest.mark.usefixtures("eager")
async def test_an_update_that_is_not_told_whole_is_missed_in_the_middle_too(records: Records) -> None:
    wire = Wire(records)
    await write(wire, GENERATED, comment={"body": "by a program", "public": False}, metadata={"op": "0197-1"})
    wire.seconds += 60
    await write(wire, GENERATED, comment={"body": "by a person", "public": False})
    wire.seconds += 600
    await write(wire, 10005, comment={"body": "somewhere else", "public": False})
    last, *_ = await newest(wire.desk(), str(GENERATED))
    wire.alter = lambda body: by_a_person(body, {last})
    assert (await while_listing(wire.desk()))[str(GENERATED)] == (await one_by_one(wire.desk()))[
        str(GENERATED)
    ]


@pytest.mark.usefixtures("eager")
async def test_a_second_that_may_be_told_in_part_is_not_relied_on(records: Records) -> None:
    wire = Wire(records)
    for word in ("one", "two"):
        await write(wire, GENERATED, comment={"body": word, "public": False})
    last, before, *_ = await newest(wire.desk(), str(GENERATED))

    def cut(body: dict[str, Any]) -> dict[str, Any]:
        told = by_a_person(body, {before})
        return {**told, "ticket_events": [one for one in told["ticket_events"] if one["id"] != last]}

    wire.alter = cut
    wire.seconds += 60
    assert (await while_listing(wire.desk()))[str(GENERATED)] == (await one_by_one(wire.desk()))[
        str(GENERATED)
    ]


def numbered_anew(body: dict[str, Any], number: object) -> dict[str, Any]:
    return {**body, "ticket_events": [{**one, "id": number} for one in body["ticket_events"]]}


def without(place: int) -> Alter:
    """The stream without each ticket's first (0) or last (-1) update."""

    def alter(body: dict[str, Any]) -> dict[str, Any]:
        of_ticket: dict[int, list[int]] = {}
        for event in body["ticket_events"]:
            of_ticket.setdefault(event["ticket_id"], []).append(event["id"])
        lost = {ids[place] for ids in of_ticket.values()}
        return {**body, "ticket_events": [one for one in body["ticket_events"] if one["id"] not in lost]}

    return alter


@pytest.mark.parametrize(
    "alter",
    [
        pytest.param(without(0), id="no creation"),
        pytest.param(without(-1), id="no latest update"),
        pytest.param(lambda body: {**body, "end_of_stream": False, "end_time": 5}, id="does not move"),
        pytest.param(lambda body: {**body, "end_of_stream": False, "end_time": None}, id="no end"),
        pytest.param(lambda body: {**body, "end_time": 10**18}, id="ends after all time"),
        pytest.param(lambda body: {**body, "end_time": -(10**18)}, id="ends before all time"),
        pytest.param(lambda body: {"status": 500}, id="broken"),
        pytest.param(lambda body: {**body, "ticket_events": None}, id="no list"),
        pytest.param(lambda body: {**body, "ticket_events": [{"child_events": 7}]}, id="no event"),
        pytest.param(lambda body: {**body, "ticket_events": []}, id="nothing"),
        pytest.param(lambda body: numbered_anew(body, 10**30), id="ids too large"),
        pytest.param(lambda body: numbered_anew(body, "ten"), id="ids that are words"),
    ],
)
@pytest.mark.usefixtures("eager")
async def test_a_stream_that_lacks_something_costs_time_and_nothing_else(
    records: Records, alter: Alter
) -> None:
    wire = Wire(records)
    plain = await one_by_one(wire.desk())
    wire.alter = alter
    assert await while_listing(wire.desk()) == plain
    assert wire.count(EVENTS) >= 1


@pytest.mark.usefixtures("eager")
async def test_a_full_disk_costs_time_and_nothing_else(
    records: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(self: read_ahead.Spool, events: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(read_ahead.Spool, "keep", full)
    wire = Wire(records)
    told = await while_listing(wire.desk())
    assert wire.count(AUDITS) == len(told)


@pytest.mark.usefixtures("eager")
async def test_a_spool_that_cannot_be_read_costs_time_and_nothing_else(
    records: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(self: read_ahead.Spool, ticket_id: str) -> None:
        raise sqlite3.OperationalError("disk I/O error")

    monkeypatch.setattr(read_ahead.Spool, "of", broken)
    wire = Wire(records)
    told = await while_listing(wire.desk())
    assert (wire.count(EVENTS), wire.count(AUDITS)) == (1, len(told))


@pytest.mark.usefixtures("eager")
async def test_a_way_ahead_that_was_forgotten_is_not_fetched_further(
    records: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ticket_events, "LARGEST", 12)
    wire = Wire(records)
    desk = wire.desk()
    desk.on_ahead = lambda fetched: desk._ahead._forget()
    told = await while_listing(desk)
    assert wire.count(EVENTS) <= 3
    assert wire.count(AUDITS) == len(told)


@pytest.mark.usefixtures("eager")
async def test_a_timeline_is_told_while_the_stream_goes_on(
    records: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ticket_events, "LARGEST", 12)
    wire = Wire(records)
    plain = await one_by_one(wire.desk())
    wire.held_behind = 20
    wire.held.clear()
    desk, by_audits = wire.desk(), wire.count(AUDITS)
    async with asyncio.timeout(20), aclosing(desk.queue(ALL)) as pages:  # type: ignore[type-var]
        told_whole = [ticket for ticket in (await anext(pages)).items if int(ticket.id) >= GENERATED]
        first = min(told_whole, key=lambda ticket: ticket.updated_at)
        assert await timeline(desk, first) == plain[first.id]
        assert (wire.count(EVENTS) <= 21, wire.count(AUDITS)) == (True, by_audits)


@pytest.mark.usefixtures("eager")
async def test_a_ticket_that_somebody_opens_meanwhile_does_not_wait_for_the_stream(records: Records) -> None:
    wire = Wire(records)
    plain = await one_by_one(wire.desk())
    wire.held.clear()
    desk, pages = wire.desk(), 0
    async for page in desk.queue("tag:escalated"):
        pages += 1
        if not page.items:
            continue
        reading = asyncio.create_task(timeline(desk, page.items[0]))
        async with asyncio.timeout(20):
            while not wire.count(EVENTS):
                await asyncio.sleep(0.001)
            other = next(one for one in plain if one not in {ticket.id for ticket in page.items})
            assert await timeline(desk, await desk.ticket(other)) == plain[other]
        assert not reading.done()
        wire.held.set()
        assert await reading == plain[page.items[0].id]
    assert pages > 1


@pytest.mark.usefixtures("eager")
async def test_who_is_gone_is_not_fetched_for(records: Records, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ticket_events, "LARGEST", 12)
    wire = Wire(records)
    desk = wire.desk()
    wire.held_behind = 3
    wire.held.clear()
    pages: AsyncIterator[Any] = desk.queue(ALL)
    last = max((await anext(pages)).items, key=lambda ticket: ticket.updated_at)
    waiting = asyncio.create_task(timeline(desk, last))
    async with asyncio.timeout(20):
        while wire.count(EVENTS) < 4:
            await asyncio.sleep(0.001)
    waiting.cancel()
    await asyncio.wait([waiting])
    wire.held.set()
    assert await timeline(desk, last)
    assert (wire.count(EVENTS), wire.count(AUDITS)) == (4, 1)


@pytest.mark.usefixtures("eager")
async def test_a_pull_that_ends_early_lets_go_of_the_stream_at_once(records: Records, tmp_path: Path) -> None:
    wire = Wire(records)
    desk = wire.desk()

    def failing(progress: PullProgress) -> None:
        if progress.phase == "timelines":
            assert desk._ahead._spool is not None
            raise HelpdeskFailed("no more")

    database = await Database.open(f"sqlite:///{tmp_path / 'triage.db'}")
    try:
        with pytest.raises(HelpdeskFailed, match="no more") as failed:
            await pull(
                database, desk, ALL, now=lambda: datetime.fromtimestamp(wire.seconds, UTC), progress=failing
            )
    finally:
        await database.close()
    assert failed.value.__traceback__ is not None  # which keeps everything alive that the pull had open
    assert desk._ahead._spool is None


async def ends_of_an_endless_stream(wire: Wire, moving_s: int) -> AsyncIterator[int]:
    """How many seconds ago each page ends, of a stream that never says it is over."""

    def alter(body: dict[str, Any]) -> dict[str, Any]:
        return {**body, "ticket_events": [], "end_of_stream": False, "end_time": ends.pop()}

    ends = list(range(int(wire.seconds), int(wire.seconds) - 600, -moving_s))
    wire.alter = alter
    now = datetime.fromtimestamp(wire.seconds, UTC)
    transport = Transport("http://127.0.0.1:9", lambda: f"Bearer {TOKEN}", transport=wire, clock=lambda: now)
    async for _, until in EventStream(transport).pages(now - timedelta(seconds=600)):
        yield int((now - until).total_seconds())


async def test_the_stream_is_over_where_it_comes_to_the_last_minute(records: Records) -> None:
    wire = Wire(records)
    assert [ago async for ago in ends_of_an_endless_stream(wire, 180)] == [540, 360, 180, 0]
    assert wire.count(EVENTS) == 4
    assert [ago async for ago in ends_of_an_endless_stream(wire, 60)][-1] == 60


async def test_a_stream_of_too_many_pages_is_given_up(
    records: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_stream, "MOST_PAGES", 5)
    wire, seen = Wire(records), list[int]()
    with pytest.raises(HelpdeskFailed, match="not ended after 5 pages"):
        async for ago in ends_of_an_endless_stream(wire, 1):
            seen.append(ago)
    assert seen == [599, 598, 597, 596, 595]


async def test_few_tickets_are_not_worth_the_stream(
    records: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(read_ahead, "ASKED_BEFORE", 5)
    wire = Wire(records)
    await while_listing(wire.desk())
    assert wire.count(EVENTS) == 0


async def test_a_small_part_of_the_account_is_not_worth_the_stream(
    records: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(read_ahead, "ASKED_BEFORE", 0)
    monkeypatch.setattr(read_ahead, "SMALLEST", 2)
    wire = Wire(records)
    await while_listing(wire.desk(), "search:tags:export")
    assert (wire.count(EVENTS), wire.count("/search/count.json")) == (0, 2)


@pytest.mark.usefixtures("eager")
async def test_a_queue_left_half_way_keeps_nothing(records: Records) -> None:
    desk = Wire(records).desk()
    pages: AsyncIterator[Any] = desk.queue(ALL)
    page = await anext(pages)
    await timeline(desk, page.items[0])
    assert desk._ahead._spool is not None
    await pages.aclose()  # type: ignore[attr-defined]
    assert desk._ahead._spool is None


COMMENT = {"event_type": "Comment", "id": 1, "body": "x", "public": False, "via": {"channel": "web"}}
STATUS = {"event_type": "Change", "id": 2, "via": "Web form", "status": "open", "previous_value": "new"}


def event(*children: dict[str, Any], via: str = "Web form") -> dict[str, Any]:
    return {"id": 9, "created_at": "2026-03-01T10:00:00Z", "updater_id": 7, "via": via,
            "child_events": list(children)}  # fmt: skip


@pytest.mark.parametrize(
    "update",
    [
        pytest.param(event(STATUS, via="Web service"), id="a program wrote it"),
        pytest.param(event(COMMENT | {"via": "Web form"}), id="a merge cannot be told from a message"),
        pytest.param(event({"event_type": "Comment", "comment_present": True}), id="no words"),
        pytest.param(event({"event_type": "CommentPrivacyChange", "comment_id": 1}), id="hidden afterwards"),
        pytest.param(event({"event_type": "SatisfactionRating", "score": "bad"}), id="a rating"),
        pytest.param(event({"event_type": "SomethingNew"}), id="a kind of next year"),
        pytest.param(event(STATUS | {"priority": "low"}), id="two fields, one value before"),
        pytest.param(event({"event_type": "Change", "custom_ticket_fields": {}}), id="no field"),
    ],
)
def test_what_the_stream_does_not_tell_whole_is_not_read_from_it(update: dict[str, Any]) -> None:
    assert as_audit(update) is None


def test_a_field_called_type_is_a_field() -> None:
    told = as_audit(event({"event_type": "Change", "type": "incident", "previous_value": None, "id": 3}))
    assert told is not None
    assert (told["events"][0]["field_name"], told["events"][0]["value"]) == ("type", "incident")


def test_what_a_ticket_had_from_the_beginning_is_told_where_it_escalates() -> None:
    told = as_audit(
        event(
            {"event_type": "Create", "subject": "Export hangs", "id": 3},
            {"event_type": "Create", "tags": ["escalated"], "id": 4},
        )
    )
    assert told is not None
    assert told["born"]
    assert [one["field_name"] for one in told["events"]] == ["tags"]


def test_a_merge_is_still_seen_to_be_one() -> None:
    told = as_audit(event(STATUS, COMMENT | {"via": {"channel": "web", "source": {"rel": "merge"}}}))
    assert told is not None
    assert told["via"]["source"]["rel"] == "merge"


def test_mails_and_triggers_are_passed_over() -> None:
    told = as_audit(event(COMMENT, {"event_type": "Notification"}, {"event_type": "External"}))
    assert told is not None
    assert [one["type"] for one in told["events"]] == ["Comment"]


@pytest.mark.usefixtures("eager")
async def test_a_pull_says_how_far_the_stream_has_come(
    records: Records, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ticket_events, "LARGEST", 40)
    wire, desk = Wire(records), Wire(records).desk()
    said: list[PullProgress] = []
    database = await Database.open(f"sqlite:///{tmp_path / 'triage.db'}")
    try:
        result = await pull(
            database, desk, ALL, now=lambda: datetime.fromtimestamp(wire.seconds, UTC), progress=said.append
        )
    finally:
        await database.close()
    counts = [one.done for one in said if one.phase == "changes" and one.done]
    assert len(counts) > 3
    assert counts == sorted(counts)
    assert result.pulled > 40
    assert desk.on_ahead is None
