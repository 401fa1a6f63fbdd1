"""Take one guard away and the simulator must notice: proof that it looks where it should."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from tests.reliability.counting import sized, tell
from tests.sync import memory_ledger
from tests.sync.fake_helpdesk import FakeHelpdesk
from tests.sync.memory_books import MemoryBooks
from tests.sync.memory_ledger import MemoryLedger
from tests.sync.simulator import World, simulate
from triage.model.operation import Operation, Probe, Step
from triage.sync import pull as pull_module
from triage.sync import sender as sender_module
from triage.sync import sending
from triage.sync.books import Closing
from triage.sync.ledger import Move
from triage.sync.merge import Merged
from triage.sync.pull import Pull
from triage.sync.push import Passes
from triage.sync.reading import Reading
from triage.sync.sender import Round

MOST_SEEDS = sized(2_000, 10_000)


def found(words: str) -> str:
    """The first violation that has ``words`` in it; fails when no seed shows one."""
    guard = inspect.stack()[1].function.removeprefix("test_").replace("_", " ")
    for seed in range(MOST_SEEDS):
        hits = [line for line in simulate(seed).violations if words in line]
        if hits:
            tell("mutations", 1, **{guard: seed})
            return hits[0]
    pytest.fail(f"{MOST_SEEDS} seeds and nobody noticed")


def test_without_the_commit_before_sending(monkeypatch: pytest.MonkeyPatch) -> None:
    begun: dict[tuple[int, str], Operation] = {}
    plain = MemoryLedger.change

    async def change(
        self: MemoryLedger, operation_id: str, move: Move, reading: Reading | None = None
    ) -> Operation:
        """Keeps "sending" in the process's own memory only."""
        mine = begun.pop((id(self), operation_id), None)
        if mine is not None:
            self.kept.operations[operation_id] = move(mine)
            return self.kept.operations[operation_id]
        would_be = move(self.kept.operations[operation_id])
        if would_be.state == "sending":
            begun[id(self), operation_id] = would_be
            return would_be
        return await plain(self, operation_id, move, reading)

    monkeypatch.setattr(MemoryLedger, "change", change)
    assert found("duplicate")


