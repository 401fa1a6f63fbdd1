"""What the status of an answer means for a request that writes, and what of a text can be sent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from triage.helpdesk.answer import DEFAULT_PAUSE_S, Answer, retry_after
from triage.helpdesk.rate_headers import of_one_ticket
from triage.helpdesk.strict_json import repaired
from triage.model.json_value import Json
from triage.model.operation import Conflict, NotSent, Rejected, Throttled, Unknown

WriteFailure: TypeAlias = NotSent | Conflict | Rejected | Throttled | Unknown


def write_outcome(answer: Answer) -> Answer | WriteFailure:
    """``answer`` itself where it says 2xx, else how the write ended."""
    status = answer.status
    if 200 <= status < 300:
        return answer
    said = answer.error_words()
    if status in (409, 412):
        return Conflict(None)
    if status in (425, 429):
        scope = "ticket" if of_one_ticket(answer.headers) else "account"
        return Throttled(retry_after(answer.headers) or DEFAULT_PAUSE_S, scope)
    # After 303 the change may have been made; after 408 the server may have had all of it.
    if status >= 500 or status in (303, 408):
        return Unknown("; ".join(said) or f"the helpdesk answered {status}")
    if status == 403 and not said:
        return Rejected(status, (f"{answer.where}: the account may not change this",))
    trouble = answer.trouble()
    return Rejected(status, said or (str(trouble),))


def sendable(body: Json) -> Json:
    """Without lone surrogates: some servers fall over them, others drop the whole text."""
    if isinstance(body, str):
        return repaired(body)
    if isinstance(body, Mapping):
        return {key: sendable(value) for key, value in body.items()}
    if isinstance(body, list | tuple):
        return [sendable(value) for value in body]
    return body
