from __future__ import annotations

import asyncio
import logging
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import Session

from tests.docket.conftest import Clock
from tests.store.samples import event, operation, reply, ticket
from triage.docket.docket import Docket
from triage.docket.rebuild import Rebuilt, read_again_in, rebuild, rebuild_if_stale
from triage.model.entry import NewEntry, Person
from triage.model.errors import Stopped
from triage.model.json_value import Json
from triage.store import (
    case_promises,
    evidence_rows,
    membership,
    mirror,
    outbox,
    projections,
    queue_rows,
    seen,
)
from triage.store.case_promises import load_facts
from triage.store.database import Database
from triage.store.pull_state import BEHIND, save_cursor

PLAYBOOK = """\
schema: triage.playbook/v1
id: tiny-check
title: A tiny check
version: 1
status: active
owner: identity
condition: Something is to be looked at.
steps:
  - {id: look, kind: instruct, title: Look at the log, text: Look.}
  - {id: over, kind: end, title: Over, outcome: resolved}
"""


WISH = [
    NewEntry(
        "enhancement", "ENH-001", "enhancement.opened", {"title": "An audit extract", "investigation": ""}
    ),
    NewEntry(
        "enhancement",
        "ENH-001",
        "enhancement.asked",
        {"ticket": "1", "key": "HL-1", "customer": "Cobalt", "relationship": "customer", "question": ""},
    ),
]


async def case(database: Database, clock: Clock) -> None:
    """Ticket 1, in the queue."""

    def write(session: Session) -> None:
        mirror.save_tickets(session, [ticket("1")], clock())
        mirror.save_timeline(session, "1", [event("e"), reply("r")])
        membership.set_members(session, "q", ["1"], clock())
        queue_rows.refresh(session, ["1"])

    await database.write(write)


async def tables(database: Database) -> dict[str, list[Any]]:
    """Everything that follows from docket and mirror."""
    names = ["investigations", "root_causes", "findings", "recommendations", "promises", "runs", "queue"]
    names += ["evidence", "seen", "enhancements", "rested_rules"]

    def read(session: Session) -> dict[str, list[Any]]:
        connection = session.connection()
        return {
            name: sorted(map(tuple, connection.exec_driver_sql(f"SELECT * FROM {name}").all()))
            for name in names
        }

    return await database.read(read)


def opened(investigation_id: str = "ESC-2026-0001") -> NewEntry:
    data = {"id": investigation_id, "mode": "quick", "ticket": "1"}
    return NewEntry("investigation", investigation_id, "investigation.opened", data)


def run_opened(run_id: str = "r") -> NewEntry:
    data: dict[str, Json] = {
        "playbook": "tiny-check",
        "version": 1,
        "sha256": "ab",
        "text": PLAYBOOK,
        "variables": {},
    }
    return NewEntry("run", run_id, "run.opened", data)


async def test_an_entry_says_who_did_what_and_when(docket: Docket, database: Database, clock: Clock) -> None:
    written = await docket.append("1", [NewEntry("case", "1", "case.marked", {"on": True})])
    clock.move(seconds=1)
    docket.person = Person("jun", "navigator")
    await docket.append("1", [NewEntry("case", "1", "case.marked", {"on": False})])
    kept = await docket.entries(case_id="1")
    assert kept[:1] == written
    assert [(one.actor, one.role, one.navigator) for one in kept] == [
        ("mara", "driver", "jun"),
        ("jun", "navigator", ""),
    ]
    assert kept[1].at - kept[0].at == kept[1].at - written[0].at


async def test_many_entries_of_one_moment_keep_their_order(docket: Docket) -> None:
    new = [NewEntry("case", "1", "draft.saved", {"n": number}) for number in range(50)]
    await docket.append("1", new[:30])
    await docket.append("1", new[30:])
    kept = await docket.entries(case_id="1")
    assert [one.data["n"] for one in kept] == list(range(50))


