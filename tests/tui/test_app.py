"""The shell around the screens: start, faults, help, palette, colours, the end."""

from __future__ import annotations

import asyncio
import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from textual.command import CommandList, CommandPalette
from textual.widgets import Static

from tests.tui.fake_desk import FakeDesk
from tests.tui.screen_text import make_app, opened, screen_text, settled, until
from triage.model.errors import HelpdeskFailed
from triage.tui.app import TriageApp
from triage.tui.glyphs import MEANINGS, Glyphs, PlainGlyphs, choose
from triage.tui.key_table import key_table
from triage.tui.screens.case import CaseScreen
from triage.tui.screens.help import HelpScreen
from triage.tui.screens.outbox import OutboxScreen
from triage.tui.screens.queue import QueueScreen
from triage.tui.theme import DAY

HEAVY = {"sqlmodel", "sqlalchemy", "pydantic", "httpx", "alembic", "keyring", "psycopg", "typer"}

FIRST_FRAME = """
import asyncio, gc, json, sys
from datetime import UTC, datetime
from triage.desk.first_frame import FirstFrame
from triage.desk.places import state_folder
from triage.model.queue import Freshness, QueueCounts, QueueItem, QueueView, QueueWindow
from triage.tui.app import TriageApp
import triage.tui.start
NOW = datetime(2026, 3, 10, tzinfo=UTC)
item = QueueItem(
    "1", "HL-1", "subject", "open", "high", "Cobalt", "p", "", NOW, NOW, NOW, None, False, "", "new"
)
window = QueueWindow((item,), 0, 1, 1)
first = FirstFrame("p", "zendesk", "me", UTC, (QueueView("All"),), window, None, Freshness("never", None))
async def opened():
    held = sorted({name.split(".")[0] for name in sys.modules})
    rows = "".join(s.text for strip in app.screen._compositor.render_strips() for s in strip)
    print(json.dumps([held, "HL-1" in rows]))
    app.exit(0)
    await asyncio.Event().wait()
app = TriageApp(first, opened)
sys.exit(app.run(headless=True, size=(120, 40)) or 0)
"""


def test_nothing_heavy_is_loaded_when_the_first_rows_stand() -> None:
    done = subprocess.run(
        [sys.executable, "-c", FIRST_FRAME], capture_output=True, text=True, check=True, timeout=60
    )
    held, rows_stand = json.loads(done.stdout.splitlines()[-1])
    assert rows_stand
    assert HEAVY & set(held) == set()


def fail(_screen: QueueScreen) -> None:
    """Fails in a handler, with a secret in a local variable."""
    token = "s3cr3t-token"
    raise RuntimeError(f"length {len(token)}")


