"""A playbook as CACAO 2.0, so that other programs can show it and nothing of ours is lost.

Every step becomes an action (or an if-condition, a playbook-action, an end); the ways out of a question
become a switch-condition behind it, a ``when:`` an if-condition before it. CACAO wants a separate end for
each branch; our branches meet again and share theirs, which its schemas allow.

A value never stands inside a command: other programs paste ``__name__:value`` into the text that a shell
reads. The command names what it needs in its environment instead.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from triage.playbook.interop.cacao_fields import (
    head_fields,
    milliseconds,
    reference_to,
    shell_line,
    step_fields,
    variable_of,
    variable_to,
)
from triage.playbook.interop.cacao_terms import (
    EXTENSION,
    EXTENSION_DEFINITION,
    IDENTIFIER,
    SEVERITY,
    condition_to_cacao,
    identifier,
    result_variable,
    variable,
)
from triage.playbook.interop.manual_words import manual_words
from triage.playbook.language.expression import ExpressionError, compile_expression
from triage.playbook.language.graph import STAY, Graph
from triage.playbook.language.reads import variables_of
from triage.playbook.language.steps import Playbook, Step
from triage.playbook.language.yaml_nodes import read_tree

MAIN_TYPE = {"end": "end", "decide": "if-condition", "playbook": "playbook-action"}
CARRIED = (
    "playbook_types", "playbook_activities", "created_by", "created", "valid_from", "valid_until",
    "derived_from", "related_to", "priority", "severity", "impact", "industry_sectors", "labels", "markings",
    "data_marking_definitions",
)  # fmt: skip
"""Properties of a playbook that came from CACAO; they wait in ``x-cacao`` for the way back."""


def to_cacao(document: Playbook, text: str, now: datetime) -> dict[str, Any]:
    """``document``, whose file is ``text``, as a CACAO 2.0 playbook of plain data.

    ``now`` (aware UTC) becomes ``modified``. The result is the same for the same file and time.
    """
    return _Export(document, read_tree(text).data, now).playbook()


def stamp(moment: datetime) -> str:
    """A time as CACAO writes it: UTC with milliseconds."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def with_extension(fields: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """What of ``fields`` does not come back from ``given``: other values, and names to be left out."""
    held: dict[str, Any] = {}
    rest = {name: plain(value) for name, value in fields.items() if given.get(name, ...) != value}
    if rest:
        held["fields"] = rest
    left_out = [name for name in given if name not in fields]
    if left_out:
        held["left_out"] = left_out
    return held


def plain(value: Any) -> Any:
    """``value`` made of lists and dictionaries."""
    if isinstance(value, Mapping):
        return {key: plain(one) for key, one in value.items()}
    return [plain(one) for one in value] if isinstance(value, tuple | list) else value


class _Export:
    """One playbook on its way out."""

    def __init__(self, document: Playbook, data: Mapping[str, Any], now: datetime) -> None:
        self.document = document
        self.data = data
        self.now = now
        self.graph = Graph.of(document.steps)
        self.raw: dict[str, Mapping[str, Any]] = {step["id"]: step for step in data["steps"]}
        origin = data.get("x-cacao")
        self.origin: Mapping[str, Any] = origin if isinstance(origin, Mapping) else {}
        self.main = {step.id: self._main_id(step) for step in document.steps}
        self.entry = {
            step.id: self._made("if-condition", step.id, "when") if step.when else self.main[step.id]
            for step in document.steps
        }
        self.agent = identifier("group", document.owner)
        self.variables: dict[str, dict[str, Any]] = {}

    def _made(self, kind: str, *names: str) -> str:
        return identifier(kind, self.document.id, *names)

    def _main_id(self, step: Step) -> str:
        kind = MAIN_TYPE.get(step.kind, "action")
        origin = self.raw[step.id].get("x-cacao")
        known = origin.get("id") if isinstance(origin, Mapping) else None
        if isinstance(known, str) and known.startswith(f"{kind}--") and IDENTIFIER.match(known):
            return known
        return self._made(kind, step.id)

    def playbook(self) -> dict[str, Any]:
        """The whole document."""
        workflow = self._workflow()
        day = self.data.get("reviewed")
        head: dict[str, Any] = {
            "type": "playbook", "spec_version": "cacao-2.0",
            "id": self._kept("id", identifier("playbook", self.document.id)), "name": self.document.title,
            "description": self.document.objective,
            "playbook_types": ["investigation"],
            "created_by": identifier("identity", self.document.owner),
            "created": f"{day}T00:00:00.000Z" if day else stamp(self.now), "modified": stamp(self.now),
            "revoked": True if self.document.status == "deprecated" else None,
            "severity": max((SEVERITY[one] for one in self.document.severity), default=None),
            "labels": sorted(_tags(self.data.get("applies_to"))) or None,
            "external_references": [reference_to(one) for one in self.data.get("references", ())] or None,
        }  # fmt: skip
        head.update({name: plain(self.origin[name]) for name in CARRIED if name in self.origin})
        head["playbook_variables"] = self._playbook_variables()
        head["workflow_start"] = self._made("start")
        exception = self.document.on_exception
        head["workflow_exception"] = self.entry[exception] if exception else None
        head["workflow"] = workflow
        head["agent_definitions"] = {self.agent: {"type": "group", "name": self.document.owner}}
        head["extension_definitions"] = {EXTENSION: dict(EXTENSION_DEFINITION)}
        found = {name: value for name, value in head.items() if value not in (None, {})}
        found["playbook_extensions"] = {EXTENSION: self._head_extension(found)}
        return found

    def _kept(self, name: str, otherwise: str) -> str:
        value = self.origin.get(name)
        return value if isinstance(value, str) and IDENTIFIER.match(value) else otherwise

    def _head_extension(self, found: Mapping[str, Any]) -> dict[str, Any]:
        names = {entry: step_id for step_id, entry in self.entry.items()}
        fields = {name: value for name, value in self.data.items() if name not in ("steps", "vars")}
        held = with_extension(fields, head_fields(found, names))
        if "vars" in self.data:
            held["vars"] = {
                name: with_extension(one, variable_of(self.variables[variable(name)]))
                for name, one in self.data["vars"].items()
            }
        return held

    def _playbook_variables(self) -> dict[str, Any]:
        for name, fields in self.data.get("vars", {}).items():
            self.variables[variable(name)] = variable_to(fields)
        return self.variables

    def _workflow(self) -> dict[str, Any]:
        steps = self.document.steps
        workflow: dict[str, Any] = {
            self._made("start"): {"type": "start", "on_completion": self.entry[steps[0].id]}
        }
        for number, step in enumerate(steps):
            following = steps[number + 1].id if number + 1 < len(steps) else STAY
            if step.when:
                workflow[self.entry[step.id]] = self._guard(step)
            workflow[self.main[step.id]] = self._step(step, number, following)
            workflow.update(self._added(step))
        return workflow

    def _guard(self, step: Step) -> dict[str, Any]:
        condition = str(step.when)
        guard = {
            "type": "if-condition", "name": f"Does it apply: {step.title}",
            "condition": self._condition(condition),
            "on_true": self.main[step.id],
        }  # fmt: skip
        after = self.graph.after(step.id)
        if after != STAY:
            guard["on_false"] = self.entry[after]
        return {**guard, **self._part_of(step)}

    def _part_of(self, step: Step) -> dict[str, Any]:
        return {"step_extensions": {EXTENSION: {"part_of": step.id}}}

    def _condition(self, text: str) -> str:
        try:
            for name in compile_expression(text).names:
                if name.path[0] == "steps" and len(name.path) == 3:
                    self._declare(
                        result_variable(name.path[1], name.path[2]), f"Result of the step {name.path[1]}"
                    )
        except ExpressionError:
            return text
        return condition_to_cacao(text) or text

    def _declare(self, name: str, meaning: str) -> str:
        self.variables.setdefault(name, {"type": "string", "description": meaning, "constant": False})
        return name

    def _step(self, step: Step, number: int, following: str) -> dict[str, Any]:
        raw = self.raw[step.id]
        made: dict[str, Any] = {"type": MAIN_TYPE.get(step.kind, "action"), "name": step.title}
        if step.text:
            made["description"] = raw["text"]
        if raw.get("refs"):
            made["external_references"] = [reference_to(one) for one in raw["refs"]]
        made.update(self._doing(step, raw))
        made.update(self._ways(step))
        names = {entry: step_id for step_id, entry in self.entry.items()}
        fields = {name: value for name, value in raw.items() if name not in ("id", "kind")}
        held = with_extension(fields, step_fields(step.kind, made, following, names))
        held = {"id": step.id, "kind": step.kind, "position": number, **held}
        made["step_extensions"] = {EXTENSION: held}
        return made

    def _doing(self, step: Step, raw: Mapping[str, Any]) -> dict[str, Any]:
        """Commands, time and arguments of a step."""
        if step.kind in ("end", "decide"):
            return {}
        found: dict[str, Any] = {}
        reads = [self._declare(variable(name), f"Variable {name}") for name in variables_of(step)]
        writes = [self._declare(name, meaning) for name, meaning in _results(raw)]
        if step.kind == "playbook":
            found["playbook_id"] = identifier("playbook", raw["use"])
        else:
            found["commands"] = [_command(raw)]
            found["agent"] = self.agent
        if step.kind in ("check", "http"):
            found["timeout"] = milliseconds(raw.get("timeout", "30s"))
        if raw.get("for"):
            found["delay"] = milliseconds(raw["for"])
        found.update({"in_args": sorted(set(reads))} if reads else {})
        found.update({"out_args": list(dict.fromkeys(writes))} if writes else {})
        return found

    def _ways(self, step: Step) -> dict[str, Any]:
        """Where a step leads, in CACAO's words."""
        raw, after = self.raw[step.id], self.graph.after(step.id)
        if step.kind == "end":
            return {}
        if step.kind == "decide":
            return self._branch(step, 0)
        if step.kind in ("check", "http"):
            ways = {"on_success": self.entry[raw.get("on_pass") or after]}
            return {**ways, "on_failure": self.entry[raw["on_fail"]]} if raw.get("on_fail") else ways
        if _chosen_ways(raw):
            return {"on_completion": self._made("switch-condition", step.id)}
        return {"on_completion": self.entry[after]}

    def _branch(self, step: Step, number: int) -> dict[str, Any]:
        branches = self.raw[step.id]["branches"]
        last = number + 1 == len(branches)
        otherwise = self.entry[self.raw[step.id]["otherwise"]]
        return {
            "condition": self._condition(branches[number]["if"]),
            "on_true": self.entry[branches[number]["next"]],
            "on_false": otherwise if last else self._made("if-condition", step.id, str(number + 1)),
        }

    def _added(self, step: Step) -> Iterator[tuple[str, dict[str, Any]]]:
        """What stands behind a step that CACAO says in several."""
        raw = self.raw[step.id]
        if step.kind == "decide":
            for number, branch in enumerate(raw["branches"][1:], 1):
                name = branch.get("say") or f"{step.title} ({number + 1})"
                made = {
                    "type": "if-condition",
                    "name": name,
                    **self._branch(step, number),
                    **self._part_of(step),
                }
                yield self._made("if-condition", step.id, str(number)), made
        if cases := _chosen_ways(raw):
            held = {value: self.entry[target] for value, target in cases.items()}
            if any(edge.place in ((), ("next",)) for edge in self.graph.edges[step.id]):
                held["default"] = self.entry[self.graph.after(step.id)]
            yield self._made("switch-condition", step.id), {
                "type": "switch-condition", "name": f"Answer: {step.title}",
                "switch": f"{_results(raw)[0][0]}:value", "cases": held, **self._part_of(step),
            }  # fmt: skip


