"""What shall be written to the helpdesk, once more, in a file of its own: append-only, a JSON line each.

A note stands there before the database says it is saved, and every write before its first byte is sent. When
the database is lost and a backup takes its place, the journal tells what was written since, what may be on
its ticket and what is; `triage.store.bringing_back` makes use of it.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from triage.config.private_file import cannot_write, private_directory, sync_directory, write_private
from triage.model.errors import Stopped
from triage.model.operation import FINISHED, Operation, Step
from triage.store.file_lock import within
from triage.store.operation_rows import operation_of, operation_values, step_of, step_values

LARGEST = 1024 * 1024
"""Bytes; a journal above that is written anew once half of it is of no use any more."""
PATIENCE_S = 10.0
"""How long to wait for another process that writes to the journal: each holds it for milliseconds."""

_TIMES = ("created_at", "confirmed_at")
_STEP_TIMES = ("sent_at", "probe_after")
_BROUGHT_BACK = "brought back from the journal; look at the ticket, then confirm or drop it"
_FINISHED_SINCE = "had arrived or was given up when the journal was last written: the ticket tells"


@dataclass(frozen=True, slots=True)
class Told:
    """What the journal says of one write."""

    operation: Operation
    """Proposed where it never began; else with its steps as they were when the latest attempt began, or
    when it was finished."""
    finished_at: datetime | None = None
    """When it had arrived or was given up (UTC)."""


class NoteJournal:
    """The journal at ``path``, mode 0600. Several processes may append to it. Blocks: use it in a thread."""

    def __init__(self, path: Path, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self.path = path
        self._clock = clock

    def write(self, operations: Iterable[Operation]) -> None:
        """Append those of ``operations`` that carry a note; on disk after return.

        Raises `Invalid`, and `Stopped` while another process does not let go of the journal; then nothing
        of it is there.
        """
        lines = [_line(operation) for operation in operations if operation.change.note is not None]
        if lines:
            self._append(lines)

    def begun(self, operation: Operation) -> None:
        """Remember that an attempt of ``operation`` is about to be made. Raises what `write` raises."""
        self._append([_line(operation, begun=True)])

    def finished(self, operations: Iterable[Operation]) -> None:
        """Remember that these have arrived or were given up. Raises what `write` raises."""
        at = self._clock().isoformat()
        lines = [_last_line(operation, at) for operation in operations]
        if lines:
            self._append(lines)

    def unsent(self) -> dict[str, Operation]:
        """What was written or begun and is not finished, by id, the latest text of each."""
        told = self.told()
        return {one: it.operation for one, it in told.items() if it.operation.state not in FINISHED}

    def told(self) -> dict[str, Told]:
        """Everything the journal still has, by id."""
        held: dict[str, Told] = {}
        for line in self._lines():
            if "finished" in line:
                id_ = str(line["finished"])
                if id_ in held:
                    held[id_] = _finished(held[id_].operation, line)
            elif (operation := _operation(line)) is not None:
                held[operation.id] = Told(operation)
        return held

    def shorten(self, since: datetime | None = None) -> None:
        """Leave out what was finished before ``since`` (UTC; None: whenever), once the file has grown large.

        Give it the time of the oldest backup: what was finished later, that backup does not know.
        """
        if not self._large():
            return
        with self._alone():
            kept = [line for one in self.told().values() if _counts(one, since) for line in _lines_of(one)]
            content = "".join(f"{line}\n" for line in kept).encode()
            if self._large() and 2 * len(content) <= self.path.stat().st_size:
                write_private(self.path, content)

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
            if not within(PATIENCE_S, lambda: _locked(handle)):
                raise Stopped(
                    f"{_holder(handle)} does not let go of the journal of notes: nothing was written",
                    where=str(lock), do="Let it go on or end it, then try again",
                )  # fmt: skip
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


def _locked(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    os.pwrite(handle, f"{os.getpid():>10}".encode(), 0)
    return True


def _holder(handle: int) -> str:
    """Who wrote its number into the lock last."""
    number = os.pread(handle, 10, 0).decode("ascii", "replace").strip()
    return f"process {number}" if number.isdecimal() else "another process"


def _counts(told: Told, since: datetime | None) -> bool:
    if told.operation.state not in FINISHED:
        return True
    return since is not None and told.finished_at is not None and told.finished_at >= since


def _lines_of(told: Told) -> list[str]:
    """A write in as few lines as tell the same."""
    one = told.operation
    if told.finished_at is None:
        return [_line(one, begun=one.state != "proposed")]
    return [_line(_without_files(one), begun=True), _last_line(one, told.finished_at.isoformat())]


def _without_files(operation: Operation) -> Operation:
    """A finished write is not sent again: of its files, which may be long, nothing is needed any more."""
    note = operation.change.note
    if note is None or not note.files:
        return operation
    steps = tuple(
        replace(step, payload={name: value for name, value in step.payload.items() if name != "files"})
        for step in operation.steps
    )
    change = replace(operation.change, note=replace(note, files=()))
    return replace(operation, change=change, steps=steps)


def _line(operation: Operation, *, begun: bool = False) -> str:
    values = operation_values(operation)
    for name in _TIMES:
        values[name] = values[name].isoformat() if values[name] else None
    if begun:
        values["steps"] = [_step_line(operation.id, step) for step in operation.steps]
    return json.dumps(values, ensure_ascii=True)


def _step_line(operation_id: str, step: Step) -> dict[str, Any]:
    values = step_values(operation_id, 0, step)
    for name in _STEP_TIMES:
        values[name] = values[name].isoformat() if values[name] else None
    return values


def _last_line(operation: Operation, at: str) -> str:
    steps = [[step.key, step.state, step.receipt] for step in operation.steps]
    values = {"finished": operation.id, "as": operation.state, "at": at, "steps": steps}
    return json.dumps({**values, "problem": operation.problem}, ensure_ascii=True)


def _operation(line: Mapping[str, Any]) -> Operation | None:
    """The write of a line; one that never began is proposed, so that nothing of it goes out by itself."""
    values = dict(line)
    begun = "steps" in values
    try:
        steps = [_step(one) for one in values.pop("steps", ())]
        for name in _TIMES:
            values[name] = datetime.fromisoformat(values[name]) if values[name] else None
        if not begun:
            values |= {
                "state": "proposed",
                "confirmed_at": None,
                "public_confirmed_with": "",
                "problem": _BROUGHT_BACK,
            }
        return operation_of(SimpleNamespace(**values), steps)
    except (KeyError, TypeError, ValueError, AttributeError):
        return None


def _step(line: Mapping[str, Any]) -> Step:
    values = dict(line)
    for name in _STEP_TIMES:
        values[name] = datetime.fromisoformat(values[name]) if values[name] else None
    return step_of(SimpleNamespace(**values))


def _finished(operation: Operation, line: Mapping[str, Any]) -> Told:
    """``operation`` as it ended. Lines of earlier versions do not say how: it is not sent again then."""
    try:
        ended = {str(key): (state, str(receipt)) for key, state, receipt in line["steps"]}
        at = datetime.fromisoformat(line["at"])
        state, problem = line["as"], str(line["problem"])
    except (KeyError, TypeError, ValueError):
        return Told(replace(operation, state="dropped", problem=_FINISHED_SINCE))
    if state not in FINISHED:
        return Told(operation)
    steps = tuple(
        replace(step, state=ended[step.key][0], receipt=ended[step.key][1]) if step.key in ended else step
        for step in operation.steps
    )
    return Told(replace(operation, state=state, steps=steps, problem=problem), at)


def _torn(handle: int) -> bool:
    size = os.fstat(handle).st_size
    return size > 0 and os.pread(handle, 1, size - 1) != b"\n"


def _write_whole(handle: int, content: bytes) -> None:
    while content:
        content = content[os.write(handle, content) :]
