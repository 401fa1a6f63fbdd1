"""What a check would run, made complete and given a digest, and whether it may.

No text from a ticket becomes part of a command. Values reach it as environment variables; in a list, an item
that is exactly ``$NAME`` becomes the whole value, which may not begin with ``-`` unless ``--`` stands
before it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass

from triage.model.run import CommandView, Effect, TrustLevel
from triage.playbook.language.context import Context
from triage.playbook.language.durations import parse_duration
from triage.playbook.language.environment import whole_variable
from triage.playbook.language.expression import UNKNOWN, Scope
from triage.playbook.language.plan import Section
from triage.playbook.language.steps import Check, Probe, SubPlaybook
from triage.playbook.language.template import compile_template, value_text
from triage.playbook.run.run_state import RunState
from triage.playbook.run.scope import scope_of

MASK = "•••"
VALUE_LIMIT = 32 * 1024


@dataclass(frozen=True, slots=True)
class Command:
    """A command made complete. ``env`` holds real values: it never goes into an entry or on a screen."""

    step_id: str
    argv: tuple[str, ...]
    script: str
    env: Mapping[str, str]
    masked: frozenset[str]
    """Names in ``env`` whose values are secret."""
    timeout_s: float
    effect: Effect
    redact: tuple[str, ...]
    needs: tuple[str, ...]
    digest: str
    """sha256 of everything that decides what runs; secrets by name only."""
    missing: tuple[str, ...] = ()
    """Values it needs that are not known."""
    problem: str = ""
    """Why it cannot be run with these values; empty when it can."""

    @property
    def shown_env(self) -> dict[str, str]:
        """``env`` for a screen or an entry."""
        return {name: MASK if name in self.masked else value for name, value in self.env.items()}


def command_of(state: RunState, step: Check, context: Context) -> Command:
    """The command of ``step`` with the values of now."""
    env, masked, missing = filled_values(state, step.id, step.env, context)
    problem = next((f"the value of {name} cannot be passed on" for name in env if _unfit(env[name])), "")
    argv: tuple[str, ...]
    if isinstance(step.run, str):
        argv, script = ("bash", "-euo", "pipefail", "-c", step.run), step.run
    else:
        script = ""
        argv, trouble = _arguments(step.run, env)
        problem = problem or trouble
    timeout = parse_duration(step.timeout).total_seconds()
    shown = {name: MASK if name in masked else value for name, value in env.items()}
    what = [
        state.plan.section_of(step.id).sha256,
        step.id,
        argv,
        sorted(shown.items()),
        timeout,
        step.effect,
        sorted(masked),
    ]
    digest = hashlib.sha256(json.dumps(what).encode("utf-8", "surrogatepass")).hexdigest()
    return Command(
        step.id, argv, script, env, frozenset(masked), timeout, step.effect, step.redact,
        step.needs or _programs(step), digest, missing, problem,
    )  # fmt: skip


def filled_values(
    state: RunState, step_id: str, texts: Mapping[str, str], context: Context
) -> tuple[dict[str, str], set[str], tuple[str, ...]]:
    """``texts`` with their gaps filled, the names among them that hold a secret, and what has no value."""
    section = state.plan.section_of(step_id)
    scope = scope_of(state, context, section.prefix)
    env: dict[str, str] = {}
    masked: set[str] = set()
    missing: list[str] = []
    for name, text in texts.items():
        template = compile_template(text)
        secrets = {
            gap.path[1]: secret_value(state, section.prefix + gap.path[1], context)
            for gap in template.gaps
            if gap.path[0] == "vars" and _is_secret(section, gap.path[1])
        }
        if secrets:
            masked.add(name)
        known = {**scope.values["vars"], **{key: value for key, value in secrets.items() if value}}
        rendered = template.render(Scope({**scope.values, "vars": known}, scope.now))
        env[name] = rendered.text
        missing += rendered.missing
    return env, masked, tuple(dict.fromkeys(missing))


def _is_secret(section: Section, name: str) -> bool:
    variable = section.document.vars.get(name)
    return variable is not None and variable.type == "secret"


def secret_value(state: RunState, name: str, context: Context) -> str:
    """A secret from where the playbook says it is, or typed in this session; empty when there is none.

    ``name`` is the variable with its prefix. A used playbook may be handed a secret of the one that uses it.
    """
    section = state.plan.section_of(name)
    variable = section.document.vars[name.removeprefix(section.prefix)]
    if context.secrets.get(name):
        return context.secrets[name]
    if section.prefix and (outer := _handed(state, section, name.removeprefix(section.prefix))):
        return secret_value(state, outer, context)
    root, _, rest = (variable.source or "").partition(".")
    if root == "env":
        return context.environment.get(rest, "")
    found = (
        Scope({"config": context.hooks}).get(("config", *rest.split("."))) if root == "config" else UNKNOWN
    )
    return "" if found is UNKNOWN else value_text(found)


def _handed(state: RunState, section: Section, name: str) -> str:
    """The secret that ``with:`` hands on as ``name``, with its prefix; empty when it hands on none."""
    caller = state.graph.steps[section.caller]
    text = caller.with_.get(name) if isinstance(caller, SubPlaybook) else None
    gaps = compile_template(text).gaps if isinstance(text, str) else ()
    outer = state.plan.section_of(section.caller)
    named = [gap.path[1] for gap in gaps if gap.path[0] == "vars" and _is_secret(outer, gap.path[-1])]
    return outer.prefix + named[0] if named else ""


def _unfit(value: str) -> bool:
    return "\0" in value or len(value) > VALUE_LIMIT


def _arguments(items: tuple[str, ...], env: Mapping[str, str]) -> tuple[tuple[str, ...], str]:
    argv: list[str] = []
    for item in items:
        name = whole_variable(item)
        value = env.get(name, item) if name else item
        if name and value.startswith("-") and "--" not in argv:
            return tuple(argv), f"the value of {name} begins with - and would be read as an option"
        argv.append(value)
    return tuple(argv), "" if argv and argv[0] else "no program to run"


def _programs(step: Check) -> tuple[str, ...]:
    return ("bash",) if isinstance(step.run, str) else ()


def allowed(effect: Effect, trust: TrustLevel) -> bool:
    """Whether a playbook trusted so far may do this."""
    return trust == "run" or (effect == "read_only" and trust in ("read", "shipped"))


def trust_at(state: RunState, step_id: str, context: Context) -> TrustLevel:
    """How far the playbook that ``step_id`` belongs to is trusted, by its own."""
    section = state.plan.section_of(step_id)
    return context.trust_of_used.get(section.document.id, "none") if section.prefix else context.trust


def refusal_by_trust(state: RunState, step_id: str, effect: Effect, context: Context) -> str:
    """Why the playbook of ``step_id`` is not trusted enough for ``effect``; empty when it is."""
    name, trust = state.plan.section_of(step_id).document.id, trust_at(state, step_id, context)
    if trust == "none":
        return f"not trusted yet: look at its commands and run triage playbook trust {name}"
    if not allowed(effect, trust):
        return f"it changes something: triage playbook trust {name} --changes"
    return ""


def why_not(command: Command, state: RunState, context: Context) -> str:
    """Why ``command`` may not run here and now, in one line; empty when it may."""
    if why := refusal_by_trust(state, command.step_id, command.effect, context):
        return why
    if command.missing:
        return "not known: " + ", ".join(command.missing)
    if command.problem:
        return command.problem
    # A list names its program in the first item, which may come from the team's settings.
    programs = command.needs or command.argv[:1]
    lacking = [program for program in programs if not context.has_program(program)]
    return f"not installed here: {', '.join(lacking)}" if lacking else ""


def poll_words(step: Probe) -> str:
    """How often and how long it is tried again, in words; empty when it is tried once."""
    return f"every {step.poll.every} for up to {step.poll.up_to}" if step.poll else ""


def command_view(state: RunState, step: Check, context: Context) -> CommandView:
    """What a person sees before consenting. ``digest`` names exactly what would run."""
    command = command_of(state, step, context)
    reason = why_not(command, state, context)
    confirm = step.confirm
    if step.effect == "destructive":
        confirm = "typed"
    elif confirm == "none" and (step.effect != "read_only" or step.id not in state.confirmed_commands):
        confirm = "ask"
    return CommandView(
        command.argv, command.script, command.shown_env, "a fresh empty folder", command.timeout_s,
        step.effect, confirm, good_when(step), step.undo or "", step.manual or "",
        trust_at(state, step.id, context),
        not reason, reason, command.digest, poll=poll_words(step),
    )  # fmt: skip


def good_when(step: Check) -> str:
    """What counts as a pass, in words."""
    expect = step.expect
    parts = ["exit " + " or ".join(map(str, expect.exit))]
    if expect.stdout_matches:
        parts.append(f"the output matches {expect.stdout_matches}")
    if expect.stdout_not_matches:
        parts.append(f"the output does not match {expect.stdout_not_matches}")
    parts += [f"{test.path} is {test.equals}" for test in expect.json_]
    return " and ".join(parts)
