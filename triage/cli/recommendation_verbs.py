"""``recommendations``: the register, and the letters between issuer and addressee."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import tzinfo
from typing import Any

import typer

from triage.cli import output, times
from triage.cli.at_desk import at_desk
from triage.cli.open_screen import OpenScreen
from triage.cli.options import globals_of
from triage.cli.output import plain
from triage.desk.desk import Desk
from triage.model.register_line import RegisterLine

Json = typer.Option(False, "--json", help="One JSON document.")
Name = typer.Argument(..., metavar="NAME", help="ESC-YYYY-NNNN-R1, as the list shows it.")
Words = typer.Option(..., "--text", "-m", help="The letter, in a sentence or two.")


def register(app: typer.Typer) -> None:
    """Add the verbs to the command line."""
    verbs = typer.Typer(help="Recommendations, followed until they are done.", invoke_without_command=True)
    verbs.callback()(on_screen)
    verbs.command("list")(listed)
    verbs.command("show")(show)
    verbs.command("respond")(respond)
    verbs.command("judge")(judge)
    verbs.command("close")(close)
    verbs.command("reopen")(reopen)
    verbs.command("track")(track)
    verbs.command("measure")(measure)
    verbs.command("grid")(grid)
    app.add_typer(verbs, name="recommendations")


def on_screen(context: typer.Context) -> OpenScreen | None:
    """Without a verb: the register on screen; where there is no terminal, what can be said here."""
    if context.invoked_subcommand is not None:
        return None
    asked = globals_of(context)
    if asked.may_ask:
        return OpenScreen(asked.profile, place="recommendations")
    output.text(context.get_help())
    return None


def listed(
    context: typer.Context,
    overdue: bool = typer.Option(False, "--overdue", help="Only those past their date."),
    open_only: bool = typer.Option(False, "--open", help="Only those still owed."),
    addressee: str = typer.Option("", "--addressee", help="Only those to this team or role."),
    status: str = typer.Option("", "--status", help="Only those with this code, such as OAR."),
    aim: str = typer.Option("", "--aim", help="Only those that prevent, detect, mitigate or educate."),
    free: bool = typer.Option(False, "--free", help="Only those that cost nothing."),
    json: bool = Json,
) -> None:
    """Every recommendation of adopted investigations, what is due first at the top."""

    async def work(desk: Desk) -> tuple[tuple[RegisterLine, ...], tzinfo]:
        return await desk.recommendations.list(), desk.profile.zone

    lines, zone = at_desk(context, work)
    chosen = [
        line
        for line in lines
        if (not overdue or line.overdue_days)
        and (not open_only or line.open)
        and (not addressee or addressee.casefold() in line.recommendation.addressee.casefold())
        and (not status or line.recommendation.status == status.upper())
        and (not aim or line.recommendation.aim == aim.lower())
        and (not free or line.recommendation.zero_cost)
    ]
    if json:
        output.document([document(line) for line in chosen])
    else:
        _print(chosen, zone)


def respond(context: typer.Context, name: str = Name, text: str = Words, json: bool = Json) -> None:
    """Write down what the addressee answered."""
    _after(context, json, lambda desk: desk.recommendations.respond(name, text))


def judge(
    context: typer.Context,
    name: str = Name,
    status: str = typer.Argument(..., help="OAA, OAAR, OUA or CR."),
    text: str = Words,
    json: bool = Json,
) -> None:
    """Say, as the issuer, whether the answer will do."""
    _after(context, json, lambda desk: desk.recommendations.judge(name, status.upper(), text))


def close(
    context: typer.Context,
    name: str = Name,
    status: str = typer.Argument(..., help="CAA done, CEX more than asked, CAAA another way, CUA, CUAN, …"),
    text: str = Words,
    json: bool = Json,
) -> None:
    """End it, as the issuer, with what was done."""
    _after(context, json, lambda desk: desk.recommendations.close(name, status.upper(), text))


def reopen(context: typer.Context, name: str = Name, text: str = Words, json: bool = Json) -> None:
    """Open a closed one again; it waits for an answer."""
    _after(context, json, lambda desk: desk.recommendations.reopen(name, text))


def track(
    context: typer.Context,
    name: str = Name,
    url: str = typer.Argument(..., help="Where the work is followed."),
    json: bool = Json,
) -> None:
    """Link the item in the tracker where the work is done."""
    _after(context, json, lambda desk: desk.recommendations.track(name, url))


def measure(context: typer.Context, name: str = Name, text: str = Words, json: bool = Json) -> None:
    """Write down what counting before and after has shown."""
    _after(context, json, lambda desk: desk.recommendations.measure(name, text))


def show(context: typer.Context, name: str = Name, json: bool = Json) -> None:
    """One recommendation with its letters and what has been counted."""
    _after(context, json, lambda desk: desk.recommendations.show(name))


def grid(context: typer.Context, json: bool = Json) -> None:
    """What is still owed, by what it costs and how strongly it works."""
    lines = at_desk(context, lambda desk: desk.recommendations.list())
    fields = {
        (dear, strong): [line.id for line in lines if line.open and _field(line) == (dear, strong)]
        for dear in ("costs little", "costs more", "cost not said")
        for strong in ("strong", "not strong")
    }
    if json:
        output.document([{"cost": c, "strength": s, "names": names} for (c, s), names in fields.items()])
        return
    rows = [(cost, strength, ", ".join(names) or "-") for (cost, strength), names in fields.items()]
    output.table(("COST", "STRENGTH", "STILL OWED"), rows)


def _field(line: RegisterLine) -> tuple[str, str]:
    one = line.recommendation
    costs = {"zero": "costs little", "small": "costs little", "": "cost not said"}
    return costs.get(one.cost, "costs more"), "strong" if one.strength == "strong" else "not strong"


def document(line: RegisterLine) -> dict[str, Any]:
    """One item of ``triage recommendations list --json``."""
    one = line.recommendation
    return {
        "id": line.id,
        "investigation": line.investigation_id,
        "ticket": line.ticket_key,
        "code": line.code,
        "component": line.component,
        "addressee": one.addressee,
        "text": one.text,
        "aim": one.aim,
        "strength": one.strength,
        "cost": one.cost,
        "zero_cost": one.zero_cost,
        "cites": list(one.cites),
        "due": plain(one.due),
        "status": one.status,
        "status_name": line.status_name,
        "open": line.open,
        "overdue_days": line.overdue_days,
        "may_follow": list(line.may_follow),
        "offer_no_response": line.offer_no_response,
        "tracker_url": one.tracker_url,
        "closed_at": plain(line.closed_at),
        "watched_until": plain(line.watched_until),
        "effect": {
            "measure": one.effect_measure,
            "result": one.effect_result,
            "alike_before": line.alike_before,
            "alike_after": line.alike_after,
            "by_month": [list(month) for month in line.by_month],
        },
        "exchange": plain(one.exchange),
    }


def _after(context: typer.Context, json: bool, work: Callable[[Desk], Awaitable[RegisterLine]]) -> None:
    async def done(desk: Desk) -> tuple[RegisterLine, tzinfo]:
        return await work(desk), desk.profile.zone

    line, zone = at_desk(context, done)
    if json:
        output.document(document(line))
        return
    _print([line], zone)
    for one in line.recommendation.exchange:
        output.text(f"  {times.local(one.at, zone)}  {one.sender} → {one.status_after}: {one.text}")
    for said in _counted(line):
        output.text(f"  {said}")


def _counted(line: RegisterLine) -> list[str]:
    """What has been counted, in words."""
    one = line.recommendation
    said = [f"counted: {one.effect_measure}"] if one.effect_measure else []
    said += [f"shown: {one.effect_result}"] if one.effect_result else []
    if line.by_month:
        months = ", ".join(f"{month} {count}" for month, count in line.by_month)
        said.append(f"cases with {line.code} by month: {months} (counts, not proof)")
    return said


def _print(lines: list[RegisterLine], zone: tzinfo) -> None:
    rows = [
        (
            line.id,
            line.recommendation.status,
            plain(line.recommendation.due) or "-",
            _standing(line, zone),
            line.recommendation.addressee,
            line.recommendation.text[:70],
        )
        for line in lines
    ]
    output.table(("NAME", "STATUS", "DUE", "STANDS", "ADDRESSEE", "WHAT"), rows)


def _standing(line: RegisterLine, zone: tzinfo) -> str:
    if line.offer_no_response:
        return f"{line.overdue_days} d late, never answered: CUAN?"
    if line.overdue_days:
        return f"{line.overdue_days} d late"
    if line.watched_until:
        return f"watched until {times.local(line.watched_until, zone)}"
    return "open" if line.open else "closed"
