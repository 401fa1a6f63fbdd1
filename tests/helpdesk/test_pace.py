from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import wraps
from itertools import pairwise
from typing import Any

import httpx
import pytest

from tests.sync import virtual_time
from triage.helpdesk import transport as transport_module
from triage.helpdesk import waits
from triage.helpdesk.answer import DEFAULT_PAUSE_S, LONGEST_PAUSE_S
from triage.helpdesk.circuit import OPENS_AFTER, PROBE_AFTER_S, OutOfReach
from triage.helpdesk.pace import GROWS_AFTER, JITTER_S, MOST_APART_S, NARROWEST, WIDEST, Held, Pace
from triage.helpdesk.rate_headers import allowance, of_one_ticket
from triage.helpdesk.transport import Transport
from triage.helpdesk.waits import READ_TOTAL_S
from triage.model.errors import HelpdeskFailed
from triage.model.operation import NotSent, Throttled, Unknown

Story = Callable[[], Awaitable[None]]


def in_virtual_time(story: Story) -> Callable[[], None]:
    """``story`` as a test in which hours pass in milliseconds."""

    @wraps(story)
    def test() -> None:
        async def main() -> None:
            await story()

        virtual_time.run(main())

    return test


def seconds() -> float:
    return asyncio.get_running_loop().time()


def a_pace(where: str = "desk.test", **rest: Any) -> Pace:
    made = {"now": virtual_time.now, "randomness": random.Random(3)} | rest
    return Pace(where, clock=seconds, pause=asyncio.sleep, **made)


async def read(pace: Pace, status: int = 200, patience_s: float = 3600, **headers: str) -> float:
    """One read; returns when it went."""
    async with pace.reading(lambda: patience_s):
        went = seconds()
        pace.answered(status, httpx.Headers({name.replace("_", "-"): text for name, text in headers.items()}))
    return went


async def fail(pace: Pace, error: Exception) -> None:
    with pytest.raises(type(error)):
        async with pace.reading(lambda: 3600):
            raise error


async def busiest(pace: Pace, how_many: int = 12) -> int:
    """How many reads went side by side."""
    running = most = 0

    async def one() -> None:
        nonlocal running, most
        async with pace.reading(lambda: 3600):
            running += 1
            most = max(most, running)
            await asyncio.sleep(1)
            running -= 1

    await asyncio.gather(*(one() for _ in range(how_many)))
    return most


# --- how many at the same time ------------------------------------------------------------------------------


@in_virtual_time
async def test_reads_begin_two_at_a_time_and_grow_to_four_with_clean_answers() -> None:
    pace = a_pace()
    assert (pace.width, await busiest(pace)) == (NARROWEST, NARROWEST)
    for _ in range(GROWS_AFTER - 1):
        await read(pace)
    assert pace.width == NARROWEST
    await read(pace)
    assert (pace.width, await busiest(pace)) == (3, 3)
    for _ in range(5 * GROWS_AFTER):
        await read(pace)
    assert (pace.width, await busiest(pace)) == (WIDEST, WIDEST)


async def _widest() -> Pace:
    pace = a_pace()
    for _ in range(2 * GROWS_AFTER):
        await read(pace)
    assert pace.width == WIDEST
    return pace


@pytest.mark.parametrize("status", [429, 503, 504])
def test_a_helpdesk_with_too_much_to_do_is_asked_half_as_much(status: int) -> None:
    async def story() -> None:
        pace = await _widest()
        await read(pace, status, Retry_After="0")
        assert pace.width == WIDEST // 2

    virtual_time.run(story())


@pytest.mark.parametrize("error", [TimeoutError(), httpx.ReadTimeout("x"), httpx.ConnectTimeout("x")])
def test_no_answer_in_time_halves_as_well(error: Exception) -> None:
    async def story() -> None:
        pace = await _widest()
        await fail(pace, error)
        assert pace.width == WIDEST // 2

    virtual_time.run(story())


@in_virtual_time
async def test_trouble_begins_the_run_of_clean_answers_anew() -> None:
    for trouble in (503, None):
        pace = a_pace()
        for _ in range(GROWS_AFTER - 1):
            await read(pace)
        await (read(pace, trouble) if trouble else fail(pace, httpx.ReadError("cut")))
        await read(pace)
        assert pace.width == NARROWEST


