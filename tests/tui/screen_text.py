"""Running the app on a fake desk and reading what stands on the screen."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, cast

from textual.pilot import Pilot

from tests.tui.fake_desk import FakeDesk
from triage.tui.app import TriageApp
from triage.tui.shell import Shell

SIZES = ((80, 24), (120, 40), (200, 60))


def make_app(desk: FakeDesk, **more: Any) -> TriageApp:
    """The app on ``desk``, on the desk's clock."""

    async def open_desk() -> Any:
        await desk.pass_gate("open_desk")
        return desk

    return TriageApp(cast("Any", desk.first_frame()), open_desk, clock=lambda: desk.now, **more)


@asynccontextmanager
async def opened(
    desk: FakeDesk, size: tuple[int, int] = (120, 40), **more: Any
) -> AsyncIterator[tuple[TriageApp, Pilot[int]]]:
    """The running app with its desk open and its first work done."""
    app = make_app(desk, **more)
    async with app.run_test(size=size, notifications=True) as pilot:
        await settled(pilot)
        yield app, pilot


async def settled(pilot: Pilot[int]) -> None:
    """Waits until no worker that can finish is left and the screen is drawn."""
    assert isinstance(pilot.app, Shell)
    for _ in range(3):
        await pilot.pause()
        async with asyncio.timeout(60):
            while pilot.app.is_running and not pilot.app.turns.at_rest:
                await pilot.pause()
        waiting = [worker for worker in pilot.app.workers if not _waits_for_a_person(worker)]
        if waiting:
            await pilot.app.workers.wait_for_complete(waiting)
    await pilot.pause()


def _waits_for_a_person(worker: Any) -> bool:
    """A worker that has put up a question ends only with the answer."""
    return worker.is_finished or worker.group in {
        "playbook", "investigate", "browse", "promise", "evidence", "finish", "change"
    }  # fmt: skip


def screen_rows(app: TriageApp) -> list[str]:
    """What stands on the terminal, a string per row."""
    width, height = app.size
    strips = app.screen._compositor.render_strips()
    rows = ["".join(segment.text for segment in strip) for strip in strips]
    assert len(rows) == height
    assert width
    return rows


def screen_text(app: TriageApp) -> str:
    """The whole terminal as text."""
    return "\n".join(row.rstrip() for row in screen_rows(app))
