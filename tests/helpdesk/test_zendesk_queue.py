from __future__ import annotations

import asyncio
import gc
from contextlib import aclosing
from typing import Any

import httpx
import pytest

from tests.helpdesk.scripted_zendesk import ScriptedZendesk, ticket
from tests.helpdesk.writing import everything
from triage.config.profiles import Profile
from triage.config.secret import Secret
from triage.helpdesk.zendesk.adapter import open_helpdesk
from triage.helpdesk.zendesk.queue import Selector
from triage.model.errors import HelpdeskFailed, Invalid, NotFound


def views(*titles: str) -> dict[str, Any]:
    listed = [{"id": number, "title": title, "active": True} for number, title in enumerate(titles, 1)]
    return {"views": listed, "meta": {"has_more": False}}


def listed(key: str, *numbers: int, after: str = "") -> dict[str, Any]:
    return {
        key: [ticket(number) for number in numbers],
        "meta": {"has_more": bool(after), "after_cursor": after or None},
    }


@pytest.mark.parametrize("text", ["", "escalated", "view:", "tag:", "tag:two words", "queue:x", "VIEW"])
def test_a_selector_that_is_none_says_what_one_looks_like(text: str) -> None:
    with pytest.raises(Invalid, match="view:TITLE"):
        Selector.parse(text)


async def test_the_first_view_that_says_escalated_is_the_queue() -> None:
    script = ScriptedZendesk()
    script.on("views.json", views("Mine", "L3 Escalations", "Escalated, old"))
    script.on("views/2/tickets.json", listed("tickets", 5, 6, after="c1"), listed("tickets", 7))
    assert [found.id for found in await everything(script.desk().queue(""))] == ["5", "6", "7"]
    assert script.asked_for("2/tickets.json")[1].url.params["page[after]"] == "c1"


async def test_the_next_page_is_asked_for_while_one_is_looked_at() -> None:
    script = ScriptedZendesk()
    second = asyncio.Event()

    def more(request: httpx.Request) -> httpx.Response:
        second.set()
        return httpx.Response(200, json=listed("tickets", 7))

    script.on("views/2/tickets.json", listed("tickets", 5, 6, after="c1"), more)
    async with aclosing(script.desk().queue("view:2")) as pages:  # type: ignore[type-var]
        assert [found.id for found in (await anext(pages)).items] == ["5", "6"]
        async with asyncio.timeout(10):
            await second.wait()
        assert [found.id for found in (await anext(pages)).items] == ["7"]


async def a_while() -> None:
    """Everything that was begun comes to its end."""
    for _ in range(100):
        await asyncio.sleep(0)


async def test_a_next_page_that_nobody_wanted_is_no_trouble(caplog: pytest.LogCaptureFixture) -> None:
    script = ScriptedZendesk()
    script.on("views/2/tickets.json", listed("tickets", 5, after="c1"), httpx.Response(403, json={}))
    async with aclosing(script.desk().queue("view:2")) as pages:  # type: ignore[type-var]
        await anext(pages)
        async with asyncio.timeout(10):
            while len(script.asked_for("2/tickets.json")) < 2:
                await asyncio.sleep(0)
        await a_while()
    await a_while()
    gc.collect()
    assert not caplog.records


async def test_without_such_a_view_the_tag_is_the_queue() -> None:
    script = ScriptedZendesk()
    script.on("views.json", views("Mine"))
    script.on("search/export.json", listed("results", 5))
    assert [found.id for found in await everything(script.desk().queue(""))] == ["5"]
    (asked,) = script.asked_for("export.json")
    assert dict(asked.url.params) == {
        "query": "tags:escalated status<solved", "filter[type]": "ticket", "page[size]": "100",
    }  # fmt: skip


async def test_a_title_that_is_almost_right_is_suggested() -> None:
    script = ScriptedZendesk()
    script.on("views.json", views("Escalated to engineering"))
    with pytest.raises(NotFound, match="Did you mean 'Escalated to engineering'"):
        await everything(script.desk().queue("view:Escalated to enginering"))


async def test_a_queue_whose_pages_repeat_is_stopped() -> None:
    script = ScriptedZendesk()
    script.on("views/2/tickets.json", listed("tickets", 5, after="same"))
    with pytest.raises(HelpdeskFailed, match="same page"):
        await everything(script.desk().queue("view:2"))
    assert len(script.asked_for("tickets.json")) <= 3


