"""Every way through a playbook, walked with the engine itself.

Two runs that stand at the same step and agree in everything that is still read from there go on alike, so
they are walked once. That makes the walk complete where counting single paths would never end.

A used playbook is walked by itself, not inside every path that comes to it: what passes the border is only
how it can end, whether it gives something back, and how long it takes. All of that counts outside.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

from triage.model.entry import Entry, NewEntry
from triage.model.errors import TriageError
from triage.model.json_value import Json
from triage.playbook.language.context import Context
from triage.playbook.language.expression import Comparison, compile_expression
from triage.playbook.language.graph import Graph
from triage.playbook.language.reads import placed_conditions, placed_texts
from triage.playbook.language.steps import (
    Ask,
    Checklist,
    Decide,
    DraftReply,
    End,
    EvidenceStep,
    Playbook,
    Probe,
    RootCause,
    Step,
    SubPlaybook,
)
from triage.playbook.language.template import MISSING_MARK, Gap, compile_template
from triage.playbook.run import engine
from triage.playbook.run.fold import apply
from triage.playbook.run.proposal import proposed_text
from triage.playbook.run.run_state import RunState
from triage.playbook.run.scope import scope_of
from triage.playbook.run.step_view import VARIABLE_PREFIX, decided_branch
from triage.playbook.trial.cases import STARTED
from triage.playbook.trial.endings import Inner, endings
from triage.playbook.trial.values_to_try import values_asked, values_of_variable

LIMIT = 10_000
"""Situations looked at before the walk is given up as too wide."""
Act: TypeAlias = Callable[[RunState], list[NewEntry]]
Words: TypeAlias = frozenset[frozenset[str]]
"""Sets of texts; two texts that are in the same of them lead the same way."""


@dataclass(frozen=True, slots=True)
class Exploration:
    """What was found on all paths."""

    paths: int
    """Different ways from the start to an end, told apart by what was answered."""
    situations: int
    longest_steps: int
    """Questions for variables counted."""
    longest_minutes: int
    """By the steps' own estimates."""
    outcomes: tuple[str, ...]
    dead_ends: tuple[str, ...] = ()
    gaps: tuple[str, ...] = ()
    """Customer drafts that can be reached with a value missing."""
    never: tuple[str, ...] = ()
    """Steps no path comes to."""
    complete: bool = True
    """False when there were more than `LIMIT` situations."""

    @property
    def faults(self) -> tuple[str, ...]:
        """What must be mended."""
        return (
            *(f"dead end at {one}" for one in self.dead_ends),
            *(f"missing value at {one}" for one in self.gaps),
            *(f"no path comes to {one}" for one in self.never if self.complete),
        )


@dataclass(frozen=True, slots=True)
class _Ahead:
    """What lies ahead of one situation."""

    paths: int
    steps: int
    minutes: int


@dataclass(slots=True)
class _Walk:
    """The walk so far."""

    document: Playbook
    context: Context
    known: dict[object, _Ahead] = field(default_factory=dict)
    outcomes: set[str] = field(default_factory=set)
    dead: set[str] = field(default_factory=set)
    gaps: set[str] = field(default_factory=set)
    seen: set[str] = field(default_factory=set)
    judged: dict[str, frozenset[str]] = field(default_factory=dict)
    """What conditions at or after a step read; their values matter."""
    told_apart: dict[str, dict[str, Words | None]] = field(default_factory=dict)
    """For each step and variable: what later conditions compare it with; None where more is read of it."""
    shown: dict[str, frozenset[str]] = field(default_factory=dict)
    """What texts at or after a step show; it may be asked for there, so whether it was matters."""
    bare: dict[str, frozenset[str]] = field(default_factory=dict)
    """What they show without a default; whether it is known matters too."""
    used: UsedPlaybooks | None = None

    def inner(self, step: SubPlaybook) -> Inner | None:
        """What the playbook that ``step`` uses can come to, where it can be found."""
        return self.used.inner(step.use) if self.used else None


@dataclass(slots=True)
class UsedPlaybooks:
    """The playbooks that others use, each walked once."""

    find: Callable[[str], Playbook | None]
    """Gives one by id; None for one that is not there or has errors, which lint says."""
    _known: dict[str, Inner | None] = field(default_factory=dict)

    def inner(self, name: str) -> Inner | None:
        """What the playbook ``name`` can come to; None where it cannot be told."""
        if name not in self._known:
            self._known[name] = None  # one that comes back to itself, which lint refuses
            document = self.find(name)
            self._known[name] = self._walked(document) if document else None
        return self._known[name]

    def _walked(self, document: Playbook) -> Inner:
        found = explore(document, self)
        ends = {
            step.outcome for step in document.steps if isinstance(step, End) and step.id not in found.never
        }
        outcomes = frozenset(ends) if found.complete else None
        return Inner(outcomes, frozenset(found.outcomes), found.longest_steps, found.longest_minutes)


