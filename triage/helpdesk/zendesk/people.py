"""Who the numbers in Zendesk's answers are: users, groups, organizations, each asked for once."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Sequence, Set

from triage.helpdesk.roles import Roles
from triage.helpdesk.shape import Record, expecting, line, record, records, whole_number
from triage.helpdesk.transport import Transport
from triage.model.timeline import ActorRole

MOST_AT_ONCE = 100
_NOBODY: Record = {}
_KEPT = ("name", "email", "role", "default_group_id")
"""What is remembered of a user: there may be as many as there are tickets."""
SYSTEM = -1
"""The author of what rules and triggers do."""


class People:
    """A cache of everybody met so far."""

    def __init__(self, transport: Transport, roles: Roles) -> None:
        self._transport = transport
        self._roles = roles
        self._users: dict[int, Record] = {}
        self._organizations: dict[int, str] = {}
        self._groups: dict[int, str] | None = None
        self._parts: dict[int, ActorRole] = {}
        self._asking = asyncio.Lock()

    def unmet(self, users: Set[object]) -> Set[object]:
        """Those of ``users`` that were not met under that very number; not all of them are people."""
        return users - self._users.keys()

    async def learn(self, users: Iterable[object], organizations: Iterable[object] = ()) -> None:
        """Ask for those we have not met. Unknown ones stay numbers. Raises `HelpdeskFailed`."""
        users, organizations = list(users), list(organizations)
        if self._groups is not None and not (
            _unknown(users, self._users) or _unknown(organizations, self._organizations)
        ):
            return
        async with self._asking:
            if self._groups is None:
                self._groups = await self._all_groups()
            for chunk in chunks(_unknown(users, self._users)):
                met = await self._show_many("users", chunk)
                # Who is not told of is deleted, and must not be asked for with every ticket.
                self._users.update(dict.fromkeys(chunk, _NOBODY))
                for number, user in met.items():
                    self._users[number] = {name: user.get(name) for name in _KEPT}
            for chunk in chunks(_unknown(organizations, self._organizations)):
                for number, organization in (await self._show_many("organizations", chunk)).items():
                    self._organizations[number] = line(organization.get("name"))

    async def _show_many(self, kind: str, ids: Sequence[int]) -> dict[int, Record]:
        answer = await self._transport.read(f"api/v2/{kind}/show_many.json", {"ids": ",".join(map(str, ids))})
        return _numbered(records(answer, kind, f"the list of {kind}"), f"the list of {kind}")

    async def _all_groups(self) -> dict[int, str]:
        found: dict[int, str] = {}
        query: dict[str, str | int] = {"page[size]": MOST_AT_ONCE}
        while True:
            answer = record(await self._transport.read("api/v2/groups.json", query), "the list of groups")
            groups = _numbered(records(answer, "groups", "the list of groups"), "the list of groups")
            found |= {number: line(group.get("name")) for number, group in groups.items()}
            meta = record(answer.get("meta") or {}, "the list of groups")
            after = meta.get("after_cursor")
            if not meta.get("has_more") or not after or query.get("page[after]") == after:
                return found
            query["page[after]"] = str(after)

    def name(self, user_id: object) -> str:
        """The user's name; empty for nobody."""
        number = as_id(user_id)
        if number is None:
            return ""
        if number == SYSTEM:
            return "Zendesk"
        user = self._users.get(number)
        return line(user.get("name")) if user else f"user {number}"

    def organization(self, organization_id: object) -> str:
        """The organization's name; empty for none."""
        number = as_id(organization_id)
        return "" if number is None else self._organizations.get(number, f"organization {number}")

    def group(self, group_id: object) -> str:
        """The group's name; empty for none."""
        number = as_id(group_id)
        return "" if number is None else (self._groups or {}).get(number, f"group {number}")

    def role(self, user_id: object) -> ActorRole:
        """The part a user plays: the profile's word for them or their group, else by the group's name."""
        number = as_id(user_id)
        if number is None or number == SYSTEM:
            return "helpdesk"
        user = self._users.get(number)
        if not user:
            # Deleted since. Neither side's words: they must not count as an answer from us.
            return "partner_or_third_party"
        if number not in self._parts:
            self._parts[number] = self._part(user)
        return self._parts[number]

    def _part(self, user: Record) -> ActorRole:
        named = self._roles.of((line(user.get("name")), line(user.get("email"))))
        if named is not None:
            return named
        if user.get("role") == "end-user":
            return "customer"
        return self._roles.of_groups([self.group(user.get("default_group_id"))]) or "support_frontline"


def _numbered(rows: Iterable[Record], what: str) -> dict[int, Record]:
    with expecting(what):
        return {whole_number(row["id"]): row for row in rows}


def as_id(value: object) -> int | None:
    """A Zendesk id, which audits write as text; None for nothing."""
    if type(value) is int:
        return value
    if isinstance(value, bool) or value is None or value == "":
        return None
    if isinstance(value, str) and value[0].isalpha():
        return None
    try:
        return int(str(value))
    except ValueError:
        return None


def chunks(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    """``ids`` in pieces that one ``show_many`` takes."""
    for start in range(0, len(ids), MOST_AT_ONCE):
        yield ids[start : start + MOST_AT_ONCE]


def _unknown(ids: Iterable[object], known: dict[int, Record] | dict[int, str]) -> list[int]:
    wanted = {number for value in ids if (number := as_id(value)) is not None and number > 0}
    return sorted(wanted - known.keys())
