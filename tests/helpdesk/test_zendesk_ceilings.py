"""Where Zendesk cuts a list, what came is kept and the person in front of the screen is told."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest

from tests.helpdesk.scripted_zendesk import ScriptedZendesk, audit, ticket
from triage.helpdesk.answer import NotUnderstood
from triage.store import membership, pull_state
from triage.store.database import Database
from triage.sync.pull import pull
from triage.tui.queue_words import SyncState, trouble

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
TOO_DEEP = httpx.Response(400, json={"error": "InvalidPaginationDepth"})
TOO_MANY = httpx.Response(
    422, json={"error": "Requested response size was greater than Search Response Limits"}
)
FORBIDDEN = httpx.Response(403, json={"error": "Forbidden"})


def numbered(key: str, path: str, *numbers: int, following: int | None) -> dict[str, Any]:
    """A page as they are without cursors."""
    link = f"https://desk.test/api/v2/{path}?page={following}" if following else None
    return {key: [ticket(number) for number in numbers], "next_page": link, "count": 12_000}


def script_of(path: str, *replies: Any) -> ScriptedZendesk:
    script = ScriptedZendesk()
    script.on(path, *replies)
    for number in range(1, 9):
        script.on(f"tickets/{number}/audits.json", {"audits": [audit(number)], "meta": {"has_more": False}})
    return script


async def told(script: ScriptedZendesk, selector: str, folder: Path) -> tuple[str, set[str], bool]:
    """What the screen says above the rows after a pull, what is in the queue, and whether it all came."""
    database = await Database.open(f"sqlite:///{folder / 'triage.db'}")
    try:
        result = await pull(database, script.desk(), selector, now=lambda: NOW)
        fresh = await database.read(lambda session: pull_state.freshness(session, NOW))
        members = await database.read(membership.members)
    finally:
        await database.close()
    line = trouble(SyncState(fresh), None, NOW, ZoneInfo("UTC"))
    return "".join(words for words, _ in line), set(members), result.complete


async def test_a_view_in_numbered_pages_is_kept_up_to_the_wall_and_said_to_be_cut(tmp_path: Path) -> None:
    path = "views/2/tickets.json"
    pages = [numbered("tickets", path, 1, 2, following=2), numbered("tickets", path, 3, following=3)]
    words, members, complete = await told(script_of(path, *pages, TOO_DEEP), "view:2", tmp_path)
    assert (members, complete) == ({"1", "2", "3"}, False)
    assert "only the first 10,000 tickets" in words


async def test_without_the_export_of_searches_the_plain_search_is_cut_at_its_thousand(tmp_path: Path) -> None:
    path = "search.json"
    script = script_of(path, numbered("results", path, 1, following=2), TOO_MANY)
    script.on("search/export.json", FORBIDDEN)
    words, members, complete = await told(script, "tag:escalated", tmp_path)
    assert (members, complete) == ({"1"}, False)
    assert "search tells only its first 1,000 tickets" in words
    assert (
        script.asked_for("search.json")[0].url.params["query"] == "type:ticket tags:escalated status<solved"
    )


async def test_a_list_that_came_whole_has_no_such_line(tmp_path: Path) -> None:
    path = "views/2/tickets.json"
    words, members, complete = await told(
        script_of(
            path, numbered("tickets", path, 1, following=2), numbered("tickets", path, 2, following=None)
        ),
        "view:2",
        tmp_path,
    )
    assert (words, members, complete) == ("", {"1", "2"}, True)


async def test_a_question_of_ours_that_is_refused_is_no_ceiling() -> None:
    script = script_of("views/2/tickets.json", TOO_DEEP)
    with pytest.raises(NotUnderstood):
        [page async for page in script.desk().queue("view:2")]


async def test_comparing_a_cut_queue_still_brings_the_updates_and_says_that_it_was_cut() -> None:
    path = "views/2/tickets.json"
    script = script_of(path, numbered("tickets", path, 1, following=2), TOO_DEEP)
    script.on("incremental/tickets/cursor.json", FORBIDDEN)
    script.on("search/export.json", {"results": [ticket(6)], "meta": {"has_more": False}})
    script.on("tickets/show_many.json", {"tickets": [ticket(6)]})
    pages = [page async for page in script.desk().changes("view:2", "start:1767225600")]
    assert [one.id for page in pages for one in page.items] == ["1", "6"]
    assert (pages[-1].done, pages[-1].complete, bool(pages[-1].ceiling)) == (True, False, True)
    assert [page.cursor for page in pages if page.cursor]


async def test_updates_that_were_cut_are_not_passed_over() -> None:
    script = script_of("views/2/tickets.json", numbered("tickets", "views/2/tickets.json", 1, following=None))
    script.on("incremental/tickets/cursor.json", FORBIDDEN)
    script.on("search/export.json", FORBIDDEN)
    script.on("search.json", numbered("results", "search.json", 6, following=2), TOO_MANY)
    script.on("tickets/show_many.json", {"tickets": [ticket(6)]})
    pages = [page async for page in script.desk().changes("view:2", "start:1767225600")]
    assert [one.id for page in pages for one in page.items] == ["1", "6"]
    assert not pages[-1].complete
    assert {page.cursor for page in pages} == {None}
