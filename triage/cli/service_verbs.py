"""``customer-view``, ``upgrade-matrix``, ``targets``, ``value``: the service seen from outside."""

from __future__ import annotations

from datetime import tzinfo

import typer

from triage.cli import output, times
from triage.cli.at_desk import at_desk
from triage.cli.composition_verbs import hours
from triage.desk.desk import Desk
from triage.model.service import Quadrant, Seen

Json = typer.Option(False, "--json", help="One JSON document.")
ROMAN = ("not placed", "I", "II", "III", "IV")
BAR = 24
WHO = {"customer": "customer", "us": "we"}


def register(app: typer.Typer) -> None:
    """Add the verbs to the command line."""
    app.command("customer-view")(customer_view)
    app.command("upgrade-matrix")(upgrade_matrix)
    app.command("targets")(targets)
    app.command("value")(value)


def customer_view(context: typer.Context, ticket: str, json: bool = Json) -> None:
    """A case as the customer saw it: public words at their times, and how long nothing came."""

    async def read(desk: Desk) -> tuple[tuple[Seen, ...], tzinfo]:
        return await desk.service.customer_view(await desk.cases.find(ticket)), desk.profile.zone

    seen, zone = at_desk(context, read)
    if json:
        output.document(
            [
                {
                    "at": one.at,
                    "who": one.who,
                    "text": one.text,
                    "silence_minutes": round(one.silence.total_seconds() / 60) if one.silence else None,
                }
                for one in seen
            ]
        )
        return
    for one in seen:
        if one.silence is not None:
            output.text(f"{'':17} · · ·  nothing for {hours(one.silence)}")
        else:
            output.text(f"{times.local(one.at, zone):17} {WHO[one.who]:9} {one.text}")


def upgrade_matrix(context: typer.Context, json: bool = Json) -> None:
    """Products by upgrade policy and technology, with the cases that upgrades have cost.

    Where a product stands is said in service.yaml, beside the settings.
    """
    fields = at_desk(context, lambda desk: desk.service.upgrade_matrix())
    if json:
        output.document(fields)
        return
    for one in fields:
        output.text(_head(one))
        for case in one.cases:
            held = f", held by {', '.join(case.held_by)}" if case.held_by else ""
            output.text(f"  {case.investigation_id}  {case.ticket_key}  {', '.join(case.codes)}{held}")


def _head(one: Quadrant) -> str:
    where = f"{ROMAN[one.number]}: {one.policy} policy, {one.technology}" if one.number else ROMAN[0]
    return f"{where}  {', '.join(one.products) or '-'}"


def targets(context: typer.Context, json: bool = Json) -> int:
    """The team's targets against the kind of its cases; exit 1 where one seems taken from elsewhere."""
    found = at_desk(context, lambda desk: desk.service.targets())
    if json:
        output.document(found)
    else:
        output.text(f"{found.seldom_and_hard} of {found.cases} adopted cases are seldom and hard.")
        output.table(
            ("ROW", "LEANS TO SELDOM AND HARD"), [(r.name, f"{r.leaning} of {r.cases}") for r in found.rows]
        )
        for one in found.warnings:
            output.text(f"warning  {one.name}: {one.text}")
    return 1 if found.warnings else 0


def value(context: typer.Context, json: bool = Json) -> None:
    """What adopted cases are worth: what there is to write down, and how many come again and again."""
    found = at_desk(context, lambda desk: desk.service.value())
    if json:
        output.document(found)
        return
    output.text("Worth their content: write it down (triage report NAME --kb)")
    most = max((len(one.cases) for one in found.content), default=1)
    for learnt in found.content:
        chronic = f", {learnt.chronic} chronic" if learnt.chronic else ""
        count, names = len(learnt.cases), ", ".join(learnt.cases)
        output.text(f"  {learnt.code:5} {_bar(count, most)} {count}{chronic}  {learnt.name}: {names}")
    output.text("Worth their number: make them fewer")
    peak = max((one.cases for one in found.volume), default=1)
    for month in found.volume:
        output.text(f"  {month.month} {_bar(month.cases, peak)} {month.cases}  {month.component}")


def _bar(count: int, most: int) -> str:
    return f"{'#' * max(1, round(BAR * count / most)):{BAR}}"
