"""From a profile's name to a screen and an exit code."""

from __future__ import annotations

import gc
import sys
from typing import TYPE_CHECKING

from triage.model.clean_text import clean_line
from triage.model.errors import TriageError

if TYPE_CHECKING:
    from triage.desk.desk import Desk


def run(profile: str | None, place: str = "") -> int | None:
    """Shows the screen on ``profile`` (None: the default one); the exit code, or None before a set-up.

    ``place`` is where to begin, as `triage.tui.place` reads it; nothing is the queue. What keeps the screen
    from opening (an unknown profile) is one line on stderr.
    """
    # Collecting garbage while modules are loaded costs a tenth of the way to the first frame.
    gc.disable()
    from triage.desk.first_frame import NothingSetUp, first_frame
    from triage.desk.places import state_folder
    from triage.tui.app import TriageApp

    async def opened() -> Desk:
        from triage.desk.opening import open_desk

        return await open_desk(profile)

    try:
        first = first_frame(profile)
    except TriageError as error:
        if isinstance(error, NothingSetUp) and profile is None:
            return None
        sys.stderr.write(f"triage: {clean_line(str(error))}\n")
        return error.exit_code
    app = TriageApp(first, opened, crash_folder=state_folder, place=place)
    code = app.run()
    if app.failure:
        sys.stderr.write(clean_line(app.failure) + "\n")
    return app.return_code or code or 0
