"""PB3xx: conditions and templates, and the names in them."""

from __future__ import annotations

from collections.abc import Iterator

from triage.playbook.language.context import RUN_NAMES, TICKET_NAMES
from triage.playbook.language.expression import (
    ROOTS,
    Comparison,
    Expression,
    ExpressionError,
    compile_expression,
)
from triage.playbook.language.graph import Graph
from triage.playbook.language.patterns import PatternError, compile_pattern, may_be_slow
from triage.playbook.language.reading import Reading
from triage.playbook.language.reads import placed_conditions, placed_texts
from triage.playbook.language.source import did_you_mean
from triage.playbook.language.steps import Ask, Check, Http, Probe, Step, SubPlaybook
from triage.playbook.language.template import TemplateError, compile_template
from triage.playbook.language.yaml_nodes import Path

_RESULTS: dict[str, tuple[str, ...]] = {
    "checklist": ("unchecked",), "ask": ("value",), "decide": ("value", "reason"),
    "check": ("exit", "out", "tries"),
    "http": ("status", "ms", "cert_days", "head", "out", "fault", "tries"),
    "wait": ("early",), "playbook": ("outcome",), "evidence": ("ids",),
    "finding": ("id", "statement", "strength", "from"),
    "root_cause": ("category", "statement", "confidence", "contributing", "evidence", "code"),
}  # fmt: skip


_ONLY_THERE = "a secret can only be used in env: and headers:"
_MAY_HOLD_SECRETS = (("env",), ("headers",), ("with",))


def check_expressions(reading: Reading) -> None:
    """Every condition and template of the file."""
    names = _Names(reading)
    stops = reading.header.stop_when if reading.header else ()
    for number, rule in enumerate(stops):
        names.condition(("stop_when", number, "if"), rule.if_, None)
    for index, step in reading.steps:
        base: Path = ("steps", index)
        for path, text in placed_conditions(step):
            names.condition((*base, *path), text, step)
        for path, text in placed_texts(step):
            names.template((*base, *path), text, step)
        for path, pattern in _patterns(step):
            if may_be_slow(pattern):
                message = "this pattern may be very slow: a repeated group that repeats inside"
                reading.source.add((*base, *path), "PB306", message, level="warning")


def _patterns(step: Step) -> Iterator[tuple[Path, str]]:
    if isinstance(step, Ask) and step.pattern:
        yield ("pattern",), step.pattern
    if isinstance(step, Check | Http):
        for name in ("stdout_matches", "stdout_not_matches", "body_matches"):
            if pattern := getattr(step.expect, name, None):
                yield ("expect", name), pattern
        for key, pattern in step.capture.items():
            yield ("capture", key), pattern
        for number, pattern in enumerate(step.redact):
            yield ("redact", number), pattern


def _captured(step: Step) -> tuple[str, ...]:
    """Results of a step that its author named."""
    if isinstance(step, SubPlaybook):
        return tuple(step.returns)
    return tuple(step.capture) if isinstance(step, Probe) else ()


