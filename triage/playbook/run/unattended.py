"""What a run without a person may do, and what it needs before it begins."""

from __future__ import annotations

from collections.abc import Mapping

from triage.model.errors import Refused
from triage.model.json_value import Json
from triage.model.run import CommandView
from triage.playbook.language.context import Context
from triage.playbook.language.plan import Plan
from triage.playbook.language.steps import Check


def allowed_unseen(shown: CommandView, step_id: str, allow: str) -> None:
    """Raise `Refused` unless the command may run with nobody watching, by the word given on the command line.

    A destructive one never may, whatever the word says; a request only to a host the team lists.
    """
    if shown.effect == "destructive" or (shown.effect == "changes" and allow != "changes"):
        raise Refused(
            f"the command is {shown.effect}", where=step_id, do="Run it on screen, or answer for it"
        )
    if not shown.runnable:
        raise Refused(shown.why_not, where=step_id, do="triage playbook trust shows and allows its commands")
    if shown.request and not shown.request.listed:
        raise Refused(
            f"{shown.request.host} is not on the team's list", where=step_id,
            do="List it in http_allow, or run it on screen",
        )  # fmt: skip


def missing_programs(plan: Plan, answers: Mapping[str, Json], context: Context) -> tuple[str, ...]:
    """``step: program`` for each check without an answer whose program is not installed here.

    A program whose name comes from the team's settings is looked for when the step is reached.
    """
    found = []
    for step in plan.steps:
        if not isinstance(step, Check) or step.id in answers:
            continue
        first = "bash" if isinstance(step.run, str) else step.run[0]
        wanted = step.needs or (() if first.startswith("$") else (first,))
        found += [f"{step.id}: {program}" for program in wanted if not context.has_program(program)]
    return tuple(found)
