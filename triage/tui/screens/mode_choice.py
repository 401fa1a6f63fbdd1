"""How deep to look."""

from __future__ import annotations

from typing import Any

from textual.app import App

from triage.model.case import Case
from triage.tui.screens.choice import Choice, ChoiceScreen

_MODES = (
    Choice(
        "quick", "quick", "2 minutes, at night: what happened, what is kept, who hears when; no causes", "1"
    ),
    Choice("brief", "brief", "4 minutes: verdict, code, one step back, one thing to change", "2"),
    Choice("full", "full", "15 minutes: facts, the walk back, findings, recommendations", "3"),
)


async def chosen_mode(app: App[Any], case: Case) -> str | None:
    """How deep to look, or None to leave it; a full investigation under way is gone on with unasked."""
    held = case.investigation
    if held is not None and held.mode == _MODES[-1].value:
        return held.mode
    return await app.push_screen_wait(_mode_choices(case))


def _mode_choices(case: Case) -> ChoiceScreen:
    held = case.investigation
    question = f"Investigate {case.facts.ticket.key}"
    if held is None:
        return ChoiceScreen(question, _MODES)
    names = [mode.value for mode in _MODES]
    deeper = _MODES[names.index(held.mode) + 1 :] if held.mode in names else ()
    state = held.state.replace("_", " ")
    going_on = Choice(held.mode, f"go on with {held.id}", f"{held.mode} · {held.phase} · {state}", "g")
    return ChoiceScreen(question, [going_on, *deeper])
