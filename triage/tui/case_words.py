"""The head of a case: what it is, what is due, the customer's own words first. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, tzinfo

from triage.model.case import Case
from triage.model.operation import FINISHED
from triage.model.timeline import TimelineEvent
from triage.tui.clock_words import ago, clock, promise
from triage.tui.glyphs import SIGN
from triage.tui.roles import role_word
from triage.tui.safe_text import Piece, fit

TABS = ("Timeline", "Playbook", "Investigation", "Evidence", "Outbox")


def title(case: Case) -> tuple[Piece, ...]:
    """Key and subject, at the left."""
    ticket = case.facts.ticket
    gone = (("  gone from the helpdesk; this is the last we saw", "severity"),) if case.gone else ()
    mark = ((f" {SIGN.marked}", "accent"),) if case.marked else ()
    return ((f" {ticket.key}", "strong-accent"), *mark, (f" {ticket.subject}", "strong"), *gone)


def due(case: Case, now: datetime, zone: tzinfo) -> tuple[Piece, ...]:
    """Priority and the promises that count, at the right."""
    ticket = case.facts.ticket
    signs = {"urgent": SIGN.urgent, "high": SIGN.high, "low": SIGN.low}
    level = ticket.priority or "no priority"
    tone = "severity" if ticket.priority in ("urgent", "high") else "muted"
    row: list[Piece] = [(f"{signs.get(level, SIGN.normal)} {level}", tone)]
    waiting = sorted(
        (one for one in case.facts.promises if one.state(now) in ("open", "missed")), key=lambda one: one.due
    )
    if not waiting and ticket.open:
        row += [(" · ", "muted"), ("nothing promised: a", "severity")]
    for held in waiting[:2]:
        row += [(" · ", "muted"), promise(held.due, now, zone)]
    return (*row, (" ", ""))


def facts(case: Case, now: datetime) -> tuple[Piece, ...]:
    """Who, on what, in which state."""
    ticket = case.facts.ticket
    product = " ".join(part for part in (ticket.product, ticket.product_version, ticket.component) if part)
    parts = [ticket.customer, ticket.relationship.replace("_", " "), product, ticket.status]
    parts.append(f"owner {ticket.assignee}" if ticket.assignee else "no owner")
    if case.facts.earlier:
        parts.append("seen before: " + ", ".join(case.facts.earlier[:2]))
    return ((" " + " · ".join(part for part in parts if part), "muted"),)


def pulled(case: Case, now: datetime, zone_name: str) -> tuple[Piece, ...]:
    """How fresh, and in which zone the times are."""
    return ((f"pulled {ago(case.pulled_at, now)} · times {zone_name} ", "muted"),)


def customer_words(case: Case, now: datetime, zone: tzinfo, width: int) -> list[tuple[Piece, ...]]:
    """The customer's first words, and their newest ones when those are others."""
    said = [
        event
        for event in case.facts.timeline
        if event.kind == "message" and event.actor_role == "customer" and event.visibility == "public"
    ]
    if not said:
        return [((" The customer has said nothing here.", "muted"),)]
    chosen = [("first", said[0])] + ([("newest", said[-1])] if len(said) > 1 else [])
    return [_said(word, event, now, zone, width) for word, event in chosen]


def _said(word: str, event: TimelineEvent, now: datetime, zone: tzinfo, width: int) -> tuple[Piece, ...]:
    who = f" {event.actor or role_word(event.actor_role)}, {clock(event.at, now, zone)} "
    flat = " ".join(event.text.split())
    room = max(10, width - len(who) - 10)
    return ((f" {word:<7}", "muted"), (fit(f"“{flat}”", room), ""), (fit(who, len(who), right=True), "muted"))


def tab_names(case: Case) -> Sequence[str]:
    """The tabs with what is in them."""
    open_runs = [run for run in case.runs if run.status in ("open", "parked")]
    run = f" {open_runs[-1].done}/{open_runs[-1].path_length}" if open_runs else ""
    investigation = f" {case.investigation.phase}" if case.investigation else ""
    evidence = f" {len(case.evidence)}" if case.evidence else ""
    waiting = sum(operation.state not in FINISHED for operation in case.operations)
    outbox = f" {SIGN.to_send}{waiting}" if waiting else ""
    return [name + more for name, more in zip(TABS, ("", run, investigation, evidence, outbox), strict=True)]
