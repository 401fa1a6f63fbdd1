"""Notes that have not reached the helpdesk, once more, in a file of their own: append-only, a JSON line each.

A note stands there before the database says it is saved. When the database is lost and a backup takes its
place, what people wrote since that backup is brought back from here.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from sqlmodel import Session

from triage.config.private_file import cannot_write, private_directory, sync_directory, write_private
from triage.model.operation import FINISHED, Operation
from triage.store import mirror, outbox
from triage.store.operation_rows import operation_of, operation_values

LARGEST = 1024 * 1024
"""Bytes; a journal above that is written anew without what has arrived."""

_TIMES = ("created_at", "confirmed_at")
_BROUGHT_BACK = "brought back from the journal; look at the ticket, then confirm or drop it"


class NoteJournal:
    """The journal at ``path``, mode 0600. Several processes may append to it. Blocks: use it in a thread."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def write(self, operations: Iterable[Operation]) -> None:
        """Append those of ``operations`` that carry a note; on disk after return. Raises `Invalid`."""
        lines = [_line(operation) for operation in operations if operation.change.note is not None]
        if lines:
            self._append(lines)

    def finished(self, operation_ids: Iterable[str]) -> None:
        """Remember that these have arrived or were given up. Raises `Invalid`."""
        lines = [json.dumps({"finished": one}) for one in operation_ids]
        if lines:
            self._append(lines)

    def unsent(self) -> dict[str, Operation]:
        """What was written and is not finished, by id, the latest text of each."""
        held: dict[str, Operation] = {}
        for line in self._lines():
            if "finished" in line:
                held.pop(str(line["finished"]), None)
            elif (operation := _operation(line)) is not None:
                held[operation.id] = operation
        return held

    def shorten(self) -> None:
        """Leave out what is finished, once the file has grown large. Raises `Invalid`."""
        if not self._large():
            return
        with self._alone():
            if self._large():  # nobody else has done it meanwhile
                kept = [_line(operation) for operation in self.unsent().values()]
                write_private(self.path, "".join(f"{line}\n" for line in kept).encode())

    def _large(self) -> bool:
        return self.path.exists() and self.path.stat().st_size > LARGEST

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """No other process appends or shortens for the block: a line appended to the file that is being
        replaced would go with it. The kernel gives the lock back when its holder dies.
        """
        flags = os.O_CREAT | os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW
        lock = self.path.with_name(f"{self.path.name}.lock")
        try:
            handle = os.open(lock, flags, 0o600)
        except OSError as error:
            raise cannot_write(lock, error) from error
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        except OSError as error:
            raise cannot_write(lock, error) from error
        finally:
            os.close(handle)

    def _append(self, lines: list[str]) -> None:
        private_directory(self.path.parent)
        with self._alone():
            self._append_whole(lines)

    def _append_whole(self, lines: list[str]) -> None:
        new = not self.path.exists()
        try:
            flags = os.O_CREAT | os.O_APPEND | os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW
            handle = os.open(self.path, flags, 0o600)
            try:
                if new:
                    os.fchmod(handle, 0o600)
                # A line that a crash cut short must not swallow the next one.
                torn = b"\n" if _torn(handle) else b""
                _write_whole(handle, torn + "".join(f"{line}\n" for line in lines).encode())
                os.fsync(handle)
            finally:
                os.close(handle)
            if new:
                sync_directory(self.path.parent)
        except OSError as error:
            raise cannot_write(self.path, error) from error

    def _lines(self) -> Iterator[Mapping[str, Any]]:
        try:
            text = self.path.read_text("utf-8", "replace")
        except FileNotFoundError:
            return
        except OSError as error:
            raise cannot_write(self.path, error) from error
        for line in text.split("\n"):
            try:
                value = json.loads(line)
            except ValueError:
                continue  # a line that a crash cut short: the database never said it was saved
            if isinstance(value, dict):
                yield value


def bring_back(session: Session, unsent: Mapping[str, Operation]) -> tuple[Operation, ...]:
    """Those of ``unsent`` that neither the outbox has nor the mirror shows, proposed anew; and later texts.

    They wait for a person: whether they were sent before the database was lost, only the ticket tells.
    """
    known = {one.id: one for one in outbox.list_operations(session, finished=True)}
    later = [one for one in unsent.values() if one.id in known and _is_earlier(known[one.id], one)]
    for one in later:
        outbox.save_operation(session, one)
    missing = [one for one in unsent.values() if one.id not in known]
    timelines = mirror.load_timelines(session, {one.ticket_id for one in missing}) if missing else {}
    back = later
    for one in missing:
        seen = "\n".join(f"{event.marker} {event.text}" for event in timelines.get(one.ticket_id, ()))
        if one.id in seen:
            continue
        outbox.add_operation(session, one)
        back.append(one)
    return tuple(back)


def _is_earlier(held: Operation, journaled: Operation) -> bool:
    """Whether ``held`` waits with a text that was edited since; nothing of it can be on the ticket."""
    untouched = held.state == "proposed" and not any(step.attempts for step in held.steps)
    return untouched and held.change.note != journaled.change.note


def finished_of(session: Session, unsent: Collection[str]) -> tuple[str, ...]:
    """Those of ``unsent`` that need no journal any more: on the ticket, or given up."""
    held = outbox.list_operations(session, finished=True) if unsent else ()
    return tuple(one.id for one in held if one.id in unsent and one.state in FINISHED)


def _line(operation: Operation) -> str:
    values = operation_values(operation)
    for name in _TIMES:
        values[name] = values[name].isoformat() if values[name] else None
    return json.dumps(values, ensure_ascii=True)


def _operation(line: Mapping[str, Any]) -> Operation | None:
    """The operation of a line as it is brought back: proposed, so that nothing goes out by itself."""
    values = dict(line)
    try:
        for name in _TIMES:
            values[name] = datetime.fromisoformat(values[name]) if values[name] else None
        values |= {
            "state": "proposed",
            "confirmed_at": None,
            "public_confirmed_with": "",
            "problem": _BROUGHT_BACK,
        }
        return operation_of(SimpleNamespace(**values), ())
    except (KeyError, TypeError, ValueError, AttributeError):
        return None


def _torn(handle: int) -> bool:
    size = os.fstat(handle).st_size
    return size > 0 and os.pread(handle, 1, size - 1) != b"\n"


def _write_whole(handle: int, content: bytes) -> None:
    while content:
        content = content[os.write(handle, content) :]