@in_virtual_time
async def test_a_cancelled_read_gives_its_turn_back() -> None:
    pace = a_pace()

    async def forever() -> None:
        async with pace.reading(lambda: 3600):
            await asyncio.Event().wait()

    stuck = [asyncio.create_task(forever()) for _ in range(NARROWEST)]
    waiting = asyncio.create_task(read(pace))
    await asyncio.sleep(1)
    assert not waiting.done()
    stuck[0].cancel()
    assert await waiting == 1.0
    stuck[1].cancel()


# --- what the helpdesk asks us to wait ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "least", "most"),
    [
        ("40", 40, 40),
        ("0", 0, 0),
        ("999999", LONGEST_PAUSE_S, LONGEST_PAUSE_S),
        ("Mon, 02 Mar 2026 09:00:50 GMT", 50, 50),
        ("soon", 1, 1),
        ("-5", 1, 1),
        ("nan", 1, 1),
        ("", 1, 1),
    ],
)
def test_nothing_is_read_before_the_helpdesk_allows_it(asked: str, least: float, most: float) -> None:
    async def story() -> None:
        for seed in range(20):
            pace, begun = a_pace(randomness=random.Random(seed)), seconds()
            await read(pace, 429, Retry_After=asked, Date=f"{virtual_time.now():%a, %d %b %Y %H:%M:%S} GMT")
            waited = await read(pace) - begun
            assert least - (begun if "GMT" in asked else 0) <= waited <= most + JITTER_S

    virtual_time.run(story())


@in_virtual_time
async def test_a_helpdesk_that_never_says_how_long_is_given_more_time_with_each_refusal() -> None:
    pace, went = a_pace(), [0.0]
    for _ in range(8):
        went.append(await read(pace, 429))
    waits = [later - earlier for earlier, later in pairwise(went[1:])]
    for wait, expected in zip(waits, [1, 2, 4, 8, 16, DEFAULT_PAUSE_S, DEFAULT_PAUSE_S], strict=True):
        assert expected <= wait <= expected + JITTER_S
    await read(pace)
    await read(pace, 429)
    assert pace.hold_s <= 1 + JITTER_S


@in_virtual_time
async def test_several_refusals_at_once_are_one() -> None:
    pace = a_pace()
    async with pace.reading(lambda: 1), pace.reading(lambda: 1):
        pace.answered(429, {})
        pace.answered(429, {})
    assert pace.hold_s <= 1 + JITTER_S


@in_virtual_time
async def test_a_late_good_answer_does_not_end_a_hold() -> None:
    pace = a_pace()
    async with pace.reading(lambda: 1):
        await read(pace, 429, Retry_After="60")
        pace.answered(200, {})
    assert pace.hold_s >= 60
    assert await read(pace) >= 60


@in_virtual_time
async def test_a_shorter_pause_asked_later_does_not_shorten_the_longer_one() -> None:
    pace = a_pace()
    async with pace.reading(lambda: 1), pace.reading(lambda: 1):
        pace.answered(429, {"Retry-After": "60"})
        pace.answered(429, {"Retry-After": "2"})
    assert pace.hold_s >= 60


@in_virtual_time
async def test_a_read_says_that_it_waits_and_until_when_once_for_each_hold() -> None:
    pace = a_pace()
    told: list[datetime] = []
    pace.on_hold = told.append
    await read(pace, 429, Retry_After="40")
    await asyncio.gather(*(read(pace) for _ in range(5)))
    assert len(told) == 1
    assert timedelta(seconds=40) <= told[0] - virtual_time.START <= timedelta(seconds=40 + JITTER_S)
    await read(pace, 429, Retry_After="7")
    await read(pace)
    assert len(told) == 2


@in_virtual_time
async def test_a_read_without_the_time_to_wait_is_told_until_when_it_would_have_to() -> None:
    pace = a_pace()
    await read(pace, 429, Retry_After="300")
    with pytest.raises(Held, match=r"wait until 09:05:0\d UTC"):
        await read(pace, patience_s=60)
    assert seconds() == 0


@in_virtual_time
async def test_an_unavailable_helpdesk_that_names_a_time_is_left_alone_until_then() -> None:
    pace = a_pace()
    await read(pace, 503, Retry_After="20")
    assert await read(pace) >= 20
    await read(pace, 503)
    assert pace.hold_s == 0


