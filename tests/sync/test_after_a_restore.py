"""An older database comes back from a backup: whatever was sent since is on its ticket once, and known."""

from __future__ import annotations

import asyncio
import itertools
import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from tests.reliability.counting import sized, tell
from tests.sync import virtual_time
from tests.sync.fake_helpdesk import FakeHelpdesk, Faults, Server
from tests.sync.stored import StillDatabase, load, still
from triage.model.entry import Person
from triage.model.operation import FINISHED, Change, Note, Operation
from triage.store import backups, bringing_back, mirror
from triage.store import outbox as rows
from triage.store.backups import Backup, Restored
from triage.store.database import Database
from triage.store.note_journal import NoteJournal
from triage.sync import outbox
from triage.sync.pull import pull
from triage.sync.push import PushResult, push

NOTE = Note("The cache key lacks the tenant.", "internal")
WITH_FIELDS = Change(note=NOTE, tags_add=("bug",), fields={"esc_code": "x"})

MOMENTS = ("nothing", "proposed", "confirmed", "begun")
"""What had happened when the backup was taken."""
FATES = ("arrived", "reply lost", "request lost", "kept here")
"""What became of the write after that."""


@dataclass
class World:
    """One machine and its helpdesk."""

    folder: Path
    atomic: bool = True
    faults: Faults = field(default_factory=Faults)

    def __post_init__(self) -> None:
        self.server = Server(["1"])
        self.helpdesk = FakeHelpdesk(
            self.server, random.Random(1), atomic=self.atomic, faults=lambda: self.faults
        )
        self.journal = NoteJournal(self.folder / "unsent.jsonl", virtual_time.now)
        self.database: StillDatabase

    async def open(self) -> None:
        path = self.folder / "triage.db"
        self.database = StillDatabase(await still(Database.open(f"sqlite:///{path}")))

    async def close(self) -> None:
        await still(self.database.inner.close())

    async def backup(self) -> Backup:
        made = backups.take(self.database.inner, self.folder / "backups", virtual_time.now())
        return await still(made)

    async def restored(self, backup: Backup) -> Restored:
        """The database of ``backup`` in the place of the one there is, and open."""
        await self.close()
        path = self.folder / "triage.db"
        done = backups.restore(path, backup.path, virtual_time.now(), self.journal)
        await self.open()
        return done

    async def proposed(self, change: Change, id_: str) -> None:
        now = virtual_time.now()
        operation = outbox.propose(self.server.ticket("1"), change, Person("Robin"), id_, now, "test")
        self.journal.write([operation])
        await self.database.write(lambda session: rows.add_operation(session, operation))

    async def move(self, id_: str, move: Callable[[Operation], Operation]) -> None:
        def write(session: object) -> None:
            rows.save_operation(session, move(rows.load_operation(session, id_)))  # type: ignore[arg-type]

        await self.database.write(write)

    async def send(self, *, wait: bool = False) -> PushResult:
        return await push(
            self.database.plain, self.helpdesk, owner="me", now=virtual_time.now, pause=asyncio.sleep,
            journal=self.journal, wait=wait,
        )  # fmt: skip

    async def tell_journal(self) -> None:
        unsent = self.journal.unsent()
        done = await self.database.read(lambda session: bringing_back.finished_of(session, unsent))
        self.journal.finished(done)

    async def person(self) -> None:
        """Somebody in a hurry who agrees to everything."""
        for one in await self.database.read(rows.list_operations):
            if one.state == "proposed":
                await self.move(one.id, lambda kept: outbox.confirm(kept, virtual_time.now()))
            elif one.state in ("parked", "conflict", "rejected"):
                await self.move(one.id, lambda kept: outbox.retry(kept, virtual_time.now()))


async def lived(world: World, change: Change, moment: str, fate: str, *, told: bool) -> Restored:
    """A write with its fate, and the database as it was at ``moment`` in the end."""
    taken: dict[str, Backup] = {}

    async def reached(name: str) -> None:
        if name == moment:
            taken[name] = await world.backup()

    await reached("nothing")
    await world.proposed(change, "op-a")
    await reached("proposed")
    await world.move("op-a", lambda kept: outbox.confirm(kept, virtual_time.now()))
    await reached("confirmed")
    if fate != "kept here":
        world.faults = {
            "arrived": Faults(),
            "reply lost": Faults(lost_reply=1.0),
            "request lost": Faults(lost_request=1.0),
            "refused": Faults(rejected=1.0),
        }[fate]
        await world.send()
        world.faults = Faults()
        await reached("begun")
        if fate == "arrived":
            await world.send(wait=True)
        if told:
            await world.tell_journal()
    return await world.restored(taken[moment])


CASES = [
    (moment, fate, told)
    for moment, fate, told in itertools.product(MOMENTS, FATES, (True, False))
    if (told or fate == "arrived") and not (fate == "kept here" and moment == "begun")
]
"""Whether the journal was told how it ended matters only where it ended."""


