"""A run with the world it stands in, read for one act."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from sqlmodel import Session

from triage.desk.facts import read_facts
from triage.desk.parts import Parts
from triage.model.case import CaseFacts
from triage.model.entry import Entry
from triage.model.errors import NotFound, TriageError
from triage.model.json_value import Json
from triage.model.run import TrustLevel
from triage.playbook.language.context import Context, EarlierAnswer
from triage.playbook.language.plan import Plan
from triage.playbook.run import engine
from triage.playbook.run.fold import plan_of
from triage.playbook.run.opening import PinnedText, pinned
from triage.playbook.run.run_state import RunState
from triage.playbook.shelf.includes import used_by
from triage.playbook.shelf.library import LoadedPlaybook
from triage.store.entries import case_of, load_entries


@dataclass(frozen=True, slots=True)
class Seen:
    """A run as it was read, with the newest entry it was read from."""

    state: RunState
    context: Context
    last_entry: str


@dataclass(slots=True)
class RunWorld:
    """Reads runs, the ticket, trust, and the playbook files as they are now."""

    parts: Parts
    live: Callable[[str], bool]
    """Whether this process runs a command of the run right now."""
    _files: dict[tuple[str, int, int, int], LoadedPlaybook] = field(default_factory=dict)
    """Playbook files as last read, by path, time of change, size and inode."""
    _earlier: dict[str, Mapping[str, EarlierAnswer]] = field(default_factory=dict)
    """Answers of other runs on the ticket, read once for each run that is open here."""

    async def now(self, run_id: str) -> Seen:
        """The run folded, and the world it stands in. Raises `NotFound`."""
        now = self.parts.now()

        def read(session: Session) -> tuple[tuple[Entry, ...], CaseFacts]:
            case_id = case_of(session, "run", run_id)
            if case_id is None:
                raise NotFound(f"no run {run_id}")
            if run_id not in self._earlier:
                self._earlier[run_id] = _earlier_answers(session, case_id, run_id)
            entries = load_entries(session, case_id=case_id, subject="run", subject_id=run_id)
            return entries, read_facts(session, case_id, now)

        entries, facts = await self.parts.database.read(read)
        state = engine.fold(entries)
        level, current = self._standing(state.sha256, state.origin)
        levels = {
            one.document.id: self._standing(one.sha256, one.origin)[0] for one in state.plan.includes.values()
        }
        context = self.context(
            facts, run_id=run_id, trust=level, trust_of_used=levels,
            text_now=current.sha256 if current else "", plan_now=self._plan_now(state, current),
            earlier=self._earlier[run_id],
        )  # fmt: skip
        return Seen(state, context, entries[-1].id)

    async def facts(self, ticket_id: str) -> CaseFacts:
        """What is known of a ticket. Raises `NotFound`."""
        now = self.parts.now()
        return await self.parts.database.read(lambda session: read_facts(session, ticket_id, now))

    def context(
        self,
        facts: CaseFacts | None,
        *,
        run_id: str = "",
        trust: TrustLevel = "none",
        trust_of_used: Mapping[str, TrustLevel] | None = None,
        text_now: str = "",
        plan_now: Plan | None = None,
        earlier: Mapping[str, EarlierAnswer] | None = None,
    ) -> Context:
        """The world of now, without a run unless one is named."""
        return Context(
            now=self.parts.now(), facts=facts, hooks=self.parts.profile.config, environment=os.environ,
            http_allow=self.parts.profile.http_allow,
            trust=trust, trust_of_used=trust_of_used or {}, person=self.parts.person.name,
            live=self.live(run_id), text_now=text_now, plan_now=plan_now, earlier=earlier or {},
        )  # fmt: skip

    def trust_of(self, loaded: LoadedPlaybook) -> TrustLevel:
        """How far a file as it was read is trusted."""
        return self.parts.trust.level(loaded.sha256, loaded.path, shipped=loaded.shipped)

    def texts_of_used(self, loaded: LoadedPlaybook) -> dict[str, PinnedText]:
        """The playbooks ``loaded`` uses, to be pinned. Raises `Invalid` for one that cannot be used."""
        used = used_by(self.parts.library, loaded)
        return {name: PinnedText(one.text, one.sha256, one.path) for name, one in used.items()}

    def plan(self, loaded: LoadedPlaybook) -> Plan:
        """The file with the playbooks it uses. Raises `Invalid` for one that cannot be used."""
        data = {
            "sha256": loaded.sha256,
            "origin": loaded.path,
            "includes": pinned(self.texts_of_used(loaded)),
        }
        return plan_of(data, loaded.document)

    def file_now(self, origin: str) -> LoadedPlaybook | None:
        """The file as it is now; None when it is gone, which says nothing about a run."""
        try:
            status = Path(origin).stat()
        except OSError:
            return None
        edition = (origin, status.st_mtime_ns, status.st_size, status.st_ino)
        if edition not in self._files:
            for old in [one for one in self._files if one[0] == origin]:
                del self._files[old]
            self._files[edition] = self.parts.library.load(origin)
        return self._files[edition]

    def _standing(self, sha256: str, origin: str) -> tuple[TrustLevel, LoadedPlaybook | None]:
        """How far a pinned text is trusted, and its file as it is now."""
        current = self.file_now(origin)
        shipped = current is not None and current.shipped and current.sha256 == sha256
        return self.parts.trust.level(sha256, origin, shipped=shipped), current

    def _plan_now(self, state: RunState, current: LoadedPlaybook | None) -> Plan | None:
        """The file as it is now where it differs from the run's text and can be read."""
        if current is None or current.sha256 == state.sha256 or current.parsed is None:
            return None
        try:
            return self.plan(current)
        except TriageError:
            return None


def _earlier_answers(session: Session, case_id: str, run_id: str) -> dict[str, EarlierAnswer]:
    """The latest known value of each variable in the other runs on a ticket; secrets are in no entry."""
    kinds = ("run.opened", "var.set", "step.finished")
    found: dict[str, EarlierAnswer] = {}
    names: dict[str, str] = {}
    for entry in load_entries(session, case_id=case_id, subject="run", kinds=kinds):
        if entry.subject_id == run_id:
            continue
        if entry.kind == "run.opened":
            names[entry.subject_id] = str(entry.data.get("playbook", ""))
        for name, value in _values_in(entry).items():
            if value is not None and "/" not in name:
                found[name] = EarlierAnswer(value, entry.at, names.get(entry.subject_id, ""))
    return found


def _values_in(entry: Entry) -> dict[str, Json]:
    if entry.kind == "var.set":
        return {str(entry.data["name"]): entry.data["value"]}
    held = entry.data.get("variables" if entry.kind == "run.opened" else "saved")
    return dict(held) if isinstance(held, Mapping) else {}
