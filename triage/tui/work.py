"""Work that may wait or fail, kept away from the keys.

A key starts a desk verb here; the verb runs as a worker of the screen that asked, and whatever goes
wrong becomes words on the screen. A worker never ends the program.
"""

from __future__ import annotations

import asyncio
import weakref
from collections.abc import Callable, Coroutine
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from triage.model.errors import TriageError

if TYPE_CHECKING:
    from textual.screen import Screen
    from textual.widget import Widget
    from textual.worker import Worker

    from triage.tui.shell import Shell


def start(
    node: Widget | Screen[Any],
    task: Coroutine[None, None, None],
    *,
    group: str,
    newest: bool = True,
    keys_wait: bool = False,
) -> Worker[None] | None:
    """Runs ``task`` for ``node``, at most one per ``group``.

    With ``newest`` an older one is cancelled (right for reading). Otherwise the older one finishes and
    this one is not begun and None is returned (right for verbs that change something). With ``keys_wait``
    keys typed meanwhile reach what the task leaves on the screen (right for short work on this machine).
    """
    if not newest and busy(node, group):
        task.close()
        return None
    run: Callable[[], Coroutine[None, None, None]] = partial(_guarded, cast("Shell", node.app), task)
    worker: Worker[None] = node.run_worker(run, group=group, exclusive=newest, exit_on_error=False)
    # One that is cancelled before its first step leaves a coroutine nobody awaited: close it then.
    weakref.finalize(worker, task.close)
    if keys_wait:
        cast("Shell", node.app).turns.hold(node, worker)
    return worker


def busy(node: Widget | Screen[Any], group: str) -> bool:
    """Whether a task of ``group`` still runs for ``node``."""
    return any(
        worker.node is node and worker.group == group and not worker.is_finished for worker in node.workers
    )


async def on_top(node: Widget | Screen[Any]) -> None:
    """Returns once nothing covers the screen of ``node``.

    To be awaited before work that may have taken long puts up a page or leaves its own: a person may have
    gone on to something else, and a page that comes late would take the keys meant for that. Textual's
    `dismiss` closes whatever screen is on top.
    """
    screen, changes = node.screen, node.app.screen_change_signal
    while node.app.screen is not screen:
        changed = asyncio.Event()
        # Never unsubscribed: that would end the waiting of others for this screen; it goes with the screen.
        changes.subscribe(screen, lambda _, changed=changed: changed.set(), immediate=True)
        await changed.wait()


def covered(node: Widget | Screen[Any]) -> bool:
    """Whether another screen is on top of that of ``node``: somebody has gone on to something else."""
    return node.app.screen is not node.screen


def show_write_page(node: Widget | Screen[Any], page: Screen[bool], key: str) -> None:
    """Puts up ``page`` for a write to the ticket ``key``, unless somebody has gone on to something else.

    A page that came late, or right after another one was left, would take keys meant for something else, and
    its ``y`` sends. The write waits in the outbox then.
    """
    if covered(node):
        cast("Shell", node.app).say(f"{key}: ready, and waits for your yes in the outbox (O).")
    else:
        node.app.push_screen(page)


class ReadingOrder:
    """Which of several readings of the same may be shown: none that was begun before one that is shown.

    Readings overlap (a sync has ended, a key changed something, a page came back), and their answers come
    in any order. An older one would draw what was there before over what a person has just done.
    """

    def __init__(self) -> None:
        self._begun = 0
        self._shown = 0

    def begin(self) -> int:
        """The number of a reading that is begun now."""
        self._begun += 1
        return self._begun

    def may_show(self, reading: int) -> bool:
        """Whether ``reading`` is not older than what is shown; if so it counts as shown from now on."""
        if reading < self._shown:
            return False
        self._shown = reading
        return True

    def outdate(self) -> None:
        """What is on screen is newer than every reading begun before."""
        self.may_show(self.begin())


async def _guarded(app: Shell, task: Coroutine[None, None, None]) -> None:
    try:
        await task
    except TriageError as error:
        app.say(str(error), severity="error")
    except Exception as error:  # noqa: BLE001 - a broken verb must not take the screen away
        app.report_failure(error)