def _chosen_ways(raw: Mapping[str, Any]) -> dict[str, str]:
    """The answers of a question that lead somewhere of their own."""
    options = raw.get("options", ()) if raw["kind"] == "ask" else ()
    return {option["value"]: option["next"] for option in options if option.get("next")}


def _results(raw: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The variables a step fills, each with its meaning."""
    step_id, title = raw["id"], raw["title"]
    found = [(variable(raw["save_as"]), title)] if raw.get("save_as") else []
    if raw["kind"] == "ask":
        found = found or [(result_variable(step_id, "value"), title)]
    if raw["kind"] in ("check", "http"):
        found = [(result_variable(step_id, "ok"), f"Whether it passed: {title}")]
        found += [(result_variable(step_id, name), f"{name}: {title}") for name in raw.get("capture", {})]
    return found + [(variable(name), title) for name in raw.get("returns", {}).values()]


def _command(raw: Mapping[str, Any]) -> dict[str, Any]:
    if raw["kind"] == "check":
        command = {"type": "bash", "command": shell_line(raw["run"])}
        needs = ", ".join(f"{name}={value}" for name, value in raw.get("env", {}).items())
        return {**command, "description": f"Environment: {needs}"} if needs else command
    if raw["kind"] == "http":
        request = {"type": "http-api", "command": f"{raw.get('method', 'GET')} {raw['url']} HTTP/1.1"}
        headers = {name: [value] for name, value in raw.get("headers", {}).items()}
        return {**request, "headers": headers} if headers else request
    return {"type": "manual", "command": manual_words(raw)}


def _tags(matcher: Any) -> set[str]:
    """The tags a matcher looks for; what it must not match is left out."""
    if isinstance(matcher, tuple):
        return {tag for one in matcher for tag in _tags(one)}
    if not isinstance(matcher, Mapping):
        return set()
    found = _tags(matcher.get("all")) | _tags(matcher.get("any"))
    if matcher.get("field") == "tags":
        words = (matcher.get("contains_any") or ()) + (matcher.get("in") or ())
        found |= {str(word) for word in (*words, matcher.get("equals"), matcher.get("contains")) if word}
    return found
