"""Putting people and written cases into a new helpdesk, through the same rules as any later update."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

from triage.demo import documents, ticket_change
from triage.demo.case_file import People, Turn, WrittenCase
from triage.demo.case_time import CaseClock
from triage.demo.documents import CUSTOM_FIELDS, Document
from triage.demo.records import fill_tickets
from triage.demo.ticket_change import EVENTS_PER_AUDIT, Applied, Comment, Rating, TicketChange

FIRST_TICKET = 10_001
FIRST_ORGANIZATION = 360_000_001_001
FIRST_USER = 360_000_010_001
FIRST_GROUP = 360_000_000_201
SYSTEM = -1
"""The author of what triggers do."""
AGENT_DOMAIN = "harbourlight.example"
_OLD = timedelta(days=400)
_SYSTEM_FIELDS = ("Subject", "Description", "Status", "Type", "Priority", "Group", "Assignee")


@dataclass(slots=True)
class Directory:
    """The ids that the people of the cases got, by slug or name."""

    agents: dict[str, int] = field(default_factory=dict)
    groups: dict[str, int] = field(default_factory=dict)
    group_of_agent: dict[int, int] = field(default_factory=dict)
    customers: dict[str, int] = field(default_factory=dict)
    organization_of: dict[int, int] = field(default_factory=dict)

    def person(self, slug: str) -> int:
        """The user id behind ``slug``; -1 for ``system``. Raises `KeyError` for a stranger."""
        if slug == "system":
            return SYSTEM
        return self.agents[slug] if slug in self.agents else self.customers[slug]


def plant_people(db: sqlite3.Connection, people: People, origin: datetime) -> Directory:
    """Fill groups, fields, organizations and users."""
    born = (origin - _OLD).timestamp()
    directory = Directory()
    for number, name in enumerate(people.groups, FIRST_GROUP):
        directory.groups[name] = number
        _insert(db, "groups", number, documents.group(number, name, born))
    _plant_fields(db, born)
    companies: dict[str, tuple[int, str]] = {}
    for number, company in enumerate(people.companies, FIRST_ORGANIZATION):
        companies[company.slug] = (number, company.domain)
        plant_organization(db, documents.organization(number, company.name, company.domain, born))
    for number, agent in enumerate(people.agents, FIRST_USER):
        group = directory.groups[agent.group]
        directory.agents[agent.slug], directory.group_of_agent[number] = number, group
        email = f"{agent.slug}@{AGENT_DOMAIN}"
        plant_user(db, documents.user(number, agent.name, email, role=agent.role, at=born, group_id=group))
    for number, customer in enumerate(people.customers, FIRST_USER + 1_000):
        organization, domain = companies[customer.organization]
        directory.customers[customer.slug], directory.organization_of[number] = number, organization
        email = f"{customer.slug}@{domain}"
        user = documents.user(
            number, customer.name, email, role="end-user", at=born, organization_id=organization,
            zone=customer.zone,
        )  # fmt: skip
        plant_user(db, user)
    return directory


def plant_user(db: sqlite3.Connection, user: Document) -> None:
    """Insert one user."""
    row = (user["id"], user["email"].lower(), user["name"], user["role"], documents.dump(user))
    db.execute("INSERT INTO users VALUES (?, ?, ?, ?, ?)", row)


def plant_organization(db: sqlite3.Connection, organization: Document) -> None:
    """Insert one organization."""
    row = (organization["id"], organization["name"], documents.dump(organization))
    db.execute("INSERT INTO organizations VALUES (?, ?, ?)", row)


def _plant_fields(db: sqlite3.Connection, born: float) -> None:
    for position, title in enumerate(_SYSTEM_FIELDS, 1):
        number = 360_000_000_000 + position
        _insert(
            db, "ticket_fields", number, documents.ticket_field(number, title, title.lower(), position, born)
        )
    for position, (title, number) in enumerate(CUSTOM_FIELDS.items(), 20):
        _insert(db, "ticket_fields", number, documents.ticket_field(number, title, "text", position, born))


def _insert(db: sqlite3.Connection, table: str, number: int, document: Document) -> None:
    db.execute(f"INSERT INTO {table} VALUES (?, ?)", (number, documents.dump(document)))  # noqa: S608


def plant_cases(
    db: sqlite3.Connection, cases: Sequence[WrittenCase], directory: Directory, clock: CaseClock, seed: int
) -> None:
    """Fill the written cases; all their turns happen in the order of time, over all tickets."""
    _Planting(db, directory, clock, seed).plant(cases)


class _Planting:
    def __init__(self, db: sqlite3.Connection, directory: Directory, clock: CaseClock, seed: int) -> None:
        self._db, self._directory, self._clock = db, directory, clock
        self._seed = seed
        self._tickets: dict[str, Document] = {}
        self._changed: dict[str, float] = {}
        self._ids: dict[str, int] = {}
        self._audit = 0
        self._files = 0

    def plant(self, cases: Sequence[WrittenCase]) -> None:
        opened = sorted(cases, key=lambda case: self._clock.moment(case.thread[0].at))
        self._ids = {case.key: number for number, case in enumerate(opened, FIRST_TICKET)}
        applied = [self._take(case, turn, at) for at, case, turn in self._in_time(cases)]
        self._mark_problems()
        tickets = [(ticket, int(self._changed[key] * 1000)) for key, ticket in self._tickets.items()]
        fill_tickets(self._db, tickets, applied)
        for ticket, _ in tickets:
            self._rate(ticket)

    def _mark_problems(self) -> None:
        by_id = {ticket["id"]: ticket for ticket in self._tickets.values()}
        for ticket in self._tickets.values():
            if ticket["problem_id"] is not None:
                by_id[ticket["problem_id"]]["has_incidents"] = True

    def _in_time(self, cases: Sequence[WrittenCase]) -> Iterator[tuple[float, WrittenCase, Turn]]:
        turns = []
        for order, case in enumerate(cases):
            random, last = Random(f"{self._seed}/{case.key}"), 0.0
            for place, turn in enumerate(case.thread):
                at = max(self._clock.moment(turn.at).timestamp() + random.randrange(60), last + 1)
                turns.append((at, order, place, case, turn))
                last = at
        for at, _, _, case, turn in sorted(turns, key=lambda turn: turn[:3]):
            yield at, case, turn

    def _take(self, case: WrittenCase, turn: Turn, at: float) -> Applied:
        self._audit += EVENTS_PER_AUDIT
        if case.key in self._tickets:
            applied = ticket_change.apply(self._tickets[case.key], self._change(case, turn, at), self._audit)
            if applied is None:
                raise ValueError(f"{case.key}: nothing happens at {turn.at}")
        else:
            applied = ticket_change.create(self._blank(case, at), self._change(case, turn, at), self._audit)
        self._tickets[case.key], self._changed[case.key] = applied.ticket, at
        return applied

    def _blank(self, case: WrittenCase, at: float) -> Document:
        requester = self._directory.person(case.sender)
        subject = self._clock.filled(case.subject)
        channel = str(case.details.get("channel", "web"))
        ticket = documents.ticket(
            self._ids[case.key], subject=subject, requester_id=requester, at=at, channel=channel
        )
        ticket["external_id"] = case.key
        ticket["organization_id"] = self._directory.organization_of.get(requester)
        ticket["group_id"] = self._directory.groups["Support"]
        return ticket

    def _change(self, case: WrittenCase, turn: Turn, at: float) -> TicketChange:
        author = self._directory.person(turn.by)
        first = case.key not in self._tickets
        wishes = {**(case.details if first else {}), **turn.changes}
        fields, custom = self._fields(wishes)
        fields |= self._following(case, turn, author, fields)
        if turn.escalate:
            custom[CUSTOM_FIELDS["Escalation reason"]] = turn.escalate
        text = self._clock.filled(turn.text)
        files = [self._file(file) for file in turn.files]
        comment = Comment(text, turn.public, author, files) if text and not turn.rated else None
        return TicketChange(
            author,
            at,
            by_agent=author not in self._directory.organization_of,
            comment=comment,
            fields=fields,
            custom=custom,
            rating=Rating(turn.rated, text) if turn.rated else None,
            macro=turn.macro,
            channel=documents.by_rule("Escalation") if author == SYSTEM else documents.via("web"),
        )

    def _fields(self, wishes: Mapping[str, Any]) -> tuple[dict[str, Any], dict[int, Any]]:
        """The wishes of a case file as plain fields and custom fields."""
        fields: dict[str, Any] = {}
        custom: dict[int, Any] = {}
        titles = {title.lower(): number for title, number in CUSTOM_FIELDS.items()}
        for name, value in wishes.items():
            if name in titles:
                custom[titles[name]] = str(value)
            elif name in ("status", "priority", "type"):
                fields[name] = value
            elif name == "tags":
                fields["tags"] = sorted(value)
            elif name == "assignee":
                fields["assignee_id"] = self._directory.agents[value] if value else None
            elif name == "group":
                fields["group_id"] = self._directory.groups[value]
            elif name == "problem":
                fields["problem_id"] = self._ids[value]
            elif name != "channel":
                raise ValueError(f"{name} is no word for a case file")
        return fields, custom

    def _following(
        self, case: WrittenCase, turn: Turn, author: int, fields: Mapping[str, Any]
    ) -> dict[str, Any]:
        """What goes without saying: who answers takes the ticket, and escalating hands it over."""
        ticket = self._tickets.get(case.key)
        if turn.escalate:
            tags = {*(ticket["tags"] if ticket else ()), *fields.get("tags", ()), "escalated"}
            handed: dict[str, Any] = {"tags": sorted(tags), "group_id": self._directory.groups["Engineering"]}
            if turn.public and ticket and ticket["status"] == "new" and "status" not in fields:
                handed["status"] = "open"
            return handed | ({} if "assignee_id" in fields else {"assignee_id": None})
        answers = turn.public and author in self._directory.group_of_agent
        escalated = ticket is not None and "escalated" in ticket["tags"]
        if answers and ticket and ticket["assignee_id"] is None and not escalated:
            taken = {"assignee_id": author, "group_id": self._directory.group_of_agent[author]}
            return {name: value for name, value in taken.items() if name not in fields}
        if "assignee_id" in fields and "group_id" not in fields and fields["assignee_id"]:
            return {"group_id": self._directory.group_of_agent[fields["assignee_id"]]}
        return {}

    def _file(self, file: Mapping[str, str]) -> Document:
        self._files += 1
        content = self._clock.filled(file["text"]).encode()
        name, media_type = file["name"], file.get("type", "text/plain")
        token = hashlib.sha256(f"{self._seed}/{self._files}/{name}".encode()).hexdigest()[:32]
        document = documents.attachment(self._files, token, name, media_type, len(content))
        row = (self._files, token, media_type, content, documents.dump(document))
        self._db.execute("INSERT INTO attachments VALUES (?, ?, ?, ?, ?)", row)
        return document

    def _rate(self, ticket: Document) -> None:
        given = ticket["satisfaction_rating"]
        if given["score"] != "unoffered":
            number = ticket["id"]
            rating = documents.rating(
                number, ticket, given["score"], given["comment"], self._changed[ticket["external_id"]]
            )
            row = (number, ticket["id"], given["score"], documents.dump(rating))
            self._db.execute("INSERT INTO ratings VALUES (?, ?, ?, ?)", row)
