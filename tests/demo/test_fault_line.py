"""Every fault over a real socket against the running child."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest

from triage.demo.child import DemoProcess, start_demo

Start = Callable[[str], httpx.Client]
NOTE = {"ticket": {"comment": {"body": "a note", "public": False}, "metadata": {"op": "1"}}}


def client_of(demo: DemoProcess) -> httpx.Client:
    headers = {"Authorization": f"Bearer {demo.token}"}
    return httpx.Client(base_url=f"{demo.url}/api/v2/", headers=headers, timeout=5)


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    with ExitStack() as stack:

        def started(schedule: str) -> httpx.Client:
            faults = tmp_path / "faults.yaml"
            faults.write_text(schedule, encoding="utf-8")
            demo = stack.enter_context(start_demo(tmp_path / "demo", faults=faults))
            return stack.enter_context(client_of(demo))

        yield started


def notes(client: httpx.Client) -> list[dict[str, Any]]:
    audits = client.get("tickets/10005/audits").json()["audits"]
    return [audit for audit in audits if audit["metadata"]["custom"] == {"op": "1"}]


def test_status_answers_without_applying(start: Start) -> None:
    client = start(
        "- {match: {method: PUT}, fault: status, status: 502, body: <html>no</html>, content_type: text/html}"
    )
    answer = client.put("tickets/10005", json=NOTE)
    assert (answer.status_code, answer.text, answer.headers["content-type"]) == (
        502,
        "<html>no</html>",
        "text/html",
    )
    assert notes(client) == []


def test_delay_waits_and_then_applies(start: Start) -> None:
    client = start("- {match: {method: PUT}, fault: delay, seconds: 0.4}")
    begun = time.monotonic()
    assert client.put("tickets/10005", json=NOTE).status_code == 200
    assert time.monotonic() - begun >= 0.4
    assert len(notes(client)) == 1


def test_drop_request_cuts_before_applying(start: Start) -> None:
    client = start("- {match: {method: PUT, nth: 1}, fault: drop_request}")
    with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError, httpx.WriteError)):
        client.put("tickets/10005", json=NOTE)
    assert notes(client) == []
    assert client.put("tickets/10005", json=NOTE).status_code == 200


def test_drop_reply_cuts_after_applying(start: Start) -> None:
    client = start("- {match: {method: PUT, path: '^/api/v2/tickets/10005$', nth: 1}, fault: drop_reply}")
    with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
        client.put("tickets/10005", json=NOTE)
    assert len(notes(client)) == 1


def test_late_apply_cuts_now_and_applies_later(start: Start) -> None:
    client = start("- {match: {method: PUT}, fault: late_apply, seconds: 0.6}")
    with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
        client.put("tickets/10005", json=NOTE)
    assert notes(client) == []
    end = time.monotonic() + 5
    while not notes(client) and time.monotonic() < end:
        pass
    assert len(notes(client)) == 1


def test_truncate_leaves_a_body_shorter_than_announced(start: Start) -> None:
    client = start("- {match: {path: /views}, fault: truncate, share: 0.5}")
    with pytest.raises(httpx.RemoteProtocolError, match="without sending complete"):
        client.get("views")


def test_truncate_by_close_looks_like_a_whole_answer_with_half_a_body(start: Start) -> None:
    client = start("- {match: {path: /views}, fault: truncate, share: 0.5, how: close}")
    answer = client.get("views")
    assert answer.status_code == 200
    assert "content-length" not in answer.headers
    with pytest.raises(ValueError, match=r"(?i)delimiter|unterminated|expecting"):
        answer.json()


def test_drip_sends_a_little_at_a_time(start: Start) -> None:
    client = start("- {match: {path: /users/me}, fault: drip, bytes: 100, every_s: 0.1}")
    with client.stream("GET", "users/me") as answer:
        times = [time.monotonic() for _ in answer.iter_raw()]
    assert len(times) >= 4
    assert times[-1] - times[0] >= 0.3


def test_throttle_answers_429_for_a_while(start: Start) -> None:
    client = start("- {match: {path: /groups, nth: 2}, fault: throttle, retry_after: 7, count: 2}")
    answers = [client.get("groups") for _ in range(4)]
    assert [one.status_code for one in answers] == [200, 429, 429, 200]
    assert answers[1].headers["retry-after"] == "7"
    assert answers[1].json()["error"] == "APIRateLimitExceeded"
