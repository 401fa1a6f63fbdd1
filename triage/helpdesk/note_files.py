"""Files of a note on their way: into a step, out of it again, and read back.

Files are for agents' eyes. Each way out of here asks once more whether the step is an internal one.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping

from triage.helpdesk.field_words import one_line
from triage.model.errors import Refused
from triage.model.json_value import Json
from triage.model.note_file import NoteFile
from triage.model.operation import Note, Operation, Step

SIZE_UNKNOWN = -1


def files_payload(note: Note) -> dict[str, Json]:
    """The part of a step's payload that carries the files of ``note``; nothing where there are none.

    Raises `Refused` for a public note.
    """
    if not note.files:
        return {}
    if note.visibility != "internal":
        raise Refused("a public reply never carries a file", do="Drop it and propose it without")
    return {
        "files": [
            {"name": file.name, "media_type": file.media_type, "text": file.text} for file in note.files
        ]
    }


def no_files(operation: Operation) -> None:
    """Raise `Refused` if ``operation`` has files: for helpdesks where more than agents would see them."""
    note = operation.change.note
    if note is not None and note.files:
        raise Refused("this helpdesk cannot keep a file from the customer",
                      do="Drop it and send the evidence again: it goes as text")  # fmt: skip


def note_files(step: Step) -> tuple[NoteFile, ...]:
    """The files that ``step`` carries. Raises `Refused` unless it is an internal one."""
    files = tuple(
        NoteFile(one_line(one.get("name")), one_line(one.get("media_type")), str(one.get("text") or ""))
        for one in _rows(step)
    )
    if files and step.visibility != "internal":
        raise Refused("a public reply never carries a file", do="Drop it and propose it without")
    return files


def in_base64(file: NoteFile) -> str:
    """The content of ``file`` as JSON can carry it."""
    return base64.b64encode(file.content).decode()


def file_differences(step: Step, found: Iterable[tuple[str, int]]) -> list[str]:
    """What of the files of ``step`` is not on its note; ``found`` are names and sizes (bytes) there."""
    there: dict[str, list[int]] = {}
    for name, size in found:
        there.setdefault(name, []).append(size)
    wrong = []
    for file in note_files(step):
        sizes = there.get(file.name) or []
        if file.size in sizes:
            sizes.remove(file.size)
        elif SIZE_UNKNOWN in sizes:
            sizes.remove(SIZE_UNKNOWN)
            wrong.append(f"the helpdesk does not tell how much of {file.name} arrived")
        elif sizes:
            wrong.append(f"{file.name} arrived with {sizes.pop(0):,} of {file.size:,} bytes")
        else:
            wrong.append(f"{file.name} is not on the note")
    return wrong


def _rows(step: Step) -> list[Mapping[str, Json]]:
    rows = step.payload.get("files")
    return [one for one in rows if isinstance(one, Mapping)] if isinstance(rows, list | tuple) else []
