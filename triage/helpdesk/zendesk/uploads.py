"""Files on their way to a comment: Zendesk takes them first and by themselves, and gives a token for each.

Before the comment names its token a file hangs on no ticket, so an upload may be repeated at will; what was
uploaded and is never named is deleted by Zendesk. Its token holds for an hour.

API reference: https://developer.zendesk.com/api-reference/ticketing/tickets/ticket-attachments/
"""

from __future__ import annotations

from datetime import timedelta

from triage.helpdesk.answer import Answer
from triage.helpdesk.note_files import note_files
from triage.helpdesk.shape import line, record
from triage.helpdesk.transport import Transport
from triage.helpdesk.write_outcome import WriteFailure
from triage.model.errors import HelpdeskFailed
from triage.model.note_file import NoteFile
from triage.model.operation import Conflict, NotSent, Rejected, Step, Unknown

PATH = "api/v2/uploads.json"
LONGEST = timedelta(seconds=75)
"""Uploads that took longer by the clock on the wall are not followed by their comment: a machine that slept
in between may have lost its turn, and another one may be writing the same note by now. With the comment's own
minute this stays well within such a turn."""


async def uploaded(step: Step, transport: Transport) -> list[str] | WriteFailure:
    """The tokens of the files of ``step``, or how it ended: nothing is on the ticket then.

    Raises `Refused` for files of a step that is not internal, before anything is sent, and `HelpdeskFailed`
    for an answer without a token: then, too, the ticket is as it was.
    """
    began, tokens = transport.now(), []
    for file in note_files(step):
        answer = await transport.upload(PATH, {"filename": file.name}, file.content, file.media_type)
        if not isinstance(answer, Answer):
            return _failed(file, answer)
        tokens.append(await _token(answer))
    if abs(transport.now() - began) > LONGEST:
        return NotSent("the files took too long to upload; they are uploaded again")
    return tokens


async def _token(answer: Answer) -> str:
    upload = record(record(await answer.document(), "an upload").get("upload"), "an upload")
    token = line(upload.get("token"))
    if not token:
        raise HelpdeskFailed("an upload came without its token", where=answer.where)
    return token


def _failed(file: NoteFile, how: WriteFailure) -> WriteFailure:
    """What of ``how`` holds for the comment, which was not sent."""
    if isinstance(how, Unknown):
        return NotSent(f"{file.name} was perhaps not taken: {how.cause}")
    if isinstance(how, Conflict):
        return NotSent(f"{file.name} was not taken")
    if isinstance(how, Rejected):
        return Rejected(how.status, tuple(f"{file.name} was not taken: {words}" for words in how.errors))
    return how
