"""Files of internal notes, on servers that nobody here wrote."""

from __future__ import annotations

import base64
import io
import json
from dataclasses import replace
from urllib.error import HTTPError
from urllib.parse import quote

import pytest

from tests.live.conftest import OpenDesk, OpenRedmine
from tests.live.redmine_server import RedmineServer
from tests.live.request_tracker_server import RequestTrackerServer
from tests.live.test_request_tracker import operation, send, timeline
from tests.live.unreliable_proxy import unreliable
from triage.model.errors import Refused
from triage.model.note_file import LARGEST_FILE, PLAIN_TEXT, NoteFile, file_name
from triage.model.operation import Landed, Note, Rejected, Unknown

pytestmark = pytest.mark.live

AWKWARD = {
    "plain.log": "line one\nline two\n",
    "words.log": "größe ✓ 漢字 🎉 Ã¤ mojibake\n" * 50,
    "breaks.txt": "a\r\nb\rc\u2028d\x85e\x0cf, and no break at the end",
    "control.log": "\x1b[31mred\x1b[0m\x07 \x01\x02\n",
    "marked.txt": "\ufeffwith a mark of its order\n",
    "page.html.txt": "<html><script>alert(1)</script></html>" * 20,
    "mail.txt": "From me\n.\n..\nFrom you\n\n--\nTo: nobody@live.test\n",
    "wide.log": "x" * 300_000,
}
FILES = tuple(NoteFile(name, PLAIN_TEXT, text) for name, text in AWKWARD.items())
LOG = FILES[1]


def with_files(*files: NoteFile) -> Note:
    return Note("It fails every night.", "internal", files=files)


async def test_files_go_with_the_comment_and_come_back_byte_for_byte_and_nobody_is_mailed(
    open_desk: OpenDesk, request_tracker: RequestTrackerServer
) -> None:
    desk, number = open_desk(), request_tracker.new_ticket("With files")
    mails = request_tracker.mails()
    (planned,) = desk.plan(operation(number, "files", note=with_files(*FILES)), await desk.ticket(number))
    step, outcome = await send(desk, planned, number)
    assert isinstance(outcome, Landed)
    assert await desk.verify(step, number) == []
    assert request_tracker.mails() == mails
    assert request_tracker.replies(number) == []
    note = [event for event in await timeline(desk, number) if event.kind == "message"][-1]
    assert note.visibility == "internal"
    assert {file.name: file.size for file in note.attachments} == {file.name: file.size for file in FILES}
    for file in note.attachments:
        kept = io.BytesIO()
        await desk.attachment(file.ref, kept, 10_000_000)
        assert kept.getvalue() == AWKWARD[file.name].encode(), file.name


