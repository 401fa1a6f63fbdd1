"""``adapter``: which helpdesks there are, and whether one keeps what every adapter promises."""

from __future__ import annotations

import typer

from triage.cli import output
from triage.cli.options import globals_of

Json = typer.Option(False, "--json", help="One JSON document.")
_SHOWN = {"passed": "passed", "failed": "FAILED", "not_applicable": "n/a"}


def register(app: typer.Typer) -> None:
    """Add the verbs to the command line."""
    adapter = typer.Typer(
        help="Helpdesks that are installed, and checks of one.", no_args_is_help=True, rich_markup_mode=None
    )
    adapter.command("list")(list_adapters)
    adapter.command("check")(check)
    app.add_typer(adapter, name="adapter")


def list_adapters(json: bool = Json) -> None:
    """Every helpdesk a profile can name, and the package it comes from."""
    from triage.desk.adapter_check import installed_adapters

    found = installed_adapters()
    if json:
        output.document(found)
    else:
        output.table(("NAME", "PACKAGE"), [(one.name, one.package) for one in found])


def check(
    context: typer.Context,
    ticket: str = typer.Option("", "--ticket", help="Look at this ticket, too, by its id at the helpdesk."),
    write: bool = typer.Option(False, "--write", help="Also write, on --ticket and nowhere else."),
    tag: str = typer.Option("", "--tag", help="A tag to add and take away; triage-check if none is named."),
    field: str = typer.Option("", "--field", help="NAME=VALUE: a field to set and set back."),
    json: bool = Json,
) -> int:
    """Hold the profile's helpdesk to what every adapter promises; exit 1 when it breaks a promise.

    Without --write nothing is changed. With it two internal notes stay on the ticket.
    """
    from triage.desk.adapter_check import check_adapter

    asked = globals_of(context)
    done = check_adapter(
        asked.profile, ticket=ticket, write=write, tag=tag, field=field,
        heard=lambda result: None if json else output.line(
            f"{_SHOWN[result.state]:7} {result.name}: {result.text}"
        ),
    )  # fmt: skip
    if json:
        output.document({**output.plain(done), "passed": done.passed})
        return 0 if done.passed else 1
    counts = [sum(result.state == state for result in done.results) for state in _SHOWN]
    output.line(
        f"{done.helpdesk} at {done.url}: {counts[0]} passed, {counts[1]} failed, {counts[2]} not applicable"
    )
    return 0 if done.passed else 1