@pytest.mark.parametrize("atomic", [True, False][-sized(1, 2) :])
@pytest.mark.parametrize(("moment", "fate", "told"), CASES)
def test_after_an_older_database_came_back_every_note_is_on_its_ticket_once(
    tmp_path: Path, moment: str, fate: str, told: bool, atomic: bool
) -> None:
    async def story() -> None:
        world = World(tmp_path, atomic)
        await world.open()
        await lived(world, WITH_FIELDS, moment, fate, told=told)
        await pull(world.database.plain, world.helpdesk, "all", now=virtual_time.now)
        for _ in range(3):
            await world.send(wait=True)
            await world.person()
        await world.send(wait=True)
        kept = world.server.tickets["1"]
        assert [note.body for note in kept.notes] == [NOTE.body]
        assert (kept.tags, kept.fields) == ({"bug"}, {"esc_code": "x"})
        operation = await load(world.database, "op-a")
        assert operation.state in FINISHED, operation
        await pull(world.database.plain, world.helpdesk, "all", now=virtual_time.now)
        timeline = await world.database.read(lambda session: mirror.load_timeline(session, "1"))
        assert [event.marker for event in timeline] == [operation.steps[-1].key], "known as our own"
        await world.close()

    virtual_time.run(story())


@pytest.mark.parametrize("moment", MOMENTS[:3])
def test_what_had_arrived_since_is_known_and_needs_nobody(tmp_path: Path, moment: str) -> None:
    async def story() -> None:
        world = World(tmp_path)
        await world.open()
        restored = await lived(world, Change(note=NOTE), moment, "arrived", told=True)
        [back] = restored.writes
        assert (back.state, back.steps[0].receipt) == ("verified", world.server.tickets["1"].notes[0].id)
        assert await load(world.database, "op-a") == back
        assert await world.send(wait=True) == PushResult()
        await world.close()

    virtual_time.run(story())


@pytest.mark.parametrize("moment", MOMENTS[:3])
def test_what_may_have_arrived_since_is_looked_for_by_its_marker_without_anybody(
    tmp_path: Path, moment: str
) -> None:
    async def story() -> None:
        world = World(tmp_path)
        await world.open()
        restored = await lived(world, Change(note=NOTE), moment, "reply lost", told=True)
        [back] = restored.writes
        assert (back.state, back.steps[0].state) == ("unknown", "unknown")
        assert await world.send(wait=True) == PushResult(pushed=1)
        assert len(world.server.tickets["1"].notes) == 1
        await world.close()

    virtual_time.run(story())


@pytest.mark.parametrize("moment", MOMENTS[:3])
def test_what_was_refused_since_goes_on_waiting_for_a_person(tmp_path: Path, moment: str) -> None:
    async def story() -> None:
        world = World(tmp_path)
        await world.open()
        restored = await lived(world, Change(note=NOTE), moment, "refused", told=True)
        [back] = restored.writes
        assert (back.state, back.steps[0].state) == ("parked", "unknown")
        assert (await world.send(wait=True)).pushed == 0
        assert world.server.tickets["1"].notes == []
        await world.person()
        assert (await world.send(wait=True)).pushed == 1
        assert len(world.server.tickets["1"].notes) == 1
        await world.close()

    virtual_time.run(story())


def test_what_never_began_waits_for_a_person(tmp_path: Path) -> None:
    async def story() -> None:
        world = World(tmp_path)
        await world.open()
        restored = await lived(world, Change(note=NOTE), "nothing", "kept here", told=True)
        [back] = restored.writes
        assert (back.state, back.confirmed_at) == ("proposed", None)
        assert await world.send(wait=True) == PushResult()
        assert world.server.tickets["1"].notes == []
        await world.close()

    virtual_time.run(story())


def test_a_write_without_a_note_is_told_to_the_journal_before_it_leaves(tmp_path: Path) -> None:
    async def story() -> None:
        world = World(tmp_path)
        await world.open()
        await lived(world, Change(fields={"esc_code": "x"}), "proposed", "arrived", told=True)
        assert (await load(world.database, "op-a")).state == "verified"
        await world.close()

    virtual_time.run(story())


def test_a_journal_that_cannot_be_told_keeps_the_write_here(tmp_path: Path) -> None:
    async def story() -> None:
        world = World(tmp_path)
        await world.open()
        await world.proposed(Change(note=NOTE), "op-a")
        await world.move("op-a", lambda kept: outbox.confirm(kept, virtual_time.now()))
        world.journal.path.unlink()
        world.journal.path.mkdir()
        with pytest.raises(Exception, match="cannot write"):
            await world.send()
        assert world.server.tickets["1"].notes == []
        world.journal.path.rmdir()
        assert await world.send() == PushResult(pushed=1)
        await world.close()

    virtual_time.run(story())


def test_what_was_given_up_since_stays_given_up(tmp_path: Path) -> None:
    async def story() -> None:
        world = World(tmp_path)
        await world.open()
        await world.proposed(Change(note=NOTE), "op-a")
        await world.move("op-a", lambda kept: outbox.confirm(kept, virtual_time.now()))
        backup = await world.backup()
        await world.move("op-a", outbox.drop)
        await world.tell_journal()
        [back] = (await world.restored(backup)).writes
        assert back.state == "dropped"
        await world.person()
        await world.send(wait=True)
        assert world.server.tickets["1"].notes == []
        await world.close()

    virtual_time.run(story())


