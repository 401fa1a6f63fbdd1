"""A file goes with an internal note, arrives once and whole, and is never where a customer could see it."""

from __future__ import annotations

import base64
import io
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from tests.helpdesk.scripted_zendesk import ScriptedZendesk, audit, ticket
from tests.helpdesk.stands import OURS, EmbeddedZendesk, Stand, first_ticket
from tests.helpdesk.writing import everything, operation, send
from triage.helpdesk.note_files import file_differences, note_files
from triage.helpdesk.zendesk import uploads
from triage.model.errors import Refused
from triage.model.note_file import PLAIN_TEXT, NoteFile
from triage.model.operation import Landed, Note, NotSent, Outcome, Rejected, Step, Throttled
from triage.model.timeline import TimelineEvent

TEXT = "größe ✓\r\n\x1b[31mred\x1b[0m\n" * 300
LOG = NoteFile("heron-sync.log", PLAIN_TEXT, TEXT)
OTHER = NoteFile("heron-sync.log", PLAIN_TEXT, "another of the same name\n")
WITH_FILE = Note("It fails every night.", "internal", files=(LOG,))
TAKES_FILES = ("request_tracker", "zammad", "zendesk")


async def planned(stand: Stand, name: str, **change: Any) -> Step:
    number = first_ticket(name)
    wanted = operation(number, **({"note": WITH_FILE} | change))
    [step] = [
        one for one in stand.desk.plan(wanted, await stand.desk.ticket(number)) if one.probe == "marker"
    ]
    return step


async def our_notes(stand: Stand, name: str) -> list[TimelineEvent]:
    events = await everything(stand.desk.timeline(await stand.desk.ticket(first_ticket(name))))
    return [event for event in events if WITH_FILE.body in event.text]


def writes(stand: Stand) -> list[httpx.Request]:
    return [request for request in stand.server.asked if request.method != "GET"]


@pytest.mark.parametrize("name", OURS)
async def test_a_helpdesk_takes_files_or_refuses_them_as_it_says(name: str) -> None:
    stand = OURS[name]()
    assert stand.desk.capabilities.internal_files is (name in TAKES_FILES)
    if name in TAKES_FILES:
        assert note_files(await planned(stand, name)) == (LOG,)
    else:
        with pytest.raises(Refused, match="cannot keep a file from the customer"):
            await planned(stand, name)


@pytest.mark.parametrize("name", TAKES_FILES)
async def test_note_and_file_arrive_together_and_whole_for_agents_only(name: str) -> None:
    stand = OURS[name]()
    step, outcome = await send(stand.desk, await planned(stand, name), first_ticket(name))
    assert isinstance(outcome, Landed)
    assert await stand.desk.verify(step, first_ticket(name)) == []
    [note] = await our_notes(stand, name)
    [file] = note.attachments
    assert (note.visibility, file.name, file.size) == ("internal", LOG.name, LOG.size)
    assert f"Attached: {LOG.name}, {LOG.size:,} bytes, sha256 {LOG.sha256}" in note.text
    kept = io.BytesIO()
    await stand.desk.attachment(file.ref, kept, 1_000_000)
    assert kept.getvalue() == TEXT.encode()


@pytest.mark.parametrize("name", TAKES_FILES)
async def test_one_request_puts_both_on_the_ticket(name: str) -> None:
    stand = OURS[name]()
    await send(stand.desk, await planned(stand, name), first_ticket(name))
    assert len([one for one in writes(stand) if "uploads" not in one.url.path]) == 1


@pytest.mark.parametrize("name", TAKES_FILES)
async def test_two_files_of_one_name_are_told_apart_by_their_size(name: str) -> None:
    stand = OURS[name]()
    step = await planned(stand, name, note=replace(WITH_FILE, files=(LOG, OTHER)))
    step, _ = await send(stand.desk, step, first_ticket(name))
    assert await stand.desk.verify(step, first_ticket(name)) == []
    [note] = await our_notes(stand, name)
    assert sorted(file.size for file in note.attachments) == sorted((LOG.size, OTHER.size))


@pytest.mark.parametrize("name", TAKES_FILES)
async def test_a_step_for_the_customer_never_sends_its_files(name: str) -> None:
    stand = OURS[name]()
    step = replace(await planned(stand, name), visibility="public")
    _, outcome = await send(stand.desk, step, first_ticket(name))
    assert isinstance(outcome, Rejected)
    assert writes(stand) == []


@pytest.mark.parametrize("name", OURS)
async def test_a_public_note_with_a_file_is_not_even_planned(name: str) -> None:
    stand = OURS[name]()
    with pytest.raises(Refused):
        await planned(stand, name, note=replace(WITH_FILE, visibility="public"))


