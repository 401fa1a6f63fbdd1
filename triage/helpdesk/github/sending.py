"""Writing to GitHub: one PATCH for labels, state and assignee, then the comment.

GitHub has no internal comments: whoever reads the repository reads them. So an internal note goes out only
where the profile says that a private repository is internal enough, and the repository is private now.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from triage.helpdesk.answer import Answer
from triage.helpdesk.field_words import FieldWords, one_line
from triage.helpdesk.github.reading import REASONS, key_in, login_of, marker, ticket_of
from triage.helpdesk.github.repository import Repository, WriteSpacing
from triage.helpdesk.kept_text import cut, is_rest, refuse_longer
from triage.helpdesk.note_files import no_files
from triage.helpdesk.own_write import owner_differences, probed
from triage.helpdesk.shape import Record, expecting, known_moment, line, record, text
from triage.helpdesk.wanted import differences, listed, moved_on, not_sent, oldest, wanted
from triage.model.errors import HelpdeskFailed, Invalid, Refused, TriageError
from triage.model.json_value import Json
from triage.model.operation import Conflict, Landed, Operation, Outcome, Probe, Step
from triage.model.ticket import Ticket
from triage.model.timeline import Visibility

LONGEST_NOTE = 65_536
"""Characters of a comment, as GitHub says it."""
SETTING = "private_repository_is_internal"
_STATES = ("open", "closed", *REASONS)


def plan(
    operation: Operation, current: Ticket, words: FieldWords, *, private_is_internal: bool
) -> tuple[Step, ...]:
    """Labels, state and assignee, then the note; only those there are. Raises `Refused`."""
    no_files(operation)
    want = wanted(operation, current, words)
    payload, note = want.payload(), operation.change.note
    visibility: Visibility = note.visibility if note else "internal"
    if note and visibility == "internal" and not private_is_internal:
        raise Refused("GitHub has no internal notes; everybody who sees the repository would read it",
                      do=f"If only we see it, set {SETTING} = true under config in the profile")  # fmt: skip
    if note and visibility == "public" and private_is_internal:
        raise Refused("the repository counts as internal, so no customer would read the reply")
    if want.status is not None and want.status not in _STATES:
        raise Refused(f"an issue of GitHub cannot become {want.status}", do=f"It can: {', '.join(_STATES)}")
    steps = []
    if payload:
        steps.append(Step(f"{operation.id}-1", "fields", payload, visibility, current.version, "state"))
    if note:
        key = f"{operation.id}-2"
        body = f"{note.body.rstrip()}\n\n{marker(key)}"
        refuse_longer(body, LONGEST_NOTE, "GitHub", current.key)
        steps.append(Step(key, "note", {"note": body}, visibility, None, "marker"))
    if want.left_out and steps:
        steps[0] = replace(steps[0], payload={**steps[0].payload, "left_out": list(want.left_out)})
    return tuple(steps)


class Sending:
    """The writing side of the adapter."""

    def __init__(self, repository: Repository, spacing: WriteSpacing) -> None:
        self._repository = repository
        self._spacing = spacing

    async def _raw(self, ticket_id: str) -> Record:
        return record(await self._repository.transport.read(f"issues/{ticket_id}"), "an issue")

    async def apply(self, step: Step, ticket_id: str) -> Outcome:
        """One request. What has to be known is read before it; failing at that sends nothing."""
        try:
            current = ticket_of(await self._raw(ticket_id))
            if moved_on(step.base, current, current.version.token):
                return Conflict(current.version)
            if step.kind == "note":
                await self._only_if_private(step)
            body = await self._body(step)
        except TriageError as error:
            return not_sent(error)
        await self._spacing.wait()
        method, path = ("POST", f"issues/{ticket_id}/comments") if step.kind == "note" else (
            "PATCH", f"issues/{ticket_id}")  # fmt: skip
        answer = await self._repository.transport.write(method, path, body)
        if not isinstance(answer, Answer):
            return answer
        return Landed(await _comment_id(answer) if step.kind == "note" else None, None)

    async def _only_if_private(self, step: Step) -> None:
        if step.visibility == "internal" and not await self._repository.is_private():
            raise Refused("the repository is public, so everybody would read the note",
                          do="Make it private, or use another")  # fmt: skip

    async def _body(self, step: Step) -> Json:
        payload = step.payload
        if step.kind == "note":
            return {"body": payload["note"]}
        body: dict[str, Json] = {}
        if "tags" in payload:
            body["labels"] = listed(payload, "tags")
        if "status" in payload:
            status = one_line(payload["status"])
            body |= {"state": "open", "state_reason": "reopened"} if status == "open" else {
                "state": "closed", "state_reason": status if status in REASONS else "completed"}  # fmt: skip
        if "assignee" in payload:
            login = await self._login(one_line(payload["assignee"]))
            body["assignees"] = [login] if login else []
        if not body:
            raise Invalid("GitHub issues have no such field")
        return body

    async def _login(self, asked: str) -> str:
        return login_of(await self._repository.me()) if asked == "me" else asked

    async def probe(self, step: Step, ticket_id: str) -> Probe:
        """Never raises: what cannot be read cannot be told."""
        return await probed(step, ticket_id, self._state_differences, self._own_comment, "comment")

    async def _own_comment(self, step: Step, ticket_id: str) -> Record | None:
        """Our first comment with the key of ``step``; every page since the attempt is read."""
        me = (await self._repository.me()).get("id")
        since = oldest(step, self._repository.transport.skew)
        async for page in self._repository.comments(ticket_id, since):
            for row in page:
                with expecting("a comment"):
                    ours = (row.get("user") or {}).get("id") == me
                    recent = since is None or known_moment(row["created_at"]) >= since
                    if ours and recent and _is_ours(text(row.get("body")), step):
                        return row
        return None

    async def _state_differences(self, step: Step, ticket_id: str) -> list[str]:
        raw = await self._raw(ticket_id)
        ticket = ticket_of(raw)
        found = differences(step.payload, ticket)
        if "assignee" in step.payload:
            asked = await self._login(one_line(step.payload["assignee"]))
            found += owner_differences(ticket.assignee, asked)
        return found

    async def verify(self, step: Step, ticket_id: str) -> Sequence[str]:
        """Differences between what was asked and what is there; GitHub drops a lot."""
        if step.kind != "note":
            return await self._state_differences(step, ticket_id)
        comment = await self._own_comment(step, ticket_id)
        if comment is None:
            return ["the note is not on the issue"]
        if step.visibility == "internal" and not await self._repository.is_private():
            return ["PUBLIC: the repository is public, so everybody reads the note"]
        return cut(step, text(comment.get("body")))


async def _comment_id(answer: Answer) -> str | None:
    """The number of the comment just made; None when the answer cannot be read: reading back finds it."""
    try:
        return f"comment {line(record(await answer.document(), 'a comment').get('id'))}"
    except HelpdeskFailed:
        return None


def _is_ours(body: str, step: Step) -> bool:
    return key_in(body) == step.key or is_rest(step, body)