class _Names:
    """What may be named in this file, and by which step."""

    def __init__(self, reading: Reading) -> None:
        self.source = reading.source
        self.ids = reading.ids
        self.steps = {step.id: step for _, step in reading.steps}
        self.declared = dict(reading.header.vars) if reading.header else {}
        self.asks = {s.save_as: s for s in self.steps.values() if isinstance(s, Ask) and s.save_as}
        handed = {
            name for s in self.steps.values() if isinstance(s, SubPlaybook) for name in s.returns.values()
        }
        self.variables = self.declared.keys() | set(self.asks) | handed
        self.secrets = {
            name
            for name, one in (reading.header.vars if reading.header else {}).items()
            if one.type == "secret"
        }
        self.whole = not reading.broken and reading.header is not None
        self._graph: Graph | None = None
        self._broken = reading.broken

    def _may_follow(self, step_id: str, reader: str) -> bool:
        """Whether ``reader`` can come after ``step_id``; true where it cannot be told."""
        if self._graph is None:
            # Made when the first condition names a step: most files have none.
            self._graph = Graph.of(list(self.steps.values()))
            self._broken = self._broken or bool(self._graph.loop())
        return self._broken or reader in self._graph.reachable(step_id) - {step_id}

    def condition(self, path: Path, text: str, step: Step | None) -> None:
        """Check one expression at ``path``."""
        try:
            expression = compile_expression(text)
        except ExpressionError as error:
            advice = error.advice
            if "(" in text and error.message == "unknown function":
                word = text[error.offset :].split("(", maxsplit=1)[0]
                advice = did_you_mean(
                    word, ("len", "lower", "contains", "matches", "exists", "number"), advice
                )
            self.source.add(path, error.code, error.message, advice=advice, offset=error.offset)
            return
        for name in expression.names:
            self._name(path, name.path, name.offset, step)
            if name.path[0] == "vars" and len(name.path) > 1 and name.path[1] in self.secrets:
                self.source.add(path, "PB310", _ONLY_THERE, offset=name.offset)
        for pattern, offset in expression.patterns:
            self._pattern(path, pattern, offset)
        for comparison in expression.comparisons:
            self._comparison(path, comparison)
        self._constant(path, expression)

    def template(self, path: Path, text: str, step: Step) -> None:
        """Check one text with gaps at ``path``."""
        try:
            gaps = compile_template(text).gaps
        except TemplateError as error:
            self.source.add(path, "PB301", error.message, advice=error.advice, offset=error.offset)
            return
        for gap in gaps:
            self._name(path, gap.path, gap.offset, step)
            if gap.path[0] == "vars" and gap.path[-1] in self.secrets and path[2:3] not in _MAY_HOLD_SECRETS:
                self.source.add(path, "PB310", _ONLY_THERE, offset=gap.offset)

    def _name(self, path: Path, name: tuple[str, ...], offset: int, step: Step | None) -> None:
        root = name[0]
        if root not in ROOTS:
            advice = did_you_mean(root, ROOTS, "names begin with " + ", ".join(ROOTS))
            self.source.add(path, "PB304", f"unknown name {root!r}", advice=advice, offset=offset)
        elif len(name) == 1:
            self.source.add(path, "PB304", f"{root!r} alone is not a value", offset=offset)
        elif root == "vars":
            self._known(path, name[1], self.variables, "PB302", "variable", offset + 5)
        elif root == "steps":
            self._step(path, name, offset, step)
        elif root == "ticket":
            self._known(path, name[1], set(TICKET_NAMES), "PB302", "ticket field", offset + 7)
        elif root == "run":
            self._known(path, name[1], set(RUN_NAMES), "PB302", "run field", offset + 4)

    def _known(self, path: Path, name: str, known: set[str], code: str, what: str, offset: int) -> None:
        if name not in known and (self.whole or what != "variable"):
            advice = did_you_mean(name, known, f"there are: {', '.join(sorted(known))}" if known else "")
            self.source.add(path, code, f"unknown {what} {name!r}", advice=advice, offset=offset)

    def _step(self, path: Path, name: tuple[str, ...], offset: int, reader: Step | None) -> None:
        step_id = name[1]
        if step_id not in self.ids:
            advice = did_you_mean(step_id, self.ids)
            self.source.add(path, "PB303", f"unknown step {step_id!r}", advice=advice, offset=offset + 6)
            return
        step = self.steps.get(step_id)
        if step is None:
            return
        captured = _captured(step)
        fields = ("ok", "state", *_RESULTS.get(step.kind, ()), *captured)
        if len(name) < 3:
            self.source.add(
                path, "PB303", f"say which result of {step_id!r}", offset=offset, advice=", ".join(fields)
            )
        elif name[2] not in fields:
            advice = did_you_mean(name[2], fields, "it has: " + ", ".join(fields))
            at = offset + 7 + len(step_id)
            self.source.add(
                path, "PB303", f"step {step_id!r} has no result {name[2]!r}", advice=advice, offset=at
            )
        if reader is not None and not self._may_follow(step_id, reader.id):
            message = f"step {step_id!r} cannot have run before {reader.id!r}"
            self.source.add(path, "PB309", message, offset=offset)

    def _pattern(self, path: Path, pattern: str, offset: int) -> None:
        try:
            compile_pattern(pattern)
        except PatternError as error:
            self.source.add(path, "PB305", f"bad regular expression: {error}", offset=offset)
            return
        if "\b" in pattern:
            message = "the pattern looks for a backspace"
            advice = "in a condition write \\\\b for the edge of a word"
            self.source.add(path, "PB305", message, level="warning", advice=advice, offset=offset)
        if may_be_slow(pattern):
            message = "this pattern may be very slow: a repeated group that repeats inside"
            self.source.add(path, "PB306", message, level="warning", offset=offset)

    def _constant(self, path: Path, expression: Expression) -> None:
        if not expression.names:
            self.source.add(path, "PB307", "this is always the same: it names no value", level="warning")

    def _comparison(self, path: Path, comparison: Comparison) -> None:
        """PB308: a value compared with something it can never be. PB307: with everything it can be."""
        asked = self._asked(comparison.name.path)
        if asked is None:
            return
        kind, options = asked
        if options:
            self._options(path, comparison, options)
        wanted = {"number": (int, float), "bool": (bool,)}.get(kind, (str,))
        for value in comparison.values:
            fits = isinstance(value, wanted) and (kind == "bool" or not isinstance(value, bool))
            if not fits and comparison.operator != "in":
                message = f"{comparison.name} is {kind}, never {value!r}"
                self.source.add(path, "PB308", message, level="warning", offset=comparison.offset)

    def _options(self, path: Path, comparison: Comparison, options: tuple[str, ...]) -> None:
        for value in comparison.values:
            if isinstance(value, str) and value not in options:
                advice = did_you_mean(value, options, "options: " + ", ".join(options))
                message = f"{value!r} is not an option of {comparison.name}"
                self.source.add(path, "PB308", message, advice=advice, offset=comparison.offset)
        if comparison.operator in ("in", "not in") and set(options) <= set(comparison.values):
            message = f"this names every option of {comparison.name}: it is always the same"
            self.source.add(path, "PB307", message, level="warning", offset=comparison.offset)

    def _asked(self, path: Path) -> tuple[str, tuple[str, ...]] | None:
        """The kind and the options of a value that a question or a variable gives; None for other values."""
        if path[0] == "vars" and len(path) == 2 and path[1] in self.declared and path[1] not in self.asks:
            variable = self.declared[path[1]]
            return variable.type, tuple(option.value for option in variable.options)
        ask = self.asks.get(str(path[1])) if path[0] == "vars" and len(path) == 2 else None
        if path[0] == "steps" and len(path) == 3 and path[2] == "value":
            step = self.steps.get(str(path[1]))
            ask = step if isinstance(step, Ask) else None
        return (ask.type, tuple(option.value for option in ask.options)) if ask else None
