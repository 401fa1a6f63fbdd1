"""A whole little world by seed: people, other agents, senders that die, and a helpdesk in a storm.

`simulate` runs it in virtual time until everything is finished and returns what went wrong, if anything.
"""

from __future__ import annotations

import asyncio
import hashlib
import random
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from tests.sync import virtual_time
from tests.sync.fake_helpdesk import CALM, STORM, FakeHelpdesk, Faults, Server
from tests.sync.judge import judge
from tests.sync.memory_books import MemoryBooks
from tests.sync.memory_ledger import Kept, MemoryLedger
from triage.model.entry import Person
from triage.model.errors import HelpdeskFailed, TriageError
from triage.model.note_file import PLAIN_TEXT, NoteFile
from triage.model.operation import FINISHED, Change, Note, Operation
from triage.model.ticket import Ticket
from triage.model.uuid7 import uuid7
from triage.sync import outbox
from triage.sync.books import Books
from triage.sync.ledger import Ledger, Move
from triage.sync.merge import Pick, merge
from triage.sync.pull import Pull
from triage.sync.push import Passes, PushResult

STORM_ENDS_S = 1500.0
GIVE_UP_S = 12 * 3600.0
TICKETS = ("1", "2", "3")
"""Those that people write to."""
QUEUE = (*TICKETS, "4", "5", "6")
PULL_EVERY_S = 90.0


class Killed(BaseException):
    """The process is gone; nothing of it runs on."""


@dataclass
class Report:
    """What a simulation came to."""

    seed: int
    violations: list[str] = field(default_factory=list)
    trace: str = ""
    finished_s: float = 0.0
    kills: int = 0
    sends: int = 0
    rounds: int = 0
    """Syncs of the busier program from the end of the storm until everything was finished."""
    stops: int = 0
    """Pulls that a guard stopped or trouble ended."""


class Process:
    """One running program; dead ones stop at the next point."""

    def __init__(self, name: str, dies: Callable[[], bool]) -> None:
        self.name = name
        self.death = asyncio.Event()
        self._dies = dies

    def point(self, where: str) -> None:
        if self.death.is_set() or self._dies():
            self.death.set()
            raise Killed