async def test_a_fault_ends_with_one_line_a_private_file_and_no_local_variables(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(QueueScreen, "action_mark", fail)
    desk = FakeDesk()
    app = make_app(desk, crash_folder=lambda: tmp_path / "state")
    with pytest.raises(RuntimeError):
        async with app.run_test(size=(80, 24)) as pilot:
            await pilot.pause()
            await pilot.press("m")
            await pilot.pause()
    assert app.return_code == 1
    (path,) = (tmp_path / "state").glob("crash-*.txt")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    kept = path.read_text()
    assert "RuntimeError" in kept
    assert "in fail" in kept
    assert "s3cr3t-token" not in kept
    assert str(path) in app.failure
    assert "\n" not in app.failure
    assert "Traceback" not in capfd.readouterr().err


async def test_a_verb_that_fails_unforeseen_leaves_the_screen(tmp_path: Path) -> None:
    desk = FakeDesk()
    async with opened(desk, crash_folder=lambda: tmp_path) as (app, pilot):

        async def broken(ticket_id: str, on: bool) -> None:
            raise KeyError(ticket_id)

        desk.cases.mark = broken  # type: ignore[method-assign]
        await pilot.press("m")
        await settled(pilot)
        assert "failed inside Triage (KeyError)" in screen_text(app)
        assert isinstance(app.screen, QueueScreen)
        assert list(tmp_path.glob("crash-*.txt"))


async def test_a_desk_that_cannot_be_opened_leaves_the_rows_and_r_tries_again() -> None:
    desk = FakeDesk()
    desk.errors["open_desk"] = HelpdeskFailed("the database is of a newer version", do="Update Triage")
    async with opened(desk) as (app, pilot):
        text = screen_text(app)
        assert "newer version" in text
        assert "HL-40000" in text
        del desk.errors["open_desk"]
        await pilot.press("r")
        await settled(pilot)
        assert app.desk_is_open


async def test_what_was_cleared_up_on_the_way_in_is_said() -> None:
    async with opened(FakeDesk(told="a restore was broken off")) as (app, _):
        assert "a restore was broken off" in screen_text(app)


@pytest.mark.parametrize("error", [HelpdeskFailed("the disk is full"), KeyError("desk")])
async def test_what_waits_for_a_desk_that_cannot_be_opened_ends_in_words(error: Exception) -> None:
    desk = FakeDesk()
    desk.gates["open_desk"] = asyncio.Event()
    desk.errors["open_desk"] = error
    app = make_app(desk)
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        await pilot.pause()
        await pilot.press("enter")
        await pilot.pause()
        assert "Reading the case" in screen_text(app)
        desk.gates["open_desk"].set()
        await settled(pilot)
        assert "Reading the case" not in screen_text(app)
        assert f"This case could not be read: {app.desk_error}" in screen_text(app)
        await pilot.press("escape", "G")
        await settled(pilot)
        assert isinstance(app.screen, QueueScreen)


async def test_leaving_closes_the_desk() -> None:
    desk = FakeDesk()
    async with opened(desk) as (app, pilot):
        await pilot.press("q")
        await pilot.pause()
    assert app.return_code == 0
    assert desk.closed


async def test_help_lists_the_live_keys_of_the_screen_below() -> None:
    async with opened(FakeDesk(), (120, 60)) as (app, pilot):
        await pilot.press("question_mark")
        text = screen_text(app)
        for words in ("update customer", "sync now", "next view", "half a page down"):
            assert words in text
        await pilot.press("G")
        assert "the customer sees it" in screen_text(app)
        await pilot.press("escape", "enter")
        await settled(pilot)
        await pilot.press("question_mark")
        text = screen_text(app)
        assert "internal note" in text
        assert "add promise" in text
        assert "add evidence" not in text
        await pilot.press("q")
        assert isinstance(app.screen, CaseScreen)


async def test_keys_typed_into_help_do_nothing_below() -> None:
    desk = FakeDesk()
    async with opened(desk) as (app, pilot):
        await pilot.press("question_mark", "t", "m", "u")
        await settled(pilot)
        assert isinstance(app.screen, HelpScreen)
        assert not [verb for verb, _ in desk.calls if verb in ("take", "mark")]


def offered(app: TriageApp) -> list[str]:
    """What the palette lists now, without the keys."""
    return [str(option.prompt).split("  ")[0] for option in app.screen.query_one(CommandList).options]


async def test_the_palette_offers_and_runs_what_keys_do() -> None:
    async with opened(FakeDesk()) as (app, pilot):
        await pilot.press("ctrl+p")
        await until(pilot, lambda: isinstance(app.screen, CommandPalette))
        await pilot.press(*"outbox")
        await until(pilot, lambda: offered(app) == ["outbox"])
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, OutboxScreen))
        await settled(pilot)
        assert "Nothing waits to be sent" in screen_text(app)


@pytest.mark.parametrize("key", ["q", "escape", "h"])
async def test_back_leads_from_the_case_to_the_queue(key: str) -> None:
    async with opened(FakeDesk()) as (app, pilot):
        await pilot.press("enter")
        await settled(pilot)
        await pilot.press(key)
        await settled(pilot)
        assert isinstance(app.screen, QueueScreen)


async def test_without_colour_every_sign_still_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with opened(FakeDesk()) as (app, _):
        for strip in app.screen._compositor.render_strips():
            for segment in strip:
                colour = segment.style.color if segment.style else None
                if colour is not None and colour.triplet is not None:
                    assert len(set(colour.triplet)) == 1
        text = screen_text(app)
        assert all(sign in text for sign in ("●", "◐", "✗", "⏰", "⇡", "⚑", "▌"))


