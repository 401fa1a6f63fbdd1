"""From a profile's name to a screen and an exit code."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from triage.desk.opening import Desk


def run(profile: str | None) -> int:
    """Shows the screen on ``profile`` (None: the default one) and returns the exit code.

    Raises `TriageError` before anything is drawn when the profile is unknown or none exists.
    """
    from triage.desk.first_frame import first_frame
    from triage.desk.places import state_folder
    from triage.tui.app import TriageApp

    async def opened() -> Desk:
        from triage.desk.opening import open_desk

        return await open_desk(profile)

    app = TriageApp(first_frame(profile), opened, crash_folder=state_folder)
    code = app.run()
    if app.failure:
        sys.stderr.write(app.failure + "\n")
    return app.return_code or code or 0
