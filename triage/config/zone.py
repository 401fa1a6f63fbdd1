"""The time zone of the screens."""

from __future__ import annotations

import os
from datetime import UTC, tzinfo
from pathlib import Path

from triage.model.errors import Invalid

LOCAL_TIME = Path("/etc/localtime")
NAMELESS = "local"
"""What a zone calls itself that no other machine could look up."""


def zone_named(name: str) -> tzinfo:
    """The zone called ``name``; ``local`` is the machine's own. Raises `Invalid` for an unknown name."""
    from zoneinfo import ZoneInfo

    if name == "local":
        return _local_zone()
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise Invalid(
            f"no time zone is called {name!r}", where="zone", do="Use a name such as Europe/Oslo"
        ) from error


def _local_zone() -> tzinfo:
    """A zone with daylight-saving rules, not today's bare offset: it must be right for last March too."""
    from zoneinfo import ZoneInfo

    named = os.environ.get("TZ", "").removeprefix(":")
    try:
        if named:
            return ZoneInfo(named)
        target = str(LOCAL_TIME.resolve())
        if "/zoneinfo/" in target:
            return ZoneInfo(target.split("/zoneinfo/", 1)[1])
        with LOCAL_TIME.open("rb") as file:
            return ZoneInfo.from_file(file, key=NAMELESS)
    except (KeyError, ValueError, OSError):
        return UTC
