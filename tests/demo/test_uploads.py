"""Files come to the embedded helpdesk by themselves; they are on a ticket once a comment names them."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.demo.conftest import Clock, Desk
from triage.demo.uploads import KEPT_S, LARGEST

CONTENT = "größe\r\n\x1b[31m".encode()


async def upload(desk: Desk, content: bytes = CONTENT, **query: str) -> httpx.Response:
    asked = {"filename": "heron.log", **query}
    kind = {"Content-Type": "text/plain; charset=utf-8"}
    return await desk.http.post("/api/v2/uploads.json", params=asked, content=content, headers=kind)


def note(*tokens: Any, **more: Any) -> dict[str, Any]:
    return {"comment": {"body": "see the file", "public": False, "uploads": list(tokens)}, **more}


async def files_of(desk: Desk, ticket_id: int) -> list[dict[str, Any]]:
    events = [event for audit in await desk.audits(ticket_id) for event in audit["events"]]
    return [file for event in events if event["type"] == "Comment" for file in event["attachments"]]


async def test_an_upload_shows_nothing_on_any_ticket(desk: Desk) -> None:
    before = await files_of(desk, 10005)
    answer = await upload(desk)
    assert answer.status_code == 201
    assert answer.json()["upload"]["attachment"]["content_type"] == "text/plain"
    assert await files_of(desk, 10005) == before


async def test_a_comment_that_names_the_token_has_the_file_byte_for_byte(desk: Desk) -> None:
    token = (await upload(desk)).json()["upload"]["token"]
    assert (await desk.put(10005, **note(token))).status_code == 200
    file = (await files_of(desk, 10005))[-1]
    assert (file["file_name"], file["size"]) == ("heron.log", len(CONTENT))
    assert (await desk.http.get(file["content_url"])).content == CONTENT


async def test_two_files_under_one_token_come_together(desk: Desk) -> None:
    token = (await upload(desk)).json()["upload"]["token"]
    second = (await upload(desk, b"more", filename="more.txt", token=token)).json()["upload"]
    assert [file["file_name"] for file in second["attachments"]] == ["heron.log", "more.txt"]
    await desk.put(10005, **note(token))
    assert [file["file_name"] for file in (await files_of(desk, 10005))[-2:]] == ["heron.log", "more.txt"]


async def test_a_token_is_good_once_and_for_an_hour(desk: Desk, clock: Clock) -> None:
    used, late = [(await upload(desk)).json()["upload"]["token"] for _ in range(2)]
    await desk.put(10005, **note(used))
    assert (await desk.put(10005, **note(used))).status_code == 422
    clock.forward(KEPT_S + 1)
    assert (await desk.put(10005, **note(late))).status_code == 422
    assert (await upload(desk, token=late)).status_code == 422


async def test_a_refused_update_leaves_its_file_waiting(desk: Desk) -> None:
    token = (await upload(desk)).json()["upload"]["token"]
    stale = note(token, safe_update=True, updated_stamp="2020-01-01T00:00:00Z")
    assert (await desk.put(10005, **stale)).status_code == 409
    assert (await desk.put(10005, **note(token))).status_code == 200


@pytest.mark.parametrize("tokens", [["nonsense"], "nonsense", [7], [None]])
async def test_what_is_no_token_is_refused_and_nothing_is_written(desk: Desk, tokens: Any) -> None:
    before = len(await desk.audits(10005))
    comment = {"body": "x", "public": False, "uploads": tokens}
    assert (await desk.put(10005, comment=comment)).status_code == 422
    assert len(await desk.audits(10005)) == before


async def test_a_file_needs_a_name_a_content_and_a_caller_and_has_a_limit(desk: Desk) -> None:
    assert (await upload(desk, filename=" ")).status_code == 422
    assert (await upload(desk, b"")).status_code == 422
    assert (await upload(desk, b"x" * (LARGEST + 1))).status_code == 413
    desk.http.headers["Authorization"] = "Bearer nobody"
    assert (await upload(desk)).status_code == 401
