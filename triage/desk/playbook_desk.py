"""Running playbooks: every verb folds the run, asks the engine, appends what it returns, and shows it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal

from sqlmodel import Session

from triage.desk.command_tries import CommandTries
from triage.desk.parts import Parts
from triage.desk.playbook_files import with_trust
from triage.desk.playbook_trust_desk import PlaybookTrustDesk
from triage.desk.run_lock import RunLocks
from triage.desk.run_world import RunWorld, Seen
from triage.desk.waiting_runs import waiting_runs
from triage.model.entry import Entry, NewEntry
from triage.model.errors import Invalid, NeedsInput, NotFound, Refused, Stopped
from triage.model.json_value import Json
from triage.model.run import CommandView, PlaybookSummary, RunView, Suggestion, WaitingRun
from triage.playbook.language.context import Context
from triage.playbook.language.steps import Probe
from triage.playbook.run import engine
from triage.playbook.run.output import CaptureResult
from triage.playbook.run.rehearsal import Rehearsal, rehearse
from triage.playbook.run.run_state import RunState
from triage.playbook.run.script import next_entries, read_answers
from triage.playbook.run.unattended import allowed_unseen, missing_programs
from triage.playbook.run.wanted import wanted_of
from triage.playbook.shelf.includes import used_by
from triage.playbook.shelf.outline import outline
from triage.store.run_events import runs_like

Act = Callable[[RunState, Context], Sequence[NewEntry]]


@dataclass(slots=True)
class PlaybookDesk:
    """Verbs on playbooks and runs."""

    parts: Parts
    consent: PlaybookTrustDesk = field(init=False)
    """Trusting, by page."""
    locks: RunLocks = field(init=False)
    """Which runs this window works on."""
    heard: Callable[[Sequence[Entry]], None] | None = None
    """Told of every entry that a verb wrote."""
    _world: RunWorld = field(init=False)
    _running: dict[str, asyncio.Event] = field(default_factory=dict)
    """Runs whose command is running in this process, each with what stops it."""

    def __post_init__(self) -> None:
        self.consent = PlaybookTrustDesk(self.parts)
        self.locks = RunLocks(self.parts.paths.state_dir / "run-locks")
        self._world = RunWorld(self.parts, lambda run_id: run_id in self._running)

    async def list(self) -> tuple[PlaybookSummary, ...]:
        """Every playbook that can be found, with its findings and how far it is trusted."""
        parts = self.parts
        return await parts.database.read(lambda _: with_trust(parts.library.all(), parts.trust))

    async def suggest(self, ticket_id: str) -> tuple[Suggestion, ...]:
        """Playbooks that fit the case, best first, each with its reasons."""
        facts = await self._world.facts(ticket_id)

        def read(session: Session) -> tuple[Suggestion, ...]:
            measured = runs_like(session, facts.ticket)
            found = self.parts.library.suggest(facts, self.parts.profile.config, measured=measured)
            told = with_trust((one.playbook for one in found), self.parts.trust)
            return tuple(replace(one, playbook=book) for one, book in zip(found, told, strict=True))

        return await self.parts.database.read(read)

    async def show(self, playbook_id: str) -> str:
        """The playbook as an outline. Raises `NotFound`, or `Invalid` for a file with errors."""
        return outline(self.parts.library.load(playbook_id).document)

    async def start(
        self, ticket_id: str, playbook_id: str, *, variables: Mapping[str, Json] | None = None
    ) -> RunView:
        """Open a run on a case, pinned to the texts of now of the file and of the playbooks it uses.

        Raises `Invalid` before anything is written for a playbook that has errors or uses one that is not
        there.
        """
        loaded = self.parts.library.load(playbook_id)
        used = used_by(self.parts.library, loaded)
        for one in (loaded, *used.values()):
            await self.consent.carry_on(one)
        self._world.plan(loaded)  # refuses playbooks that use each other in a circle
        facts = await self._world.facts(ticket_id)
        run_id = self.parts.new_id()
        entries = engine.open_run(
            run_id, loaded.document, loaded.text, loaded.sha256, self._world.context(facts),
            variables=variables, origin=loaded.path, includes=self._world.texts_of_used(loaded),
        )  # fmt: skip
        self._tell(await self.parts.docket.append(ticket_id, entries))
        return await self.view(run_id)

    async def view(self, run_id: str) -> RunView:
        """The run as it stands; in a window that does not work on it, who does. Raises `NotFound`."""
        return self._shown(await self._world.now(run_id))

    async def waiting(self) -> tuple[WaitingRun, ...]:
        """Every run that is not over, what is due first first."""
        return await waiting_runs(self.parts)

    def leave(self, run_id: str) -> None:
        """The run is not looked at here any more: another window may work on it."""
        self.locks.leave(run_id)

    async def confirm_together(self, run_id: str, answers: Mapping[str, Json]) -> RunView:
        """Confirm what was worked from memory: an answer for each step of ``StepView.together``."""
        return await self._do(run_id, lambda s, c: engine.confirm(s, c, answers))

    async def migrate(self, run_id: str) -> RunView:
        """Take the run over to the file of now. Raises `Invalid` with the reason where it must stay."""
        seen = await self._world.now(run_id)
        loaded = self._world.file_now(seen.state.origin)
        if loaded is None or loaded.sha256 != seen.context.text_now:
            raise Invalid("the file cannot be read", where=seen.state.origin, do="The run stays on its text")
        includes = self._world.texts_of_used(loaded)
        return await self._do(run_id, lambda s, c: engine.migrate(s, c, loaded.text, loaded.sha256, includes))

    async def acknowledge_memory(self, run_id: str) -> RunView:
        """The memory items were read."""
        return await self._do(run_id, engine.acknowledge_memory)

    async def answer(self, run_id: str, step_id: str, value: Json) -> RunView:
        """Answer the step in hand. Raises `Invalid` for an answer that does not fit."""
        return await self._do(run_id, lambda s, c: engine.answer(s, c, step_id, value))

    async def answer_unknown(self, run_id: str, step_id: str) -> RunView:
        """Say that nobody knows."""
        return await self._do(run_id, lambda s, c: engine.answer_unknown(s, c, step_id))

    async def decide(self, run_id: str, step_id: str, branch: str, *, reason: str = "") -> RunView:
        """Go a branch; one that the conditions do not lead to needs a reason."""
        return await self._do(run_id, lambda s, c: engine.decide(s, c, step_id, branch, reason=reason))

    async def set_variable(self, run_id: str, name: str, value: Json) -> RunView:
        """Give a variable a value."""
        return await self._do(run_id, lambda s, c: engine.set_variable(s, c, name, value))

    async def skip(self, run_id: str, step_id: str, reason: str, text: str = "") -> RunView:
        """Leave the step out, with a reason of `triage.model.run.SKIP_REASONS`."""
        return await self._do(run_id, lambda s, c: engine.skip(s, c, step_id, reason, text))

    async def back(self, run_id: str, *, to: str = "", reason: str = "") -> RunView:
        """One step back, or to the worked step ``to``; what was done since stays in the record."""
        return await self._do(run_id, lambda s, c: engine.back(s, c, to, reason))

    async def park(self, run_id: str, *, remind_at: datetime | None = None) -> RunView:
        """Leave it for later."""
        return await self._do(run_id, lambda s, c: engine.park(s, c, remind_at=remind_at))

    async def resume(self, run_id: str) -> RunView:
        """Go on with a parked run; an open one is shown as it is."""
        if (await self._world.now(run_id)).state.status != "parked":
            return await self.view(run_id)
        return await self._do(run_id, engine.resume)

    async def stop(self, run_id: str, reason: str) -> RunView:
        """End it here, with a reason."""
        return await self._do(run_id, lambda s, c: engine.stop(s, c, reason))

    async def resolve_panel(self, run_id: str, choice: str, *, reason: str = "") -> RunView:
        """Decide what a panel asks."""
        return await self._do(run_id, lambda s, c: engine.resolve_panel(s, c, choice, reason=reason))

    async def record_by_hand(self, run_id: str, step_id: str, ok: bool, saw: str) -> RunView:
        """A check was done outside: whether it was good, and what was seen."""
        return await self._do(run_id, lambda s, c: engine.record_by_hand(s, c, step_id, ok, saw))

    async def set_people(self, run_id: str, *, navigator: str) -> RunView:
        """Say who reads along."""
        return await self._do(run_id, lambda s, c: engine.set_people(s, c, navigator=navigator))

    async def swap_roles(self, run_id: str) -> RunView:
        """Driver and navigator change places."""
        return await self._do(
            run_id, lambda s, c: engine.set_people(s, c, driver=s.navigator, navigator=s.driver)
        )

    async def trust(self, playbook_id: str, level: Literal["read", "run"]) -> None:
        """Let exactly the text that was listed run its commands, up to ``level``; an edit ends it."""
        await self.consent.grant(playbook_id, level)

    async def run_command(
        self,
        run_id: str,
        step_id: str,
        digest: str,
        *,
        typed: str = "",
        on_output: Callable[[str], None] | None = None,
    ) -> RunView:
        """Run exactly the command that was shown under ``digest``, and record how it ended.

        The consent is on disk before the command starts, so a crash in between is seen as an interruption.
        `stop_command` ends it early, which is recorded as such. Cancelling the call ends the command and its
        children too, and leaves the run as a crash does: its end was not seen.
        """
        seen = await self._world.now(run_id)
        state, context = seen.state, seen.context
        started = engine.command_started(state, context, step_id, digest, typed=typed)
        step = state.graph.steps[step_id]
        if not isinstance(step, Probe):
            raise NotFound(f"{step_id} runs nothing")
        wanted = wanted_of(state, step, context)
        await self._append(seen, started)
        stop = self._running[run_id] = asyncio.Event()

        async def polled(result: CaptureResult) -> None:
            now = await self._world.now(run_id)
            await self._append(now, engine.command_polled(now.state, now.context, step_id, result))

        try:
            result = await CommandTries(self.parts, step, wanted, stop, polled, on_output).result()
        finally:
            del self._running[run_id]
        return await self._do(run_id, lambda s, c: engine.command_finished(s, c, step_id, result))

    def stop_command(self, run_id: str) -> None:
        """A person stops the command of a run, if one runs: `run_command` records that and returns."""
        if stop := self._running.get(run_id):
            stop.set()

    async def read_answers(self, playbook_id: str, text: str, path: str) -> Mapping[str, Json]:
        """An answers file, checked against the playbook. Raises `Invalid` at the line of the mistake."""
        plan = self._world.plan(self.parts.library.load(playbook_id))
        return read_answers(text, path, plan, self.parts.now())

    async def rehearse(
        self,
        ticket_id: str,
        playbook_id: str,
        answers: Mapping[str, Json],
        *,
        variables: Mapping[str, Json] | None = None,
    ) -> Rehearsal:
        """How far ``answers`` lead and what could follow; nothing is written, run or sent."""
        loaded = self.parts.library.load(playbook_id)
        includes = self._world.texts_of_used(loaded)
        facts = await self._world.facts(ticket_id)
        context = self._world.context(facts, trust=self._world.trust_of(loaded))
        return rehearse(
            loaded.document, answers, context, text=loaded.text, sha256=loaded.sha256, includes=includes,
            variables=variables or {},
        )  # fmt: skip

    async def lacking(self, playbook_id: str, answers: Mapping[str, Json]) -> tuple[str, ...]:
        """``step: program`` for each check without an answer whose program is not installed here."""
        plan = self._world.plan(self.parts.library.load(playbook_id))
        return missing_programs(plan, answers, self._world.context(None))

    async def run_script(
        self, run_id: str, answers: Mapping[str, Json], allow: Literal["", "read_only", "changes"]
    ) -> RunView:
        """Take a run as far as ``answers`` lead; then it is parked and can be resumed.

        Commands run only up to ``allow`` and only where the file is trusted; a destructive one never does.
        Raises `Refused` for a command that is allowed by ``allow`` but not by trust; the run is parked then.
        """
        while True:
            seen = await self._world.now(run_id)
            view = self._shown(seen)
            step = view.current
            if seen.state.status not in ("open", "parked"):
                return view
            if seen.state.status == "parked":
                await self.resume(run_id)
                continue
            if step and step.command and not view.panel and allow and step.id not in answers:
                await self._scripted_command(run_id, step.id, step.command, allow)
                continue
            try:
                entries = next_entries(seen.state, seen.context, answers, {})
            except NeedsInput:
                # What it waits for is told with it: a parked run itself shows no panel.
                return replace(await self.park(run_id), panel=view.panel)
            if not entries:
                return view
            await self._append(seen, entries)

    async def _scripted_command(self, run_id: str, step_id: str, shown: CommandView, allow: str) -> None:
        try:
            allowed_unseen(shown, step_id, allow)
        except Refused:
            await self.park(run_id)
            raise
        running = asyncio.ensure_future(self.run_command(run_id, step_id, shown.digest))
        try:
            await asyncio.shield(running)
        except asyncio.CancelledError:
            # Ctrl+C is a person who stops it: it is ended and recorded before the program goes.
            self.stop_command(run_id)
            await asyncio.wait([running])
            raise

    async def _do(self, run_id: str, act: Act) -> RunView:
        seen = await self._world.now(run_id)
        await self._append(seen, act(seen.state, seen.context))
        return await self.view(run_id)

    async def _append(self, seen: Seen, entries: Sequence[NewEntry]) -> None:
        """Append what was decided on ``seen``; raises `Stopped` when another window has it or went on."""
        if not entries:
            return
        if holder := self.locks.take(seen.state.id):
            raise Stopped(
                "this run is open in another window",
                where=holder,
                do="It can only be read here",
            )
        written = await self.parts.docket.append_if(
            seen.state.case_id, "run", seen.state.id, seen.last_entry, entries
        )
        self._tell(written)

    def _tell(self, written: Sequence[Entry]) -> None:
        if self.heard is not None:
            self.heard(written)

    def _shown(self, seen: Seen) -> RunView:
        """The view of a run; an open one is worked on here from now on, if no other window has it."""
        if seen.state.status != "open":
            self.locks.leave(seen.state.id)
            return engine.view(seen.state, seen.context)
        holder = self.locks.take(seen.state.id)
        # A window that lives has a started command in hand: nobody has to settle it from here.
        context = replace(seen.context, live=seen.context.live or bool(holder))
        return replace(engine.view(seen.state, context), held_by=holder)
