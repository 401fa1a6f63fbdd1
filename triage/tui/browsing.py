"""Opening a web page outside, after showing which host that is."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from triage.model.errors import Invalid

if TYPE_CHECKING:
    from triage.tui.shell import Shell


async def browse(app: Shell, name: str, url: str) -> None:
    """Asks, naming the host, then opens ``url``, the page of ``name``; only http and https are opened."""
    from triage.tui.screens.choice import Choice, ChoiceScreen

    try:
        place = place_of(url)
    except Invalid as problem:
        app.say(str(problem), severity="warning")
        return
    choice = Choice("open", f"open {place}", url, "b")
    if await app.push_screen_wait(ChoiceScreen(f"Open {name} in the browser?", [choice])):
        import webbrowser

        await asyncio.to_thread(webbrowser.open, url)


def place_of(url: str) -> str:
    """Where ``url`` leads: scheme, host and port. Raises `Invalid` where that cannot be told for certain.

    One with a name before the host is refused: ``https://one.example@two.example`` leads to the second.
    """
    try:
        address = urlsplit(url)
        host, port = address.hostname or "", address.port
    except ValueError:
        raise Invalid("Its address cannot be read; it is not opened") from None
    if address.scheme not in ("http", "https") or not host:
        raise Invalid("Its address is not a web page (http or https)")
    # A browser reads a backslash as a slash, so that the host would be another one.
    if "@" in address.netloc or "\\" in address.netloc:
        raise Invalid("Its address hides which host it leads to; it is not opened")
    shown = f"[{host}]" if ":" in host else host
    return f"{address.scheme}://{shown}" + (f":{port}" if port is not None else "")
