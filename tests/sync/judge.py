"""Looking for broken promises in a world that has come to rest."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from triage.model.operation import FINISHED, Operation
from triage.sync.merge import wishes
from triage.sync.queue_guard import SMALLEST_ALARM
from triage.sync.reading import Reading

if TYPE_CHECKING:
    from tests.sync.fake_helpdesk import ServerNote
    from tests.sync.simulator import World

MOST_ROUNDS = 200
"""Syncs after the storm within which both sides must have come to rest."""


def judge(world: World) -> None:
    """Write every broken promise into the report."""
    for operation in world.kept.operations.values():
        _judge_notes(world, operation)
        if operation.state == "verified":
            _judge_fields(world, operation)
        elif operation.state not in FINISHED:
            _wrong(world, operation, f"never finished: {operation.state}, {operation.problem}")
    if not world.set_back:
        _judge_order(world)
    _judge_overwrites(world)
    if world.report.rounds > MOST_ROUNDS:
        world.report.violations.append(f"{world.report.rounds} rounds after the storm, and not finished")
    if world.kept.cursor is not None:
        _judge_mirror(world)


def _judge_notes(world: World, operation: Operation) -> None:
    found = [note for ticket in world.server.tickets.values() for note in ticket.notes
             if note.marker.startswith(operation.id)]  # fmt: skip
    wanted = operation.change.note is not None
    if len(found) > 1:
        _wrong(world, operation, f"duplicate: {len(found)} notes")
    if wanted and operation.state == "verified" and not found:
        _wrong(world, operation, "lost: no note")
    if operation.state == "dropped" and found and not operation.problem:
        _wrong(world, operation, "dropped in silence, though the note is there")
    for note in found:
        if note.ticket_id != operation.ticket_id:
            _wrong(world, operation, f"wrong ticket {note.ticket_id}")
        if note.public and operation.public_confirmed_with != f"HL-{operation.ticket_id}":
            _wrong(world, operation, "public without confirmation")
        _judge_files(world, operation, note)


def _judge_files(world: World, operation: Operation, note: ServerNote) -> None:
    """A note has the files that were masked, all of them and no other, and none of them in public."""
    asked = operation.change.note
    if note.files and note.public:
        _wrong(world, operation, "a file where the customer sees it")
    if asked is not None and note.files != tuple((file.name, file.text) for file in asked.files):
        _wrong(world, operation, f"{len(note.files)} files arrived, not as they were sent")
    if "hunter" in str(note.files):
        _wrong(world, operation, "a secret left in a file")


def _judge_fields(world: World, operation: Operation) -> None:
    kept = world.server.tickets[operation.ticket_id]
    for name, value in wishes(operation.change, me="Robin").items():
        since = [at for at, held, now in kept.held if held == name and now == value]
        if not since or max(since) < operation.created_at - timedelta(hours=2):
            _wrong(world, operation, f"says written, but {name} never was {value}")
    for tag in operation.change.tags_add:
        if not any(held == "tags" and tag in tags for _, held, tags in kept.held):
            _wrong(world, operation, f"says written, but the tag {tag} never was there")


def _judge_order(world: World) -> None:
    for ticket_id in sorted(world.server.tickets):
        came = [note.marker.split("/")[0] for note in world.server.tickets[ticket_id].notes if note.marker]
        arrived = list(dict.fromkeys(one for one in came if world.kept.operations[one].state == "verified"))
        expected = [one for one in world.confirmed if one in set(arrived)]
        if arrived != expected:
            world.report.violations.append(f"order on {ticket_id}: {arrived}, confirmed {expected}")


def _judge_overwrites(world: World) -> None:
    """Our writes may only replace what the person saw, picked over, or an operation of ours asked for."""
    if not world.locks:
        return
    ours: dict[tuple[str, str], set[object]] = {}
    for operation in world.kept.operations.values():
        for name, value in wishes(operation.change, me="Robin").items():
            ours.setdefault((operation.ticket_id, name), set()).add(value)
    for write in world.server.writes:
        operation = world.kept.operations[write.key.split("/")[0]]
        for name, old in write.overwrote.items():
            mine = ours.setdefault((write.ticket_id, name), set()) - {write.wrote[name]}
            seen = world.seen.get((operation.id, name), [])
            if old not in mine and (old or None) not in seen and old != write.wrote[name]:
                _wrong(world, operation, f"overwrote {name} {old!r} of another agent; the person saw {seen}")


def _judge_mirror(world: World) -> None:
    """The mirror says what the server says: the queue, every ticket it knows, every note once."""
    kept, server = world.kept, world.server
    broken = world.report.violations
    if kept.members != set(server.queue):
        broken.append(f"queue of {sorted(kept.members)}, the server has {sorted(server.queue)}")
    for taken in kept.takings:
        if len(believed := sorted(taken - server.left)) >= SMALLEST_ALARM:
            broken.append(f"taken out of the queue without having left it: {believed}")
    for id_, reading in kept.mirror.items():
        truth = server.tickets[id_]
        if truth.deleted:
            if id_ not in kept.gone and reading.ticket.open:
                broken.append(f"deleted, and the mirror shows it open: {id_}")
            continue
        if reading.ticket != server.words_of(truth):
            broken.append(f"mirror behind on {id_}: {reading.ticket.version} of {truth.version}")
        elif not world.set_forward:
            _judge_timeline(world, id_, reading)


def _judge_timeline(world: World, id_: str, reading: Reading) -> None:
    told = [event.source_ref.removeprefix("comment ") for event in reading.timeline or ()]
    there = [note.id for note in world.server.tickets[id_].notes]
    if sorted(told) != sorted(there):
        world.report.violations.append(f"mirror's timeline of {id_}: {told}, the server has {there}")
    keys = {note.id: note.marker for note in world.server.tickets[id_].notes}
    for event in reading.timeline or ():
        if event.marker != keys.get(event.source_ref.removeprefix("comment "), ""):
            world.report.violations.append(f"own note not known again on {id_}: {event.source_ref}")


def _wrong(world: World, operation: Operation, words: str) -> None:
    world.report.violations.append(f"{operation.id} on {operation.ticket_id}: {words}")
