"""What Redmine says about itself: who we are, who may do what, and what its numbers stand for."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from triage.helpdesk.answer import Forbidden, expecting_an_api
from triage.helpdesk.paging import PageGuard
from triage.helpdesk.roles import Roles
from triage.helpdesk.shape import Record, expecting, line, record, records, whole_number
from triage.helpdesk.transport import Transport
from triage.model.errors import NotFound
from triage.model.timeline import ActorRole

PER_PAGE = 100
"""The most the server gives; more is cut to it without a word."""
SET_PRIVATE = "set_notes_private"
VIEW_PRIVATE = "view_private_notes"


@dataclass(frozen=True, slots=True)
class Status:
    """One status of issues."""

    id: int
    name: str
    closed: bool


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody's part in one project."""

    name: str
    roles: Mapping[int, str]


class RedmineAccount:
    """Reads and remembers what seldom changes; rights are asked for anew each time they matter."""

    def __init__(self, transport: Transport, roles: Roles) -> None:
        self.transport = transport
        self._roles = roles
        self._statuses: dict[str, Status] = {}
        self._priorities: dict[str, int] = {}
        self._members: dict[int, dict[int, Member]] = {}
        self._permissions: dict[int, frozenset[str]] = {}
        self._projects: dict[str, str] = {}

    async def rows(self, path: str, key: str, **query: str | int) -> AsyncIterator[Record]:
        """Every row of a short list that is counted with an offset."""
        guard, offset = PageGuard(path), 0
        while True:
            asked = urlencode({**query, "limit": PER_PAGE, "offset": offset})
            answer = await self.transport.read(f"{path}?{asked}")
            found = records(answer, key, path)
            with expecting(path):
                total = int(answer.get("total_count") or 0)
            for row in found:
                yield row
            offset += len(found)
            if not found or offset >= total:
                return
            guard.passed(offset)

    async def me(self) -> Record:
        """Our own user with the projects it belongs to."""
        with expecting_an_api():
            found = await self.transport.read("users/current.json?include=memberships")
        answer = record(found, "the account")
        return record(answer.get("user"), "the account")

    async def private_rights(self, project_id: int) -> frozenset[str]:
        """What is missing for a private note in a project: names of permissions, empty when all is there.

        Without the right to make a note private Redmine takes the note and shows it to everybody, so this
        is asked before every single note. Raises `HelpdeskFailed`.
        """
        me = await self.me()
        if me.get("admin") is True:
            return frozenset()
        with expecting("the account"):
            roles = [
                whole_number(role["id"])
                for membership in me.get("memberships") or ()
                if whole_number(membership["project"]["id"]) == project_id
                for role in membership["roles"]
            ]
        granted: set[str] = set()
        for role in roles:
            granted |= await self._permissions_of(role, anew=True)
        return frozenset({SET_PRIVATE, VIEW_PRIVATE} - granted)

    async def _permissions_of(self, role: int, *, anew: bool = False) -> frozenset[str]:
        if anew or role not in self._permissions:
            answer = record(await self.transport.read(f"roles/{role}.json"), "a role")
            with expecting("a role"):
                self._permissions[role] = frozenset(map(str, answer["role"]["permissions"]))
        return self._permissions[role]

    async def statuses(self) -> Mapping[str, Status]:
        """Every status by its number as text."""
        if not self._statuses:
            answer = await self.transport.read("issue_statuses.json")
            with expecting("the statuses"):
                for row in records(answer, "issue_statuses", "the statuses"):
                    status = Status(whole_number(row["id"]), line(row["name"]), row.get("is_closed") is True)
                    self._statuses[str(status.id)] = status
        return self._statuses

    async def priorities(self) -> Mapping[str, int]:
        """Numbers of the priorities by name."""
        if not self._priorities:
            answer = await self.transport.read("enumerations/issue_priorities.json")
            with expecting("the priorities"):
                for row in records(answer, "issue_priorities", "the priorities"):
                    self._priorities[line(row["name"])] = whole_number(row["id"])
        return self._priorities

    async def projects(self) -> Mapping[str, str]:
        """Names of the projects by number as text."""
        if not self._projects:
            async for row in self.rows("projects.json", "projects"):
                self._projects[line(row.get("id"))] = line(row.get("name"))
        return self._projects

    async def members(self, project_id: int) -> Mapping[int, Member]:
        """Who belongs to a project, by number of user; empty when we may not know."""
        if project_id not in self._members:
            self._members[project_id] = found = {}
            try:
                async for row in self.rows(f"projects/{project_id}/memberships.json", "memberships"):
                    with expecting("the members of a project"):
                        if isinstance(user := row.get("user"), Mapping):
                            roles = {whole_number(role["id"]): line(role["name"]) for role in row["roles"]}
                            found[whole_number(user["id"])] = Member(line(user["name"]), roles)
            except (Forbidden, NotFound):
                pass
        return self._members[project_id]

    async def actor_roles(self, users: Iterable[tuple[int, str]], project_id: int) -> dict[int, ActorRole]:
        """The part each of ``users`` (number, name) plays: the profile's word, then their role's name.

        Somebody who may not read private notes stands on the customer's side.
        """
        members = await self.members(project_id)
        return {number: await self._part(name, members.get(number)) for number, name in users}

    async def _part(self, name: str, member: Member | None) -> ActorRole:
        if (named := self._roles.of((name,))) is not None:
            return named
        if member is None:
            return "customer"
        if (told := self._roles.of(member.roles.values())) is not None:
            return told
        for role in member.roles:
            if VIEW_PRIVATE in await self._permissions_of(role):
                return self._roles.of_groups(member.roles.values()) or "support_frontline"
        return "customer"
