"""Reading and writing the embedded helpdesk's rows. All times are Unix seconds unless said otherwise."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from triage.demo import documents
from triage.demo.documents import PRIORITIES, STATUSES, Document
from triage.demo.paging import CursorPage, NumberedPage, Rows
from triage.demo.schema import AT
from triage.demo.ticket_change import EVENTS_PER_AUDIT, Applied

SOLVED = STATUSES.index("solved")
DELETED = STATUSES.index("deleted")
_TICKET_COLUMNS = (
    "INSERT OR REPLACE INTO tickets (id, external_id, rank, priority, type, assignee_id, group_id,"
    " requester_id, organization_id, problem_id, subject, created, updated, changed_ms, doc)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)


@dataclass(frozen=True, slots=True)
class Selection:
    """Some rows of ``tickets``: an SQL condition with its parameters."""

    where: str
    parameters: tuple[Any, ...] = ()

    def __and__(self, other: Selection) -> Selection:
        return Selection(f"({self.where}) AND ({other.where})", self.parameters + other.parameters)


PRESENT = Selection("rank < ?", (DELETED,))


def tagged(tag: str) -> Selection:
    """Tickets that carry ``tag``."""
    condition = "EXISTS (SELECT 1 FROM ticket_tags WHERE tag = ? AND ticket_id = tickets.id)"
    return Selection(condition, (tag,))


def ticket_row(ticket: Document, changed_ms: int) -> tuple[Any, ...]:
    """``ticket`` as a row, for `save_ticket` and for filling in bulk."""
    priority = PRIORITIES.index(ticket["priority"]) + 1 if ticket["priority"] else 0
    created, updated = ticket["created_at"], ticket["updated_at"]
    return (
        ticket["id"], ticket["external_id"], STATUSES.index(ticket["status"]), priority, ticket["type"],
        ticket["assignee_id"], ticket["group_id"], ticket["requester_id"], ticket["organization_id"],
        ticket["problem_id"], ticket["subject"].encode("utf-8", "replace").decode(), created, updated,
        changed_ms, documents.dump(ticket),
    )  # fmt: skip


def audit_row(applied: Applied) -> tuple[Any, ...]:
    """The audit of ``applied`` as a row."""
    audit = applied.audit
    return (audit["id"], audit["ticket_id"], int(applied.commented), documents.dump(audit))


class Records:
    """The helpdesk's rows over one SQLite connection, used from one thread."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection
        self._users: dict[int, str] = {}
        self._last_change_ms: int = self._one("SELECT coalesce(max(changed_ms), 0) FROM tickets")
        self._last_audit: int = self._one("SELECT coalesce(max(id), 0) FROM audits")
        self._last_ticket: int = self._one("SELECT coalesce(max(id), 0) FROM tickets")

    def _one(self, sql: str, parameters: Sequence[Any] = ()) -> Any:
        row = self._db.execute(sql, parameters).fetchone()
        return row[0] if row else None

    def meta(self, name: str) -> str | None:
        """A remembered word about this demo: ``token``, ``seed``, ``tickets``."""
        value: str | None = self._one("SELECT value FROM meta WHERE name = ?", (name,))
        return value

    def next_audit_id(self) -> int:
        """A fresh audit id; the ids up to the next one belong to its events."""
        self._last_audit += EVENTS_PER_AUDIT
        return self._last_audit

    def next_ticket_id(self) -> int:
        """A fresh ticket id."""
        self._last_ticket += 1
        return self._last_ticket

    def ticket(self, ticket_id: int) -> Document | None:
        """The ticket, or None when there is none or it was deleted."""
        text = self.ticket_text(ticket_id)
        return documents.load(text) if text else None

    def ticket_text(self, ticket_id: int) -> str | None:
        """`ticket` as JSON text."""
        text: str | None = self._one(
            "SELECT doc FROM tickets WHERE id = ? AND rank < ?", (ticket_id, DELETED)
        )
        return text

    def ticket_texts(self, ticket_ids: Iterable[int]) -> list[str]:
        """The tickets that exist, in the order asked for."""
        return [text for number in ticket_ids if (text := self.ticket_text(number))]

    def select(self, chosen: Selection, page: CursorPage | NumberedPage, order: str = "id") -> Rows:
        """One page of tickets; by cursor always in the order of ids, otherwise in ``order``."""
        return self._page("tickets", chosen, page, order=order)

    def count(self, chosen: Selection) -> int:
        """How many tickets there are of a selection."""
        number: int = self._one(f"SELECT count(*) FROM tickets WHERE {chosen.where}", chosen.parameters)  # noqa: S608
        return number

    def audits(
        self,
        ticket_id: int,
        page: CursorPage | NumberedPage,
        *,
        newest_first: bool,
        comments_only: bool = False,
    ) -> Rows:
        """One page of a ticket's audits in the order they happened, or backwards."""
        only = " AND commented" if comments_only else ""
        chosen = Selection(f"ticket_id = ?{only}", (ticket_id,))
        return self._page("audits", chosen, page, descending=newest_first)

    def listing(self, table: str, page: CursorPage | NumberedPage, chosen: Selection | None = None) -> Rows:
        """One page of ``table`` (a name written in this package) in the order of ids."""
        return self._page(table, chosen or Selection("1"), page)

    def texts(self, table: str, ids: Iterable[int]) -> list[str]:
        """The rows of ``table`` (a name written in this package) that exist, in the order asked for."""
        sql = f"SELECT doc FROM {table} WHERE id = ?"  # noqa: S608
        return [text for number in ids if (text := self._one(sql, (number,)))]

    def users(self, ids: Iterable[int | None]) -> list[str]:
        """The users among ``ids`` that exist, each once."""
        wanted = dict.fromkeys(number for number in ids if number is not None)
        for number in wanted:
            if number not in self._users:
                self._users[number] = self._one("SELECT doc FROM users WHERE id = ?", (number,)) or ""
        return [text for number in wanted if (text := self._users[number])]

    def user(self, user_id: int) -> Document | None:
        """One person."""
        found = self.users([user_id])
        return documents.load(found[0]) if found else None

    def user_id_of(self, email: str) -> int | None:
        """Who has this address; capital letters do not matter."""
        number: int | None = self._one("SELECT id FROM users WHERE email = ?", (email.lower(),))
        return number

    def exists(self, table: str, number: object) -> bool:
        """Whether ``table`` (a name written in this package) has a row with this id."""
        sql = f"SELECT 1 FROM {table} WHERE id = ?"  # noqa: S608
        return isinstance(number, int) and self._one(sql, (number,)) is not None

    def changed_since(
        self, after: tuple[int, int], limit: int, until_ms: int, *, with_deleted: bool
    ) -> tuple[list[str], tuple[int, int], bool]:
        """Tickets changed after (milliseconds, id): documents, where to go on, and whether that is all."""
        present = "" if with_deleted else f" AND rank < {DELETED}"
        rows = self._db.execute(
            "SELECT doc, changed_ms, id FROM tickets WHERE (changed_ms, id) > (?, ?)"  # noqa: S608
            f" AND changed_ms <= ?{present} ORDER BY changed_ms, id LIMIT ?",
            (*after, until_ms, limit + 1),
        ).fetchall()
        kept = rows[:limit]
        last = (kept[-1][1], kept[-1][2]) if kept else after
        return [row[0] for row in kept], last, len(rows) <= limit

    def audits_since(self, since: str, until: str, limit: int) -> tuple[list[str], bool]:
        """Audits of all tickets from the second ``since`` to ``until`` by time, and whether more follow.

        There are more than ``limit`` where the last second has more.
        """
        rows = self._db.execute(
            f"SELECT doc, {AT} FROM audits WHERE {AT} BETWEEN ? AND ? ORDER BY {AT}, id LIMIT ?",  # noqa: S608
            (since, until, limit + 1),
        ).fetchall()
        kept = rows[:limit]
        if len(rows) <= limit:
            return [row[0] for row in kept], False
        last = kept[-1][1]
        of_last = self._db.execute(f"SELECT doc FROM audits WHERE {AT} = ? ORDER BY id", (last,)).fetchall()  # noqa: S608
        texts = [row[0] for row in kept if row[1] != last] + [row[0] for row in of_last]
        later = self._one(f"SELECT 1 FROM audits WHERE {AT} > ? AND {AT} <= ? LIMIT 1", (last, until))  # noqa: S608
        return texts, later is not None

    def attachment(self, token: str) -> tuple[str, bytes] | None:
        """Media type and content of a file."""
        row: tuple[str, bytes] | None = self._db.execute(
            "SELECT media_type, content FROM attachments WHERE token = ?", (token,)
        ).fetchone()
        return row

    def next_attachment_id(self) -> int:
        """A fresh id for a file."""
        newest: int = self._one("SELECT coalesce(max(id), 0) FROM attachments")
        return newest + 1

    def add_upload(
        self, token: str, author_id: int, now: float, file: tuple[str, str, bytes], document: Document
    ) -> None:
        """Keep a file (its own token, media type, content) that hangs on no comment yet."""
        number = document["id"]
        self._db.execute("BEGIN IMMEDIATE")
        try:
            row = (number, *file, documents.dump(document))
            self._db.execute("INSERT INTO attachments VALUES (?, ?, ?, ?, ?)", row)
            self._db.execute("INSERT INTO uploads VALUES (?, ?, ?, ?)", (number, token, author_id, now))
            self._db.execute("COMMIT")
        except BaseException:
            self._db.execute("ROLLBACK")
            raise

    def uploaded(self, token: str, since: float) -> list[Document]:
        """The files that wait under ``token`` for a comment, uploaded at ``since`` or later."""
        rows = self._db.execute(
            "SELECT doc FROM attachments JOIN uploads ON id = attachment_id"
            " WHERE uploads.token = ? AND at >= ? ORDER BY id",
            (token, since),
        )
        return [documents.load(row[0]) for row in rows]

    def save(self, applied: Applied, now: float) -> None:
        """Keep an updated ticket and its audit in one transaction."""
        self._last_change_ms = max(int(now * 1000), self._last_change_ms + 1)
        ticket = applied.ticket
        self._db.execute("BEGIN IMMEDIATE")
        try:
            self._db.execute(_TICKET_COLUMNS, ticket_row(ticket, self._last_change_ms))
            self._db.execute("DELETE FROM ticket_tags WHERE ticket_id = ?", (ticket["id"],))
            self._db.executemany(
                "INSERT INTO ticket_tags VALUES (?, ?)", [(tag, ticket["id"]) for tag in ticket["tags"]]
            )
            self._db.execute("INSERT INTO audits VALUES (?, ?, ?, ?)", audit_row(applied))
            self._db.executemany(
                "DELETE FROM uploads WHERE attachment_id = ?", [(number,) for number in applied.attached]
            )
            self._db.execute("COMMIT")
        except BaseException:
            self._db.execute("ROLLBACK")
            raise

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()

    def _page(
        self,
        table: str,
        chosen: Selection,
        page: CursorPage | NumberedPage,
        *,
        order: str = "id",
        descending: bool = False,
    ) -> Rows:
        if isinstance(page, NumberedPage):
            return self._numbered(table, chosen, page, f"{order} DESC" if descending else order)
        down = descending != page.backwards
        where, parameters = chosen.where, list(chosen.parameters)
        if page.key is not None:
            where, parameters = f"({where}) AND id {'<' if down else '>'} ?", [*parameters, page.key]
        sql = f"SELECT doc, id FROM {table} WHERE {where} ORDER BY id {'DESC' if down else 'ASC'} LIMIT ?"  # noqa: S608
        rows = self._db.execute(sql, (*parameters, page.size + 1)).fetchall()
        kept = rows[: page.size]
        if page.backwards:
            kept.reverse()
        return Rows([row[0] for row in kept], [row[1] for row in kept], len(rows) > page.size)

    def _numbered(self, table: str, chosen: Selection, page: NumberedPage, order: str) -> Rows:
        total: int = self._one(f"SELECT count(*) FROM {table} WHERE {chosen.where}", chosen.parameters)  # noqa: S608
        start = (page.number - 1) * page.size
        sql = f"SELECT doc, id FROM {table} WHERE {chosen.where} ORDER BY {order} LIMIT ? OFFSET ?"  # noqa: S608
        rows = self._db.execute(sql, (*chosen.parameters, page.size, start)).fetchall()
        more = start + len(rows) < total
        return Rows([row[0] for row in rows], [row[1] for row in rows], more, total)


def fill_tickets(
    connection: sqlite3.Connection, tickets: Iterable[tuple[Document, int]], audits: Iterable[Applied]
) -> None:
    """Insert many finished tickets (with the millisecond of their last change) and audits at once."""
    rows = list(tickets)
    connection.executemany(_TICKET_COLUMNS, [ticket_row(ticket, changed) for ticket, changed in rows])
    tags = [(tag, ticket["id"]) for ticket, _ in rows for tag in ticket["tags"]]
    connection.executemany("INSERT INTO ticket_tags VALUES (?, ?)", tags)
    connection.executemany("INSERT INTO audits VALUES (?, ?, ?, ?)", map(audit_row, audits))
