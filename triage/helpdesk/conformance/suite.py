"""All checks in their order, and running them."""

from __future__ import annotations

import os
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TypeAlias

from triage.helpdesk.conformance import reading, writing
from triage.helpdesk.conformance.ground import (
    FailedError,
    Ground,
    NotApplicableError,
    Result,
    Wishes,
)
from triage.helpdesk.port import Helpdesk
from triage.model.errors import Invalid, TriageError
from triage.model.uuid7 import uuid7

Check: TypeAlias = Callable[[Ground], Awaitable[str]]
"""Looks at one thing; returns what it saw, raises `FailedError` or `NotApplicableError`."""

READING: tuple[Check, ...] = (
    reading.account,
    reading.queue_choices,
    reading.queue,
    reading.unknown_queue,
    reading.ticket,
    reading.unknown_ticket,
    reading.timeline,
    reading.sides,
    reading.times,
    reading.delta,
    reading.foreign_cursor,
    reading.attachments,
    reading.plans,
    reading.files,
    reading.unknown_field,
    reading.no_tags,
)
WRITING: tuple[Check, ...] = (
    writing.note,
    writing.file,
    writing.unsent,
    writing.tags,
    writing.fields,
    writing.conflict,
)


async def examine(
    helpdesk: Helpdesk, selector: str = "", wishes: Wishes | None = None, ground: Ground | None = None
) -> AsyncIterator[Result]:
    """Run every check that ``wishes`` allow, one after the other; each result as soon as it is there.

    ``selector`` is the queue to look at, by default the helpdesk's own idea. Raises `Invalid` for writing
    without a ticket, and what `whoami` raises: where we cannot sign in there is nothing to examine.
    ``ground`` replaces clock and pauses in tests.
    """
    wishes = wishes or Wishes()
    if wishes.write and not wishes.ticket_id:
        raise Invalid("writing needs a ticket to write to", do="Name one that may get notes, with --ticket")
    stand = ground or Ground(helpdesk, selector, wishes, new_id=_new_id)
    await helpdesk.whoami()
    for check in READING + (WRITING if wishes.write else ()):
        yield await _run(check, stand)


async def _run(check: Check, ground: Ground) -> Result:
    name = check.__name__.replace("_", " ")
    about = (check.__doc__ or "").strip().splitlines()[0]
    try:
        return Result(name, about, "passed", await check(ground))
    except NotApplicableError as why:
        return Result(name, about, "not_applicable", str(why))
    except FailedError as why:
        return Result(name, about, "failed", str(why))
    except TriageError as problem:
        return Result(name, about, "failed", str(problem))
    except Exception as fault:  # noqa: BLE001  (whatever an adapter does, the other checks are still worth it)
        return Result(name, about, "failed", f"a fault in the adapter: {type(fault).__name__}: {fault}")


def _new_id() -> str:
    return uuid7(time.time_ns() // 1_000_000, os.urandom(10))
