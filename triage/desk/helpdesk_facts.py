"""What a helpdesk is for us: who we are there, what is in the queue, what it can do, how we get there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta

from triage.desk.views import CheckLine
from triage.helpdesk.answer import Forbidden
from triage.helpdesk.port import Account, Helpdesk, Way
from triage.model.capabilities import Capabilities
from triage.model.errors import TriageError
from triage.model.ticket import Ticket

EXAMPLES = 3
MOST_COUNTED = 10_000
"""A longer queue is not counted to its end."""
SKEW_TOLD = timedelta(minutes=2)
"""Clocks that differ by more are worth a word; Triage goes by the helpdesk's either way."""


@dataclass(slots=True)
class QueueLook:
    """The queue as it is now."""

    selector: str
    count: int = 0
    counted: bool = True
    """False where there are more than were counted."""
    complete: bool = True
    ceiling: str = ""
    first: list[Ticket] = field(default_factory=list)

    @property
    def examples(self) -> tuple[str, ...]:
        """The first few tickets, a line each."""
        return tuple(f"{one.key}  {one.subject}" for one in self.first)


async def look_at(helpdesk: Helpdesk, selector: str) -> QueueLook:
    """Count the queue and take its first tickets. Raises what reading it raises."""
    look = QueueLook(selector)
    async for page in helpdesk.queue(selector):
        look.first += page.items[: EXAMPLES - len(look.first)]
        look.count += len(page.items)
        look.complete, look.ceiling = look.complete and page.complete, look.ceiling or page.ceiling
        if look.count >= MOST_COUNTED and not page.done:
            look.counted = False
            break
    return look


async def timeline_trouble(helpdesk: Helpdesk, look: QueueLook) -> str:
    """Why the timeline of the first ticket cannot be read; empty where it can, or there is none.

    Some rights, and the scopes of some tokens, end between the ticket and what was said on it.
    """
    for ticket in look.first[:1]:
        try:
            async for _ in helpdesk.timeline(ticket):
                pass
        except Forbidden as lacking:
            return f"{lacking}; a token from OAuth needs the scope read for everything, not for tickets alone"
        except TriageError as problem:
            return str(problem)
    return ""


async def helpdesk_lines(helpdesk: Helpdesk, account: Account, selector: str) -> list[CheckLine]:
    """Every check of the helpdesk, a line each."""
    lines = [CheckLine("helpdesk", "ok", f"{helpdesk.name} knows us as {account.name}")]
    lines += [CheckLine("rights", "warning", trouble) for trouble in account.trouble]
    lines += [CheckLine("rights", "ok", note) for note in account.unseen]
    if not account.may_write_internal:
        lines.append(CheckLine("rights", "failed", "this account may not write internal notes"))
    if not account.may_see_internal:
        lines.append(CheckLine("rights", "failed", "this account does not see internal notes"))
    try:
        look = await look_at(helpdesk, selector)
    except TriageError as problem:
        lines.append(CheckLine("queue", "failed", problem.what, problem.do))
    else:
        lines += list(_queue_lines(look))
        if trouble := await timeline_trouble(helpdesk, look):
            lines.append(CheckLine("timeline", "failed", trouble))
    lines += _way_lines(helpdesk.way)
    lines.append(CheckLine("capabilities", "ok", "; ".join(abilities(helpdesk.capabilities))))
    lines += [CheckLine("ceiling", "ok", ceiling) for ceiling in helpdesk.ceilings]
    return lines


def _queue_lines(look: QueueLook) -> Iterator[CheckLine]:
    more = "" if look.counted else " or more"
    name = look.selector or "the helpdesk's own idea"
    said = f"{name}: {look.count}{more} tickets"
    if look.count:
        yield CheckLine("queue", "ok", said)
    else:
        yield CheckLine("queue", "warning", said, "Is this the right queue?")
    for example in look.examples:
        yield CheckLine("example", "ok", example)
    if not look.complete:
        yield CheckLine(
            "queue", "warning", look.ceiling or "the helpdesk does not show all of it", "Narrow it"
        )


def _way_lines(way: Way) -> Iterator[CheckLine]:
    trusts = f"; trusts {way.trusts}" if way.trusts else ""
    through = f"; through {way.proxy}" if way.proxy else ""
    if way.encrypted:
        yield CheckLine("connection", "ok", f"encrypted, or on this machine{trusts}{through}")
    else:
        yield CheckLine("connection", "failed", "the token crosses the network unencrypted", "Use https")
    if way.skew is None:
        yield CheckLine("clock", "ok", "the helpdesk does not tell its time")
    elif abs(way.skew) > SKEW_TOLD:
        seconds = way.skew.total_seconds()
        side = "ahead of" if seconds > 0 else "behind"
        yield CheckLine("clock", "warning", f"the helpdesk's clock is {abs(seconds):.0f} s {side} ours",
                        "Set this machine's clock by the network")  # fmt: skip
    else:
        yield CheckLine("clock", "ok", f"agrees with the helpdesk's to {abs(way.skew.total_seconds()):.0f} s")


def abilities(can: Capabilities) -> Iterator[str]:
    """What a helpdesk can do, and what it cannot, in words."""
    yield "internal notes" if can.internal_note else "no internal notes: they are refused"
    if can.internal_note and can.internal_files:
        yield "files on internal notes, for agents only"
    else:
        yield "no files for agents only: evidence goes as text"
    yield {
        "native": "the helpdesk itself stops a write over somebody else's",
        "read_check": "a change in between is seen just before writing",
        "none": "a change in between is not seen",
    }[can.conditional_write]
    yield (
        "one request carries everything"
        if can.atomic_bundle
        else "several requests, the note after all that could conflict"
    )
    yield {"metadata": "our marker is out of sight", "property": "our marker is out of sight",
           "body": "our marker is a line of the note"}[can.marker]  # fmt: skip
    yield {"full": "the whole history", "partial": "part of the history", "none": "no history"}[can.history]
    yield {"cursor": "changes by cursor", "timestamp": "changes by time", "event_log": "changes by its log"}[
        can.delta
    ]
    yield f"up to {can.delta_lag_s} s behind" if can.delta_lag_s else "at once"
    yield f"an unclear write is looked for after {can.settle_s} s"
    if not can.deletions_seen:
        yield "deleted tickets are noticed when they are asked for"
    yield {
        "add_remove": "tags",
        "replace": "tags, written all at once",
        "none": "no tags: they are left out",
    }[can.tags]