@pytest.mark.parametrize("name", ["request_tracker", "zammad"])
async def test_a_file_that_the_site_cut_short_is_seen(name: str) -> None:
    stand = OURS[name]()
    stand.server.cut = lambda content: content[:100]
    step, _ = await send(stand.desk, await planned(stand, name), first_ticket(name))
    [difference] = await stand.desk.verify(step, first_ticket(name))
    assert difference == f"{LOG.name} arrived with 100 of {LOG.size:,} bytes"


@pytest.mark.parametrize("kept", [len(TEXT.encode()), 100])
async def test_a_file_that_the_server_has_not_counted_yet_is_counted_by_us(kept: int) -> None:
    stand = OURS["request_tracker"]()
    stand.server.counts_files = False
    stand.server.cut = lambda content: content[:kept]
    step, _ = await send(stand.desk, await planned(stand, "request_tracker"), first_ticket("request_tracker"))
    differences = await stand.desk.verify(step, first_ticket("request_tracker"))
    cut_short = [f"{LOG.name} arrived with 100 of {LOG.size:,} bytes"]
    assert list(differences) == ([] if kept == LOG.size else cut_short)


@pytest.mark.parametrize("name", TAKES_FILES)
async def test_a_note_that_arrived_without_its_file_is_seen(name: str) -> None:
    stand = OURS[name]()
    step = await planned(stand, name)
    bare = replace(step, payload={key: value for key, value in step.payload.items() if key != "files"})
    bare, _ = await send(stand.desk, bare, first_ticket(name))
    [difference] = await stand.desk.verify(replace(step, receipt=bare.receipt), first_ticket(name))
    assert difference == f"{LOG.name} is not on the note"


@pytest.mark.parametrize("name", ["zammad", "zendesk"])
async def test_a_file_on_a_note_that_became_public_is_an_alarm(name: str) -> None:
    stand = OURS[name]()
    step = await planned(stand, name)

    def opened(request: httpx.Request) -> None:
        if request.method == "PUT":
            body = request.content.replace(b'"public": false', b'"public": true')
            request._content = body
            request.stream = httpx.ByteStream(body)
            request.headers["Content-Length"] = str(len(body))

    if name == "zammad":
        stand.server.honours_internal = False
    else:
        stand.server.before = opened
    step, _ = await send(stand.desk, step, first_ticket(name))
    assert any(words.startswith("PUBLIC:") for words in await stand.desk.verify(step, first_ticket(name)))


@pytest.mark.parametrize("name", TAKES_FILES)
async def test_after_a_lost_reply_the_note_is_found_with_its_file(name: str) -> None:
    stand = OURS[name]()
    step = replace(await planned(stand, name), sent_at=datetime.now(UTC))
    assert (await stand.desk.probe(step, first_ticket(name))).verdict == "absent"
    await stand.desk.apply(step, first_ticket(name))
    found = await stand.desk.probe(step, first_ticket(name))
    assert found.verdict == "found"
    assert await stand.desk.verify(replace(step, receipt=found.receipt or ""), first_ticket(name)) == []
    assert len(await our_notes(stand, name)) == 1


async def test_request_tracker_is_told_the_charset_and_gets_no_guess() -> None:
    stand = OURS["request_tracker"]()
    await send(stand.desk, await planned(stand, "request_tracker"), "1")
    [sent] = writes(stand)
    [file] = json.loads(sent.content)["Attachments"]
    assert sent.url.path.endswith("/comment")
    assert (file["FileName"], file["FileType"]) == (LOG.name, "text/plain; charset=utf-8")
    assert base64.b64decode(file["FileContent"]) == TEXT.encode()


async def test_zammads_article_carries_the_file() -> None:
    stand = OURS["zammad"]()
    await send(stand.desk, await planned(stand, "zammad"), "1")
    [sent] = writes(stand)
    article = json.loads(sent.content)["article"]
    [file] = article["attachments"]
    assert (article["internal"], file["filename"], file["mime-type"]) == (True, LOG.name, "text/plain")


def test_a_size_that_is_not_told_counts_as_a_difference() -> None:
    payload = {"files": [{"name": "a.log", "media_type": PLAIN_TEXT, "text": "words"}]}
    step = Step("k", "note", payload, "internal", None, "marker")
    assert file_differences(step, [("a.log", 5)]) == []
    assert file_differences(step, [("a.log", -1)])
    assert file_differences(step, [("b.log", 5)])


# --- uploads to Zendesk -------------------------------------------------------------------------------


def embedded() -> tuple[Stand, EmbeddedZendesk]:
    stand = OURS["zendesk"]()
    return stand, stand.server


