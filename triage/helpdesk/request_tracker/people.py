"""Who the logins and numbers in Request Tracker's answers are, each asked for once."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import quote

from triage.helpdesk.answer import Forbidden
from triage.helpdesk.roles import Roles
from triage.helpdesk.shape import Record, expecting, line, record, records, text
from triage.helpdesk.transport import Transport
from triage.model.errors import NotFound
from triage.model.timeline import ActorRole

NOBODY = "Nobody"
SYSTEM_LOGINS: frozenset[str] = frozenset({"RT_System", NOBODY})
PER_PAGE = 100


@dataclass(frozen=True, slots=True)
class Person:
    """One user of Request Tracker."""

    login: str
    name: str
    """The real name, or the login where there is none."""
    privileged: bool


class People:
    """A cache of everybody met so far, by login and by number."""

    def __init__(self, transport: Transport, roles: Roles) -> None:
        self._transport = transport
        self._roles = roles
        self._known: dict[str, Person] = {}
        self._names: dict[str, str] = {}
        self._groups: dict[str, list[str]] | None = None

    def meet(self, user: Record) -> None:
        """Remember the name that came along with a ticket or a transaction."""
        login = line(user.get("id"))
        if login and user.get("RealName"):
            self._names[login] = line(user.get("RealName"))

    def name(self, login: str) -> str:
        """What to call somebody; empty for nobody."""
        if not login or login == NOBODY:
            return ""
        known = self._known.get(login)
        return known.name if known else self._names.get(login, login)

    def known(self, reference: str) -> Person | None:
        """Somebody looked up before, by login or number."""
        return self._known.get(reference)

    async def person(self, reference: str) -> Person:
        """The user with this login or number. A user we may not see keeps the reference as the name."""
        known = self._known.get(reference)
        if known is None:
            known = await self._ask(reference)
            self._known[reference] = known
            self._known.setdefault(known.login, known)
        return known

    async def _ask(self, reference: str) -> Person:
        try:
            user = record(await self._transport.read(f"REST/2.0/user/{quote(reference, safe='')}"), "a user")
        except (NotFound, Forbidden):
            return Person(reference, self._names.get(reference, reference), privileged=False)
        login = line(user.get("Name")) or reference
        return Person(
            login, line(user.get("RealName")) or login, privileged=text(user.get("Privileged")) == "1"
        )

    async def role(self, login: str) -> ActorRole:
        """The part somebody plays: the profile's word, their groups, and otherwise staff or customer."""
        if login in SYSTEM_LOGINS:
            return "helpdesk"
        person = await self.person(login)
        if (named := self._roles.of((person.login, person.name))) is not None:
            return named
        if not person.privileged:
            return "customer"
        groups = (await self.groups()).get(person.login, [])
        return self._roles.of_groups(groups) or "support_frontline"

    async def groups(self) -> dict[str, list[str]]:
        """Login to groups, for the groups that say something about a role and that we may see (SeeGroup)."""
        if self._groups is None:
            found: dict[str, list[str]] = {}
            for number, name in await self._telling_groups():
                for login in await self._members(number):
                    found.setdefault(login, []).append(name)
            self._groups = found
        return self._groups

    async def _telling_groups(self) -> list[tuple[str, str]]:
        # Without the domain every ticket's own watcher groups would be listed.
        query = json.dumps([{"field": "Domain", "value": "UserDefined"}])
        answer = await self._transport.read(
            "REST/2.0/groups", {"query": query, "fields": "Name", "per_page": PER_PAGE, "orderby": "id"}
        )
        groups = [
            (line(group.get("id")), line(group.get("Name")))
            for group in records(answer, "items", "the list of groups")
        ]
        return [(number, name) for number, name in groups if self._roles.of_groups([name]) is not None]

    async def _members(self, group_id: str) -> list[str]:
        try:
            group = record(await self._transport.read(f"REST/2.0/group/{group_id}"), "a group")
        except (NotFound, Forbidden):
            return []
        with expecting("a group"):
            return [
                line(member["id"]) for member in group.get("Members") or () if member.get("type") == "user"
            ]

    async def login_named(self, name: str) -> str:
        """The login of the one user with this real name. Raises `NotFound` for none and for several."""
        query = json.dumps([{"field": "RealName", "operator": "=", "value": name}])
        answer = await self._transport.read("REST/2.0/users", {"query": query, "per_page": 2})
        found = [line(user.get("id")) for user in records(answer, "items", "the list of users")]
        if len(found) != 1:
            raise NotFound(f"the helpdesk knows {'several people' if found else 'nobody'} called {name}",
                           do="Use the login")  # fmt: skip
        return found[0]

    async def learn(self, references: Iterable[str]) -> None:
        """Look up everybody in ``references``."""
        for reference in sorted(set(references)):
            if reference:
                await self.person(reference)
