"""Until a case is closed there is always one promise open: where none is left, the next one is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from triage.tui.clock_words import clock, parse_due
from triage.tui.screens.ask import AskScreen

if TYPE_CHECKING:
    from triage.model.promise import PromiseKind
    from triage.tui.shell import Shell

DUE_HINT = "25m, 2h, 16:00, fri 17:00"
_QUESTION = "Nothing is promised now. By when do they hear next?"
_OFFER = "Your reply names a time. Enter writes it down as promised; change it where it was read wrong."


async def promise_by(app: Shell, ticket_id: str, kind: PromiseKind, when: str, *, quote: str = "") -> None:
    """Writes a promise down for the time typed as ``when``, and says so."""
    due = parse_due(when, app.clock(), app.zone)
    await app.desk.cases.add_promise(ticket_id, kind, due, quote=quote)
    app.say(f"Promised by {clock(due, app.clock(), app.zone)}.")
    app.changed.publish(ticket_id)


async def ask_for_the_next(app: Shell, ticket_id: str, reply: str | None = None) -> None:
    """Asks by when the customer hears next, where ``reply`` (or nothing new) leaves nothing promised.

    A time found in the reply stands in the field, so that Enter takes it. The screen on top has to be the
    one that asks.
    """
    wanted = await app.desk.cases.wanted_after(ticket_id, reply)
    if wanted is None:
        return
    found = f"{wanted.due.astimezone(app.zone):%Y-%m-%d %H:%M}" if wanted.due else ""
    ask = AskScreen(
        _OFFER if found else _QUESTION,
        DUE_HINT,
        lambda text: _readable(app, text),
        start=found,
    )
    if when := await app.push_screen_wait(ask):
        as_read = when == found
        await promise_by(
            app,
            ticket_id,
            wanted.kind if as_read else "next_update",
            when,
            quote=wanted.quote if as_read else "",
        )


def _readable(app: Shell, text: str) -> None:
    parse_due(text, app.clock(), app.zone)
