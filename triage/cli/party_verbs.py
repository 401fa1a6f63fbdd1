"""``party`` and ``reopen``: who is heard in an investigation, and opening it again for new evidence."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import typer

from triage.cli import documents, output
from triage.cli.at_desk import at_desk
from triage.cli.output import plain
from triage.desk.desk import Desk
from triage.model.investigation import Investigation, InvestigationView

Json = typer.Option(False, "--json", help="One JSON document.")
Which = typer.Argument(..., metavar="INVESTIGATION", help="ESC-YYYY-NNNN, or the ticket's key.")
Side = typer.Argument(..., metavar="PARTY", help="A side, such as engineering or customer; never a person.")


def register(app: typer.Typer) -> None:
    """Add the verbs to the command line."""
    verbs = typer.Typer(help="The sides of an investigation and what they say.", no_args_is_help=True)
    verbs.command("list")(listed)
    verbs.command("invite")(invite)
    verbs.command("submit")(submit)
    verbs.command("decline")(decline)
    verbs.command("dissent")(dissent)
    app.add_typer(verbs, name="party")
    app.command("reopen")(reopen)


def listed(context: typer.Context, investigation: str = Which, json: bool = Json) -> None:
    """Every side, whether it was heard, and what it proposes."""

    async def read(desk: Desk, name: str) -> Investigation:
        return (await desk.investigations.view(name)).investigation

    _after(context, investigation, read, json)


def invite(
    context: typer.Context,
    investigation: str = Which,
    side: str = Side,
    component: str = typer.Option("", "--component", help="The part of the product they answer for."),
    rep: str = typer.Option(
        "", "--rep", help="Who speaks for them; it stays on this machine (a team database shares it)."
    ),
    json: bool = Json,
) -> None:
    """Ask a side for its account; it has two working days."""
    _after(
        context,
        investigation,
        lambda desk, name: desk.parties.invite(name, side, component=component, rep=rep),
        json,
    )


def submit(
    context: typer.Context,
    investigation: str = Which,
    side: str = Side,
    findings: str = typer.Option("", "--findings", help="What they propose to find."),
    cause: str = typer.Option("", "--cause", help="What they take for the cause."),
    recommendations: str = typer.Option("", "--recommendations", help="What they would have changed."),
    json: bool = Json,
) -> None:
    """Write down what a side proposes; it is printed in the docket and changes nothing."""
    _after(
        context,
        investigation,
        lambda desk, name: desk.parties.submit(
            name, side, findings=findings, cause=cause, recommendations=recommendations
        ),
        json,
    )


def decline(
    context: typer.Context,
    investigation: str = Which,
    side: str = Side,
    no_reply: bool = typer.Option(False, "--no-reply", help="They did not answer at all."),
    json: bool = Json,
) -> None:
    """A side has nothing to say, or did not answer: the work goes on."""
    _after(context, investigation, lambda desk, name: desk.parties.decline(name, side, silent=no_reply), json)


def dissent(
    context: typer.Context,
    investigation: str = Which,
    side: str = Side,
    text: str = typer.Option(..., "--text", "-m", help="What they see differently, as it shall be printed."),
    json: bool = Json,
) -> None:
    """A side sees it differently: printed as written, and the verdict stands."""
    _after(context, investigation, lambda desk, name: desk.parties.dissent(name, side, text), json)


def reopen(
    context: typer.Context,
    investigation: str = Which,
    text: str = typer.Option(..., "--text", "-m", help="The new evidence, in a sentence."),
    json: bool = Json,
) -> None:
    """Open an adopted investigation again; what was adopted stays readable: report --adopted 1."""

    async def work(desk: Desk) -> InvestigationView:
        return await desk.investigations.reopen(await desk.investigations.find(investigation), text)

    it = at_desk(context, work).investigation
    if json:
        output.document(documents.without_who_speaks(plain(it)))
    else:
        output.text(f"{it.id}  {it.ticket_key}  {it.phase}, {it.state}: {it.reopened_for}")


def _after(
    context: typer.Context,
    investigation: str,
    work: Callable[[Desk, str], Awaitable[Investigation]],
    json: bool,
) -> None:
    async def done(desk: Desk) -> Investigation:
        return await work(desk, await desk.investigations.find(investigation))

    it = at_desk(context, done)
    if json:
        # Who speaks for a side is a name, and stays on this machine.
        parties = [{**plain(one), "rep": ""} for one in it.parties]
        output.document({"id": it.id, "state": it.state, "parties": parties, "dissent": list(it.dissent)})
        return
    rows = [
        (one.kind, one.submission.replace("_", " "), one.component, one.rep, one.findings or one.account)
        for one in it.parties
    ]
    output.table(("PARTY", "HEARD", "ANSWERS FOR", "WHO", "SAYS"), rows)
    for one in it.dissent:
        output.text(f"dissent  {one}")
