from __future__ import annotations

import base64

import pytest

from tests.demo.conftest import TOKEN, Clock, Desk
from triage.demo.helpdesk_state import Settings
from triage.demo.records import Records


def basic(login: str, token: str = TOKEN) -> str:
    return "Basic " + base64.b64encode(f"{login}:{token}".encode()).decode()


@pytest.mark.parametrize(
    "header",
    [
        f"Bearer {TOKEN}",
        f"bearer {TOKEN}",
        basic("oncall@harbourlight.example/token"),
        basic("KOFI@harbourlight.example/token"),
    ],
)
async def test_the_token_is_taken_as_bearer_and_with_an_agents_address(desk: Desk, header: str) -> None:
    answer = await desk.http.get("/api/v2/users/me", headers={"Authorization": header})
    assert answer.json()["user"]["role"] in ("agent", "admin")


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Bearer",
        "Bearer wrong",
        f"Token {TOKEN}",
        basic("oncall@harbourlight.example/token", "wrong"),
        basic("oncall@harbourlight.example"),
        basic("ines@cobalt-freight.example/token"),
        basic("stranger@x.example/token"),
        "Basic %%%",
    ],
)
async def test_anything_else_is_refused(desk: Desk, header: str) -> None:
    answer = await desk.http.get("/api/v2/tickets/10001", headers={"Authorization": header})
    assert answer.status_code == 401
    assert {"error", "description"} <= set(answer.json())


async def test_without_credentials_i_am_nobody(desk: Desk) -> None:
    del desk.http.headers["Authorization"]
    assert (await desk.get("users/me"))["user"]["id"] is None


async def test_the_wrong_address_answers_401_before_404(desk: Desk) -> None:
    answer = await desk.http.get("/api/v2/nothing", headers={"Authorization": ""})
    assert answer.status_code == 401


async def test_the_rate_limit_is_told_and_enforced(records: Records, clock: Clock) -> None:
    clock.seconds = 60_000_000.0 + 15
    desk = Desk(records, clock, Settings(TOKEN, rate_limit=3))
    answers = [await desk.http.get("/api/v2/groups") for _ in range(4)]
    assert [one.status_code for one in answers] == [200, 200, 200, 429]
    assert [one.headers["x-rate-limit-remaining"] for one in answers] == ["2", "1", "0", "0"]
    assert answers[0].headers["ratelimit-reset"] == answers[3].headers["retry-after"] == "45"
    clock.forward(45)
    assert (await desk.http.get("/api/v2/groups")).status_code == 200
