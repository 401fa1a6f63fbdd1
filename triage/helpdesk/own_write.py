"""Finding our own write again after an unknown outcome: what looking for it comes to."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import TypeAlias

from triage.helpdesk.shape import Record, line
from triage.model.errors import TriageError
from triage.model.operation import Probe, Step

CANNOT_TELL = Probe("cannot_tell", complete_scan=False)

Differences: TypeAlias = Callable[[Step, str], Awaitable[Sequence[str]]]
"""What of a step a ticket does not show."""
OwnNote: TypeAlias = Callable[[Step, str], Awaitable[Record | None]]
"""The message of ours with the marker of a step, after every page since the attempt was read; None: none."""


async def probed(step: Step, ticket_id: str, differences: Differences, own: OwnNote, word: str) -> Probe:
    """Look for ``step`` by the ticket's state or by our marker; ``word`` is what a message is called there.

    Never raises: what cannot be read cannot be told.
    """
    try:
        if step.probe == "state":
            absent = await differences(step, ticket_id)
            return Probe("absent" if absent else "found", complete_scan=True)
        found = await own(step, ticket_id)
    except TriageError:
        return CANNOT_TELL
    if found is None:
        return Probe("absent", complete_scan=True)
    return Probe("found", complete_scan=True, receipt=receipt(word, found))


def receipt(word: str, message: Record) -> str | None:
    """The proof of a message; None where it came without its number: reading back finds it by the marker."""
    number = line(message.get("id"))
    return f"{word} {number}" if number else None


def called(word: str, message: Record) -> str:
    """A message, as people can look it up."""
    return receipt(word, message) or f"our {word}"


def owner_differences(owner: str, asked: str) -> list[str]:
    """What is wrong where ``asked`` should have it (both as the helpdesk names people; empty for nobody)."""
    if owner.casefold() == asked.casefold():
        return []
    return [f"it belongs to {owner or 'nobody'}, not {asked or 'nobody'}"]