def test_without_the_settle_window(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(World, "settle_s", 0.0)
    assert found("duplicate")


def test_without_looking_for_the_marker(monkeypatch: pytest.MonkeyPatch) -> None:
    async def probe(self: FakeHelpdesk, step: Step, ticket_id: str) -> Probe:
        return Probe("absent", True)

    monkeypatch.setattr(FakeHelpdesk, "probe", probe)
    assert found("duplicate")


def test_without_the_second_scan(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "SCANS_NEEDED", 1)
    assert found("duplicate")


def test_with_what_died_in_sending_sent_again(monkeypatch: pytest.MonkeyPatch) -> None:
    def found_dead(operation: Operation, key: str, now: datetime, settle_s: float) -> Operation:
        return sending._again(operation, sending._step(operation, key), "again", now, 0)

    monkeypatch.setattr(sending, "found_dead", found_dead)
    assert found("duplicate")


def test_without_first_come_first_served(monkeypatch: pytest.MonkeyPatch) -> None:
    async def lines(self: Passes, operations: Sequence[Operation], run: Round) -> None:
        await asyncio.gather(*(self._sender.carry(one, run) for one in reversed(operations)))

    monkeypatch.setattr(Passes, "_lines", lines)
    assert found("order")


def test_without_the_lease(monkeypatch: pytest.MonkeyPatch) -> None:
    async def take(self: MemoryLedger) -> None:
        return None

    monkeypatch.setattr(MemoryLedger, "take", take)
    monkeypatch.setattr(MemoryLedger, "_fenced", lambda self: None)
    assert found("duplicate")


def test_without_the_explicit_visibility(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = FakeHelpdesk._note

    def note(self: FakeHelpdesk, operation: Operation, ordinal: str) -> dict[str, Any]:
        payload = plain(self, operation, ordinal)
        return {name: value for name, value in payload.items() if name != "public" or value}

    monkeypatch.setattr(FakeHelpdesk, "_note", note)
    assert found("public without confirmation")


def test_without_reading_back(monkeypatch: pytest.MonkeyPatch) -> None:
    async def verify(self: FakeHelpdesk, step: Step, ticket_id: str) -> Sequence[str]:
        return []

    monkeypatch.setattr(FakeHelpdesk, "verify", verify)
    assert found("says written")


def test_without_the_merge(monkeypatch: pytest.MonkeyPatch) -> None:
    def overwriting(operation: Operation, current: Any, **named: Any) -> Merged:
        return Merged(operation.change)

    monkeypatch.setattr(sender_module, "merge", overwriting)
    assert found("overwrote")


def test_without_the_longest_time_a_write_may_take(monkeypatch: pytest.MonkeyPatch) -> None:
    """A sender that outlives its lease in one request meets the next one."""
    monkeypatch.setattr(sender_module, "WRITE_DEADLINE_S", 100_000.0)
    monkeypatch.setattr(FakeHelpdesk, "slowest_s", 1_500.0)
    assert found("duplicate")


def test_without_the_guard_on_a_suddenly_short_queue(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pull_module, "too_short", lambda before, solved, now: False)
    assert found("taken out of the queue")


def test_with_the_cursor_before_its_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = MemoryBooks.keep

    async def keep(
        self: MemoryBooks, readings: Sequence[Reading], entered: Collection[str], cursor: str | None
    ) -> frozenset[str]:
        if cursor is not None:
            self.kept.cursor = cursor
            self.at_point("cursor alone")
        return await plain(self, readings, entered, None)

    monkeypatch.setattr(MemoryBooks, "keep", keep)
    assert found("mirror")


def test_without_reading_again_what_left_the_queue_unread(monkeypatch: pytest.MonkeyPatch) -> None:
    async def overdue(self: Pull, looked_at: frozenset[str]) -> None:
        return None

    monkeypatch.setattr(Pull, "_overdue", overdue)
    assert found("mirror")


def test_without_reading_again_what_was_read_too_fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pull_module, "settled", lambda ticket, read_at: True)
    assert found("mirror's timeline")


def test_without_knowing_own_notes_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory_ledger, "stamped", lambda timeline, operations: tuple(timeline))
    assert found("own note not known")


def test_with_the_queue_replaced_by_what_an_older_look_saw(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = MemoryBooks.close

    async def close(self: MemoryBooks, closing: Closing) -> frozenset[str]:
        return await plain(self, replace(closing, before=frozenset(self.kept.members)))

    monkeypatch.setattr(MemoryBooks, "close", close)
    assert found("taken out of the queue")


def test_with_a_lost_stream_of_changes_not_made_up_for(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = MemoryBooks.keep

    async def keep(
        self: MemoryBooks, readings: Sequence[Reading], entered: Collection[str], cursor: str | None
    ) -> frozenset[str]:
        self.kept.cursor = self.kept.cursor or cursor
        return await plain(self, readings, entered, cursor)

    monkeypatch.setattr(MemoryBooks, "keep", keep)
    assert found("mirror behind")


def test_with_a_probe_that_takes_any_note_of_ours(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def probe(self: FakeHelpdesk, step: Step, ticket_id: str) -> Probe:
        ours = [note for note in self.server.tickets[ticket_id].notes if note.marker]
        return Probe("found", True, ours[0].id) if ours else Probe("absent", True)

    async def verify(self: FakeHelpdesk, step: Step, ticket_id: str) -> Sequence[str]:
        return []

    monkeypatch.setattr(FakeHelpdesk, "probe", probe)
    monkeypatch.setattr(FakeHelpdesk, "verify", verify)
    assert found("lost")
