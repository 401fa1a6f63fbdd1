"""Opening a web page outside, after showing which host that is."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from triage.tui.shell import Shell


async def browse(app: Shell, name: str, url: str) -> None:
    """Asks, naming the host, then opens ``url``, the page of ``name``; only http and https are opened."""
    from triage.tui.screens.choice import Choice, ChoiceScreen

    address = urlsplit(url)
    if address.scheme not in ("http", "https") or not address.hostname:
        app.say("Its address is not a web page (http or https).", severity="warning")
        return
    choice = Choice("open", f"open {address.scheme}://{address.netloc}", url, "b")
    if await app.push_screen_wait(ChoiceScreen(f"Open {name} in the browser?", [choice])):
        import webbrowser

        await asyncio.to_thread(webbrowser.open, url)
