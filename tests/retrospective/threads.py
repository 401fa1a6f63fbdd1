# ruff: noqa: E501 (a message is one line, as it was sent)
"""The three worked cases as a helpdesk would hand them over: threads without any investigation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from triage.model.case import CaseFacts
from triage.model.promise_book import promises_of
from triage.model.ticket import Priority, Satisfaction, Ticket, Version
from triage.model.timeline import ActorRole, Attachment, TimelineEvent

ROLES: dict[str, ActorRole] = {
    "customer": "customer",
    "support": "support_frontline",
    "tier2": "support_tier2",
    "engineering": "engineering",
    "helpdesk": "helpdesk",
}


def message(
    ticket: str, number: int, at: str, actor: str, role: str, text: str, *, files: Sequence[str] = ()
) -> TimelineEvent:
    """One message; a role with ``!`` wrote it internally."""
    internal = role.endswith("!")
    return TimelineEvent(
        id=f"c{number}",
        ticket_id=ticket,
        at=datetime.fromisoformat(at).replace(tzinfo=UTC),
        kind="message",
        visibility="internal" if internal else "public",
        actor_role=ROLES[role.removesuffix("!")],
        actor=actor,
        text=text,
        source_ref=f"comment {number}",
        attachments=tuple(Attachment(name, 2048, f"file {name}") for name in files),
    )


def escalation(ticket: str, number: int, at: str, text: str) -> TimelineEvent:
    event = message(ticket, number, at, "system", "helpdesk", text)
    return replace(event, kind="escalation", visibility="internal", source_ref=f"audit {number}")


def ticket_of(
    key: str,
    subject: str,
    customer: str,
    version: str,
    priority: Priority,
    thread: Sequence[TimelineEvent],
    **more: object,
) -> Ticket:
    return replace(
        Ticket(
            id=key.removeprefix("HL-"),
            key=key,
            subject=subject,
            status="open",
            created_at=thread[0].at,
            updated_at=thread[-1].at,
            version=Version("1", True),
            priority=priority,
            customer=customer,
            requester=thread[0].actor,
            product="Harbourlight",
            product_version=version,
        ),
        **more,  # type: ignore[arg-type]
    )


def group_rename() -> CaseFacts:
    t = "40817"
    thread = (
        message(t, 1, "2026-03-10T18:42", "Ines Duarte", "customer", "Since we renamed two groups in our directory, 212 warehouse people cannot open any manifest. Night shift starts at 20:00."),
        message(t, 2, "2026-03-10T19:20", "Marek", "support", "Thank you, I am on this. Could you send the sync log? I will update you by 20:30."),
        message(t, 3, "2026-03-10T19:31", "Ines Duarte", "customer", "Log attached.", files=("sync.log",)),
        message(t, 4, "2026-03-10T21:55", "Marek", "support!", "Log shows 2 groups deleted, 2 created, 431 grants removed. I see no way to put grants back. KB search 'rename group' gives nothing. Raised to tier 2."),
        message(t, 5, "2026-03-10T23:40", "Ines Duarte", "customer", "It is 23:40. Trucks are waiting. Is anybody there?"),
        message(t, 6, "2026-03-11T00:15", "Adaeze", "tier2", "I am sorry for the silence. A second engineer has joined. Next update 01:15 whatever we know."),
        message(t, 7, "2026-03-11T01:10", "Adaeze", "tier2", "We can list the removed grants but have no tool to restore them; we are calling the identity engineer now. Next update 02:30."),
        escalation(t, 8, "2026-03-11T01:12", "Escalated to engineering: identity. Severity high -> urgent."),
        message(t, 9, "2026-03-11T02:25", "Kofi", "engineering!", "Restored 431 grants from the audit table with a one-off script. Same script was used for HL-38102 in January and HL-39544 in February."),
        message(t, 10, "2026-03-11T02:29", "Adaeze", "tier2", "All 212 people have their access again. We will send what happened by Friday 17:00."),
        message(t, 11, "2026-03-11T02:44", "Ines Duarte", "customer", "Confirmed, thank you. We were told in January this was our fault."),
    )  # fmt: skip
    ticket = ticket_of(
        "HL-40817", "212 people lost access after we renamed two groups", "Cobalt Freight", "4.2.1", "urgent", thread,
        component="directory sync", satisfaction=Satisfaction("2"), assignee="Adaeze",
    )  # fmt: skip
    return facts_of(ticket, thread, ("HL-38102", "HL-39544"))


def export_stops() -> CaseFacts:
    t = "41206"
    thread = (
        message(t, 1, "2026-04-09T08:05", "Jonas Brandt", "customer", "The monthly export dies after about five minutes, every time. Nothing changed here."),
        message(t, 2, "2026-04-09T08:40", "Wren", "support", "Thank you. Which browser? Please try an incognito window. I will be back today by 16:00."),
        message(t, 3, "2026-04-09T09:15", "Jonas Brandt", "customer", "Same in two browsers. It says 'stream closed'."),
        message(t, 4, "2026-04-09T15:20", "Wren", "support", "Please send a network trace from the browser. Next update tomorrow by 12:00."),
        message(t, 5, "2026-04-10T07:50", "Jonas Brandt", "customer", "Trace attached.", files=("trace.har",)),
        message(t, 6, "2026-04-10T11:30", "Wren", "support", "Thank you. I can see the connection is cut but not by whom, so I have asked our engineers. Next update Monday 12:00."),
        escalation(t, 7, "2026-04-10T11:34", "Escalated to engineering: export."),
        message(t, 8, "2026-04-13T09:10", "Lucia", "engineering!", "300 s idle cut = customer's proxy. It is in the network article, 'Long-lived connections', 4th table. Took me 5 minutes; I wrote that table."),
        message(t, 9, "2026-04-13T09:30", "Wren", "support", "Your network proxy closes idle connections after 300 seconds. Setting it to 900, or ticking 'keep alive' in the export form, solves it."),
        message(t, 10, "2026-04-13T10:02", "Jonas Brandt", "customer", "Keep alive did it. Thanks."),
    )  # fmt: skip
    ticket = ticket_of(
        "HL-41206", "Monthly export stops at about 5 minutes", "Linden Clinics", "4.2.0", "normal", thread,
        component="export", satisfaction=Satisfaction("4"), assignee="Wren",
    )  # fmt: skip
    return facts_of(ticket, thread)


def audit_extract() -> CaseFacts:
    t = "41990"
    thread = (
        message(t, 1, "2026-05-11T07:10", "Hamish Orr", "customer", "After Saturday's upgrade our nightly audit extract has no file names. The regulator's return is due on the 15th."),
        message(t, 2, "2026-05-11T07:50", "Sunniva", "support", "Thank you; I understand the 15th is fixed. How do you make the extract? Update by 12:00."),
        message(t, 3, "2026-05-11T08:20", "Hamish Orr", "customer", "A script one of your consultants left us in 2022. It reads the doc_event table. Attached.", files=("extract.sql",)),
        message(t, 4, "2026-05-11T11:40", "Sunniva", "support", "The script reads an internal table whose columns changed in 4.0. We do not support direct reads, but I am asking engineering what can be done before the 15th. Next update 17:00."),
        escalation(t, 5, "2026-05-11T11:45", "Escalated to engineering: audit; account flagged at risk by account executive."),
        message(t, 6, "2026-05-11T16:30", "Bastian", "engineering!", "Names moved to doc_version in 4.0. Not documented because table is internal. I can write a view, but who owns it?"),
        message(t, 7, "2026-05-11T16:55", "Sunniva", "support", "We will give you a read-only view with the old columns for this return. A supported extract does not exist today and I cannot promise one; I will tell you by 29 May what product decides. View by 13 May 12:00."),
        message(t, 8, "2026-05-13T10:15", "Bastian", "engineering!", "View delivered, tested on their copy."),
        message(t, 9, "2026-05-13T10:30", "Sunniva", "support", "The view is in place; please run tonight."),
        message(t, 10, "2026-05-14T06:40", "Hamish Orr", "customer", "Extract complete, return filed. We stayed on 3.8 for two years because of this."),
        message(t, 11, "2026-05-28T14:00", "Sunniva", "support", "Product has accepted a supported audit extract for planning, no date yet. I will write again by 30 June."),
    )  # fmt: skip
    ticket = ticket_of(
        "HL-41990", "Audit extract broken since upgrade to 4.1", "Tarn Valley Water", "4.1.0", "high", thread,
        component="audit", satisfaction=Satisfaction("3"), assignee="Sunniva",
    )  # fmt: skip
    return facts_of(ticket, thread)


def facts_of(ticket: Ticket, thread: tuple[TimelineEvent, ...], earlier: tuple[str, ...] = ()) -> CaseFacts:
    return CaseFacts(ticket, thread, promises_of(thread, (), UTC, priority=ticket.priority), earlier)


def moved(facts: CaseFacts, by: timedelta) -> CaseFacts:
    """The same case ``by`` later, its promises as they were."""
    thread = tuple(replace(event, at=event.at + by) for event in facts.timeline)
    promises = tuple(
        replace(one, made_at=one.made_at + by, due=one.due + by, met_at=one.met_at and one.met_at + by)
        for one in facts.promises
    )
    return replace(facts, timeline=thread, promises=promises)