async def test_two_dockets_on_one_database_never_mix_up_their_order(database: Database, clock: Clock) -> None:
    ahead, behind = Clock(), Clock()
    ahead.move(hours=1)
    one, two = (
        Docket(database, Person("x"), clock=c, randomness=c.chance.randbytes) for c in (ahead, behind)
    )
    for number in range(6):
        await (one, two)[number % 2].append("1", [NewEntry("case", "1", "draft.saved", {"n": number})])
    assert [entry.data["n"] for entry in await one.entries()] == list(range(6))


async def test_entries_operations_and_queue_row_are_written_together(
    docket: Docket, database: Database, clock: Clock
) -> None:
    await case(database, clock)
    await docket.append("1", [NewEntry("case", "1", "case.marked", {"on": True})], [operation("op")])
    item = await database.read(lambda session: queue_rows.load_item(session, "1"))
    assert item is not None
    assert (item.marked, item.to_send) == (True, 1)


async def test_or_not_at_all(docket: Docket, database: Database) -> None:
    await docket.append("1", [], [operation("op")])
    with pytest.raises(Exception, match="UNIQUE"):
        await docket.append("1", [NewEntry("case", "1", "case.taken")], [operation("op")])
    assert await docket.entries() == ()


async def test_a_decision_on_what_was_seen_is_refused_once_that_is_old(docket: Docket) -> None:
    first = await docket.append_if("1", "run", "r", None, [run_opened()])
    with pytest.raises(Stopped, match="another window"):
        await docket.append_if("1", "run", "r", None, [run_opened()])
    step = NewEntry("run", "r", "run.parked", {})
    await docket.append("1", [NewEntry("case", "1", "case.marked", {"on": True})])
    second = await docket.append_if("1", "run", "r", first[-1].id, [step])
    results = await asyncio.gather(
        *(docket.append_if("1", "run", "r", second[-1].id, [step]) for _ in range(5)), return_exceptions=True
    )
    assert sum(isinstance(one, Stopped) for one in results) == 4
    assert len(await docket.entries(subject="run", subject_id="r")) == 3


async def test_an_investigation_shows_in_tables_and_queue(
    docket: Docket, database: Database, clock: Clock
) -> None:
    await case(database, clock)
    await docket.append("1", [opened()])
    shown = await database.read(lambda session: projections.investigation_of(session, "1"))
    item = await database.read(lambda session: queue_rows.load_item(session, "1"))
    assert shown is not None
    assert (shown.id, shown.mode) == ("ESC-2026-0001", "quick")
    assert item is not None
    assert item.local_state == "investigating"


async def test_a_run_shows_in_tables_and_queue(docket: Docket, database: Database, clock: Clock) -> None:
    await case(database, clock)
    await docket.append("1", [run_opened()])
    (run,) = await database.read(lambda session: projections.runs_of(session, "1"))
    item = await database.read(lambda session: queue_rows.load_item(session, "1"))
    assert (run.playbook_id, run.status, run.done) == ("tiny-check", "open", 0)
    assert item is not None
    assert item.local_state == f"playbook 0/{run.path_length}"
    assert run.path_length > 0


