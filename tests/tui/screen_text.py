"""Running the app on a fake desk and reading what stands on the screen."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
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
        await until(pilot, lambda: not pilot.app.is_running or not _at_work(pilot))
    await pilot.pause()


def _at_work(pilot: Pilot[int]) -> bool:
    app = pilot.app
    assert isinstance(app, Shell)
    return not app.turns.at_rest or any(not _waits_for_a_person(worker) for worker in app.workers)


def _waits_for_a_person(worker: Any) -> bool:
    """A worker that has put up a question goes on only with the answer."""
    if worker.is_finished:
        return True
    asks = {"playbook", "investigate", "browse", "promise", "evidence", "finish", "change"}
    return worker.group in asks and worker.node.screen is not worker.node.app.screen


async def rested(pilot: Pilot[int]) -> None:
    """`settled`, and nothing is put off any more: drafts are kept, words looked at, previews read."""
    await settled(pilot)
    while _put_off(pilot):
        await until(pilot, lambda: not _put_off(pilot))
        await settled(pilot)


def _put_off(pilot: Pilot[int]) -> bool:
    """Whether a timer of our own that rings once has yet to ring."""
    return any(
        timer._repeat == 0 and timer._task is not None and not timer._task.done()
        for screen in pilot.app.screen_stack
        for node in screen.walk_children(with_self=True)
        if type(node).__module__.startswith("triage.")
        for timer in node._timers
    )


async def until(pilot: Pilot[int], holds: Callable[[], object]) -> None:
    """Waits until ``holds`` is true, however slow the machine is; a minute is for what never comes."""
    async with asyncio.timeout(60):
        while not holds():
            await pilot.pause()


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
