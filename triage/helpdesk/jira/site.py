"""One Jira: what its cloud and its data center do differently, its fields, and who we are there."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any

from triage.helpdesk.field_words import USUAL_NAMES, FieldWords, one_line
from triage.helpdesk.jira.document import document, plain
from triage.helpdesk.paging import PageGuard
from triage.helpdesk.shape import Record, expecting, line, record, records
from triage.helpdesk.transport import Query, Transport
from triage.model.errors import HelpdeskFailed, NotFound
from triage.model.json_value import Json

PER_PAGE = 100
NATIVE = ("priority", "tags", "component", "product_version")
"""Our words that Jira has fields of its own for."""
SYSTEM_FIELDS = ("summary", "status", "created", "updated", "priority", "labels", "assignee", "reporter",
                 "issuetype", "components", "versions", "project", "description", "attachment")  # fmt: skip


@dataclass(frozen=True, slots=True)
class CustomField:
    """A custom field of the site that we have a word for."""

    id: str
    name: str
    kind: str
    """``string``, ``number``, ``option``, ``array``, …"""
    items: str
    long: bool
    """Whether it holds several lines, which the cloud wants as a document."""

    def encoded(self, value: Json, *, cloud: bool) -> Json:
        """``value`` as Jira wants it."""
        if value is None or value == "":
            return [] if self.kind == "array" else None
        if self.kind == "array":
            values = value if isinstance(value, list | tuple) else [value]
            return [{"value": one_line(one)} if self.items == "option" else one_line(one) for one in values]
        if self.kind == "option":
            return {"value": one_line(value)}
        if self.kind == "number":
            return float(one_line(value))
        return document(one_line(value)) if self.long and cloud else one_line(value)


def decoded(value: Any) -> Json:
    """A field's value as people read it."""
    if isinstance(value, list):
        return [one_line(decoded(one)) for one in value]
    if isinstance(value, Mapping):
        if value.get("type") == "doc":
            return plain(value)
        return next((str(value[k]) for k in ("value", "displayName", "name") if value.get(k) is not None), "")
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return value if isinstance(value, str | int | float | bool) or value is None else str(value)


class JiraSite:
    """Requests and what seldom changes."""

    def __init__(self, transport: Transport, words: FieldWords, *, cloud: bool) -> None:
        self.transport = transport
        self.words = words
        self.cloud = cloud
        self._me: Record | None = None
        self._fields: dict[str, CustomField] | None = None

    def path(self, rest: str) -> str:
        """The address of a part of the platform's API."""
        return f"rest/api/{3 if self.cloud else 2}/{rest}"

    async def read(self, rest: str, query: Query | None = None) -> Any:
        """The JSON at a part of the platform's API."""
        return await self.transport.read(self.path(rest), query)

    def body(self, text: str) -> Json:
        """Text of a comment as this Jira wants it."""
        return document(text) if self.cloud else text

    def user_id(self, user: Any) -> str:
        """What identifies somebody here; empty for nobody."""
        return line(user.get("accountId" if self.cloud else "name")) if isinstance(user, Mapping) else ""

    def user_reference(self, identifier: str) -> Json:
        """Somebody as an assignee."""
        return {"accountId" if self.cloud else "name": identifier or None}

    async def me(self) -> Record:
        """Our own user."""
        if self._me is None:
            self._me = record(await self.read("myself"), "the account")
        return self._me

    async def fields(self) -> Mapping[str, CustomField]:
        """The custom fields that we have a word for, by that word."""
        if self._fields is None:
            answer = await self.read("field")
            with expecting("the list of fields"):
                found: dict[str, CustomField] = {}
                for row in answer:
                    if row.get("custom") is not True:
                        continue
                    name, number = line(row["name"]), line(row["id"])
                    word = self.words.word(name, number)
                    if word in USUAL_NAMES or word != name:
                        found.setdefault(word, _field(row, number, name))
                self._fields = found
        return self._fields

    async def wanted_fields(self) -> str:
        """Names of the fields to ask for: without names the cloud sends nothing but numbers."""
        return ",".join((*SYSTEM_FIELDS, *(field.id for field in (await self.fields()).values())))

    async def rows(self, path: str, key: str, **query: str | int) -> AsyncIterator[list[Record]]:
        """Pages of a list that is counted with ``startAt``."""
        guard, start = PageGuard(path), 0
        while True:
            answer = await self.read(path, {**query, "startAt": start, "maxResults": PER_PAGE})
            found = records(answer, key, path)
            if found:
                yield found
            start += len(found)
            total = answer.get("total")
            if not found or answer.get("isLast") is True or (isinstance(total, int) and start >= total):
                return
            guard.passed(line(found[0].get("id")), line(found[-1].get("id")))

    async def person(self, wanted: str, issue: str) -> str:
        """Who can be assigned under this name or identifier; empty for nobody. Raises `NotFound`."""
        if wanted in ("", "me"):
            return self.user_id(await self.me()) if wanted else ""
        query = {"issueKey": issue, "query" if self.cloud else "username": wanted}
        answer = await self.read("user/assignable/search", query)
        if not isinstance(answer, list):
            raise HelpdeskFailed("the list of people came in a shape we do not know")
        known = [row for row in answer if isinstance(row, Mapping)]
        found = {
            self.user_id(row)
            for row in known
            if wanted.casefold()
            in (line(row.get(k)).casefold() for k in ("accountId", "name", "displayName", "emailAddress"))
        }
        if len(found) != 1:
            raise NotFound(f"{'several people' if found else 'nobody'} called {wanted} can be assigned",
                           do="Use the account's identifier")  # fmt: skip
        return found.pop()


def _field(row: Record, number: str, name: str) -> CustomField:
    schema = row.get("schema") or {}
    long = line(schema.get("custom")).endswith(":textarea")
    return CustomField(number, name, line(schema.get("type")) or "string", line(schema.get("items")), long)
