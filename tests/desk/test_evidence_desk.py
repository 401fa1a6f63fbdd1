"""Proposing evidence: a file where only agents see it, else text, and the page says why."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.desk.shop import Shop
from tests.retrospective.threads import group_rename
from triage.desk.case_desk import CaseDesk
from triage.desk.evidence_desk import EvidenceDesk
from triage.desk.evidence_note import EVIDENCE, EVIDENCE_AS_TEXT, NOT_SENT
from triage.desk.helpdesk_facts import abilities
from triage.desk.outbox_desk import OutboxDesk
from triage.desk.record import record_of
from triage.docket.evidence import EvidenceFiles
from triage.helpdesk.zammad.adapter import CAPABILITIES
from triage.model.errors import NeedsInput, NotFound, Refused
from triage.model.operation import Note, Operation, Step
from triage.store import outbox as rows
from triage.store.database import Database

SHORT = "431 grants removed\nDB_PASSWORD=opensesame-2026\n"
LONG = SHORT + "grant removed\n" * 3_000
FACTS = group_rename()


class Connection:
    """A helpdesk that keeps files inside, or does not, or cannot be opened (None)."""

    known_account = "Robin"

    def __init__(self, internal_files: bool | None) -> None:
        self.internal_files = internal_files

    async def helpdesk(self) -> Any:
        if self.internal_files is None:
            raise NeedsInput("there is no token", do="Set one")
        return SimpleNamespace(capabilities=SimpleNamespace(internal_files=self.internal_files))


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Shop]:
    database = await Database.open(f"sqlite:///{tmp_path / 'triage.db'}")
    made = Shop(database)
    made.parts.evidence = EvidenceFiles(tmp_path / "evidence")
    made.parts.profile = SimpleNamespace(name="work")
    await made.pull(FACTS)
    yield made
    await database.close()


async def proposed(shop: Shop, text: str, internal_files: bool | None, **kept: Any) -> Operation:
    shop.parts.connection = Connection(internal_files)
    desk = EvidenceDesk(shop.parts)
    item = await desk.add(FACTS.ticket.id, "text", text, **kept)
    return await desk.propose(item.id)


def note_of(operation: Operation) -> Note:
    assert operation.change.note is not None
    return operation.change.note


async def test_what_is_long_goes_as_a_file_with_its_secret_masked(shop: Shop) -> None:
    operation = await proposed(shop, LONG, True)
    note = note_of(operation)
    [file] = note.files
    assert (note.visibility, operation.purpose, operation.state) == ("internal", EVIDENCE, "proposed")
    assert file.text == LONG.replace("opensesame-2026", "[masked:password]")
    assert file.as_typed == LONG
    assert "opensesame" not in note.sent


@pytest.mark.parametrize("internal_files", [False, None], ids=["shown to customers", "cannot be opened"])
async def test_elsewhere_its_ends_are_the_note_and_the_page_says_why(
    shop: Shop, internal_files: bool | None
) -> None:
    operation = await proposed(shop, LONG, internal_files)
    note = note_of(operation)
    assert note.files == ()
    assert NOT_SENT in note.body
    assert "opensesame" not in note.body
    assert operation.purpose == EVIDENCE_AS_TEXT
    page = await OutboxDesk(shop.parts).show(operation.id)
    assert "As text, not as a file" in page.remark


@pytest.mark.parametrize("internal_files", [True, False])
async def test_what_is_short_is_a_note_either_way(shop: Shop, internal_files: bool) -> None:
    operation = await proposed(shop, SHORT, internal_files)
    assert (note_of(operation).files, operation.purpose) == ((), EVIDENCE)
    assert (await OutboxDesk(shop.parts).show(operation.id)).remark == ""


async def test_the_page_shows_the_file_before_its_note(shop: Shop) -> None:
    operation = await proposed(shop, LONG, True)
    page = await OutboxDesk(shop.parts).show(operation.id)
    assert [line.heading for line in page.lines] == ["FILE evidence.txt", "INTERNAL NOTE"]
    assert [line.goes_along for line in page.lines] == [True, False]
    assert "3,002 lines" in page.lines[0].text
    assert page.masked == ("in evidence.txt, line 2: password open… (15 characters)",)


async def test_unmasking_and_editing_at_the_desk_reach_the_file(shop: Shop) -> None:
    operation, desk = await proposed(shop, LONG, True), OutboxDesk(shop.parts)
    shop.parts.journal = SimpleNamespace(write=lambda operations: None)
    with pytest.raises(Refused):
        await desk.unmask(operation.id, "HL-1")
    plain = await desk.unmask(operation.id, FACTS.ticket.key)
    assert note_of(plain).files[0].text == LONG
    assert (await desk.show(operation.id)).unmasked
    edited = await desk.edit_note(operation.id, "better words")
    assert note_of(edited).files[0].text == LONG.replace("opensesame-2026", "[masked:password]")
    assert note_of(edited).body == "better words"


async def test_what_was_proposed_stands_in_the_docket_as_internal(shop: Shop) -> None:
    operation = await proposed(shop, LONG, True)
    entries = await shop.parts.docket.entries(case_id=FACTS.ticket.id)
    [entry] = [one for one in entries if one.kind == "note.proposed"]
    assert (entry.data["operation"], entry.data["visibility"]) == (operation.id, "internal")


async def test_an_export_says_what_was_sent_and_nothing_of_what_was_masked(shop: Shop) -> None:
    operation = await proposed(shop, LONG, True)
    step = Step(
        "k", "note", {"note": "n", "files": [{"name": "evidence.txt", "text": "grant removed"}]}, "internal",
        None, "marker",
    )  # fmt: skip
    await shop.parts.database.write(
        lambda session: rows.save_operation(session, replace(operation, steps=(step,)))
    )
    [case] = (await record_of(shop.parts, FACTS.ticket.id))["cases"]
    assert note_of(operation).files[0].sha256 in str(case["operations"])
    assert "opensesame" not in str(case)
    assert str(case["operations"]).count("grant removed") < 20


async def test_no_such_piece_and_no_text_are_refused_in_words(shop: Shop) -> None:
    shop.parts.connection = Connection(True)
    with pytest.raises(NotFound):
        await EvidenceDesk(shop.parts).propose("nothing")
    with pytest.raises(Refused, match="no text"):
        await proposed(shop, LONG + "\0", True)


@pytest.mark.parametrize("internal_files", [True, False])
def test_set_up_and_doctor_say_where_files_are_for_agents_only(internal_files: bool) -> None:
    words = list(abilities(replace(CAPABILITIES, internal_files=internal_files)))
    assert ("files on internal notes, for agents only" in words) is internal_files
    assert ("no files for agents only: evidence goes as text" in words) is not internal_files


async def test_a_case_names_the_writes_that_carry_each_piece(shop: Shop) -> None:
    cases = CaseDesk(shop.parts)
    assert (await cases.open(FACTS.ticket.id)).carried_by == {}
    first = await proposed(shop, SHORT, True)
    await cases.propose_note(FACTS.ticket.id, "a note of its own", "internal")
    [piece] = (await cases.open(FACTS.ticket.id)).evidence
    again = await EvidenceDesk(shop.parts).propose(piece.id)
    case = await cases.open(FACTS.ticket.id)
    assert case.carried_by == {piece.id: (first.id, again.id)}
    assert {first.id, again.id} < {one.id for one in case.operations}