async def apply(stand: Stand) -> Outcome:
    _, outcome = await send(stand.desk, await planned(stand, "zendesk"), first_ticket("zendesk"))
    return outcome


UPLOADS_THAT_FAIL = [
    (httpx.Response(500, text="oops"), NotSent),
    (httpx.Response(502, text="bad gateway"), NotSent),
    (httpx.Response(408), NotSent),
    (httpx.Response(409, json={"error": "Conflict"}), NotSent),
    (httpx.Response(201, text="<html>a proxy says hello</html>"), NotSent),
    (httpx.Response(201, json={"upload": {}}), NotSent),
    (httpx.Response(201, json=[]), NotSent),
    (httpx.Response(429, headers={"Retry-After": "7"}), Throttled),
    (httpx.Response(413, json={"error": "AttachmentTooLarge", "description": "too large"}), Rejected),
    (httpx.Response(422, json={"error": "RecordInvalid", "description": "type not allowed"}), Rejected),
    (httpx.Response(403, json={"error": "Forbidden", "description": "needs the scope write"}), Rejected),
    (httpx.Response(404), Rejected),
    (httpx.Response(302, headers={"Location": "https://elsewhere.test/"}), Rejected),
    (httpx.Response(307, headers={"Location": "https://elsewhere.test/"}), Rejected),
]


@pytest.mark.parametrize(("answer", "kind"), UPLOADS_THAT_FAIL, ids=lambda one: str(one)[:40])
async def test_an_upload_that_fails_leaves_the_ticket_alone(answer: httpx.Response, kind: type) -> None:
    stand, server = embedded()
    server.before = lambda request: answer if "uploads" in request.url.path else None
    outcome = await apply(stand)
    assert isinstance(outcome, kind)
    assert [request.method for request in writes(stand)] == ["POST"]
    assert {request.url.host for request in server.asked} == {"127.0.0.1"}
    assert await our_notes(stand, "zendesk") == []
    if isinstance(outcome, Rejected):
        assert outcome.errors
        assert all(LOG.name in words for words in outcome.errors)


async def test_an_upload_whose_answer_is_lost_is_made_again_and_the_note_is_there_once() -> None:
    stand, server = embedded()
    lost = [httpx.Response(504)]
    server.after = lambda request: lost.pop() if lost and "uploads" in request.url.path else None
    assert isinstance(await apply(stand), NotSent)
    assert isinstance(await apply(stand), Landed)
    [note] = await our_notes(stand, "zendesk")
    assert [file.size for file in note.attachments] == [LOG.size]


async def test_a_machine_that_slept_during_an_upload_does_not_send_the_note(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stand, server = embedded()
    transport = stand.desk._account.transport  # type: ignore[attr-defined]
    slept = [timedelta()]
    monkeypatch.setattr(transport, "_clock", lambda: datetime.now(UTC) + slept[0])

    def sleep(request: httpx.Request) -> None:
        if "uploads" in request.url.path:
            slept[0] += uploads.LONGEST + timedelta(seconds=1)

    server.before = sleep
    assert isinstance(await apply(stand), NotSent)
    assert [request.method for request in writes(stand)] == ["POST"]
    server.before = lambda request: None
    assert isinstance(await apply(stand), Landed)


@pytest.mark.parametrize("more", [{"assignee": "Nobody Anywhere"}, {"fields": {"a field that is gone": "x"}}])
async def test_a_change_that_cannot_be_written_uploads_nothing(more: dict[str, Any]) -> None:
    stand, server = embedded()
    step = await planned(stand, "zendesk")
    step = replace(step, payload={**step.payload, **more})
    _, outcome = await send(stand.desk, step, first_ticket("zendesk"))
    assert isinstance(outcome, Rejected)
    assert writes(stand) == []
    assert server.asked


async def test_an_upload_carries_the_bytes_their_kind_and_the_token_of_the_profile() -> None:
    script = ScriptedZendesk()
    script.on("uploads.json", httpx.Response(201, json={"upload": {"token": "up1"}}))
    script.on("tickets/5.json", {"ticket": ticket(), "audit": audit(3)})
    desk = script.desk()
    [step] = desk.plan(operation("5", note=WITH_FILE), await desk.ticket("5"))
    await send(desk, step, "5")
    upload, put = (request for request in script.asked if request.method != "GET")
    assert dict(upload.url.params) == {"filename": LOG.name}
    assert (upload.headers["Content-Type"], upload.content) == ("text/plain", TEXT.encode())
    assert upload.headers["Authorization"] == put.headers["Authorization"]
    comment = json.loads(put.content)["ticket"]["comment"]
    assert (comment["public"], comment["uploads"]) == (False, ["up1"])