async def test_the_largest_file_goes_too(open_desk: OpenDesk, request_tracker: RequestTrackerServer) -> None:
    desk, number = open_desk(), request_tracker.new_ticket("A large file")
    large = NoteFile("large.log", PLAIN_TEXT, ("漢" * 63 + "\n") * (LARGEST_FILE // 64))
    (planned,) = desk.plan(operation(number, "large", note=with_files(large)), await desk.ticket(number))
    step, outcome = await send(desk, planned, number)
    assert isinstance(outcome, Landed)
    assert await desk.verify(step, number) == []


async def test_who_does_not_see_comments_sees_nothing_of_their_files(
    open_desk: OpenDesk, request_tracker: RequestTrackerServer
) -> None:
    desk, number = open_desk(), request_tracker.new_ticket("Not for everybody")
    secret = NoteFile("inside.log", PLAIN_TEXT, "zanzibar\n" * 600)
    (planned,) = desk.plan(operation(number, "inside", note=with_files(secret)), await desk.ticket(number))
    await send(desk, planned, number)
    [file] = [file for event in await timeline(desk, number) for file in event.attachments]
    by_number = quote(json.dumps([{"field": "id", "operator": "=", "value": file.ref}]))
    by_words = quote(json.dumps([{"field": "Content", "operator": "LIKE", "value": "zanzibar"}]))
    told = [
        request_tracker.ask(path, who="onlooker")
        for path in (
            f"ticket/{number}",
            f"ticket/{number}/history?fields=Type,Data,Content",
            f"ticket/{number}/attachments?fields=Filename,Content",
            f"attachments?query={by_number}&fields=Filename,Content",
            f"attachments?query={by_words}&fields=Filename,Content",
        )
    ]
    assert "inside.log" not in str(told)
    assert base64.b64encode(b"zanzibar").decode()[:10] not in str(told)
    assert "zanzibar" not in str(told)
    with pytest.raises(HTTPError, match="403"):
        request_tracker.ask(f"attachment/{file.ref}", who="onlooker")
    assert request_tracker.ask(f"attachment/{file.ref}", who="noor")["Filename"] == "inside.log"


async def test_after_a_lost_reply_note_and_file_are_there_once(
    open_desk: OpenDesk, request_tracker: RequestTrackerServer
) -> None:
    number = request_tracker.new_ticket("File and reply lost")
    async with unreliable(request_tracker.url) as proxy:
        desk = open_desk(url=proxy.url)
        (planned,) = desk.plan(operation(number, "lost", note=with_files(LOG)), await desk.ticket(number))
        proxy.lose("reply", "POST")
        step, outcome = await send(desk, planned, number)
        assert isinstance(outcome, Unknown)
        found = await desk.probe(step, number)
        assert (found.verdict, found.complete_scan) == ("found", True)
        assert await desk.verify(replace(step, receipt=found.receipt or ""), number) == []
    files = [file for event in await timeline(open_desk(), number) for file in event.attachments]
    assert [(file.name, file.size) for file in files] == [(LOG.name, LOG.size)]


async def test_after_a_lost_request_neither_note_nor_file_is_there(
    open_desk: OpenDesk, request_tracker: RequestTrackerServer
) -> None:
    number = request_tracker.new_ticket("File and request lost")
    async with unreliable(request_tracker.url) as proxy:
        desk = open_desk(url=proxy.url)
        (planned,) = desk.plan(operation(number, "gone", note=with_files(LOG)), await desk.ticket(number))
        proxy.lose("request", "POST")
        step, outcome = await send(desk, planned, number)
        assert isinstance(outcome, Unknown)
        assert (await desk.probe(step, number)).verdict == "absent"
        step, outcome = await send(desk, planned, number)
        assert isinstance(outcome, Landed)
        assert await desk.verify(step, number) == []
    files = [file for event in await timeline(open_desk(), number) for file in event.attachments]
    assert len(files) == 1


async def test_a_comment_without_its_file_is_noticed(
    open_desk: OpenDesk, request_tracker: RequestTrackerServer
) -> None:
    desk, number = open_desk(), request_tracker.new_ticket("Where is the file")
    (planned,) = desk.plan(operation(number, "bare", note=with_files(LOG)), await desk.ticket(number))
    bare = replace(planned, payload={"note": planned.payload["note"]})
    bare, _ = await send(desk, bare, number)
    assert await desk.verify(replace(planned, receipt=bare.receipt), number) == [
        f"{LOG.name} is not on the note"
    ]


async def test_request_tracker_spoils_a_name_that_ours_would_not_have(
    open_desk: OpenDesk, request_tracker: RequestTrackerServer
) -> None:
    """What names are plain for; where this is gone they may be richer."""
    desk, number = open_desk(), request_tracker.new_ticket("A rich name")
    rich = NoteFile("größe.log", PLAIN_TEXT, LOG.text)
    (planned,) = desk.plan(operation(number, "rich", note=with_files(rich)), await desk.ticket(number))
    step, _ = await send(desk, planned, number)
    assert await desk.verify(step, number) == ["größe.log is not on the note"]
    plain = NoteFile(file_name("größe.log"), PLAIN_TEXT, LOG.text)
    (planned,) = desk.plan(operation(number, "plain", note=with_files(plain)), await desk.ticket(number))
    step, _ = await send(desk, planned, number)
    assert await desk.verify(step, number) == []


async def test_who_may_not_comment_leaves_no_file_behind(
    open_desk: OpenDesk, request_tracker: RequestTrackerServer
) -> None:
    desk, number = open_desk("onlooker"), request_tracker.new_ticket("No right to comment")
    (planned,) = desk.plan(operation(number, "no", note=with_files(LOG)), await desk.ticket(number))
    _, outcome = await send(desk, planned, number)
    assert isinstance(outcome, Rejected)
    names = request_tracker.ask(f"ticket/{number}/attachments?fields=Filename")["items"]
    assert [one["Filename"] for one in names if one["Filename"]] == []


async def test_redmine_takes_no_file_with_a_private_note(
    open_redmine: OpenRedmine, redmine: RedmineServer
) -> None:
    desk, number = open_redmine(), redmine.new_issue("No files here")
    assert not desk.capabilities.internal_files
    with pytest.raises(Refused, match="cannot keep a file from the customer"):
        desk.plan(operation(number, "file", note=with_files(LOG)), await desk.ticket(number))


async def test_this_redmine_does_show_such_a_file_to_the_customer(redmine: RedmineServer) -> None:
    """Why the adapter refuses: the note stays private, and its file is on the issue for everybody."""
    number = redmine.new_issue("A file for us")
    token = redmine.upload("inside.log", b"zanzibar\n", who="triage-bot")
    uploads = [{"token": token, "filename": "inside.log", "content_type": PLAIN_TEXT}]
    redmine.change(number, who="triage-bot", notes="Between us.", private_notes=True, uploads=uploads)
    seen = redmine.ask(f"issues/{number}.json?include=journals,attachments", who="ilse")["issue"]
    assert [row["notes"] for row in seen["journals"] if row.get("notes")] == []
    assert [file["filename"] for file in seen["attachments"]] == ["inside.log"]