async def test_what_cannot_be_folded_is_kept_all_the_same(
    docket: Docket, database: Database, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    await case(database, clock)
    broken = NewEntry(
        "run", "r", "run.opened", {"playbook": "x", "version": 1, "sha256": "", "text": "nonsense: ["}
    )
    with caplog.at_level(logging.ERROR):
        await docket.append("1", [broken, NewEntry("case", "1", "case.marked", {"on": True})])
    assert len(await docket.entries()) == 2
    assert "were not brought up to date" in caplog.text
    item = await database.read(lambda session: queue_rows.load_item(session, "1"))
    assert item is not None
    assert item.marked


async def test_a_trouble_of_the_database_fails_the_whole_write(
    docket: Docket, database: Database, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    import sqlite3

    from sqlalchemy.exc import OperationalError

    from triage.model.errors import Invalid

    def full(session: Session, ticket_ids: object) -> None:
        raise OperationalError("x", {}, sqlite3.OperationalError("database or disk is full"))

    monkeypatch.setattr(queue_rows, "refresh", full)
    with pytest.raises(Invalid, match="disk is full"):
        await docket.append("1", [NewEntry("case", "1", "case.taken")])
    assert await docket.entries() == ()


@pytest.mark.parametrize("kind", ["draft.saved", "answer.drafted"])
async def test_a_draft_is_kept_without_folding_anything(
    docket: Docket, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    calls: list[object] = []
    monkeypatch.setattr(queue_rows, "refresh", lambda session, ticket_ids: calls.append(ticket_ids))
    await docket.append(
        "1", [NewEntry("investigation", "ESC-2026-0001", kind, {"prompt": "K1", "text": "a"})]
    )
    assert len(await docket.entries(kinds=[kind])) == 1
    assert calls == []


async def test_a_look_at_a_case_takes_the_mark_off(docket: Docket, database: Database, clock: Clock) -> None:
    await case(database, clock)
    await docket.append("1", [NewEntry("case", "1", "case.seen", {"version": "v1"})])
    item = await database.read(lambda session: queue_rows.load_item(session, "1"))
    assert item is not None
    assert item.fresh == ""


async def test_numbers_of_investigations_are_never_given_twice(docket: Docket, clock: Clock) -> None:
    numbers = await asyncio.gather(*(docket.new_investigation_id() for _ in range(10)))
    assert sorted(numbers) == [f"ESC-2026-{number:04d}" for number in range(1, 11)]
    clock.move(days=365)
    assert await docket.new_investigation_id() == "ESC-2027-0001"


async def test_a_rebuild_makes_the_same_tables_again(
    docket: Docket, database: Database, clock: Clock
) -> None:
    await case(database, clock)
    data: dict[str, Json] = {
        "id": "ev",
        "kind": "text",
        "summary": "s",
        "sha256": "ab",
        "size": 3,
        "redactions": 0,
        "source": "r",
    }
    await docket.append("1", [opened(), run_opened(), NewEntry("run", "r", "evidence.added", data)])
    due = {"id": "p", "kind": "answer", "due": "2026-03-12T16:00:00+00:00", "quote": ""}
    await docket.append("1", [NewEntry("case", "1", "promise.added", due)], [operation("op")])
    await docket.append("1", [NewEntry("case", "1", "case.seen", {"version": "v1"})])
    await docket.append("1", WISH)
    rest: dict[str, Json] = {"hits": 20, "silenced": 5}
    for rule in ("L06", "L13"):
        await docket.append("1", [NewEntry("wording", rule, "wording.rested", rest)])
    await docket.append("1", [NewEntry("wording", "L06", "wording.woken")])
    before = await tables(database)
    follow = ("investigations", "runs", "queue", "evidence", "promises", "seen", "enhancements")
    assert all(before[name] for name in follow)
    assert [row[0] for row in before["rested_rules"]] == ["L13"]

    def spoil(session: Session) -> None:
        projections.forget_all(session)
        session.connection().exec_driver_sql("UPDATE queue SET local_state = 'wrong', marked = 1")

    await database.write(spoil)
    rebuilt = await rebuild(database, now=clock)
    assert rebuilt == Rebuilt(runs=1, investigations=1, enhancements=1, queue=1)
    assert await tables(database) == before
    assert len(await database.read(outbox.list_operations)) == 1
    assert await database.read(lambda session: seen.seen_versions(session, ["1"])) == {"1": "v1"}
    assert len(await database.read(lambda session: evidence_rows.list_evidence(session, "1"))) == 1


async def test_tables_that_a_migration_left_behind_are_filled_once(
    docket: Docket, database: Database, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    await docket.append("1", WISH)
    full = await tables(database)

    def behind(session: Session) -> None:
        projections.forget_all(session)
        save_cursor(session, BEHIND, "stale")

    await rebuild_if_stale(database, now=clock)
    await database.write(behind)
    await rebuild_if_stale(database, now=clock)
    assert await tables(database) == full
    monkeypatch.setattr(projections, "forget_all", lambda session: pytest.fail("made again"))
    await rebuild_if_stale(database, now=clock)


async def test_promises_are_read_again_in_a_new_zone_in_the_queue_or_not_and_only_then(
    tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def told(session: Session) -> None:
        mirror.save_tickets(session, [ticket("1")], clock())
        mirror.save_timeline(session, "1", [event("e"), reply("r", text="You get an update by 16:00.")])
        membership.set_members(session, "q", ["1"], clock())
        queue_rows.refresh(session, ["1"])
        membership.set_members(session, "q", [], clock())

    async def due_in(zone: tzinfo) -> list[datetime]:
        database = await Database.open(f"sqlite:///{tmp_path / 'zones.db'}", zone=zone)
        await rebuild_if_stale(database, now=clock, zone=zone)
        if not await database.read(lambda session: mirror.load_ticket(session, "1")):
            await database.write(told)
        facts = await database.read(lambda session: load_facts(session, "1"))
        await database.close()
        assert facts is not None
        return [one.due for one in facts.promises if one.kind != "acknowledge"]

    [first] = await due_in(UTC)
    monkeypatch.setattr(case_promises, "promises_of", lambda *_, **__: pytest.fail("read again"))
    assert await due_in(UTC) == [first]
    monkeypatch.undo()
    assert await due_in(ZoneInfo("Europe/Berlin")) == [first - timedelta(hours=1)]


async def test_a_shared_database_reads_promises_in_one_zone_whoever_looks(
    tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    oslo, tokyo, nameless = (ZoneInfo("Europe/Oslo"), ZoneInfo("Asia/Tokyo"), _NamelessZone())
    url = f"sqlite:///{tmp_path / 'zones.db'}"
    monkeypatch.setattr(Database, "shared", property(lambda _: True))

    def told(session: Session, text: str) -> None:
        mirror.save_tickets(session, [ticket("1")], clock())
        mirror.save_timeline(session, "1", [event("e"), reply("r", text=text)], mode="replace")
        membership.set_members(session, "q", ["1"], clock())
        queue_rows.refresh(session, ["1"])

    async def due_for(zone: tzinfo, text: str = "", again_in: tzinfo | None = None) -> list[datetime]:
        database = await Database.open(url, zone=zone)
        try:
            await rebuild_if_stale(database, now=clock, zone=zone)
            if again_in:
                await read_again_in(database, again_in)
            if text:
                await database.write(lambda session: told(session, text))
            facts = await database.read(lambda session: load_facts(session, "1"))
        finally:
            await database.close()
        assert facts is not None
        return [one.due for one in facts.promises if one.kind != "acknowledge"]

    await due_for(nameless, "You get an update by 16:00.")
    [first] = await due_for(oslo, "You get an update by 16:00.")
    read = case_promises.promises_of
    monkeypatch.setattr(case_promises, "promises_of", lambda *_, **__: pytest.fail("read again"))
    assert await due_for(tokyo) == await due_for(oslo) == await due_for(nameless) == [first]
    monkeypatch.setattr(case_promises, "promises_of", read)
    [an_hour_later] = await due_for(tokyo, "You get an update by 17:00.")
    assert an_hour_later == first + timedelta(hours=1), "what comes new is read in that zone too"
    [moved] = await due_for(oslo, again_in=tokyo)
    assert moved != an_hour_later
    assert await due_for(oslo) == [moved]


class _NamelessZone(tzinfo):
    """A zone from a file, as no other machine could look it up."""

    def utcoffset(self, _: datetime | None) -> timedelta:
        return timedelta(hours=3)

    def dst(self, _: datetime | None) -> timedelta:
        return timedelta()

    def tzname(self, _: datetime | None) -> str:
        return str(self)

    def __str__(self) -> str:
        return "local"