# --- limits that come near ----------------------------------------------------------------------------------

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"X-Rate-Limit": "700", "X-Rate-Limit-Remaining": "30", "ratelimit-reset": "41"}, (30, 700, 41)),
        ({"zendesk-ratelimit-tickets-index": "total=100; remaining=9; resets=41"}, (9, 100, 41)),
        (
            {"X-Rate-Limit": "700", "X-Rate-Limit-Remaining": "600",
             "Zendesk-RateLimit-Tickets-Index": "total=100; remaining=3; resets=5"},
            (3, 100, 5),
        ),
        (
            {"X-RateLimit-Limit": "5000", "X-RateLimit-Remaining": "12",
             "X-RateLimit-Reset": f"{NOW.timestamp() + 90:.0f}"},
            (12, 5000, 90),
        ),
        (
            {"X-RateLimit-Limit": "100", "X-RateLimit-Remaining": "5",
             "X-RateLimit-Reset": "2026-03-02T09:00:30Z"},
            (5, 100, 30),
        ),
        (
            {"X-RateLimit-Remaining": "5", "X-RateLimit-Limit": "50", "X-RateLimit-Interval-Seconds": "10"},
            (5, 50, 10),
        ),
        ({"ratelimit-limit": "960", "ratelimit-remaining": "4", "ratelimit-reset": "6"}, (4, 960, 6)),
        ({"X-RateLimit-Remaining": "5", "X-RateLimit-Reset": "1"}, (5, None, 1)),
        ({"X-RateLimit-Remaining": "5", "X-RateLimit-Reset": "soon"}, (5, None, 60)),
        ({"X-RateLimit-Remaining": "5", "X-RateLimit-Reset": "2020-01-01T00:00:00"}, (5, None, 0)),
    ],
)  # fmt: skip
def test_the_limits_of_every_helpdesk_are_read(
    headers: Mapping[str, str], expected: tuple[int, int | None, float]
) -> None:
    found = allowance(headers, NOW)
    assert found is not None
    assert (found.remaining, found.limit, found.resets_in_s) == expected


@pytest.mark.parametrize("text", ["", "many", "-3", "²", "9" * 5000, "1e9"])
def test_a_limit_that_cannot_be_read_is_none(text: str) -> None:
    assert allowance({"X-RateLimit-Remaining": text, "zendesk-ratelimit-x": f"remaining={text}"}, NOW) is None


def test_the_time_of_a_reset_is_measured_by_the_servers_own_clock() -> None:
    headers = {"X-RateLimit-Remaining": "1", "X-RateLimit-Reset": f"{NOW.timestamp() + 90:.0f}",
               "Date": "Mon, 02 Mar 2026 09:01:00 GMT"}  # fmt: skip
    found = allowance(headers, NOW - timedelta(days=1))
    assert found is not None
    assert found.resets_in_s == 30


@in_virtual_time
async def test_reads_slow_down_before_the_limit_is_used_up_and_not_before() -> None:
    pace = a_pace()
    await read(pace, ratelimit_limit="100", ratelimit_remaining="50", ratelimit_reset="20")
    assert await read(pace) == await read(pace)
    await read(pace, ratelimit_limit="100", ratelimit_remaining="9", ratelimit_reset="18")
    went = [await read(pace) for _ in range(4)]
    gaps = [later - earlier for earlier, later in pairwise(went)]
    assert all(1.5 <= gap <= MOST_APART_S for gap in gaps)
    await asyncio.sleep(20)
    assert await read(pace) == await read(pace)


@in_virtual_time
async def test_what_the_limit_has_left_is_for_the_writes() -> None:
    pace = a_pace()
    for _ in range(2):
        await read(pace, ratelimit_limit="100", ratelimit_remaining="2", ratelimit_reset="300")
    begun = seconds()
    async with pace.writing():
        assert seconds() == begun
    assert await read(pace) == begun + MOST_APART_S


@in_virtual_time
async def test_with_nothing_left_the_whole_account_waits_but_not_for_one_endpoint() -> None:
    pace = a_pace()
    await read(pace, zendesk_ratelimit_tickets_index="total=100; remaining=0; resets=41")
    assert pace.hold_s == 0
    await read(pace, ratelimit_limit="100", ratelimit_remaining="0", ratelimit_reset="41")
    assert pace.hold_s >= 41


@in_virtual_time
async def test_a_limit_of_one_ticket_holds_nobody_else() -> None:
    pace = a_pace()
    assert of_one_ticket({"RateLimit-Reason": "jira-per-issue-on-write"})
    await read(pace, 429, Retry_After="40", RateLimit_Reason="jira-per-issue-on-write")
    assert pace.hold_s == 0
    await read(pace, 429, Retry_After="40", RateLimit_Reason="jira-burst-based")
    assert pace.hold_s >= 40


