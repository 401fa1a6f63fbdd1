"""Opening the desk without holding up a screen that is shown already."""

from __future__ import annotations

import asyncio
import gc
import importlib
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from triage.desk.desk import Desk


async def open_desk(profile: str | None = None) -> Desk:
    """The desk of ``profile`` (None: the default one). Nothing is asked of the helpdesk yet.

    The heavy parts are imported in a thread. Raises `Invalid` for an unknown profile, a broken setting, or a
    database of a newer version.
    """
    wiring = await asyncio.to_thread(importlib.import_module, "triage.desk.wiring")
    opened: Desk = await wiring.wire(profile)
    _keep_what_was_imported()
    return opened


@cache
def _keep_what_was_imported() -> None:
    """Modules stay for good: the collector need not look through them again with every large case."""
    gc.freeze()