async def test_any_theme_can_be_chosen() -> None:
    async with opened(FakeDesk()) as (app, pilot):
        for theme in (DAY.name, "nord", "textual-light"):
            app.theme = theme
            await pilot.pause()
            assert "HL-40000" in screen_text(app)


def test_plain_signs_are_ascii_and_cover_every_sign() -> None:
    names = [name for name in vars(Glyphs) if not name.startswith("_")]
    for name in names:
        assert getattr(PlainGlyphs(), name).isascii(), name
    assert all(hasattr(Glyphs, name) for name, _ in MEANINGS)
    assert isinstance(choose({"TRIAGE_ASCII": "1"}, "utf-8"), PlainGlyphs)
    assert isinstance(choose({}, "ISO-8859-1"), PlainGlyphs)
    assert not isinstance(choose({}, "utf-8"), PlainGlyphs)


def test_the_key_table_names_every_screen_and_key() -> None:
    table = key_table()
    for expected in ("| Queue | |", "| `?` | help |", "`Ctrl+D`", "| `t` | take |", "`/`", "| Outbox | |"):
        assert expected in table


def test_every_binding_has_words() -> None:
    from textual.binding import Binding

    from triage.tui.screens.outbox import OutboxScreen
    from triage.tui.screens.write_page import WritePageScreen

    for screen in (TriageApp, QueueScreen, CaseScreen, OutboxScreen, WritePageScreen):
        for binding in screen.BINDINGS:
            assert isinstance(binding, Binding)
            assert binding.description, f"{screen.__name__} {binding.key}"


async def test_the_title_never_takes_words_from_a_ticket() -> None:
    async with opened(FakeDesk()) as (app, pilot):
        await pilot.press("enter")
        await settled(pilot)
        assert (app.title, app.sub_title) == ("Triage", "")
        assert app.screen.title is None


async def test_no_clipboard_without_a_key() -> None:
    desk = FakeDesk()
    async with opened(desk) as (app, pilot):
        await pilot.press("j", "j", "enter")
        await settled(pilot)
        assert app.clipboard == ""


def test_an_unknown_profile_is_one_line_and_an_exit_code(tmp_path: Path) -> None:
    code = "import sys; from triage.tui.start import run; sys.exit(run('nobody'))"
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "TRIAGE_HOME": str(tmp_path)},
        timeout=60,
    )
    assert done.returncode == 2
    assert done.stderr.startswith("triage: ")
    assert len(done.stderr.splitlines()) == 1
    assert done.stdout == ""


async def test_the_event_loop_answers_while_the_desk_opens() -> None:
    """Rows move under the keys while the heavy imports run in their thread."""
    desk = FakeDesk()
    desk.gates["open_desk"] = asyncio.Event()
    app = make_app(desk)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("j", "j", "j")
        screen = app.screen
        assert isinstance(screen, QueueScreen)
        assert screen.list.cursor == 3
        desk.gates["open_desk"].set()
        await settled(pilot)
        assert screen.list.cursor == 3


async def test_content_given_by_mistake_as_markup_is_not_obeyed() -> None:
    async with opened(FakeDesk()) as (app, pilot):
        from triage.tui.safe_text import safe

        await app.screen.mount(Static(safe("[@click=app.quit]press[/] [bold"), id="evil"))
        await pilot.pause()
        await pilot.click("#evil")
        await pilot.pause()
        assert app.is_running


async def test_a_key_pressed_while_the_desk_is_opening_is_not_lost() -> None:
    desk = FakeDesk()
    desk.gates["open_desk"] = asyncio.Event()
    app = make_app(desk)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        await pilot.press("m")
        await pilot.pause()
        assert [call for call in desk.calls if call[0] == "mark"] == []
        desk.gates["open_desk"].set()
        await settled(pilot)
        assert [call[0] for call in desk.calls if call[0] == "mark"] == ["mark"]