# --- out of reach -------------------------------------------------------------------------------------------


async def _unreachable(times: int = OPENS_AFTER, pace: Pace | None = None) -> Pace:
    pace = pace or a_pace()
    for _ in range(times):
        await fail(pace, httpx.ConnectError("refused"))
    return pace


@in_virtual_time
async def test_after_several_requests_without_an_answer_the_next_fails_at_once_and_says_when_to_try() -> None:
    pace = await _unreachable(OPENS_AFTER - 1)
    await read(pace)
    for _ in range(OPENS_AFTER):
        await fail(pace, httpx.ConnectError("refused"))
        await asyncio.sleep(2)
    with pytest.raises(OutOfReach, match=r"since 09:00:00 UTC \(nothing answers\); next try at 09:00:38 UTC"):
        await read(pace)
    assert isinstance(OutOfReach("x"), HelpdeskFailed)
    assert seconds() == 2 * OPENS_AFTER


@in_virtual_time
async def test_one_read_finds_out_whether_it_is_back_and_the_others_do_not_wait_for_it() -> None:
    pace = await _unreachable()
    await asyncio.sleep(PROBE_AFTER_S)
    async with pace.reading(lambda: 1):
        with pytest.raises(OutOfReach):
            await read(pace)
        pace.answered(500, {})
    await read(pace)


@in_virtual_time
async def test_a_probe_in_vain_puts_the_next_one_off_for_longer() -> None:
    pace = await _unreachable()
    for wait in (PROBE_AFTER_S, 2 * PROBE_AFTER_S, 4 * PROBE_AFTER_S, 8 * PROBE_AFTER_S, 300, 300):
        await asyncio.sleep(wait - 1)
        with pytest.raises(OutOfReach):
            await read(pace)
        await asyncio.sleep(1)
        await fail(pace, httpx.ConnectError("refused"))
    await asyncio.sleep(300)
    await read(pace)
    await _unreachable(OPENS_AFTER, pace)
    await asyncio.sleep(PROBE_AFTER_S)
    await read(pace)


@in_virtual_time
async def test_a_probe_that_is_cancelled_leaves_the_next_one_to_somebody_else() -> None:
    pace = await _unreachable()
    await asyncio.sleep(PROBE_AFTER_S)

    async def stuck() -> None:
        async with pace.reading(lambda: 1):
            await asyncio.Event().wait()

    task = asyncio.create_task(stuck())
    await asyncio.sleep(1)
    task.cancel()
    await asyncio.sleep(0)
    await read(pace)


@in_virtual_time
async def test_who_waited_meanwhile_does_not_go_to_a_helpdesk_out_of_reach() -> None:
    pace = a_pace()
    pace.answered(429, {"Retry-After": "10"})
    waiting = asyncio.create_task(read(pace))
    await asyncio.sleep(1)
    for _ in range(OPENS_AFTER):
        pace._circuit.failed("nothing answers")
    with pytest.raises(OutOfReach):
        await waiting


@in_virtual_time
async def test_a_read_to_a_helpdesk_out_of_reach_does_not_wait_for_its_turn_either() -> None:
    pace = a_pace()
    async with pace.reading(lambda: 1), pace.reading(lambda: 1):
        for _ in range(OPENS_AFTER):
            pace._circuit.failed("nothing answers")
        with pytest.raises(OutOfReach):
            await asyncio.wait_for(read(pace), 5)


@in_virtual_time
async def test_a_write_never_finds_out_whether_it_is_back() -> None:
    pace = await _unreachable()
    await asyncio.sleep(PROBE_AFTER_S)
    with pytest.raises(OutOfReach):
        async with pace.writing():
            pytest.fail("it went")


@pytest.mark.parametrize(
    "error", [httpx.LocalProtocolError("x"), httpx.UnsupportedProtocol("x"), httpx.PoolTimeout("x")]
)
def test_what_is_our_own_fault_does_not_count_as_out_of_reach(error: Exception) -> None:
    async def story() -> None:
        pace = a_pace()
        for _ in range(2 * OPENS_AFTER):
            await fail(pace, error)
        await read(pace)

    virtual_time.run(story())


# --- through the transport ----------------------------------------------------------------------------------


