"""What a step that looks for itself would do now: a command or a request, as it runs and as it is shown."""

from __future__ import annotations

from typing import TypeAlias

from triage.model.json_value import Json
from triage.model.run import CommandView
from triage.playbook.language.context import Context
from triage.playbook.language.steps import Check, Http, Probe
from triage.playbook.run.command import Command, command_of, command_view
from triage.playbook.run.request import Request, request_of, request_view
from triage.playbook.run.run_state import RunState

Wanted: TypeAlias = Command | Request


def wanted_of(state: RunState, step: Probe, context: Context) -> Wanted:
    """What would run, made complete with the values of now."""
    if isinstance(step, Http):
        return request_of(state, step, context)
    assert isinstance(step, Check)  # noqa: S101
    return command_of(state, step, context)


def wanted_view(state: RunState, step: Probe, context: Context) -> CommandView:
    """What a person sees before consenting."""
    if isinstance(step, Http):
        return request_view(state, step, context)
    assert isinstance(step, Check)  # noqa: S101
    return command_view(state, step, context)


def record_of(wanted: Wanted) -> dict[str, Json]:
    """What the log keeps of it; secrets by name only."""
    if isinstance(wanted, Request):
        return {
            "method": wanted.method, "url": wanted.url, "host": wanted.host, "headers": wanted.shown_headers,
            "effect": wanted.effect, "timeout_s": wanted.timeout_s,
        }  # fmt: skip
    return {
        "argv": list(wanted.argv), "env": wanted.shown_env, "effect": wanted.effect,
        "timeout_s": wanted.timeout_s,
    }  # fmt: skip
