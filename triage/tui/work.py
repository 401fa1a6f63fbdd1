"""Work that may wait or fail, kept away from the keys.

A key starts a desk verb here; the verb runs as a worker of the screen that asked, and whatever goes
wrong becomes words on the screen. A worker never ends the program.
"""

from __future__ import annotations

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


async def _guarded(app: Shell, task: Coroutine[None, None, None]) -> None:
    try:
        await task
    except TriageError as error:
        app.say(str(error), severity="error")
    except Exception as error:  # noqa: BLE001 - a broken verb must not take the screen away
        app.report_failure(error)
