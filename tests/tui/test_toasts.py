"""Words that come and go over the screen."""

from __future__ import annotations

from tests.tui.fake_desk import FakeDesk
from tests.tui.screen_text import opened, screen_text, settled


async def test_the_same_words_stand_once_however_often_they_are_said() -> None:
    async with opened(FakeDesk()) as (app, pilot):
        for _ in range(3):
            app.say("Pick one.", severity="warning")
        app.say("Pick another.", severity="warning")
        await settled(pilot)
        assert screen_text(app).count("Pick one.") == 1
        assert "Pick another." in screen_text(app)


async def test_words_taken_away_can_be_said_again() -> None:
    async with opened(FakeDesk()) as (app, pilot):
        app.say("Pick one.", severity="warning")
        await settled(pilot)
        app.clear_notifications()
        await settled(pilot)
        assert "Pick one." not in screen_text(app)
        app.say("Pick one.", severity="warning")
        await settled(pilot)
        assert "Pick one." in screen_text(app)


async def test_what_was_done_twice_is_told_twice() -> None:
    async with opened(FakeDesk()) as (app, pilot):
        app.say("1 sent and read back.")
        app.say("1 sent and read back.")
        await settled(pilot)
        assert screen_text(app).count("1 sent and read back.") == 2