def explore(document: Playbook, used: UsedPlaybooks | None = None) -> Exploration:
    """Walk every path of ``document`` with no setting and no command at hand. Takes up to a few seconds.

    Without ``used`` a playbook it uses may end in any way, give back anything, and takes no time.
    """
    context = Context(
        now=STARTED, hooks={"allow_alone": True}, trust="none", person="tester", has_program=lambda _: False
    )
    walk = _Walk(document, context, used=used)
    opened = engine.open_run("explore", document, "", "0" * 64, context)
    entry = Entry(
        "0", "1", "run", "explore", opened[0].kind, STARTED, "tester", "driver", data=opened[0].data
    )
    state = engine.fold([entry], document)
    if not state.memory_acknowledged:
        state = _after(walk, state, engine.acknowledge_memory(state, context))
    stops = {name for rule in document.stop_when for name in _named(rule.if_)}
    walk.judged = _ahead(state.graph, _judged_by, stops)
    walk.shown = _ahead(state.graph, _shown_by, set())
    walk.bare = _ahead(state.graph, _shown_bare_by, set())
    always = [rule.if_ for rule in document.stop_when]
    walk.told_apart = {step_id: _told_apart(state.graph, step_id, always) for step_id in state.graph.steps}
    ahead = _from(walk, state)
    return Exploration(
        ahead.paths, len(walk.known), ahead.steps, ahead.minutes, tuple(sorted(walk.outcomes)),
        tuple(sorted(walk.dead)), tuple(sorted(walk.gaps)),
        tuple(step.id for step in document.steps if step.id not in walk.seen),
        len(walk.known) < LIMIT,
    )  # fmt: skip


def _ahead(graph: Graph, reads: Callable[[Step], set[str]], always: set[str]) -> dict[str, frozenset[str]]:
    """For each step, what it and the steps after it read: variables and steps by name."""
    own = {step_id: reads(step) for step_id, step in graph.steps.items()}
    return {
        step_id: frozenset(always).union(*(own[one] for one in graph.reachable(step_id))) for step_id in own
    }


def _named(condition: str) -> set[str]:
    return {_short(name.path) for name in compile_expression(condition).names if len(name.path) > 1}


def _short(path: tuple[str, ...]) -> str:
    """The variable or step of a dotted name: ``vars.scope``, ``steps.check``."""
    return ".".join(path[:2])


def _told_apart(graph: Graph, step_id: str, always: list[str]) -> dict[str, Words | None]:
    """For each variable that is read from ``step_id`` on, the words it is compared with."""
    ahead = [graph.steps[one] for one in graph.reachable(step_id)]
    conditions = [*always, *(text for step in ahead for _, text in placed_conditions(step))]
    read: dict[str, int] = {}
    compared: dict[str, list[frozenset[str]]] = {}
    for expression in map(compile_expression, conditions):
        for name in expression.names:
            if name.path[0] == "vars" and len(name.path) > 1:
                read[name.path[1]] = read.get(name.path[1], 0) + 1
        for one in expression.comparisons:
            if one.name.path[0] == "vars" and len(one.name.path) == 2 and _exact(one):
                compared.setdefault(one.name.path[1], []).append(frozenset(one.values))
    return {
        name: frozenset(compared[name]) if len(compared.get(name, ())) == count else None
        for name, count in read.items()
    }


def _exact(comparison: Comparison) -> bool:
    """Whether it only asks if a text is one of some texts; ``in`` with one value may look inside a text."""
    texts = all(isinstance(value, str) for value in comparison.values)
    one_of = comparison.operator in ("in", "not in") and len(comparison.values) > 1
    return texts and (one_of or comparison.operator in ("==", "!="))


def _weighed(value: Json, words: Words | None) -> object:
    """What is left of a variable's value when only its way through the conditions ahead counts."""
    if words is None or not isinstance(value, str):
        return repr(value)
    return frozenset(one for one in words if value in one)


def _judged_by(step: Step) -> set[str]:
    return {name for _, text in placed_conditions(step) for name in _named(text)}


def _gaps_of(step: Step) -> Iterator[Gap]:
    for _, text in placed_texts(step):
        yield from (gap for gap in compile_template(text).gaps if len(gap.path) > 1)


def _shown_by(step: Step) -> set[str]:
    return {_short(gap.path) for gap in _gaps_of(step)}


def _shown_bare_by(step: Step) -> set[str]:
    return {_short(gap.path) for gap in _gaps_of(step) if gap.default is None}


def _key(walk: _Walk, state: RunState) -> object:
    """What two situations must share to go on alike."""
    judged = walk.judged.get(state.position, frozenset())
    shown, bare = walk.shown.get(state.position, frozenset()), walk.bare.get(state.position, frozenset())
    apart = walk.told_apart.get(state.position, {})
    variables = {
        f"vars.{name}": (
            one is None and f"vars.{name}" in judged | bare,
            _weighed(one, apart.get(name)) if f"vars.{name}" in judged else None,
        )
        for name, one in state.variables.items()
    }
    results = {
        f"steps.{name}": tuple(repr(one.get(part)) for part in ("ok", "value", "outcome"))
        if f"steps.{name}" in judged
        else None
        for name, one in state.results.items()
    }
    wanted = judged | shown
    held = [
        frozenset((name, value) for name, value in one.items() if name in wanted)
        for one in (variables, results)
    ]
    panel = (state.panel.kind, state.panel.rule) if state.panel else None
    return state.position, state.status, panel, *held, state.settled_stops, state.confirmed_when


