"""The journal of unsent notes: before the database, whole lines only, brought back for a person to see."""

from __future__ import annotations

import functools
import os
import signal
import subprocess
import sys
import threading
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.reliability.counting import sized, tell
from tests.reliability.records import ROOT
from tests.store.samples import NOW, event, operation, ticket
from triage.model.errors import Invalid, Stopped
from triage.model.note_file import NoteFile
from triage.model.operation import Change, Note, Operation, WriteState
from triage.model.ticket import Version
from triage.store import mirror, note_journal, outbox
from triage.store.bringing_back import bring_back, finished_of
from triage.store.database import Database
from triage.store.note_journal import NoteJournal


def note(id_: str, body: str = "found it", state: WriteState = "pending", **more: Any) -> Operation:
    made = operation(id_, state=state)
    return replace(made, change=Change(note=Note(body, "internal"), **more))


@pytest.fixture
def journal(tmp_path: Path) -> NoteJournal:
    return NoteJournal(tmp_path / "deep" / "unsent.jsonl")


def test_what_was_written_is_there_until_it_has_arrived(journal: NoteJournal) -> None:
    journal.write([note("a"), note("b")])
    journal.write([note("b", "found more")])
    journal.finished([note("a", state="verified")])
    assert {one: held.change.note.body for one, held in journal.unsent().items() if held.change.note} == {
        "b": "found more"
    }
    assert journal.path.stat().st_mode & 0o777 == 0o600


def test_a_write_without_a_note_needs_no_journal(journal: NoteJournal) -> None:
    journal.write([replace(operation("a"), change=Change(status="hold"))])
    assert not journal.path.exists()


def test_a_line_cut_short_by_a_crash_costs_only_itself(journal: NoteJournal) -> None:
    journal.write([note("a"), note("b")])
    whole = journal.path.read_bytes()
    for cut in range(len(whole)):
        journal.path.write_bytes(whole[:cut])
        journal.write([note("c")])
        held = set(journal.unsent())
        assert "c" in held
        assert held >= {"a"} or cut < whole.index(b"\n")
    tell("broken files", len(whole))


def test_a_journal_that_cannot_be_written_is_told_in_one_line(journal: NoteJournal) -> None:
    journal.path.parent.mkdir()
    journal.path.mkdir()
    with pytest.raises(Invalid, match="cannot write"):
        journal.write([note("a")])


def test_a_link_in_its_place_is_not_followed(journal: NoteJournal, tmp_path: Path) -> None:
    journal.path.parent.mkdir()
    journal.path.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(Invalid):
        journal.write([note("a")])
    assert not (tmp_path / "elsewhere").exists()


