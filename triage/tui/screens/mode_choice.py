"""How deep to look."""

from __future__ import annotations

from triage.model.case import Case
from triage.tui.screens.choice import Choice, ChoiceScreen

_MODES = (
    Choice(
        "quick", "quick", "2 minutes, at night: what happened, what is kept, who hears when; no causes", "1"
    ),
    Choice("brief", "brief", "4 minutes: verdict, code, one step back, one thing to change", "2"),
    Choice("full", "full", "15 minutes: facts, the walk back, findings, recommendations", "3"),
)


def mode_choices(case: Case) -> ChoiceScreen:
    """The question; an investigation under way is gone on with, deeper if asked."""
    held = case.investigation
    if held is None:
        return ChoiceScreen(f"Investigate {case.facts.ticket.key}", _MODES)
    names = [mode.value for mode in _MODES]
    deeper = _MODES[names.index(held.mode) + 1 :] if held.mode in names else ()
    going_on = Choice(held.mode, f"go on with {held.id}", f"{held.mode} · {held.phase} · {held.state}", "g")
    return ChoiceScreen(f"Investigate {case.facts.ticket.key}", [going_on, *deeper])
