"""New playbooks: a commented one to begin with, or a draft made from what was done on a case."""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from sqlmodel import Session

from triage.desk.facts import read_facts, read_investigation
from triage.desk.parts import Parts
from triage.model.case import CaseFacts
from triage.model.errors import Invalid, NotFound, Refused
from triage.model.investigation import Investigation
from triage.model.json_value import Json
from triage.model.operation import Operation
from triage.model.recorded import RecordedPlaybook, WrittenPlaybook
from triage.model.run import EvidenceItem, Outcome
from triage.playbook.record.draft import draft_of
from triage.playbook.record.investigated import asked_and_seen, done, found, note_acts, outcome_of
from triage.playbook.record.recording import Act, Cause, Recording
from triage.playbook.record.starter import starter
from triage.playbook.record.walked import acts_of_run, cause_of_run, outcome_of_run
from triage.playbook.run.engine import fold
from triage.playbook.run.run_state import RunState
from triage.retrospective.codes import code as code_of
from triage.store import evidence_rows, outbox
from triage.store.entries import case_of, load_entries, subjects

_ID = re.compile(r"[a-z0-9][a-z0-9-]{1,63}\Z")
_REFERENCE = re.compile(r"\s*\[F\d+(?:, ?F\d+)*\]")
_NOTES = "internal note"
"""Purpose of an operation that carries a note somebody wrote; reports are not notes."""


@dataclass(slots=True)
class PlaybookRecordDesk:
    """Verbs that make new playbooks. Nothing is ever written over."""

    parts: Parts

    async def record(
        self, playbook_id: str, *, tickets: Sequence[str] = (), runs: Sequence[str] = ()
    ) -> RecordedPlaybook:
        """A draft of what was done on ``tickets`` (ids) and in ``runs``: one of them, or two of a category.

        Raises `NotFound`, and `Invalid` where nothing was done or the two do not belong together.
        """
        _check_id(playbook_id)
        if not 1 <= len(tickets) + len(runs) <= 2:
            raise Invalid("a draft is made from one case, or from two of one category")

        def read(session: Session) -> list[Recording]:
            of_tickets = [self._of_ticket(session, one) for one in tickets]
            return of_tickets + [self._of_run(session, one) for one in runs]

        recordings = await self.parts.database.read(read)
        return await asyncio.to_thread(draft_of, playbook_id, recordings)

    async def write(self, draft: RecordedPlaybook, folder: Path | None = None) -> WrittenPlaybook:
        """Put a draft and its test into ``folder``, or the person's own playbooks. Raises `Refused`."""
        path, test_path = await asyncio.to_thread(
            write_new, folder or own_folder(self.parts.paths.config_dir), draft.id, draft.text, draft.test
        )
        return WrittenPlaybook(draft, str(path), str(test_path))

    def _of_ticket(self, session: Session, ticket_id: str) -> Recording:
        now = self.parts.now()
        facts = read_facts(session, ticket_id, now)
        held = read_investigation(session, facts, now)
        states = [_state(session, name) for _, name in subjects(session, "run", ticket_id)]
        kept = evidence_rows.list_evidence(session, ticket_id)
        notes = outbox.list_operations(session, ticket_id=ticket_id, finished=True)
        return recording_of(facts, held, states, kept, notes)

    def _of_run(self, session: Session, run_id: str) -> Recording:
        ticket_id = case_of(session, "run", run_id)
        if ticket_id is None:
            raise NotFound(f"no run {run_id}", do="triage show TICKET --json lists the runs of a case")
        facts = read_facts(session, ticket_id, self.parts.now())
        return recording_of(facts, None, [_state(session, run_id)], (), ())


def _state(session: Session, run_id: str) -> RunState:
    return fold(load_entries(session, subject="run", subject_id=run_id))


def recording_of(
    facts: CaseFacts,
    held: Investigation | None,
    states: Sequence[RunState],
    kept: Iterable[EvidenceItem],
    notes: Iterable[Operation],
) -> Recording:
    """What was done on a case: questions and signs first, then all that was tried in order, then findings."""
    walked = [acts_of_run(state) for state in states]
    tried = [act for acts, _ in walked for act in acts]
    tried += [act for one in notes for act in _noted(one)]
    tried += [_kept(one) for one in kept if not one.source and one.kind != "output"]
    tried += done(held) if held else ()
    first, last = (asked_and_seen(held), found(held)) if held else ((), ())
    source: dict[str, Json] = {"ticket": facts.ticket.key}
    if held:
        source["investigation"] = held.id
    if states:
        source["runs"] = [state.id for state in states]
    return Recording(
        facts, source, (*first, *sorted(tried, key=lambda act: act.at), *last), _cause(held, states),
        _outcome(held, states), tuple(line for _, lines in walked for line in lines),
    )  # fmt: skip


def _noted(one: Operation) -> Iterable[Act]:
    note = one.change.note
    if note is None or one.purpose != _NOTES or note.visibility != "internal":
        return ()
    return note_acts(note.body, Act("do", one.created_at, "", section=""))


def _kept(one: EvidenceItem) -> Act:
    return Act("evidence", one.at, f"Keep: {one.summary}", answer=one.summary)


def _cause(held: Investigation | None, states: Sequence[RunState]) -> Cause | None:
    causes = [one for one in map(cause_of_run, states) if one is not None]
    if held is None or not held.cause_sentence:
        return causes[-1] if causes else None
    name = held.classification.code
    label = name
    with suppress(Invalid):
        label = code_of(name).name
    statement = _REFERENCE.sub("", held.cause_sentence)
    return Cause(name, name.lower().replace(".", "-") or "not-named", label or "Not named", statement, "high")


def _outcome(held: Investigation | None, states: Sequence[RunState]) -> Outcome:
    if held is not None:
        return outcome_of(held)
    return outcome_of_run(states[-1]) if states else "handed_over"


def own_folder(config_dir: Path) -> Path:
    """Where a person's own playbooks are."""
    return config_dir / "playbooks"


def write_starter(folder: Path, playbook_id: str) -> tuple[Path, Path]:
    """A commented first playbook and its test in ``folder``. Raises `Refused` where one is there already."""
    _check_id(playbook_id)
    text, test = starter(playbook_id)
    return write_new(folder, playbook_id, text, test)


def write_new(folder: Path, playbook_id: str, text: str, test: str) -> tuple[Path, Path]:
    """Write both files, or neither. Raises `Refused` where one of them is there already."""
    path, test_path = folder / f"{playbook_id}.yaml", folder / "tests" / f"{playbook_id}.test.yaml"
    for one in (path, test_path):
        if one.exists() or one.is_symlink():
            raise Refused("there is one already; nothing was written", where=str(one), do="choose another id")
    try:
        test_path.parent.mkdir(parents=True, exist_ok=True)
        _create(test_path, test)
        try:
            _create(path, text)
        except OSError:
            test_path.unlink(missing_ok=True)
            raise
    except FileExistsError as error:
        raise Refused("there is one already; nothing was written", where=str(error.filename)) from None
    except OSError as error:
        raise Invalid(f"cannot be written: {error.strerror}", where=str(error.filename or folder)) from None
    return path, test_path


def _create(path: Path, text: str) -> None:
    """A new file, or `FileExistsError`: what came there meanwhile is not written over."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)


def _check_id(playbook_id: str) -> None:
    if not _ID.match(playbook_id):
        raise Invalid(f"{playbook_id!r} is no id", do="Use lower-case letters, digits and -, two or more")