def test_a_large_journal_leaves_out_what_has_arrived(
    journal: NoteJournal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(note_journal, "LARGEST", 2000)
    journal.write([note(str(number)) for number in range(20)])
    journal.finished(note(str(number), state="verified") for number in range(19))
    journal.shorten()
    assert set(journal.unsent()) == {"19"}
    assert len(journal.path.read_text().splitlines()) == 1


APPENDING = """
import sys
from pathlib import Path
from tests.store.test_note_journal import note
from triage.store import note_journal
note_journal.LARGEST = 4000
journal = note_journal.NoteJournal(Path(sys.argv[1]))
for number in range(int(sys.argv[3])):
    journal.write([note(f"{sys.argv[2]}-{number}")])
    if number % 3:
        journal.finished([note(f"{sys.argv[2]}-{number}", state="verified")])
    journal.shorten()
"""


def test_processes_that_append_and_shorten_at_once_lose_no_line(journal: NoteJournal) -> None:
    count = sized(40, 400)
    command = [sys.executable, "-c", APPENDING, str(journal.path)]
    programs = [subprocess.Popen([*command, name, str(count)], cwd=ROOT) for name in "abc"]
    assert [program.wait(timeout=120) for program in programs] == [0, 0, 0]
    assert set(journal.unsent()) == {f"{name}-{number}" for name in "abc" for number in range(0, count, 3)}
    tell("locking", 3 * count)


def test_what_was_finished_stays_while_a_backup_may_ask_for_it(
    journal: NoteJournal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(note_journal, "LARGEST", 2000)
    for number in range(20):
        at = NOW + timedelta(days=number)
        told = NoteJournal(journal.path, lambda at=at: at)
        told.begun(note(str(number), state="sending"))
        done = note(str(number), state="verified")
        told.finished([replace(done, steps=(replace(done.steps[0], receipt="r1"),))])
    before = journal.told()
    journal.shorten(NOW)
    assert journal.told() == before
    journal.shorten(NOW + timedelta(days=15))
    after = journal.told()
    assert after == {one: before[one] for one in map(str, range(15, 20))}
    assert after["19"].finished_at == NOW + timedelta(days=19)
    assert after["19"].operation.steps[0].receipt == "r1"


def test_a_write_that_began_is_told_with_its_steps_and_counts_as_unsent(journal: NoteJournal) -> None:
    began = replace(operation("a", state="sending"), change=Change(status="hold"), confirmed_at=NOW)
    began = replace(began, steps=(replace(began.steps[0], sent_at=NOW, attempts=2),))
    journal.begun(began)
    assert journal.unsent() == {"a": began}


def test_a_write_with_everything_in_it_is_told_as_it_is(journal: NoteJournal) -> None:
    file = NoteFile("log.txt", "text/plain", "masked", "as it was", ("in log.txt, line 1: a token",))
    whole = Note("body", "internal", as_typed="typed", unmasked_with="HL-1", files=(file,))
    change = Change(
        note=whole, replaces_marker="m", tags_add=("a",), tags_remove=("b",), fields={"n": [1, None]},
        status="hold", assignee="me",
    )  # fmt: skip
    began = replace(
        operation("a", state="sending"), change=change, base={"key": "HL-1", "n": 3},
        base_version=Version("v1", True), confirmed_at=NOW, purpose="retrospective", problem="none",
    )  # fmt: skip
    journal.begun(began)
    assert journal.told()["a"].operation == began


def test_of_a_finished_write_the_long_files_are_let_go(
    journal: NoteJournal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(note_journal, "LARGEST", 2000)
    file = NoteFile("log.txt", "text/plain", "a long log " * 2_000)
    made = operation("a", state="sending")
    step = replace(made.steps[0], payload={"note": "body", "files": [{"text": file.text}]})
    one = replace(made, change=Change(note=Note("body", "internal", files=(file,))), steps=(step,))
    journal.begun(one)
    journal.begun(replace(one, id="b"))
    journal.begun(replace(one, id="c"))
    journal.finished([replace(one, id=id_, state="verified") for id_ in "ac"])
    journal.shorten(NOW - timedelta(days=1_000))
    after = journal.told()
    assert after["a"].operation.state == "verified"
    assert after["a"].operation.steps[0].payload == {"note": "body"}
    assert "files=()" in repr(after["a"].operation.change.note)
    assert after["b"].operation.change == one.change, "that one may have to be sent again"


def test_a_line_of_an_earlier_version_says_that_it_is_not_sent_again(journal: NoteJournal) -> None:
    journal.write([note("a")])
    with journal.path.open("a") as file:
        file.write('{"finished": "a"}\n{"finished": "nobody"}\n')
    assert journal.unsent() == {}
    assert journal.told()["a"].operation.state == "dropped"


HOLDING = """
import sys
from pathlib import Path
from triage.store.note_journal import NoteJournal
with NoteJournal(Path(sys.argv[1]))._alone():
    print("held", flush=True)
    sys.stdin.read()
"""


def test_behind_a_stopped_process_writing_ends_in_words_and_nothing_is_lost(
    journal: NoteJournal, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal.write([note("a")])
    command = [sys.executable, "-c", HOLDING, str(journal.path)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as one:
        assert one.stdout is not None
        assert one.stdout.readline() == "held\n"
        one.send_signal(signal.SIGSTOP)
        with monkeypatch.context() as patched:
            patched.setattr(note_journal, "PATIENCE_S", 0.1)
            with pytest.raises(Stopped, match=f"process {one.pid} does not let go") as stopped:
                journal.write([note("b")])
        assert "nothing was written" in str(stopped.value)
        assert set(journal.unsent()) == {"a"}, "it can be read all the while"
        one.send_signal(signal.SIGCONT)
        one.communicate("")
    journal.write([note("b")])
    assert set(journal.unsent()) == {"a", "b"}


def test_a_process_that_lets_go_in_time_is_waited_for(journal: NoteJournal) -> None:
    journal.write([note("a")])
    command = [sys.executable, "-c", HOLDING, str(journal.path)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as one:
        assert one.stdout is not None
        assert one.stdout.readline() == "held\n"
        writing = threading.Thread(target=journal.write, args=([note("b")],))
        writing.start()
        assert one.stdin is not None
        one.stdin.close()
        writing.join(timeout=30)
    assert set(journal.unsent()) == {"a", "b"}


async def test_only_what_the_database_lost_comes_back_and_waits_for_a_person(
    journal: NoteJournal, database: Database
) -> None:
    await database.write(lambda session: outbox.add_operation(session, note("kept")))
    sent = replace(event("e"), ticket_id="1", marker="arrived/1")
    await database.write(lambda session: mirror.save_tickets(session, [ticket("1")], NOW))
    await database.write(lambda session: mirror.save_timeline(session, "1", [sent]))
    lost = replace(note("lost"), state="sending", confirmed_at=NOW, public_confirmed_with="K-1")
    journal.write([note("kept"), replace(note("arrived"), ticket_id="1"), lost])
    [back] = await database.write(lambda session: bring_back(session, journal.told()))
    assert (back.id, back.state, back.confirmed_at, back.public_confirmed_with) == (
        "lost",
        "proposed",
        None,
        "",
    )
    assert "look at the ticket" in back.problem
    assert not await database.write(lambda session: bring_back(session, journal.told()))


async def test_a_text_edited_since_the_backup_comes_back_and_is_looked_for_if_it_began(
    journal: NoteJournal, database: Database
) -> None:
    tried = replace(operation("tried").steps[0], attempts=1)
    held = [
        replace(note("waits", "short"), state="proposed", steps=()),
        replace(note("tried", "short"), state="proposed", steps=(tried,)),
        replace(note("sends", "short"), state="pending"),
        replace(note("begun", "short"), state="parked", steps=(replace(tried, key="begun.0", attempts=2),)),
        replace(note("same", "as it was"), state="proposed"),
        replace(note("done", "short"), state="verified"),
    ]
    for one in held:
        await database.write(lambda session, one=one: outbox.add_operation(session, one))
    edited = [note(one, "longer") for one in ("waits", "tried", "sends", "begun", "done")]
    journal.write([*edited, note("same", "as it was")])
    journal.begun(
        replace(note("begun", "longer", "sending"), steps=(replace(tried, key="begun.0", state="sending"),))
    )
    back = await database.write(lambda session: bring_back(session, journal.told()))
    assert {one.id: one.state for one in back} == {
        "waits": "proposed", "tried": "proposed", "sends": "proposed", "begun": "unknown",
    }  # fmt: skip
    for one in back:
        assert one == await database.read(lambda session, one=one: outbox.load_operation(session, one.id))
        assert one.change.note == Note("longer", "internal")
        assert [step.state for step in one.steps] == (["unknown"] if one.id == "begun" else [])
    assert not await database.write(lambda session: bring_back(session, journal.told()))


async def test_in_a_shared_database_what_a_colleague_made_of_it_stays_and_nothing_is_sent_by_itself(
    journal: NoteJournal, database: Database
) -> None:
    began = replace(operation("a", state="sending").steps[0], state="sending", attempts=1)
    theirs = [note("edited", "by a colleague"), note("confirmed", "by a colleague")]
    for one in theirs:
        await database.write(lambda session, one=one: outbox.add_operation(session, one))
    journal.write([note("edited"), note("lost")])
    journal.begun(replace(note("confirmed", state="sending"), steps=(began,)))
    journal.begun(replace(note("lost begun", state="sending"), steps=(replace(began, key="lost/1"),)))
    back = await database.write(lambda session: bring_back(session, journal.told(), shared=True))
    assert {one.id: one.state for one in back} == {"lost": "proposed", "lost begun": "parked"}
    assert [one.steps[0].state for one in back if one.steps] == ["unknown"], "looked for when tried again"
    held = {one.id: one for one in await database.read(outbox.list_operations)}
    assert [held[one.id] for one in theirs] == theirs


async def test_what_has_arrived_is_told_from_what_waits(database: Database) -> None:
    held = [note("a"), replace(note("b"), state="verified"), replace(note("c"), state="dropped")]
    for one in held:
        await database.write(lambda session, one=one: outbox.add_operation(session, one))
    done = await database.read(lambda session: finished_of(session, {"a", "b", "x"}))
    assert [one.id for one in done] == ["b"]


class PowerCut(BaseException):
    """It is gone."""


class System:
    """Calls to the system that end before the ``dies_at``-th, or in the middle of it."""

    def __init__(self, dies_at: int) -> None:
        self.left = dies_at
        self.held: set[int] = set()
        self.real = {name: getattr(os, name) for name in ("open", "write", "fsync", "close")}

    def call(self, name: str, *args: Any, **kwargs: Any) -> Any:
        self.left -= 1
        if self.left < 0:
            if name == "write":
                self.real[name](args[0], args[1][: len(args[1]) // 2])
            raise PowerCut
        done = self.real[name](*args, **kwargs)
        if name == "open":
            self.held.add(done)
        elif name == "close":
            self.held.discard(args[0])
        return done

    def dead(self) -> None:
        """The kernel closes what the process had open."""
        for handle in self.held:
            self.real["close"](handle)

    def install(self, patched: pytest.MonkeyPatch) -> None:
        for name in self.real:
            patched.setattr(os, name, functools.partial(self.call, name))


def test_killed_at_any_file_operation_what_was_said_to_be_written_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    points, said = 0, False
    while not said:
        journal = NoteJournal(tmp_path / str(points) / "unsent.jsonl")
        journal.write([note("first")])
        with monkeypatch.context() as patched:
            system = System(points)
            system.install(patched)
            try:
                journal.write([note("second")])
                said = True
            except PowerCut:
                system.dead()
        held = set(journal.unsent())
        assert "first" in held
        assert "second" in held or not said
        journal.write([note("third")])
        assert "third" in journal.unsent()
        points += 1
    assert points > 4
    tell("file steps", points)
