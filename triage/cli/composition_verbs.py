"""``case-life`` and ``reach``: where the time of cases goes and who takes part, never by person."""

from __future__ import annotations

from datetime import timedelta

import typer

from triage.cli import output
from triage.cli.at_desk import at_desk
from triage.model.errors import Invalid

Json = typer.Option(False, "--json", help="One JSON document.")
GROUPS = ("code", "component")
BAR = 24


def register(app: typer.Typer) -> None:
    """Add the verbs to the command line."""
    app.command("case-life")(case_life)
    app.command("reach")(reach)


def case_life(
    context: typer.Context,
    by: str = typer.Option("code", "--by", help="code or component."),
    json: bool = Json,
) -> None:
    """Where the time of adopted cases went: waiting for data, investigating, fixing; by code or component."""
    if by not in GROUPS:
        raise Invalid(f"nothing is added up by {by!r}", where="--by", do="Use code or component")
    shares = at_desk(context, lambda desk: desk.investigations.life_shares(by))
    if json:
        output.document(
            [
                {
                    by: one.group,
                    "cases": one.cases,
                    "minutes": {name: round(spent.total_seconds() / 60) for name, spent in one.spent.items()},
                    "rounds": dict(one.rounds),
                }
                for one in shares
            ]
        )
        return
    for one in shares:
        whole = sum(one.spent.values(), timedelta()) or timedelta(minutes=1)
        output.text(f"{one.group}  {one.cases} {'case' if one.cases == 1 else 'cases'}, {hours(whole)}")
        for name, spent in one.spent.items():
            bar = "#" * round(BAR * (spent / whole))
            what = name.replace("_", " + ")
            output.text(f"  {what:14} {bar:{BAR}} {hours(spent)}, {one.rounds[name]} rounds")


def hours(length: timedelta) -> str:
    """``31 h 05``."""
    minutes = round(length.total_seconds() / 60)
    return f"{minutes // 60} h {minutes % 60:02d}"


def reach(context: typer.Context, json: bool = Json) -> None:
    """Which sides were heard in the cases of a component, and which in none of them."""
    found = at_desk(context, lambda desk: desk.investigations.reach())
    if json:
        output.document(found)
        return
    rows = [
        (
            one.component,
            one.quarter,
            str(one.cases),
            ", ".join(f"{side.replace('_', ' ')} {count}" for side, count in one.heard.items()) or "-",
            ", ".join(side.replace("_", " ") for side in one.absent) or "-",
        )
        for one in found
    ]
    output.table(("COMPONENT", "QUARTER", "CASES", "HEARD", "HEARD IN NONE"), rows)
