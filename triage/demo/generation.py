"""Thousands of further escalations with short threads, for measuring and for load."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from random import Random
from typing import Any

from triage.demo import documents, ticket_change
from triage.demo.case_time import CaseClock
from triage.demo.documents import CUSTOM_FIELDS, Document
from triage.demo.planting import Directory, plant_organization, plant_user
from triage.demo.records import fill_tickets
from triage.demo.ticket_change import EVENTS_PER_AUDIT, Applied, Comment, TicketChange

FIRST_KEY = 50_001
_FIRST_ORGANIZATION = 360_000_005_001
_FIRST_USER = 360_000_020_001
_BATCH = 2_000
_MONTH_MINUTES = 30 * 24 * 60
_FRONT = (
    "Amber",
    "Birch",
    "Cinder",
    "Dover",
    "Elm",
    "Fallow",
    "Granite",
    "Harvest",
    "Indigo",
    "Juno",
    "Kite",
)
_BACK = (
    "Logistics",
    "Clinic",
    "Stores",
    "Insurance",
    "Council",
    "College",
    "Shipping",
    "Foods",
    "Legal",
    "Power",
)
_GIVEN = (
    "Ada",
    "Bram",
    "Chidi",
    "Dana",
    "Eero",
    "Farid",
    "Gita",
    "Hugo",
    "Iris",
    "Joon",
    "Kaya",
    "Liv",
    "Mo",
)
_FAMILY = ("Abara", "Bergman", "Costa", "Doyle", "Eklund", "Farah", "Grau", "Haas", "Ito", "Jansen", "Kaur")
_AREAS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("identity", ("Group rename removed access for {n} people", "Directory sync deleted {n} accounts")),
    ("export", ("Export stops after {n} minutes", "Export of {n} documents is cut off")),
    ("webhooks", ("Webhook {n} arrives twice", "{n} duplicated events since the last restart")),
    ("single sign-on", ("Login loop for {n} people", "Certificate change locked out {n} people")),
    ("upload", ("Uploads of {n} MB time out", "Upload stuck at {n} percent")),
    ("search", ("Search misses {n} documents", "Search for {n} words is slow")),
    ("retention", ("{n} documents deleted too early", "Retention ignores {n} folders")),
    ("preview", ("Preview blank for {n} drawings", "Preview takes {n} seconds")),
)
_REPORTS = (
    "Since this morning we see this for {n} of our people. Nothing was changed on our side.",
    "It happens every time. The page says: error HL-{n}. Please help, our work depends on it.",
    "After the update to 4.2 it is like this. About {n} cases so far, the number grows.",
    "We found it by chance; how long has it been so? Reference on our side: {n}.",
)
_ANSWERS = (
    "Thank you for the details, I am looking into it. Next update by {due}.",
    "I understand this is pressing and have asked our engineers. I will update you by {due}.",
    "I could reproduce it. Next update {due}, whatever we know by then.",
)
_NOTES = (
    "Nothing in the knowledge base on error {n}.",
    "Same picture as {n} last month?",
    "Log shows {n} retries and then nothing.",
)
_STATUSES = ("open",) * 6 + ("pending",) * 3 + ("hold",)


def generate(
    db: sqlite3.Connection,
    count: int,
    seed: int,
    *,
    directory: Directory,
    clock: CaseClock,
    progress: Callable[[int], None] = lambda _done: None,
) -> None:
    """Fill ``count`` more tickets, all escalated and unsolved; the same ``seed`` gives the same tickets.

    ``progress`` hears how many are done. 100,000 take well under a minute and flat memory.
    """
    if count:
        _Generation(db, Random(f"{seed}/generated"), directory, clock).run(count, progress)


class _Generation:
    def __init__(
        self, db: sqlite3.Connection, random: Random, directory: Directory, clock: CaseClock
    ) -> None:
        self._db, self._random, self._directory, self._clock = db, random, directory, clock
        self._origin = clock.origin.timestamp()
        self._ticket: int = db.execute("SELECT coalesce(max(id), 0) FROM tickets").fetchone()[0]
        self._audit: int = db.execute("SELECT coalesce(max(id), 0) FROM audits").fetchone()[0]
        self._frontline = self._agents("Support")
        self._engineers = self._agents("Engineering")
        self._customers: list[tuple[int, int]] = []

    def run(self, count: int, progress: Callable[[int], None]) -> None:
        self._plant_customers(max(20, min(count // 10, 1_000)))
        for start in range(0, count, _BATCH):
            size = min(_BATCH, count - start)
            threads = [list(self._thread(FIRST_KEY + start + place)) for place in range(size)]
            tickets = ((thread[-1].ticket, self._changed_ms(thread[-1])) for thread in threads)
            fill_tickets(self._db, tickets, (applied for thread in threads for applied in thread))
            progress(start + size)

    def _agents(self, group: str) -> list[int]:
        wanted = self._directory.groups[group]
        return [agent for agent, its in self._directory.group_of_agent.items() if its == wanted]

    def _plant_customers(self, count: int) -> None:
        born = self._origin - timedelta(days=400).total_seconds()
        for number in range(count):
            organization, user = _FIRST_ORGANIZATION + number // 3, _FIRST_USER + number
            domain = f"c{number // 3}.example"
            if number % 3 == 0:
                name = f"{self._random.choice(_FRONT)} {self._random.choice(_BACK)} {number // 3 + 1}"
                plant_organization(self._db, documents.organization(organization, name, domain, born))
            name = f"{self._random.choice(_GIVEN)} {self._random.choice(_FAMILY)}"
            plant_user(
                self._db,
                documents.user(
                    user, name, f"u{number}@{domain}", role="end-user", at=born, organization_id=organization
                ),
            )
            self._customers.append((user, organization))

    def _thread(self, key: int) -> Iterator[Applied]:
        """One ticket as its audits: report, answer with a promise, escalation, sometimes a second answer."""
        random = self._random
        user, organization = random.choice(self._customers)
        component, subjects = random.choice(_AREAS)
        size = random.randrange(2, 900)
        opened = self._origin - 60 * random.randrange(30, _MONTH_MINUTES)
        self._ticket += 1
        blank = documents.ticket(
            self._ticket, subject=random.choice(subjects).format(n=size), requester_id=user, at=opened
        )
        blank |= {"external_id": f"HL-{key}", "organization_id": organization}
        blank["group_id"] = self._directory.groups["Support"]
        report = Comment(random.choice(_REPORTS).format(n=size), True, user)
        fields = {"priority": random.choice(documents.PRIORITIES), "type": "incident", "tags": [component]}
        custom = _custom(component, f"4.{random.randrange(3)}.{random.randrange(4)}")
        first = TicketChange(user, opened, by_agent=False, comment=report, fields=fields, custom=custom)
        applied = ticket_change.create(blank, first, self._next())
        yield applied
        for change in self._course(opened, component):
            further = ticket_change.apply(applied.ticket, change, self._next())
            if further is not None:
                applied = further
                yield applied

    def _course(self, opened: float, component: str) -> Iterator[TicketChange]:
        random, agent = self._random, self._random.choice(self._frontline)
        left = self._origin - opened
        at = opened + random.uniform(0.02, 0.2) * left
        if random.random() < 0.95:
            yield self._answer(agent, at, {"status": "open", "assignee_id": agent})
        handed: dict[str, Any] = {
            "tags": sorted({component, "escalated"}),
            "group_id": self._directory.groups["Engineering"],
            "assignee_id": random.choice([None, *self._engineers]),
        }
        at += random.uniform(0.02, 0.2) * left
        text = random.choice(_NOTES).format(n=random.randrange(10, 500))
        reason = {CUSTOM_FIELDS["Escalation reason"]: "no tool or authority"}
        note = Comment(text, public=False, author_id=agent)
        yield TicketChange(agent, at, by_agent=True, comment=note, fields=handed, custom=reason)
        if random.random() < 0.5:
            at += random.uniform(0.1, 0.5) * left
            yield self._answer(agent, at, {"status": random.choice(_STATUSES)})

    def _answer(self, agent: int, at: float, fields: dict[str, Any]) -> TicketChange:
        due = datetime.fromtimestamp(at + 60 * self._random.randrange(30, 300), self._clock.zone)
        text = self._random.choice(_ANSWERS).format(due=f"{due:%H}:{due.minute // 5 * 5:02}")
        return TicketChange(agent, at, by_agent=True, comment=Comment(text, True, agent), fields=fields)

    def _next(self) -> int:
        self._audit += EVENTS_PER_AUDIT
        return self._audit

    @staticmethod
    def _changed_ms(applied: Applied) -> int:
        generated: int = applied.ticket["generated_timestamp"]
        return generated * 1000


def _custom(component: str, version: str) -> dict[int, Document]:
    values: dict[str, Any] = {
        "Product": "Harbourlight",
        "Version": version,
        "Component": component,
        "Relationship": "customer",
    }
    return {CUSTOM_FIELDS[title]: value for title, value in values.items()}
