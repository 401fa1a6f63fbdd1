"""Two engineers, their programs and another agent: nothing lost, doubled, astray or public unasked.

Hypothesis chooses the steps and makes a failure small. `tests.sync.simulator` has the same world by seed.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Coroutine
from functools import partial
from typing import Any, Literal, TypeVar

import pytest
from hypothesis import HealthCheck, assume, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule

from tests.reliability.counting import sized, tell
from tests.sync import virtual_time
from tests.sync.fake_helpdesk import CALM, STORM, FakeHelpdesk, Faults, Server
from tests.sync.memory_books import MemoryBooks
from tests.sync.memory_ledger import Kept, MemoryLedger
from tests.sync.simulator import Process, run_until_dead
from triage.model.entry import Person
from triage.model.errors import Refused, TriageError
from triage.model.note_file import PLAIN_TEXT, NoteFile
from triage.model.operation import FINISHED, Change, Note, Operation
from triage.sync import outbox
from triage.sync.merge import merge
from triage.sync.pull import Pull
from triage.sync.push import Passes

T = TypeVar("T")

EXAMPLES, STEPS = sized(15, 2_000), sized(20, 100)
TICKETS = ("1", "2")
ENGINEERS = ("Robin", "Noor")
"""Robin has two programs on one outbox, Noor one on another."""
PROGRAMS = {"Robin's screen": "Robin", "Robin's shell": "Robin", "Noor's screen": "Noor"}


class Desk(RuleBasedStateMachine):
    """What people, programs, agents and the weather may do."""

    operations = Bundle("operations")

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner(loop_factory=self._loop)
        self.runner.get_loop()
        self.server = Server(TICKETS)
        self.kept = {name: Kept() for name in ENGINEERS}
        self.faults: Faults = STORM
        self.lives = 0

    def _loop(self) -> asyncio.AbstractEventLoop:
        virtual_time._current.append(loop := virtual_time.VirtualLoop())
        loop.timeless.advance = loop._advance
        return loop

    def teardown(self) -> None:
        """Fair weather until everything is finished; then a last look at it all."""
        try:
            self.faults = CALM
            # Each of those in line for one ticket may need a person once, in a round of its own.
            rounds = 30 + 2 * len(self._all())
            for number in range(rounds):
                if all(one.state in FINISHED for one in self._all()):
                    break
                self._decide_everything(patient=number < rounds // 2)
                self.time_passes(600)
                for program in PROGRAMS:
                    self._runs(self._send(program, Process(program, lambda: False)))
            assert [one for one in self._all() if one.state not in FINISHED] == []
            for one in self._all():
                notes = self._notes(one)
                assert len(notes) == (one.change.note is not None) or one.state == "dropped", one
            writes = len(self.server.writes)
            for program in PROGRAMS:
                self._runs(self._send(program, Process(program, lambda: False)))
            assert len(self.server.writes) == writes, "a further sync wrote something"
        finally:
            self.runner.close()
            virtual_time._current.clear()

    @rule(
        target=operations,
        who=st.sampled_from(ENGINEERS),
        ticket_id=st.sampled_from(TICKETS),
        public=st.booleans(),
        what=st.sampled_from(["note", "tags", "status", "all"]),
        status=st.sampled_from(["open", "hold"]),
        at_once=st.booleans(),
    )
    def proposes(
        self, who: str, ticket_id: str, public: bool, what: str, status: str, at_once: bool
    ) -> tuple[str, str]:
        self.lives += 1
        id_ = f"0197dddd-{self.lives:05}"
        log = NoteFile("log.txt", PLAIN_TEXT, f"log of {id_}\n")
        files = (log,) if what == "note" and not public else ()
        note = Note(f"finding {id_}", "public" if public else "internal", files=files)
        change = Change(
            note=note if public or what in ("note", "all") else None,
            tags_add=("bug",) if not public and what in ("tags", "all") else (),
            status=status if not public and what in ("status", "all") else None,
        )
        ticket = self.server.words_of(self.server.tickets[ticket_id])
        self.kept[who].operations[id_] = outbox.propose(
            ticket, change, Person(who), id_, virtual_time.now(), "test"
        )
        if at_once and not public:
            self.confirms((who, id_), "")
        return who, id_

    @rule(one=operations, key=st.sampled_from(["", "HL-1", "HL-2"]))
    def confirms(self, one: tuple[str, str], key: str) -> None:
        """With the key of the ticket, of another or with none, as fingers will have it."""
        operation = self._operation(one)
        assume(operation.state == "proposed")
        wrong = outbox.is_public(operation.change) and key != f"HL-{operation.ticket_id}"
        try:
            self.kept[one[0]].edit(one[1], lambda it: outbox.confirm(it, virtual_time.now(), public_key=key))
        except Refused:
            assert wrong
        else:
            assert not wrong

    @rule(one=operations, words=st.sampled_from(["rewritten", "said better"]))
    def edits(self, one: tuple[str, str], words: str) -> None:
        self._tries(one, lambda it: outbox.edit_note(it, f"{words} {it.id}"))

    @rule(one=operations)
    def parks(self, one: tuple[str, str]) -> None:
        self._tries(one, outbox.park)

    @rule(one=operations)
    def retries(self, one: tuple[str, str]) -> None:
        self._tries(one, lambda it: outbox.retry(it, virtual_time.now()))

    @rule(one=consumes(operations))
    def drops(self, one: tuple[str, str]) -> None:
        self._tries(one, outbox.drop)

    @rule(one=operations, pick=st.sampled_from(["mine", "theirs"]))
    def picks(self, one: tuple[str, str], pick: Literal["mine", "theirs"]) -> None:
        assume(self._operation(one).state == "conflict")
        self._pick(one, pick)

    @rule(
        program=st.sampled_from(list(PROGRAMS)),
        lucks=st.lists(st.integers(0, 1 << 16), min_size=1, max_size=4),
    )
    def sends(self, program: str, lucks: list[int]) -> None:
        """So many passes one after the other."""
        for luck in lucks:
            self._runs(self._send(program, Process(program, lambda: False), luck))

    @rule(program=st.sampled_from(list(PROGRAMS)), points=st.integers(0, 40), luck=st.integers(0, 1 << 16))
    def dies_while_sending(self, program: str, points: int, luck: int) -> None:
        left = iter(range(points))
        process = Process(program, lambda: next(left, None) is None)
        self._runs(run_until_dead(self._send(program, process, luck), process))

    @rule(luck=st.integers(0, 1 << 16))
    def two_programs_send_at_once(self, luck: int) -> None:
        async def both() -> None:
            await asyncio.gather(
                *(self._send(program, Process(program, lambda: False), luck) for program in PROGRAMS)
            )

        self._runs(both())

    @rule(who=st.sampled_from(ENGINEERS), luck=st.integers(0, 1 << 16))
    def pulls(self, who: str, luck: int) -> None:
        async def pull() -> None:
            books = MemoryBooks(self.kept[who], virtual_time.now)
            helpdesk = self._helpdesk(who, Process(who, lambda: False), luck)
            try:
                await Pull(books, helpdesk, "all", virtual_time.now).run()
            except TriageError:
                return

        self._runs(pull())

    @rule(ticket_id=st.sampled_from(TICKETS), luck=st.integers(0, 1 << 16))
    def another_agent_edits(self, ticket_id: str, luck: int) -> None:
        self._runs(self._edit(ticket_id, luck))

    async def _edit(self, ticket_id: str, luck: int) -> None:
        self.server.agent_edits(ticket_id, random.Random(luck))

    @rule(storm=st.booleans())
    def the_weather_turns(self, storm: bool) -> None:
        self.faults = STORM if storm else CALM

    @rule(seconds=st.sampled_from([1, 30, 130, 3600]))
    def time_passes(self, seconds: int) -> None:
        self._runs(asyncio.sleep(seconds))

    @invariant()
    def every_note_is_once_where_it_should_be_seen_by_whom_it_should(self) -> None:
        for one in self._all():
            notes = self._notes(one)
            assert len(notes) <= 1, f"{len(notes)} notes of {one.id}"
            for note in notes:
                assert note.ticket_id == one.ticket_id, f"{one.id} is on {note.ticket_id}"
                assert one.confirmed_at is not None, f"{one.id} was sent unconfirmed"
                confirmed = one.public_confirmed_with == f"HL-{one.ticket_id}"
                assert not note.public or confirmed, f"{one.id} is public"
            if one.state == "verified" and one.change.note is not None:
                assert notes, f"{one.id} says it arrived, and did not"

    def _all(self) -> list[Operation]:
        return [one for kept in self.kept.values() for one in kept.operations.values()]

    def _operation(self, one: tuple[str, str]) -> Operation:
        return self.kept[one[0]].operations[one[1]]

    def _notes(self, one: Operation) -> list[Any]:
        every = [note for ticket in self.server.tickets.values() for note in ticket.notes]
        return [note for note in every if note.marker.startswith(one.id)]

    def _tries(self, one: tuple[str, str], move: Any) -> None:
        """A person may ask for it in any state; where it is not possible they are told."""
        try:
            self.kept[one[0]].edit(one[1], move)
        except TriageError:
            return

    def _pick(self, one: tuple[str, str], pick: Literal["mine", "theirs"]) -> None:
        operation = self._operation(one)
        current = self.server.words_of(self.server.tickets[operation.ticket_id])
        picks = {it.field: pick for it in merge(operation, current, me=one[0]).conflicts}
        self.kept[one[0]].edit(one[1], lambda it: outbox.resolve(it, picks, current, me=one[0]))

    def _decide_everything(self, *, patient: bool) -> None:
        for who, kept in self.kept.items():
            for operation in list(kept.operations.values()):
                one = (who, operation.id)
                if operation.state == "conflict":
                    self._pick(one, "mine")
                elif operation.state == "proposed":
                    kept.edit(operation.id, outbox.drop)
                elif operation.state in ("parked", "rejected"):
                    # What landed and was changed by somebody else since is read back as missing for ever.
                    again = partial(outbox.retry, now=virtual_time.now())
                    kept.edit(operation.id, again if patient else outbox.drop)

    def _helpdesk(self, sender: str, process: Process, luck: int) -> FakeHelpdesk:
        return FakeHelpdesk(
            self.server,
            random.Random(luck),
            sender=sender,
            faults=lambda: self.faults,
            at_point=process.point,
        )

    async def _send(self, program: str, process: Process, luck: int = 0) -> None:
        ledger = MemoryLedger(self.kept[PROGRAMS[program]], program, virtual_time.now, process.point)
        try:
            await Passes(ledger, self._helpdesk(program, process, luck), now=virtual_time.now).run()
        except TriageError:
            return

    def _runs(self, work: Coroutine[Any, Any, T]) -> T:
        return self.runner.run(work)


SIZE = settings(
    max_examples=EXAMPLES,
    stateful_step_count=STEPS,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    derandomize=EXAMPLES < 100,
)


@pytest.mark.filterwarnings("ignore::hypothesis.errors.HypothesisWarning")
def test_in_any_order_nothing_is_lost_doubled_astray_or_public_unasked() -> None:
    case = Desk.TestCase()
    case.settings = SIZE
    case.runTest()
    tell("state machine", EXAMPLES, steps=STEPS * EXAMPLES)
