"""What a person can do with a run: every verb returns the entries to append, and changes nothing itself.

The caller folds a run's entries (`fold`), calls a verb with the state and the world of now, appends what
comes back, and shows `view`. A verb that cannot be done raises one of `triage.model.errors` and returns
nothing. No verb reads a clock, a file or the network::

    state = fold(entries)
    new = answer(state, context, "scope", "all")      # the caller appends these to the docket
    shown = view(fold([*entries, *appended]), context)
"""

from __future__ import annotations

from triage.playbook.run.answering import answer, answer_unknown, decide
from triage.playbook.run.command_run import command_finished, command_polled, command_started, record_by_hand
from triage.playbook.run.confirming import confirm
from triage.playbook.run.fold import fold
from triage.playbook.run.leaving import (
    acknowledge_memory,
    back,
    park,
    resolve_panel,
    resume,
    set_people,
    skip,
    stop,
)  # fmt: skip
from triage.playbook.run.migration import migrate
from triage.playbook.run.opening import open_run, set_variable
from triage.playbook.run.run_state import RunState
from triage.playbook.run.view import view

__all__ = [
    "RunState", "acknowledge_memory", "answer", "answer_unknown", "back", "command_finished",
    "command_polled", "command_started", "confirm", "decide", "fold", "migrate", "open_run", "park",
    "record_by_hand", "resolve_panel", "resume", "set_people", "set_variable", "skip", "stop", "view",
]  # fmt: skip