def desk_of(
    handler: Callable[[httpx.Request], httpx.Response], monkeypatch: pytest.MonkeyPatch
) -> tuple[Transport, list[tuple[str, float]]]:
    """A transport in virtual time, and when each of its requests went."""
    calls: list[tuple[str, float]] = []

    def noted(request: httpx.Request) -> httpx.Response:
        calls.append((request.method, seconds()))
        return handler(request)

    monkeypatch.setattr(transport_module, "Pace", a_pace)
    transport = httpx.MockTransport(noted)
    return Transport("https://desk.test/", str, transport=transport, clock=virtual_time.now), calls


def refusing(request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("refused", request=request)


def test_a_refused_write_is_throttled_and_neither_writes_nor_reads_go_until_then(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def story() -> None:
        answers = iter([httpx.Response(429, headers={"Retry-After": "40"})])
        desk, calls = desk_of(lambda request: next(answers, httpx.Response(200, json={})), monkeypatch)
        assert await desk.write("PUT", "x", {}) == Throttled(40, "account")
        again = await desk.write("PUT", "x", {})
        assert isinstance(again, Throttled)
        assert 40 <= again.retry_after_s <= 40 + JITTER_S
        assert (calls, seconds()) == ([("PUT", 0.0)], 0)
        await desk.read("x")
        await desk.write("PUT", "x", {})
        assert [method for method, _ in calls] == ["PUT", "GET", "PUT"]
        assert min(at for _, at in calls[1:]) >= 40

    virtual_time.run(story())


def test_a_write_waits_for_the_last_moments_of_a_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> None:
        answers = iter([httpx.Response(429, headers={"Retry-After": "1"})])
        desk, calls = desk_of(lambda request: next(answers, httpx.Response(200, json={})), monkeypatch)
        await desk.write("PUT", "x", {})
        assert not isinstance(await desk.write("PUT", "x", {}), Throttled)
        assert 1 <= calls[-1][1] <= 1 + JITTER_S

    virtual_time.run(story())


def test_a_read_that_was_refused_goes_again_when_the_hold_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> None:
        answers = iter([httpx.Response(429, headers={"Retry-After": "40"})])
        desk, calls = desk_of(lambda request: next(answers, httpx.Response(200, json={})), monkeypatch)
        told: list[datetime] = []
        desk.pace.on_hold = told.append
        assert await desk.read("x") == {}
        assert len(calls) == 2
        assert 40 <= calls[1][1] <= 40 + JITTER_S
        assert len(told) == 1

    virtual_time.run(story())


def test_a_hold_longer_than_a_read_may_take_ends_it_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> None:
        pause = {"Retry-After": f"{READ_TOTAL_S + 1:.0f}"}
        desk, calls = desk_of(lambda request: httpx.Response(429, headers=pause), monkeypatch)
        with pytest.raises(Held):
            await desk.read("x")
        assert (len(calls), seconds()) == (1, 0)

    virtual_time.run(story())


def test_a_limit_of_one_ticket_is_told_as_such(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> None:
        headers = {"Retry-After": "9", "RateLimit-Reason": "jira-per-issue-on-write"}
        desk, calls = desk_of(lambda request: httpx.Response(429, headers=headers), monkeypatch)
        assert [await desk.write("PUT", "x", {}) for _ in range(2)] == [Throttled(9, "ticket")] * 2
        assert len(calls) == 2

    virtual_time.run(story())


def test_a_helpdesk_out_of_reach_gets_no_requests_and_a_write_counts_as_not_sent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def story() -> None:
        monkeypatch.setattr(waits, "BACKOFF_BASE_S", 0.0)
        desk, calls = desk_of(refusing, monkeypatch)
        for _ in range(2):
            with pytest.raises(HelpdeskFailed):
                await desk.read("x")
        assert len(calls) == OPENS_AFTER
        result = await desk.write("PUT", "x", {})
        assert isinstance(result, NotSent)
        assert "out of reach since 09:00:00 UTC" in result.reason
        assert len(calls) == OPENS_AFTER

    virtual_time.run(story())


@pytest.mark.parametrize(
    "answer",
    [
        lambda request: httpx.Response(429, headers={"Retry-After": "0"}),
        lambda request: httpx.Response(429),
        lambda request: httpx.Response(503, headers={"Retry-After": "0"}),
        lambda request: httpx.Response(503),
        lambda request: httpx.Response(504),
        refusing,
    ],
)
def test_no_write_goes_twice(
    answer: Callable[[httpx.Request], httpx.Response], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story() -> None:
        desk, calls = desk_of(answer, monkeypatch)
        assert isinstance(await desk.write("PUT", "x", {}), Throttled | Unknown | NotSent)
        await asyncio.sleep(3600)
        assert len(calls) == 1

    virtual_time.run(story())