class World:
    """Everything of one seed."""

    settle_s: float | None = None
    """The settle window the senders use; the helpdesk's own when None."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        self.lines: list[str] = []
        self.server = Server(QUEUE, self.log)
        self.kept = Kept()
        self.report = Report(seed)
        self.atomic = self.rng.random() < 0.5
        self.locks = self.rng.random() < 0.7
        self.kill_chance = self.rng.choice([0.0, 0.004, 0.02])
        self.clock_offset = timedelta()
        self.over = False
        self.rounds: dict[str, int] = {}
        self.set_back = False
        self.set_forward = False
        self.confirmed: list[str] = []
        self.patience: dict[str, int] = {}
        self.seen: dict[tuple[str, str], list[object]] = {}
        """What the person saw of a field, at the start and at each pick."""

    def log(self, line: str) -> None:
        self.lines.append(f"{asyncio.get_running_loop().time():.3f} {line}")

    def now(self) -> datetime:
        return virtual_time.now() + self.clock_offset

    def stormy(self) -> bool:
        return not self.over and asyncio.get_running_loop().time() < STORM_ENDS_S

    def faults(self) -> Faults:
        return STORM if self.stormy() else CALM

    def finished(self) -> bool:
        return len(self.confirmed) > 0 and all(one.state in FINISHED for one in self.kept.operations.values())

    def books(self, process: Process) -> Books | None:
        """A process's way to the mirror; None where this world does not pull."""
        return MemoryBooks(self.kept, self.now, process.point)

    # --- where operations are kept --------------------------------------------------------------------

    async def add(self, operation: Operation) -> None:
        """Keep a new operation."""
        self.kept.operations[operation.id] = operation

    async def edit(self, operation_id: str, move: Move) -> Operation:
        """What a person does, in a transaction of its own."""
        return self.kept.edit(operation_id, move)

    async def look(self) -> None:
        """Bring `kept` up to what is committed."""

    def ledger(self, process: Process) -> Ledger:
        """A process's way to it."""
        return MemoryLedger(self.kept, process.name, self.now, process.point)

    # --- who lives in it ------------------------------------------------------------------------------

    async def live(self) -> Report:
        person = asyncio.create_task(self._person())
        others = [
            asyncio.create_task(self._agent()),
            asyncio.create_task(self._clock()),
            asyncio.create_task(self._administrator()),
            asyncio.create_task(self._program("screen")),
            asyncio.create_task(self._program("shell")),
        ]
        await person
        loop = asyncio.get_running_loop()
        while not self.finished() and loop.time() < GIVE_UP_S:
            await asyncio.sleep(20)
            await self._mend()
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        await asyncio.sleep(300)
        await self.look()
        self.report.finished_s = loop.time()
        self.report.sends = len(self.server.writes)
        self.report.rounds = max(self.rounds.values(), default=0)
        self.over = True
        await self._last_look()
        judge(self)
        text = "\n".join(self.lines)
        self.report.trace = hashlib.sha256(text.encode()).hexdigest()
        return self.report

    async def _last_look(self) -> None:
        """Two more syncs in fair weather: the first may still learn something, neither may write."""
        process = Process("last", lambda: False)
        for _ in range(2):
            await self._sender(process).run()
            if (books := self.books(process)) is not None:
                await Pull(books, self._helpdesk(process), "all", self.now, accept_shorter=True).run()
        await self.look()

    async def _person(self) -> None:
        for _ in range(self.rng.randint(3, 8)):
            await asyncio.sleep(self.rng.uniform(0, 120))
            await self._write_something()
            await self._mend()

    async def _write_something(self) -> None:
        # As it was on the screen, which may be of a time before it was deleted.
        ticket = self.server.words_of(self.server.tickets[self.rng.choice(TICKETS)])
        id_ = uuid7(int(self.now().timestamp() * 1000), self.rng.randbytes(10))
        change = self._change()
        proposed = outbox.propose(ticket, change, Person("Robin"), id_, self.now(), "simulation")
        key = ticket.key if outbox.is_public(change) else ""
        operation = outbox.confirm(proposed, self.now(), public_key=key)
        await self.add(operation)
        self.confirmed.append(id_)
        self._remember(operation)
        self.log(f"confirmed {id_} on {ticket.id}")

    def _change(self) -> Change:
        rng = self.rng
        if rng.random() < 0.15:
            return Change(note=Note("Dear customer", "public"))
        luck = rng.random()
        # Of the same throw, so that the worlds of a seed are the same with files and without.
        files = (NoteFile("log.txt", PLAIN_TEXT, f"password=hunter{luck}\n"),) if luck < 0.3 else ()
        return Change(
            note=Note(f"finding {luck}", "internal", files=files) if rng.random() < 0.8 else None,
            tags_add=(rng.choice(["bug", "docs"]),),
            tags_remove=("esc",) if rng.random() < 0.3 else (),
            fields={"esc_code": rng.choice(["x", "y"])} if rng.random() < 0.5 else {},
            status=rng.choice(["open", "hold"]) if rng.random() < 0.4 else None,
            assignee="me" if rng.random() < 0.3 else None,
        )

    async def _mend(self) -> None:
        """A person looks into the outbox and decides what waits for one."""
        await self.look()
        for operation in list(self.kept.operations.values()):
            if operation.state == "conflict":
                await self._pick(operation)
            elif operation.state in ("parked", "rejected"):
                tries = self.patience[operation.id] = self.patience.get(operation.id, 0) + 1
                drop = tries > 6 or (operation.state == "rejected" and self.rng.random() < 0.3)
                await self.edit(
                    operation.id, outbox.drop if drop else lambda one: outbox.retry(one, self.now())
                )
                self.log(f"{'dropped' if drop else 'retried'} {operation.id}: {operation.problem}")

    async def _pick(self, operation: Operation) -> None:
        current: Ticket = self.server.words_of(self.server.tickets[operation.ticket_id])
        conflicts = merge(operation, current, me="Robin").conflicts
        picks: dict[str, Pick] = {
            one.field: "mine" if self.rng.random() < 0.5 else "theirs" for one in conflicts
        }
        self._remember(
            await self.edit(operation.id, lambda one: outbox.resolve(one, picks, current, me="Robin"))
        )
        self.log(f"picked {picks} for {operation.id}")

    def _remember(self, operation: Operation) -> None:
        for name, value in operation.base.items():
            self.seen.setdefault((operation.id, name), []).append(value or None)

    async def _agent(self) -> None:
        while self.stormy():
            await asyncio.sleep(self.rng.uniform(10, 180))
            self.server.agent_edits(self.rng.choice(TICKETS), self.rng)

    async def _administrator(self) -> None:
        """Tickets leave the queue and come back, are merged, are deleted."""
        while self.stormy():
            await asyncio.sleep(self.rng.uniform(100, 600))
            luck, one = self.rng.random(), self.rng.choice(QUEUE)
            kept = self.server.tickets[one]
            if kept.deleted or kept.merged:
                continue
            if luck < 0.1:
                self.server.delete(one)
            elif luck < 0.2:
                heir = self.rng.choice([other for other in QUEUE if other != one])
                self.server.merge_away(one, heir)
            elif luck < 0.5:
                self.server.leave(one)
                self.server.bump(kept)
            else:
                self.server.come_back(one)
                self.server.bump(kept)

    async def _clock(self) -> None:
        if self.rng.random() < 0.2:
            await asyncio.sleep(self.rng.uniform(60, STORM_ENDS_S))
            jump = self.rng.choice([-3600, 3600])
            self.set_back = jump < 0
            self.set_forward = jump > 0
            self.clock_offset = timedelta(seconds=jump)
            self.log(f"clock {jump}")

    async def _program(self, name: str) -> None:
        """Started, sends whenever there is something to send, dies now and then, is started again."""
        life = 0
        while True:
            life += 1
            process = Process(f"{name}-{life}", self._fate())
            await run_until_dead(self._sessions(process), process)
            self.report.kills += 1
            self.log(f"{process.name} died")
            await asyncio.sleep(self.rng.uniform(0.1, 60))

    def _fate(self) -> Callable[[], bool]:
        return lambda: self.stormy() and self.rng.random() < self.kill_chance

    async def _sessions(self, process: Process) -> None:
        sender = self._sender(process)
        loop = asyncio.get_running_loop()
        pulled_s = -self.rng.uniform(0, PULL_EVERY_S)
        while True:
            if loop.time() - pulled_s > PULL_EVERY_S:
                pulled_s = loop.time()
                await self._pull(process)
            try:
                result = await sender.run()
            except HelpdeskFailed:
                result = PushResult()
            if not self.stormy():
                name = process.name.partition("-")[0]
                self.rounds[name] = self.rounds.get(name, 0) + 1
            wait = self.rng.uniform(2, 40)
            if result.next_due is not None:
                wait = min(max((result.next_due - self.now()).total_seconds(), 0.5), 60)
            await asyncio.sleep(wait)

    async def _pull(self, process: Process) -> None:
        books = self.books(process)
        if books is None:
            return
        try:
            result = await Pull(books, self._helpdesk(process), "all", self.now).run()
            self.log(f"{process.name} pulled {result}")
        except TriageError as trouble:
            self.report.stops += 1
            self.log(f"{process.name} did not pull: {trouble}")

    def _sender(self, process: Process) -> Passes:
        helpdesk = self._helpdesk(process)
        return Passes(self.ledger(process), helpdesk, now=self.now, settle_s=self.settle_s)

    def _helpdesk(self, process: Process) -> FakeHelpdesk:
        return FakeHelpdesk(
            self.server,
            self.rng,
            atomic=self.atomic,
            locks=self.locks,
            sender=process.name,
            faults=self.faults,
            at_point=process.point,
        )


async def run_until_dead(main: Coroutine[Any, Any, Any], process: Process) -> BaseException | None:
    """Run ``main`` as ``process``; when that dies, nothing of it goes on. None: it ended well."""
    task = asyncio.create_task(main)
    death = asyncio.create_task(process.death.wait())
    try:
        await asyncio.wait({task, death}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        task.cancel()
        death.cancel()
        endings = await asyncio.gather(task, death, return_exceptions=True)
    return endings[0] if isinstance(endings[0], BaseException) else None


def simulate(seed: int) -> Report:
    """Run the world of ``seed`` to its end."""

    async def main() -> Report:
        return await World(seed).live()

    return virtual_time.run(main())