@pytest.mark.parametrize("fate", ["kept here", "reply lost", "request lost"])
def test_a_refused_note_that_was_edited_since_comes_back_as_edited(tmp_path: Path, fate: str) -> None:
    async def story() -> None:
        world = World(tmp_path, faults=Faults(rejected=1.0))
        await world.open()
        await world.proposed(Change(note=NOTE), "op-a")
        await world.move("op-a", lambda kept: outbox.confirm(kept, virtual_time.now()))
        await world.send()
        backup = await world.backup()
        edited = outbox.edit_note(await load(world.database, "op-a"), "Shorter.")
        world.journal.write([edited])
        await world.move("op-a", lambda _: edited)
        if fate != "kept here":
            world.faults = Faults(lost_reply=1.0) if fate == "reply lost" else Faults(lost_request=1.0)
            await world.person()
            await world.send()
        world.faults = Faults()
        [back] = (await world.restored(backup)).writes
        assert back.change.note == replace(NOTE, body="Shorter.")
        assert back.state == ("proposed" if fate == "kept here" else "unknown")
        if fate == "kept here":
            assert await world.send(wait=True) == PushResult()
            await world.person()
        assert await world.send(wait=True) == PushResult(pushed=1)
        assert [note.body for note in world.server.tickets["1"].notes] == ["Shorter."]
        await world.close()

    virtual_time.run(story())


def test_bringing_back_into_a_database_that_is_not_older_changes_nothing(tmp_path: Path) -> None:
    async def story() -> None:
        world = World(tmp_path, faults=Faults(lost_reply=1.0))
        await world.open()
        for id_ in ("op-a", "op-b"):
            await world.proposed(Change(note=NOTE), id_)
        await world.move("op-a", lambda kept: outbox.confirm(kept, virtual_time.now()))
        await world.send()
        before = await world.database.read(rows.list_operations)
        told = world.journal.told()
        assert await world.database.write(lambda session: bringing_back.bring_back(session, told)) == ()
        assert await world.database.read(rows.list_operations) == before
        await world.close()

    virtual_time.run(story())


@pytest.mark.parametrize("moment", ["confirmed", "begun"])
def test_right_after_a_restore_a_late_write_is_given_its_time(tmp_path: Path, moment: str) -> None:
    """It may be applied, and listed, as late as the helpdesk can, counted from when it was sent."""

    async def story(seed: int) -> None:
        world = World(tmp_path / str(seed))
        world.helpdesk = FakeHelpdesk(world.server, random.Random(seed), faults=lambda: world.faults)
        await world.open()
        await world.proposed(Change(note=NOTE), "op-a")
        await world.move("op-a", lambda kept: outbox.confirm(kept, virtual_time.now()))
        backup = await world.backup()
        await asyncio.sleep(1)  # it is named by the second
        world.faults = Faults(late=1.0, lag=1.0)
        await world.send()
        await world.restored(await world.backup() if moment == "begun" else backup)
        world.faults = Faults(lag=1.0)
        await world.person()
        await world.send(wait=True)
        await asyncio.sleep(600)
        assert len(world.server.tickets["1"].notes) == 1, seed
        await world.close()

    for seed in range(20, sized(22, 120)):  # the first one is late enough
        virtual_time.run(story(seed))


WEATHER = Faults(
    not_sent=0.05, throttled=0.1, lost_request=0.15, lost_reply=0.2, late=0.15, rejected=0.1, lag=0.3
)


@pytest.mark.parametrize("seed", range(sized(2, 300)))
def test_whatever_is_restored_whenever_no_note_is_lost_or_doubled(tmp_path: Path, seed: int) -> None:
    rng = random.Random(seed)

    async def story() -> None:
        world = World(tmp_path, atomic=rng.random() < 0.5)
        await world.open()
        taken, written = [await world.backup()], 0
        for _ in range(30):
            world.faults = WEATHER if rng.random() < 0.8 else Faults()
            match rng.choice(
                ["write", "confirm", "send", "send", "person", "tell", "backup", "restore", "wait"]
            ):
                case "write" if written < 6:
                    written += 1
                    await world.proposed(Change(note=Note(f"Note {written}.", "internal")), f"op-{written}")
                case "confirm" | "person":
                    await world.person()
                case "send":
                    await world.send()
                case "tell":
                    await world.tell_journal()
                case "backup":
                    await asyncio.sleep(1)  # it is named by the second
                    taken.append(await world.backup())
                case "restore":
                    await world.restored(rng.choice(taken[-backups.KEEP :]))
                case _:
                    await asyncio.sleep(rng.choice([5, 60, 300]))
        world.faults = Faults()
        for _ in range(12):
            await world.person()
            await world.send(wait=True)
        kept = [note.body for note in world.server.tickets["1"].notes]
        assert sorted(kept) == sorted(f"Note {number}." for number in range(1, written + 1))
        await world.close()

    virtual_time.run(story())
    tell("restores", 1)
