"""Lists that move while they are read: nothing that stayed is missed; a list that turns in circles ends."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from tests.helpdesk.stands import OURS, Stand
from tests.reliability.counting import sized, tell
from triage.helpdesk.paging import MOST_PAGES, PageGuard
from triage.model.errors import HelpdeskFailed

SCHEDULES = sized(4, 1_430)
"""For each helpdesk."""
SPELLS = 12
"""Of traffic, each of up to 40 tickets: who reads must come to an end some time."""
GIVEN_UP = 0.02
"""Of the lists, at most: those that moved so fast that the adapter said so and stopped."""
HOW_MANY = 230
"""Tickets: more than two pages of the largest size."""
STATES: dict[str, tuple[str, Any, Any]] = {
    "redmine": ("status", 1, 5), "jira cloud": ("status", "Open", "Done"),
    "jira data center": ("status", "Open", "Done"), "zammad": ("state", "open", "closed"),
    "github": ("state", "open", "closed"), "pagerduty": ("status", "triggered", "resolved"),
    "request_tracker": ("status", "open", "resolved"),
}  # fmt: skip
"""The attribute of a fake's ticket, and what it says in the queue and out of it."""
OPEN = {
    "redmine": "project_id=1&status_id=open",
    **dict.fromkeys(("jira cloud", "jira data center"), "project = ESC AND statusCategory != Done"),
}
"""A queue that tickets leave, where the first one offered is none."""


def tickets_of(server: Any) -> dict[int, Any]:
    for name in ("issues", "tickets", "incidents"):
        if hasattr(server, name):
            return {number_of(str(number)): one for number, one in getattr(server, name).items()}
    raise AssertionError("no tickets")


class Traffic:
    """Others at work: tickets leave the queue, come to it and change, between any two requests."""

    def __init__(self, name: str, stand: Stand, chance: random.Random) -> None:
        self.chance = chance
        self.name, self.inside, self.outside = STATES[name]
        self.server = stand.server
        for number in range(len(tickets_of(stand.server)) + 1, HOW_MANY + 1):
            self._add(number)
        self.tickets = tickets_of(stand.server)
        for ticket in self.tickets.values():
            if chance.random() < 0.2:
                setattr(ticket, self.name, self.outside)
        self.clock = getattr(stand.server, "now", datetime(2026, 3, 2, tzinfo=UTC))
        self.left: set[int] = set()
        self.came: set[int] = set()
        self.busy = True
        self.spells = SPELLS
        self.server.before = self.before

    def _add(self, number: int) -> None:
        for name in ("add_issue", "add_ticket", "add_incident"):
            if hasattr(self.server, name):
                getattr(self.server, name)(number)

    def open(self) -> set[int]:
        return {number for number, one in self.tickets.items() if getattr(one, self.name) == self.inside}

    def before(self, request: httpx.Request) -> None:
        """Something happens."""
        if self.busy and self.spells and self.chance.random() < 0.5:
            self.spells -= 1
            for number in self.chance.sample(range(1, HOW_MANY + 1), self.chance.randrange(40)):
                self._one(number)

    def _one(self, number: int) -> None:
        ticket = self.tickets[number]
        way = self.chance.randrange(3)
        if way == 0:
            self.left.add(number)
            setattr(ticket, self.name, self.outside)
        elif way == 1:
            self.came.add(number)
            setattr(ticket, self.name, self.inside)
        elif isinstance(getattr(ticket, "updated", None), datetime):
            self.touch(ticket)

    def touch(self, ticket: Any) -> None:
        """It changes, later than anything before."""
        self.clock += timedelta(seconds=1)
        ticket.updated = self.clock
        if hasattr(self.server, "now"):
            self.server.now = max(self.server.now, self.clock)


def number_of(ticket_id: str) -> int:
    return int(ticket_id.removeprefix("Q"))


@pytest.mark.parametrize("name", STATES)
async def test_who_stays_in_the_queue_is_found_whatever_moves(name: str) -> None:
    given_up = 0
    for seed in range(SCHEDULES):
        stand = OURS[name]()
        traffic = Traffic(name, stand, random.Random(f"{name}/{seed}"))
        before = traffic.open()
        try:
            pages = [page.items async for page in stand.desk.queue(OPEN.get(name, ""))]
        except HelpdeskFailed as failed:
            assert "faster than it can be read" in str(failed), f"seed {seed} of {name}"
            given_up += 1
            continue
        seen = [number_of(one.id) for items in pages for one in items]
        assert before - traffic.left <= set(seen) <= before | traffic.came, f"seed {seed} of {name}"
        assert len(seen) == len(set(seen)), f"seed {seed} of {name}"
    assert given_up <= SCHEDULES * GIVEN_UP
    tell("pagination", SCHEDULES, **{name: SCHEDULES, "said to be too fast": given_up})


@pytest.mark.parametrize("name", sorted(STATES.keys() - {"request_tracker", "pagerduty"}))
async def test_who_changed_before_is_among_the_changes_whatever_moves(name: str) -> None:
    count = max(1, SCHEDULES // 10)
    for seed in range(count):
        stand = OURS[name]()
        traffic = Traffic(name, stand, chance := random.Random(f"changes {name}/{seed}"))
        traffic.busy = False
        cursor = [page.cursor async for page in stand.desk.changes("", None)][-1]
        touched = set(chance.sample(range(1, HOW_MANY + 1), 120))
        for number in touched:
            traffic.touch(traffic.tickets[number])
        traffic.busy = True
        seen = {number_of(one.id) async for page in stand.desk.changes("", cursor) for one in page.items}
        assert touched <= seen, f"seed {seed} of {name}"
    tell("pagination", count, changes=count)


def test_a_list_that_turns_in_circles_ends_at_the_first_page_it_repeats() -> None:
    for length in range(1, sized(20, 400)):
        guard = PageGuard("a list")
        for page in range(length):
            guard.passed("page", page)
        with pytest.raises(HelpdeskFailed, match="same page"):
            guard.passed("page", length // 2)
    tell("pagination", length, circles=length)


def test_a_list_without_an_end_is_given_up() -> None:
    guard = PageGuard("a list")
    with pytest.raises(HelpdeskFailed):
        for page in range(100_000):
            guard.passed(page)
    assert page == MOST_PAGES