def _after(walk: _Walk, state: RunState, entries: list[NewEntry]) -> RunState:
    for one in entries:
        state = apply(state, one.kind, one.data, walk.context.now, "tester")
    return state


def _from(walk: _Walk, state: RunState) -> _Ahead:
    """What lies ahead of ``state``, each situation looked at once. Recursion is at most two a step deep."""
    if state.status != "open":
        walk.outcomes.add(state.outcome or state.status)
        return _Ahead(1, 0, 0)
    key = _key(walk, state)
    if key in walk.known or len(walk.known) >= LIMIT:
        return walk.known.get(key, _Ahead(0, 0, 0))
    step = state.graph.steps[state.position]
    walk.seen.add(step.id)
    _look_for_gaps(walk, state)
    moves: list[_Ahead] = []
    for act in _acts(walk, state):
        try:
            moves.append(_from(walk, _after(walk, state, act(state))))
        except TriageError:
            continue
    if not moves:
        walk.dead.add(step.id)
    steps, minutes = _length(walk, state, step)
    ahead = _Ahead(
        sum(one.paths for one in moves),
        steps + max((one.steps for one in moves), default=0),
        minutes + max((one.minutes for one in moves), default=0),
    )
    walk.known[key] = ahead
    return ahead


def _length(walk: _Walk, state: RunState, step: Step) -> tuple[int, int]:
    """Steps and minutes that the step in hand takes, with the longest way through a playbook it uses."""
    shown = None if state.panel else engine.view(state, walk.context).current
    if shown is None:
        return 0, 0
    inner = walk.inner(step) if isinstance(step, SubPlaybook) and shown.id == step.id else None
    if inner is None:
        return 1, step.minutes or 0
    # A stop inside ends the whole run.
    walk.outcomes |= inner.run_ends
    return 1 + inner.steps, max(inner.minutes, step.minutes or 0)


def _look_for_gaps(walk: _Walk, state: RunState) -> None:
    step = state.step
    if isinstance(step, DraftReply):
        text = proposed_text(state, step, walk.context)
        names = {part.split("]", 1)[0] for part in text.split(MISSING_MARK)[1:]}
        walk.gaps |= {f"{step.id}: {name}" for name in names}


def _acts(walk: _Walk, state: RunState) -> Iterator[Act]:
    """Everything a person could do that leads somewhere else."""
    context = walk.context
    shown = engine.view(state, context)
    if shown.panel:
        for choice in shown.panel.choices:
            if choice.value not in ("retry", "record"):
                why = "no access" if choice.value == "skip" else "tried"
                yield lambda s, c=choice.value, w=why: engine.resolve_panel(s, context, c, reason=w)  # type: ignore[misc]
        return
    if shown.current is None:
        return
    step_id = shown.current.id
    if step_id.startswith(VARIABLE_PREFIX):
        yield lambda s: engine.answer_unknown(s, context, step_id)
        name = step_id.removeprefix(VARIABLE_PREFIX)
        yield from (_giving(context, step_id, one) for one in values_of_variable(walk.document, name))
        return
    yield from (_giving(context, step_id, value) for value in _answers(walk, state, step_id))
    step = state.graph.steps[step_id]
    if isinstance(step, Ask) and step.allow_unknown:
        yield lambda s: engine.answer_unknown(s, context, step_id)
    if isinstance(step, Probe):
        yield lambda s: engine.skip(s, context, step_id, "no access")


def _giving(context: Context, step_id: str, value: Json) -> Act:
    return lambda state: engine.answer(state, context, step_id, value)


def _answers(walk: _Walk, state: RunState, step_id: str) -> list[Json]:
    step = state.graph.steps[step_id]
    match step:
        case Ask():
            return values_asked(walk.document, step)
        case Probe():
            return [{"ok": True, "saw": "seen"}, {"ok": False, "saw": "seen"}]
        case Decide():
            if decided_branch(step, scope_of(state, walk.context)).value:
                return [True]
            targets = [branch.next for branch in step.branches] + ["otherwise"]
            return [{"branch": one, "reason": "tried"} for one in dict.fromkeys(targets)]
        case RootCause():
            return [{"category": step.categories[0].value, "statement": "It broke because of this."}]
        case EvidenceStep():
            return ["https://example.org/log"] if step.accept == ("url",) else ["a line of a log"]
        case Checklist() if not step.two_person:
            return ["all", [1]]
        case Checklist():
            return [{"value": "all", "typed": step_id}]
        case SubPlaybook():
            return list(endings(step, walk.inner(step)))
        case DraftReply() | End():
            return [True, "Words of a person"]
    return [{"value": True, "typed": step_id} if step.two_person else True]