async def test_numbered_pages_are_followed_on_the_same_server_only() -> None:
    script = ScriptedZendesk()
    first = {"tickets": [ticket(5)], "next_page": "https://desk.test/api/v2/views/2/tickets.json?page=2"}
    script.on("views/2/tickets.json", first, {"tickets": [ticket(6)], "next_page": None})
    assert len(await everything(script.desk().queue("view:2"))) == 2
    script.on("views/2/tickets.json", {"tickets": [], "next_page": "https://evil.test/api/v2/x?page=2"})
    with pytest.raises(HelpdeskFailed, match="another server"):
        await everything(script.desk().queue("view:2"))
    assert all(request.url.host == "desk.test" for request in script.asked)


def export(*numbers: int, cursor: str | None, end: bool) -> dict[str, Any]:
    return {"tickets": [ticket(n) for n in numbers], "after_cursor": cursor, "end_of_stream": end}


async def test_changes_run_to_the_end_of_the_stream_and_every_cursor_can_be_resumed() -> None:
    script = ScriptedZendesk()
    script.on(
        "incremental/tickets/cursor.json", export(5, cursor="a", end=False), export(6, cursor="b", end=True)
    )
    pages = [page async for page in script.desk().changes("", "start:1767225600")]
    assert [(page.cursor, page.done, [t.id for t in page.items]) for page in pages] == [
        ("at:a", False, ["5"]),
        ("at:b", True, ["6"]),
    ]
    first, second = script.asked_for("cursor.json")
    assert first.url.params["start_time"] == "1767225600"
    assert second.url.params["cursor"] == "a"


async def test_a_cursor_that_does_not_move_is_stopped() -> None:
    script = ScriptedZendesk()
    script.on("incremental/tickets/cursor.json", export(5, cursor="a", end=False))
    with pytest.raises(HelpdeskFailed, match="same page"):
        await everything(script.desk().changes("", "at:a"))
    script.on("incremental/tickets/cursor.json", export(5, cursor=None, end=False))
    with pytest.raises(HelpdeskFailed, match="place to go on"):
        await everything(script.desk().changes("", "at:a"))


async def test_the_end_without_a_cursor_keeps_the_old_one() -> None:
    script = ScriptedZendesk()
    script.on("incremental/tickets/cursor.json", export(cursor=None, end=True))
    (page,) = [page async for page in script.desk().changes("", "at:a")]
    assert (page.cursor, page.done) == ("at:a", True)


async def test_an_agent_who_may_not_export_compares_the_queue_instead() -> None:
    script = ScriptedZendesk()
    script.on("incremental/tickets/cursor.json", httpx.Response(403, json={"error": "Forbidden"}))
    script.on("views/2/tickets.json", listed("tickets", 5))
    script.on("search/export.json", listed("results", 6))
    script.on("tickets/show_many.json", {"tickets": [ticket(6, status="solved")]})
    pages = [page async for page in script.desk().changes("view:2", "start:1767225600")]
    assert {(t.id, t.open) for page in pages for t in page.items} == {("5", True), ("6", False)}
    assert pages[-1].done
    assert {page.cursor for page in pages[:-1]} == {None}
    assert pages[-1].cursor is not None
    assert pages[-1].cursor.startswith("compare:")
    assert "updated>=2025-12-31T23:45:00Z" in str(
        script.asked_for("search/export.json")[0].url.params["query"]
    )
    assert [page async for page in script.desk().changes("view:2", pages[-1].cursor)][-1].done
    assert len(script.asked_for("cursor.json")) == 1


def test_an_api_token_needs_the_account_it_belongs_to() -> None:
    from pathlib import Path

    profile = Profile(
        name="p", helpdesk="zendesk", url="https://d.test", folder=Path(), database="", auth="api_token"
    )
    with pytest.raises(Invalid, match="account"):
        open_helpdesk(profile, Secret("x"))


async def test_an_end_user_is_told_what_it_lacks() -> None:
    script = ScriptedZendesk()
    script.on("users/me.json", {"user": {"id": 9, "name": "Ilse", "role": "end-user"}})
    account = await script.desk().whoami()
    assert not account.may_write_internal
    assert "role of an agent" in account.trouble[0]
    script.on("users/me.json", {"user": {"id": None, "name": "Anonymous user"}})
    with pytest.raises(HelpdeskFailed, match="token was not accepted"):
        await script.desk().whoami()
