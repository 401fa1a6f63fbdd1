"""``enhancement``: a wish made ready to be decided, and those who asked told what came of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, get_args

import typer

from triage.cli import output
from triage.cli.at_desk import at_desk
from triage.cli.open_screen import OpenScreen
from triage.cli.options import globals_of
from triage.cli.output import plain
from triage.desk.desk import Desk
from triage.model.enhancement import LEVELS, EnhancementCase, EnhancementState
from triage.model.errors import Invalid

Json = typer.Option(False, "--json", help="One JSON document.")
Name = typer.Argument(..., metavar="NAME", help="ENH-019, as the list shows it.")
Words = typer.Option("", "--text", "-m", help="What was said, in a sentence or two.")


def register(app: typer.Typer) -> None:
    """Add the verbs to the command line."""
    verbs = typer.Typer(
        help="Wishes behind escalations, made ready to be decided.", invoke_without_command=True
    )
    verbs.callback()(on_screen)
    for name, verb in (
        ("new", new),
        ("list", listed),
        ("show", show),
        ("ask", ask),
        ("screen", screen),
        ("quantify", quantify),
        ("value", value),
        ("bundle", bundle),
        ("recruit", recruit),
        ("ready", ready),
        ("present", present),
        ("decide", decide),
        ("ship", ship),
        ("told", told),
        ("reply", reply),
    ):
        verbs.command(name)(verb)
    app.add_typer(verbs, name="enhancement")


def on_screen(context: typer.Context) -> OpenScreen | None:
    """Without a verb: the register on screen; where there is no terminal, what can be said here."""
    if context.invoked_subcommand is not None:
        return None
    asked = globals_of(context)
    if asked.may_ask:
        return OpenScreen(asked.profile, place="enhancements")
    output.text(context.get_help())
    return None


def new(
    context: typer.Context,
    title: str = typer.Argument("", help="The wish in a few words; of an investigation the one it holds."),
    source: list[str] = typer.Option(..., "--from", help="A ticket or an investigation; may be repeated."),
    json: bool = Json,
) -> None:
    """Open one from the tickets or the investigation that ask for it."""
    _after(context, json, lambda desk: desk.enhancements.new(title, source))


def listed(
    context: typer.Context,
    state: str = typer.Option("", "--state", help=", ".join(get_args(EnhancementState))),
    waiting: bool = typer.Option(False, "--to-tell", help="Only those whose askers have not heard yet."),
    json: bool = Json,
) -> None:
    """Every case, most votes first."""
    states = get_args(EnhancementState)
    if state and state not in states:
        raise Invalid(f"no state is a {state}", where="--state", do="Use one of: " + ", ".join(states))
    everything = at_desk(context, lambda desk: desk.enhancements.list())
    chosen = [one for one in everything if (not state or one.state == state) and (not waiting or one.to_tell)]
    if json:
        output.document([document(one) for one in chosen])
        return
    rows = [
        (
            one.id,
            one.state.replace("_", " "),
            str(one.votes),
            _askers(one),
            one.level.replace("_", " "),
            one.title,
        )
        for one in chosen
    ]
    output.table(("NAME", "STATE", "VOTES", "ASKED BY", "LEVEL", "WISH"), rows)


def show(context: typer.Context, name: str = Name, json: bool = Json) -> None:
    """One case: its five parts, what is missing, what is alike, who waits to hear."""

    async def work(desk: Desk) -> tuple[EnhancementCase, tuple[EnhancementCase, ...], tuple[str, ...]]:
        found = await desk.enhancements.show(name)
        return found, await desk.enhancements.alike(name), desk.enhancements.missing(found)

    found, alike, missing = at_desk(context, work)
    if json:
        output.document({**document(found), "alike": [one.id for one in alike], "missing": list(missing)})
        return
    _print(found)
    for one in alike:
        output.text(f"alike: {one.id} {one.title} (triage enhancement bundle {found.id} {one.id})")
    for lack in missing if found.state == "draft" else ():
        output.text(f"missing: {lack}")


def ask(
    context: typer.Context,
    name: str = Name,
    ticket: str = typer.Argument(..., help="One more ticket that asks for it."),
    question: str = typer.Option("", "--question", help="What a prospect wanted to know about it."),
    json: bool = Json,
) -> None:
    """Add a ticket that asks for it, or a prospect's question."""
    _after(context, json, lambda desk: desk.enhancements.ask(name, ticket, question))


def screen(
    context: typer.Context,
    name: str = Name,
    aligned: str = typer.Argument(..., help="yes, no or unknown."),
    text: str = Words,
    json: bool = Json,
) -> None:
    """Does it fit where the product goes? What does not is screened out, and its askers are told."""
    _after(context, json, lambda desk: desk.enhancements.screen(name, aligned, text))


def quantify(
    context: typer.Context,
    name: str = Name,
    expected: int = typer.Argument(..., help="How many would use it."),
    basis: str = typer.Option(..., "--basis", help="What that was counted or guessed from."),
    json: bool = Json,
) -> None:
    """How many would use it; how many ask is counted from the tickets."""
    _after(context, json, lambda desk: desk.enhancements.quantify(name, expected, basis))


