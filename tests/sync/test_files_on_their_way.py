"""A note with a file, carried by the sender on a real database."""

from __future__ import annotations

import asyncio
import random
from dataclasses import replace
from pathlib import Path

import pytest

from tests.sync import virtual_time
from tests.sync.fake_helpdesk import FakeHelpdesk, Faults, Server
from tests.sync.stored import StillDatabase, confirmed, load, with_database
from triage.model.note_file import PLAIN_TEXT, NoteFile
from triage.model.operation import Change, Note
from triage.store import mirror
from triage.store.note_journal import NoteJournal
from triage.sync.push import push

LOG = NoteFile("heron.log", PLAIN_TEXT, "password=opensesame-2026\nit ends here\n")
MASKED = "password=[masked:password]\nit ends here\n"
CHANGE = Change(note=Note("It fails every night.", "internal", files=(LOG,)), status="hold")


def helpdesk_of(server: Server, faults: Faults = Faults(), *, atomic: bool = True) -> FakeHelpdesk:  # noqa: B008
    return FakeHelpdesk(server, random.Random(1), faults=lambda: faults, atomic=atomic)


async def send(database: StillDatabase, helpdesk: FakeHelpdesk) -> None:
    await push(database.plain, helpdesk, owner="me", now=virtual_time.now, pause=asyncio.sleep)


@pytest.mark.parametrize("atomic", [True, False])
def test_it_arrives_with_its_note_masked_and_stands_in_the_mirror(tmp_path: Path, atomic: bool) -> None:
    async def story(database: StillDatabase) -> None:
        server = Server(["1"])
        await confirmed(database, server.ticket("1"), CHANGE, "op-a")
        await send(database, helpdesk_of(server, atomic=atomic))
        [note] = server.tickets["1"].notes
        assert (note.public, note.files) == (False, ((LOG.name, MASKED),))
        kept = await load(database, "op-a")
        assert kept.state == "verified"
        assert kept.change.note is not None
        assert [(file.text, file.as_typed) for file in kept.change.note.files] == [(MASKED, LOG.text)]
        assert "it ends here" not in str([step.payload for step in kept.steps])
        [event] = await database.read(lambda session: mirror.load_timeline(session, "1"))
        assert [(file.name, file.size) for file in event.attachments] == [(LOG.name, len(MASKED))]

    with_database(tmp_path, story)


def test_a_helpdesk_that_shows_files_to_customers_gets_nothing_of_it(tmp_path: Path) -> None:
    async def story(database: StillDatabase) -> None:
        server = Server(["1"])
        helpdesk = helpdesk_of(server)
        helpdesk.capabilities = replace(helpdesk.capabilities, internal_files=False)
        await confirmed(database, server.ticket("1"), CHANGE, "op-a")
        await send(database, helpdesk)
        kept = await load(database, "op-a")
        assert kept.state == "rejected"
        assert "cannot keep a file from the customer" in kept.problem
        assert (server.writes, server.uploads, server.tickets["1"].notes) == ([], {}, [])

    with_database(tmp_path, story)


def test_an_upload_that_fails_waits_and_is_made_again_and_no_note_is_there_before(tmp_path: Path) -> None:
    async def story(database: StillDatabase) -> None:
        server = Server(["1"])
        await confirmed(database, server.ticket("1"), CHANGE, "op-a")
        await send(database, helpdesk_of(server, Faults(lost_reply=1.0)))
        waiting = await load(database, "op-a")
        assert (waiting.state, server.tickets["1"].notes) == ("pending", [])
        assert "upload" in waiting.problem
        await asyncio.sleep(600)
        await send(database, helpdesk_of(server))
        [note] = server.tickets["1"].notes
        assert note.files == ((LOG.name, MASKED),)

    with_database(tmp_path, story)


def test_a_file_comes_back_from_the_journal_masked_and_with_what_was_under_it(tmp_path: Path) -> None:
    async def story(database: StillDatabase) -> None:
        operation = await confirmed(database, Server(["1"]).ticket("1"), CHANGE, "op-a")
        journal = NoteJournal(tmp_path / "unsent.jsonl")
        journal.write([operation])
        back = journal.unsent()["op-a"]
        assert back.change == operation.change
        assert back.state == "proposed"

    with_database(tmp_path, story)
