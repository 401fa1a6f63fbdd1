"""Beginning somewhere else than in the queue, as a verb of the shell asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from triage.model.errors import TriageError
from triage.tui.register_keys import open_enhancements, open_recommendations

if TYPE_CHECKING:
    from triage.desk.desk import Desk
    from triage.tui.shell import Shell


async def go_to(app: Shell, desk: Desk, place: str) -> None:
    """Opens ``run:ID`` or ``investigation:ID`` over its case, so that Esc leads back through the case;
    ``recommendations`` and ``enhancements`` are the registers.
    """
    kind, _, subject = place.partition(":")
    if kind in ("recommendations", "enhancements"):
        (open_recommendations if kind == "recommendations" else open_enhancements)(app)
        return
    try:
        if kind == "run":
            case_id = (await desk.playbooks.view(subject)).case_id
        else:
            case_id = (await desk.investigations.view(subject)).investigation.case_id
    except TriageError as error:
        app.say(str(error), severity="error")
        return
    app.open_case(case_id)
    if kind == "run":
        from triage.tui.screens.runner.screen import RunnerScreen

        app.push_screen(RunnerScreen(case_id, subject))
    else:
        from triage.tui.screens.retrospective.screen import RetrospectiveScreen

        app.push_screen(RetrospectiveScreen(subject))
