"""The queue, driven by keys against a desk in memory."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.tui.fake_desk import NOW, FakeDesk, make_items
from tests.tui.screen_text import SIZES, opened, rested, screen_rows, screen_text, settled, until
from triage.model.errors import HelpdeskFailed, Stopped
from triage.model.queue import Freshness, QueueCounts, QueueItem
from triage.tui.browsing import place_of
from triage.tui.queue_columns import columns
from triage.tui.queue_words import SyncState, headline
from triage.tui.screens.queue import QueueScreen
from triage.tui.widgets.drawn_line import width_of


def current_id(app: object) -> str:
    screen = app.screen  # type: ignore[attr-defined]
    assert isinstance(screen, QueueScreen)
    item = screen.list.current
    assert item is not None
    return item.id


@pytest.mark.parametrize("size", SIZES)
async def test_shows_rows_head_and_keys_at_every_size(size: tuple[int, int]) -> None:
    async with opened(FakeDesk(), size) as (app, _):
        text = screen_text(app)
        assert "HL-40000" in text
        assert "14 open" in text
        assert "2 broken" in text
        assert "? help" in text.splitlines()[-1]
        assert all(len(row) <= size[0] for row in screen_rows(app))


def test_columns_give_way_owner_first_and_subject_last() -> None:
    def names(width: int) -> list[str]:
        return [column.name for column in columns(width)]

    assert names(118)[-2:] == ["STATE", "OWNER"]
    assert "OWNER" not in names(100)
    assert "STATE" in names(100)
    assert names(78) == ["KEY", "CUSTOMER", "SUBJECT", "PRI", "WAITING", "PROMISE"]
    assert {"KEY", "SUBJECT", "PRI", "WAITING", "PROMISE"} <= set(names(60))


@pytest.mark.parametrize("width", range(40, 220, 7))
def test_columns_never_take_more_than_the_width(width: int) -> None:
    chosen = columns(width)
    assert 2 + sum(column.width for column in chosen) + 2 * (len(chosen) - 1) <= max(width, 48)


@pytest.mark.parametrize("size", [*SIZES, (60, 24)])
async def test_late_recommendations_are_told_on_the_row_at_every_width(size: tuple[int, int]) -> None:
    desk = FakeDesk()
    desk.change_item("1001", late=2)
    async with opened(desk, size) as (app, _pilot):
        [row] = [one for one in screen_rows(app) if "HL-40001" in one and "§" in one]
        assert "§2 late Audit" in row
        assert sum("§" in one for one in screen_rows(app)) == 1


@pytest.mark.parametrize("size", [*SIZES, (60, 24)])
async def test_a_parked_run_that_is_due_is_told_on_the_row_at_every_width(size: tuple[int, int]) -> None:
    desk = FakeDesk()
    desk.change_item("1001", resume=True)
    async with opened(desk, size) as (app, _pilot):
        [row] = [one for one in screen_rows(app) if "resume Audit" in one]
        assert "HL-40001" in row


def test_the_headline_counts_the_runs_to_resume_where_there_is_room() -> None:
    counts = QueueCounts(9, 0, 0, 0, 0, to_resume=2)
    sync = SyncState(Freshness("fresh", NOW))
    words = ["".join(text for text, _ in headline(counts, sync, NOW, short=short)) for short in (False, True)]
    assert words == ["9 open · 2 to resume · synced 0 s ago", "9 open · synced 0 s ago"]
    none = headline(QueueCounts(9, 0, 0, 0, 0), sync, NOW)
    assert "resume" not in "".join(text for text, _ in none)


async def test_rows_are_drawn_again_when_the_terminal_gets_another_width() -> None:
    async with opened(FakeDesk(), (120, 40)) as (app, pilot):
        await pilot.resize_terminal(80, 24)
        await settled(pilot)
        drawn = [row.rstrip() for row in screen_rows(app)]
        async with opened(FakeDesk(), (80, 24)) as (other, _pilot):
            assert drawn == [row.rstrip() for row in screen_rows(other)]


async def test_the_first_frame_shows_rows_before_the_desk_is_open() -> None:
    desk = FakeDesk()
    desk.gates["open_desk"] = asyncio.Event()
    from tests.tui.screen_text import make_app

    app = make_app(desk)
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        await pilot.pause()
        assert not app.desk_is_open
        assert "HL-40003" in screen_text(app)
        await pilot.press("t")
        await pilot.pause()
        assert desk.calls == []
        desk.gates["open_desk"].set()
        await settled(pilot)
        assert app.desk_is_open


async def test_vim_motions_move_the_cursor() -> None:
    async with opened(FakeDesk(items=make_items(300)), (120, 24)) as (app, pilot):
        screen = app.screen
        assert isinstance(screen, QueueScreen)
        for keys, place in (("jj", 2), ("k", 1), ("G", 299), ("g", 0)):
            await pilot.press(*keys)
            assert screen.list.cursor == place
        height = screen.list.size.height
        await pilot.press("ctrl+d")
        assert screen.list.cursor == height // 2
        await pilot.press("ctrl+u")
        assert screen.list.cursor == 0
        await pilot.press("ctrl+f")
        assert screen.list.cursor == height - 1
        await pilot.press("ctrl+b")
        assert screen.list.cursor == 0


async def test_rows_far_away_are_read_in_pages_and_shown() -> None:
    desk = FakeDesk(items=make_items(5000))
    async with opened(desk, (120, 24)) as (app, pilot):
        await pilot.press("G")
        await settled(pilot)
        assert "HL-44999" in screen_text(app)
        asked = [detail for verb, detail in desk.calls if verb == "window"]
        assert max(limit for _, _, limit, _ in asked) <= 200
        screen = app.screen
        assert isinstance(screen, QueueScreen)
        assert len(screen.list.known()) <= 1300


async def test_a_refresh_keeps_the_cursor_on_its_ticket_and_its_line() -> None:
    desk = FakeDesk(items=make_items(60))
    async with opened(desk, (120, 24)) as (app, pilot):
        await pilot.press(*"jjjjj")
        held = current_id(app)
        line = next(n for n, row in enumerate(screen_rows(app)) if "HL-40005" in row)
        desk.items = [*make_items(3, seed=9)[::-1], *desk.items]
        for n in range(3):
            desk.items[n] = replace(desk.items[n], id=f"new{n}", key=f"HL-5000{n}")
        await pilot.press("r")
        await settled(pilot)
        assert current_id(app) == held
        assert "HL-40005" in screen_rows(app)[line]


async def test_the_cursor_stays_in_place_when_its_ticket_left() -> None:
    desk = FakeDesk()
    async with opened(desk) as (app, pilot):
        await pilot.press(*"jj")
        gone = current_id(app)
        desk.items = [item for item in desk.items if item.id != gone]
        await pilot.press("r")
        await settled(pilot)
        screen = app.screen
        assert isinstance(screen, QueueScreen)
        assert screen.list.cursor == 2


async def test_the_filter_follows_typing_and_escape_clears_it() -> None:
    async with opened(FakeDesk()) as (app, pilot):
        await pilot.press("slash", *"webhooks")
        await rested(pilot)
        text = screen_text(app)
        assert "HL-40003" in text
        assert "HL-40001" not in text
        await pilot.press("enter")
        await settled(pilot)
        assert "of 14 match" in screen_text(app)
        await pilot.press("escape")
        await settled(pilot)
        assert "HL-40001" in screen_text(app)


async def test_typing_a_filter_never_runs_a_command() -> None:
    desk = FakeDesk()
    async with opened(desk) as (_, pilot):
        await pilot.press("slash", *"tumipqo")
        await settled(pilot)
        assert not [verb for verb, _ in desk.calls if verb in ("take", "mark")]


async def test_a_filter_that_matches_nothing_says_so() -> None:
    async with opened(FakeDesk()) as (app, pilot):
        await pilot.press("slash", *"zzzz", "enter")
        await rested(pilot)
        assert "0 of 14 match. Esc clears." in screen_text(app)


async def test_views_are_tabs_chosen_by_number_brackets_and_mouse() -> None:
    async with opened(FakeDesk(), (120, 30)) as (app, pilot):
        await pilot.press("2")
        await settled(pilot)
        assert "HL-40001" not in screen_text(app)
        await pilot.press("[")
        await settled(pilot)
        assert "HL-40001" in screen_text(app)
        place = screen_rows(app)[0].index("Mine")
        await pilot.click(offset=(place + 1, 0))
        await settled(pilot)
        assert "HL-40001" not in screen_text(app)


async def test_the_preview_follows_the_cursor() -> None:
    desk = FakeDesk()
    async with opened(desk) as (app, pilot):
        await pilot.press("j")
        await rested(pilot)
        assert ("preview", "1001") in desk.calls
        bottom = "\n".join(screen_rows(app)[-8:])
        assert "HL-40001" in bottom
        assert "Trucks are waiting" in bottom
        assert "permission-problem" in bottom


async def test_a_preview_that_comes_late_is_not_shown_for_another_row() -> None:
    desk = FakeDesk()
    async with opened(desk) as (app, pilot):
        await rested(pilot)
        desk.gates["preview"] = asyncio.Event()
        await pilot.press("j")
        await until(pilot, lambda: desk.calls[-1] == ("preview", "1001"))
        await pilot.press("j")
        desk.gates["preview"].set()
        await rested(pilot)
        assert "HL-40001" not in "\n".join(screen_rows(app)[-8:])


@pytest.mark.parametrize("size", [(70, 40), (80, 24)])
async def test_the_preview_collapses_when_narrow_or_short(size: tuple[int, int]) -> None:
    async with opened(FakeDesk(), size) as (app, pilot):
        await rested(pilot)
        assert "Suggests" not in screen_text(app)
        await pilot.press("v")
        await rested(pilot)
        assert "Suggests" in screen_text(app)


async def test_mark_binds_the_ticket_at_the_key_press() -> None:
    desk = FakeDesk()
    async with opened(desk) as (app, pilot):
        await pilot.press("m")
        await settled(pilot)
        assert ("mark", ("1000", True)) in desk.calls
        assert "⚑HL-40000" in screen_text(app)
        await pilot.press("m")
        await settled(pilot)
        assert ("mark", ("1000", False)) in desk.calls


async def test_take_leads_to_the_page_and_sends_nothing_by_itself() -> None:
    desk = FakeDesk()
    async with opened(desk) as (app, pilot):
        await pilot.press("t")
        await settled(pilot)
        assert "To HL-40000 at acme-zendesk" in screen_text(app)
        assert not [verb for verb, _ in desk.calls if verb in ("confirm", "send")]
        await pilot.press("t")
        await settled(pilot)
        assert not [verb for verb, _ in desk.calls if verb == "confirm"]
        await pilot.press("y")
        await settled(pilot)
        assert [verb for verb, _ in desk.calls if verb in ("confirm", "send")] == ["confirm", "send"]


async def test_a_double_click_opens_and_a_click_moves() -> None:
    desk = FakeDesk()
    async with opened(desk) as (app, pilot):
        row = next(n for n, text in enumerate(screen_rows(app)) if "HL-40004" in text)
        await pilot.click(offset=(20, row))
        assert current_id(app) == "1004"
        await pilot.click(offset=(20, row), times=2)
        await settled(pilot)
        assert ("open", "1004") in desk.calls


async def test_opening_clears_the_new_mark() -> None:
    desk = FakeDesk()
    async with opened(desk) as (app, pilot):
        await pilot.press("j")
        assert "+⚑HL-40001" in screen_text(app)
        await pilot.press("enter")
        await settled(pilot)
        await pilot.press("q")
        await settled(pilot)
        assert ("seen", "1001") in desk.calls
        assert " ⚑HL-40001" in screen_text(app)


async def test_n_jumps_between_new_and_changed_rows() -> None:
    async with opened(FakeDesk()) as (app, pilot):
        await pilot.press("n")
        assert current_id(app) == "1001"
        await pilot.press("n")
        assert current_id(app) == "1003"
        await pilot.press("N")
        assert current_id(app) == "1001"


async def test_times_move_on_without_moving_a_row() -> None:
    desk = FakeDesk()
    async with opened(desk) as (app, pilot):
        await rested(pilot)
        before = screen_rows(app)
        desk.now = NOW + timedelta(minutes=3)
        screen = app.screen
        assert isinstance(screen, QueueScreen)
        screen._clock_moved()
        await pilot.pause()
        after = screen_rows(app)
        assert "3 h 13" in "\n".join(after)
        keys = [[word for word in row.split() if word.startswith("HL-")] for row in before]
        assert keys == [[word for word in row.split() if word.startswith("HL-")] for row in after]


STATES = {
    "empty": (Freshness("fresh", NOW - timedelta(seconds=20)), "Nothing is escalated. Last checked"),
    "failed": (Freshness("failed", NOW, "The helpdesk refused the token (401)"), "refused the token (401)"),
    "stale": (Freshness("stale", NOW - timedelta(minutes=12)), "Offline for 12 min: showing what we had"),
    "incomplete": (
        Freshness("fresh", NOW, "The helpdesk shows at most 1,000; narrow the queue", complete=False),
        "at most 1,000",
    ),
    "stopped": (Freshness("stopped", NOW, "The queue is empty, it had 14"), "accept the shorter queue"),
}


@pytest.mark.parametrize("name", STATES)
async def test_every_state_has_its_own_words(name: str) -> None:
    freshness, words = STATES[name]
    desk = FakeDesk(items=[] if name == "empty" else make_items(14), freshness=freshness)
    desk.gates["sync"] = asyncio.Event()
    async with opened_syncing(desk) as (app, pilot):
        await pilot.pause()
        assert words in screen_text(app)
        desk.gates["sync"].set()
    others = {other for key, (_, other) in STATES.items() if key != name}
    assert words not in others


def opened_syncing(desk: FakeDesk):  # type: ignore[no-untyped-def]
    """Opened while the first sync still waits, so that the freshness of the store is what counts."""
    from contextlib import asynccontextmanager

    from tests.tui.screen_text import make_app

    @asynccontextmanager
    async def running():  # type: ignore[no-untyped-def]
        app = make_app(desk)
        async with app.run_test(size=(120, 40), notifications=True) as pilot:
            for _ in range(5):
                await pilot.pause()
            yield app, pilot

    return running()


async def test_a_failed_sync_keeps_the_rows_and_says_why() -> None:
    desk = FakeDesk()
    async with opened(desk) as (app, pilot):
        desk.sync_error = HelpdeskFailed("no answer within 10 s", where="acme.example")
        await pilot.press("r")
        await settled(pilot)
        text = screen_text(app)
        assert "no answer within 10 s" in text
        assert "HL-40000" in text
        assert "sync failed" in text
        desk.sync_error = None
        await pilot.press("r")
        await settled(pilot)
        assert "sync failed" not in screen_text(app).splitlines()[0]


async def test_a_stopped_pull_is_accepted_only_by_its_own_key() -> None:
    desk = FakeDesk()
    async with opened(desk) as (_, pilot):
        desk.sync_error = Stopped("the queue is empty, it had 14")
        desk.freshness = Freshness("stopped", NOW, "the queue is empty, it had 14")
        await pilot.press("r")
        await settled(pilot)
        desk.sync_error = None
        await pilot.press("R")
        await settled(pilot)
        assert desk.calls.count(("sync", True)) == 1


async def test_a_running_sync_leaves_the_keys_alive() -> None:
    desk = FakeDesk()
    async with opened(desk) as (app, pilot):
        desk.gates["sync"] = asyncio.Event()
        await pilot.press("r")
        await pilot.pause()
        assert "syncing" in screen_text(app)
        await pilot.press("j")
        assert current_id(app) == "1001"
        desk.gates["sync"].set()
        await settled(pilot)
        assert "synced 0 s ago" in screen_text(app)


async def test_a_second_sync_is_not_begun_while_one_runs() -> None:
    desk = FakeDesk()
    async with opened(desk) as (_, pilot):
        desk.gates["sync"] = asyncio.Event()
        before = len([1 for verb, _ in desk.calls if verb == "sync"])
        await pilot.press("r", "r", "r")
        await pilot.pause()
        assert len([1 for verb, _ in desk.calls if verb == "sync"]) == before + 1
        desk.gates["sync"].set()


async def test_a_stale_answer_never_overwrites_a_newer_one() -> None:
    desk = FakeDesk(items=make_items(500))
    async with opened(desk, (120, 24)) as (app, pilot):
        desk.gates["window"] = asyncio.Event()
        await pilot.press("G")
        await until(pilot, lambda: desk.calls[-1] == ("window", ("Escalated to engineering", 400, 100, "")))
        desk.items = desk.items[:10]
        gate = desk.gates.pop("window")
        await pilot.press("2", "1")
        await until(pilot, lambda: app.turns.at_rest)
        await pilot.pause()
        gate.set()
        screen = app.screen
        assert isinstance(screen, QueueScreen)
        await rested(pilot)
        assert screen.list.count == 10


async def test_an_answer_without_the_rows_it_promised_is_asked_for_once() -> None:
    desk = FakeDesk(items=make_items(500))
    async with opened(desk, (120, 24)) as (app, pilot):
        screen = app.screen
        assert isinstance(screen, QueueScreen)
        asked = []

        async def lying(offset: int, limit: int) -> tuple[list[QueueItem], int]:
            asked.append(offset)
            return [], 500

        screen.list.show(desk.items[:100], count=500, fetch=lying)
        await pilot.press("G")
        for _ in range(5):
            screen.list.refresh()
            await pilot.pause()
        assert asked == [400]


def test_a_head_line_is_never_wider_than_asked() -> None:
    from triage.tui.widgets.drawn_line import spread

    for width in range(10, 60):
        row = spread([("left side that is long", "")], [("right", "")], width)
        assert width_of(row) <= max(width, len("right"))


async def test_copying_the_key_and_the_link() -> None:
    async with opened(FakeDesk()) as (app, pilot):
        await pilot.press("y")
        assert app.clipboard == "HL-40000"
        await pilot.press("Y")
        assert app.clipboard == "https://acme.example/agent/tickets/1000"


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("javascript:alert(1)", "not a web page"),
        ("file:///etc/passwd", "not a web page"),
        ("", "not a web page"),
        ("https:///x", "not a web page"),
        ("https://acme.example@evil.example/x", "hides which host"),
        ("https://evil.example\\@acme.example/x", "hides which host"),
        ("https://[x", "cannot be read"),
        ("https://acme.example:no/x", "cannot be read"),
    ],
)
async def test_only_web_pages_are_opened(url: str, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[str] = []
    monkeypatch.setattr("webbrowser.open", shown.append)
    desk = FakeDesk(items=[replace(make_items(1)[0], url=url)])
    async with opened(desk) as (app, pilot):
        await pilot.press("o")
        await settled(pilot)
        assert isinstance(app.screen, QueueScreen)
        assert shown == []
        assert said in [one.message for one in app._notifications][-1]


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("https://Acme.Example/x", "https://acme.example"),
        ("http://acme.example:8080/x@y", "http://acme.example:8080"),
        ("http://[::1]:80/", "http://[::1]:80"),
    ],
)
def test_the_place_that_is_shown_is_the_host_and_its_port(url: str, place: str) -> None:
    assert place_of(url) == place


async def test_the_browser_opens_after_the_host_was_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[str] = []
    monkeypatch.setattr("webbrowser.open", shown.append)
    async with opened(FakeDesk()) as (app, pilot):
        await pilot.press("o")
        await settled(pilot)
        assert "https://acme.example" in screen_text(app)
        assert shown == []
        await pilot.press("b")
        await settled(pilot)
        assert shown == ["https://acme.example/agent/tickets/1000"]
