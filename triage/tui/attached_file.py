"""A file from a ticket: fetched, then read here if it is text, else handed to the desktop or named."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from triage.tui.work import on_top

if TYPE_CHECKING:
    from triage.tui.ticket_actions import TicketScreen

SHOWN_BYTES = 4 * 1024 * 1024
"""Bytes of a text that are shown here; the file itself is kept whole."""


async def show_attached(screen: TicketScreen, ticket_id: str, ref: str) -> None:
    """Fetch the file ``ref`` of the ticket and open it over ``screen``. Raises what fetching raises."""
    app = screen.triage
    files = await app.desk.attachments.list(ticket_id)
    wanted = next((one for one in files if one.ref == ref), None)
    if wanted is None:
        app.say("The ticket no longer has this file.", severity="warning")
        return
    if not wanted.path:
        app.say(f"Fetching {wanted.name}.")
    path = await app.desk.attachments.fetch(ticket_id, wanted.number)
    text = await asyncio.to_thread(readable, path)
    if text is not None:
        from triage.tui.screens.text_page import TextPage

        await on_top(screen)
        app.push_screen(TextPage(wanted.name, text))
        return
    if await asyncio.to_thread(_handed_over, opener(os.environ, sys.platform), path):
        app.say(f"Opened {wanted.name} outside.")
    else:
        app.copy_to_clipboard(str(path))
        app.say(f"{wanted.name} is not text. It lies at {path} (copied).")


def readable(path: Path) -> str | None:
    """The beginning of ``path`` as text; None where it is none."""
    with path.open("rb") as file:
        raw = file.read(SHOWN_BYTES)
    if b"\0" in raw:
        return None
    text = raw.decode("utf-8", "replace")
    strange = text.count("\ufffd")
    # The last character may be cut, and one odd byte does not make a log a picture.
    return None if strange > 1 + len(text) // 100 else text


def opener(environ: Mapping[str, str], platform: str) -> str:
    """The program that opens a file on this desktop; empty where there is no desktop, as over ssh."""
    if platform == "darwin":
        return "" if environ.get("SSH_CONNECTION") else "open"
    has_screen = environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY")
    return "xdg-open" if has_screen and shutil.which("xdg-open") else ""


def _handed_over(command: str, path: Path) -> bool:
    """Whether a desktop took it. Its program outlives us and says nothing on our terminal."""
    if not command:
        return False
    try:
        subprocess.Popen(  # noqa: S603 - a fixed program with one path that we made
            [command, str(path)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except OSError:
        return False
    return True
