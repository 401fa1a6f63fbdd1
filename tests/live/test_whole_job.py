"""The whole job, from the shell, against a Request Tracker that nobody here wrote."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from tests.end_to_end.shell import Ended, Shell
from tests.live.request_tracker_server import RequestTrackerServer
from tests.live.unreliable_proxy import UnreliableProxy, unreliable

pytestmark = pytest.mark.live

ANSWERS = Path(__file__).parents[1] / "answers" / "HL-40817.yaml"
SUBJECT = "212 people lost access after we renamed two groups"
THREAD = (
    ("correspond", "Thank you, I am on this. Could you send the sync log? I will update you within 2 hours."),
    ("comment", "Log shows 431 grants removed. I see no way to put grants back. Raised to tier 2."),
    ("correspond", "I am sorry for the silence. A second engineer has joined."),
    ("comment", "Restored 431 grants from the audit table with a one-off script."),
)
OPENING = (
    "Since we renamed two groups, 212 people cannot open any manifest. Trucks are waiting. Is anybody there?"
)


def make_ticket(server: RequestTrackerServer) -> str:
    """The ticket of the worked case, written by different people."""
    body: dict[str, Any] = {
        "Queue": "Escalations", "Subject": SUBJECT, "Content": OPENING, "ContentType": "text/plain",
        "Requestor": "ines@cobalt.example",
    }  # fmt: skip
    number = str(server.ask("ticket", method="POST", body=body)["id"])
    for kind, text in THREAD:
        server.ask(
            f"ticket/{number}/{kind}", method="POST", body={"Content": text, "ContentType": "text/plain"}
        )
    return number


@pytest_asyncio.fixture
async def proxy(request_tracker: RequestTrackerServer) -> AsyncIterator[UnreliableProxy]:
    async with unreliable(request_tracker.url) as standing:
        yield standing


@pytest_asyncio.fixture
async def shell(request_tracker: RequestTrackerServer, proxy: UnreliableProxy, tmp_path: Path) -> Shell:
    held = Shell(
        tmp_path / "home", {"TRIAGE_TOKEN": request_tracker.tokens["triage-bot"], "TRIAGE_SETTLE_S": "1"}
    )
    ended = await say(
        held, "init", "--no-input", "--profile", "rt", "--helpdesk", "request_tracker", "--url", proxy.url,
        "--token-env", "TRIAGE_TOKEN", "--queue", "Queue='Escalations' AND Status='__Active__'",
    )  # fmt: skip
    assert ended.code == 0, ended.err
    return held


async def say(shell: Shell, *words: str) -> Ended:
    """Run a verb while the proxy goes on serving on this loop."""
    return await asyncio.to_thread(shell.run, *words)


async def settled(shell: Shell) -> dict[str, Any]:
    """The one write once it is verified, syncing as often as a person would."""
    for _ in range(8):
        await say(shell, "sync", "--json")
        [operation] = (await say(shell, "outbox", "list", "--all", "--json")).document
        if operation["state"] == "verified":
            break
        await asyncio.sleep(1.1)  # longer than the server's settle time, which is what is waited for
    return operation


async def adopt(shell: Shell, number: str) -> Ended:
    """The worked case's answers, less the two that speak of hours that this young ticket has not seen."""
    lines = ANSWERS.read_text().replace("Q7:\n  - {id: overdue, met_at: now}\n", "").splitlines()
    path = shell.home / "answers.yaml"
    path.write_text("\n".join(line for line in lines if line != "Q8: accept") + "\n")
    return await say(shell, "investigate", number, "--answers", str(path), "--adopt", "--send", "--json")


async def test_the_whole_job_leaves_one_comment_and_mails_nobody(
    shell: Shell, request_tracker: RequestTrackerServer
) -> None:
    number = make_ticket(request_tracker)
    pulled = (await say(shell, "sync", "--json")).document
    assert pulled["pulled"] >= 5
    assert number in {item["id"] for item in (await say(shell, "queue", "--json")).document}
    mails, comments = request_tracker.mails(), len(request_tracker.comments(number))
    ended = await adopt(shell, number)
    assert ended.code == 0, ended.err
    ours = [text for text in request_tracker.comments(number) if "[esc:" in text]
    assert len(ours) == 1
    assert len(request_tracker.comments(number)) == comments + 1
    assert request_tracker.replies(number).count(ours[0]) == 0
    assert request_tracker.mails() == mails
    fields = request_tracker.custom_fields(number)
    assert (fields["esc_verdict"], fields["esc_code"]) == (["bug"], ["B2.3"])
    assert {"esc-bug", "esc-b2-3"} <= set(fields["Tags"])
    again = (await say(shell, "sync", "--json")).document
    assert (again["pushed"], again["conflicts"], again["parked"]) == (0, 0, 0)
    timeline = (await say(shell, "show", number, "--json")).document["timeline"]
    assert sum("[esc:" in event["text"] and event["kind"] == "message" for event in timeline) == 1


@pytest.mark.parametrize("lost", ["reply", "request"])
async def test_an_unknown_outcome_still_ends_in_exactly_one_comment(
    shell: Shell, request_tracker: RequestTrackerServer, proxy: UnreliableProxy, lost: Any
) -> None:
    number = make_ticket(request_tracker)
    await say(shell, "sync", "--json")
    mails = request_tracker.mails()
    proxy.lose(lost, "POST")
    ended = await adopt(shell, number)
    assert ended.code == 6, ended.err
    operation = await settled(shell)
    assert operation["state"] == "verified"
    assert len([text for text in request_tracker.comments(number) if "[esc:" in text]) == 1
    assert request_tracker.mails() == mails
    assert all(step["receipt"] or step["kind"] != "note" for step in operation["steps"])