def value(
    context: typer.Context,
    name: str = Name,
    risk: str = typer.Option(..., "--risk", help="What is lost without it."),
    level: str = typer.Option(..., "--level", help=", ".join(LEVELS)),
    revenue: int | None = typer.Option(None, "--revenue", help="Revenue at risk, a whole number."),
    currency: str = typer.Option("", "--currency", help="Of the revenue, such as EUR."),
    json: bool = Json,
) -> None:
    """What not doing it costs."""
    _after(context, json, lambda desk: desk.enhancements.value(name, risk, level, revenue, currency))


def bundle(
    context: typer.Context,
    name: str = Name,
    others: list[str] = typer.Argument(..., help="Cases that one piece of work would answer."),
    json: bool = Json,
) -> None:
    """Name the cases that belong together."""
    _after(context, json, lambda desk: desk.enhancements.bundle(name, others))


def recruit(
    context: typer.Context,
    name: str = Name,
    forum: str = typer.Option(..., "--forum", help="Where customers can say that they want it too."),
    votes: int = typer.Option(0, "--votes"),
    comments: int = typer.Option(0, "--comments"),
    json: bool = Json,
) -> None:
    """Where customers vote for it, and how many have."""
    _after(context, json, lambda desk: desk.enhancements.recruit(name, forum, votes, comments))


def ready(context: typer.Context, name: str = Name, json: bool = Json) -> None:
    """Ready to be presented: aligned, counted and valued. Exit 4 names what is missing."""
    _after(context, json, lambda desk: desk.enhancements.move(name, "ready"))


def present(context: typer.Context, name: str = Name, text: str = Words, json: bool = Json) -> None:
    """It was shown to those who decide."""
    _after(context, json, lambda desk: desk.enhancements.move(name, "presented", text))


def decide(
    context: typer.Context,
    name: str = Name,
    decision: str = typer.Argument(..., help="accepted, declined, or draft to take it up again."),
    text: str = Words,
    json: bool = Json,
) -> None:
    """What was decided, in words; those who asked are then to be told."""
    if decision not in ("accepted", "declined", "draft"):
        raise Invalid(f"no decision is {decision!r}", do="Say accepted, declined or draft")
    state: EnhancementState = decision  # type: ignore[assignment]  # just checked
    _after(context, json, lambda desk: desk.enhancements.move(name, state, text))


def ship(context: typer.Context, name: str = Name, json: bool = Json) -> None:
    """It is there; prints whom to tell."""
    _after(context, json, lambda desk: desk.enhancements.move(name, "shipped"))


def told(
    context: typer.Context,
    name: str = Name,
    ticket: str = typer.Argument(..., help="The ticket whose people have heard."),
    json: bool = Json,
) -> None:
    """Those of a ticket know what came of it."""
    _after(context, json, lambda desk: desk.enhancements.told(name, ticket))


def reply(context: typer.Context, name: str = Name) -> None:
    """Words for those who asked: to copy, never sent from here."""
    output.text(at_desk(context, lambda desk: desk.enhancements.reply(name)))


def document(one: EnhancementCase) -> dict[str, Any]:
    """One item of ``triage enhancement list --json``."""
    return {
        "id": one.id,
        "title": one.title,
        "state": one.state,
        "opened_at": plain(one.opened_at),
        "from": [*one.investigations, *(asking.ticket_key for asking in one.asking)],
        "screen": {"aligned": one.aligned, "note": one.note},
        "quantify": {"asking": one.asked_by, "expected": one.expected, "basis": one.basis},
        "value": {
            "risk": one.risk,
            "revenue_at_risk": one.revenue_at_risk,
            "currency": one.currency,
            "level": one.level,
        },
        "bundle": list(one.bundle),
        "recruit": {"forum": one.forum, "votes": one.votes, "comments": one.comments},
        "prospect_questions": list(one.prospect_questions),
        "decision": one.decision,
        "to_tell": [asking.ticket_key for asking in one.to_tell],
        "told_customers_at": plain(one.told_customers_at),
    }


def _after(context: typer.Context, json: bool, work: Callable[[Desk], Awaitable[EnhancementCase]]) -> None:
    found = at_desk(context, work)
    if json:
        output.document(document(found))
    else:
        _print(found)


def _print(one: EnhancementCase) -> None:
    output.text(f"{one.id}  {one.state.replace('_', ' ')}  {one.title}")
    money = f", {one.currency} {one.revenue_at_risk:,} at risk" if one.revenue_at_risk is not None else ""
    expected = f"{one.expected} would use it ({one.basis})" if one.expected is not None else "not counted yet"
    level = f"{one.level.replace('_', ' ')}: {one.risk}{money}" if one.level else "not said yet"
    output.text(f"  screen    {one.aligned} {one.note}".rstrip())
    output.text(f"  quantify  asked by {_askers(one)}; {expected}")
    output.text(f"  value     {level}")
    output.text(f"  bundle    {', '.join(one.bundle) or 'alone'}")
    output.text(f"  recruit   {one.forum or 'nowhere yet'}, {one.votes} votes, {one.comments} comments")
    for question in one.prospect_questions:
        output.text(f"  prospect  {question}")
    if one.decision:
        output.text(f"  decided   {one.decision}")
    for asking in one.to_tell:
        output.text(f"  tell      {asking.ticket_key} {asking.customer}".rstrip())


def _askers(one: EnhancementCase) -> str:
    return "one customer" if one.asked_by == 1 else f"{one.asked_by} customers"
