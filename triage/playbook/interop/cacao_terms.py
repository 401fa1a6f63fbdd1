"""CACAO 2.0 in our words: identifiers, durations, numbers, variables and conditions.

OASIS Committee Specification "CACAO Security Playbooks Version 2.0"
(docs.oasis-open.org/cacao/security-playbooks/v2.0). Its conditions are said to be STIX patterns; what
authors write are comparisons of ``__name__:value`` with a literal, joined by AND, OR and NOT.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID, uuid5

from triage.playbook.language.expression import path_of, syntax_of

NAMESPACE = UUID("7b0d5f0e-58f1-5d0c-9a52-3c6f1d6f7a11")
"""Our identifiers are made from names under this, so that an export does not change from day to day."""

EXTENSION = "extension-definition--b8e1a5b0-0d0f-5a0e-8f3c-5a0d9a6e4c21"
"""Under this key stands what CACAO has no property for (its section 9, extensions)."""

EXTENSION_DEFINITION: Mapping[str, Any] = {
    "type": "extension-definition",
    "name": "Triage playbook",
    "description": "The properties of a triage.playbook/v1 file that CACAO has no property for.",
    "created_by": f"identity--{uuid5(NAMESPACE, 'triage')}",
    "schema": "triage.playbook/v1",
    "version": "1.0.0",
}

IDENTIFIER = re.compile(
    r"[a-z][a-z0-9-]+[a-z0-9]--[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[1-5][0-9a-fA-F]{3}-[89abAB][0-9a-fA-F]{3}-[0-9a-fA-F]{12}\Z"
)
VARIABLE = re.compile(r"__([A-Za-z_][A-Za-z0-9_-]{0,199}?)__")
_UNITS = (("w", 604_800_000), ("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1))
SEVERITY = {"urgent": 90, "high": 70, "normal": 45, "low": 20}
"""Of 100; CACAO counts 0 as not known and 100 as the worst."""


def identifier(kind: str, *names: str) -> str:
    """An identifier of ``kind`` that is the same for the same names."""
    return f"{kind}--{uuid5(NAMESPACE, '/'.join((kind, *names)))}"


def duration_of(milliseconds: int) -> str:
    """The largest unit that divides it: ``90000`` is ``90s``."""
    return next(f"{milliseconds // size}{unit}" for unit, size in _UNITS if milliseconds % size == 0)


def severity_of(number: int) -> str:
    """The priority nearest to a number of 1 to 100."""
    return min(SEVERITY, key=lambda name: abs(SEVERITY[name] - number))


def variable(name: str) -> str:
    """Our variable as CACAO spells it."""
    return f"__{name}__"


def result_variable(step_id: str, field: str) -> str:
    """What ``steps.ID.FIELD`` is called there."""
    return f"__steps_{step_id}_{field}__"


def condition_to_cacao(text: str) -> str | None:
    """Our expression as comparisons of CACAO variables; None where they cannot say it."""
    try:
        return _pattern(syntax_of(text.replace("\n", " ").strip()))
    except (SyntaxError, ValueError, LookupError):
        return None


def _pattern(node: ast.expr) -> str:
    """Raises `ValueError` for what has no counterpart."""
    match node:
        case ast.BoolOp(op=operator, values=values):
            word = " OR " if isinstance(operator, ast.Or) else " AND "
            return "(" + word.join(map(_pattern, values)) + ")"
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return f"NOT ({_pattern(operand)})"
        case ast.Compare(left=left, ops=[operator], comparators=[right]):
            return _comparison(left, operator, right)
        case ast.Attribute():
            return f"{_variable_of(node)}:value = true"
    raise ValueError


_OPERATORS: dict[type[ast.cmpop], str] = {
    ast.Eq: "=", ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=",
}  # fmt: skip


def _comparison(left: ast.expr, operator: ast.cmpop, right: ast.expr) -> str:
    name = f"{_variable_of(left)}:value"
    if isinstance(operator, ast.In | ast.NotIn) and isinstance(right, ast.List) and right.elts:
        words = ", ".join(map(_literal, right.elts))
        return f"{name} NOT IN ({words})" if isinstance(operator, ast.NotIn) else f"{name} IN ({words})"
    return f"{name} {_OPERATORS[type(operator)]} {_literal(right)}"


def _variable_of(node: ast.expr) -> str:
    path = path_of(node)
    if path and path[0] == "vars" and len(path) == 2:
        return variable(path[1])
    if path and path[0] == "steps" and len(path) == 3:
        return result_variable(path[1], path[2])
    raise ValueError


def _literal(node: ast.expr) -> str:
    match node:
        case ast.Constant(value=bool() as value):
            return str(value).lower()
        case ast.Constant(value=str() as value):
            return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"
        case ast.Constant(value=int() | float() as value):
            return str(value)
        case ast.Name(id="true" | "false" as name):
            return name
    raise ValueError


_TOKEN = re.compile(
    r"\s*(?:(?P<name>__[A-Za-z_][\w-]{0,199}?__(?::value)?)|(?P<text>'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")"
    r"|(?P<number>-?\d{1,15}(?:\.\d{1,15})?)|(?P<op>==?|!=|<>|<=|>=|<|>)|(?P<mark>[(),\[\]])|(?P<word>[A-Za-z]+))"
)


def condition_from_cacao(text: str, name_of: Callable[[str], str | None]) -> str | None:
    """A CACAO condition as our expression, or None when it is not a comparison of known variables.

    ``name_of`` gives our path for a variable's name without its underscores, or None.
    """
    reader = _PatternReader(text, name_of)
    try:
        found = reader.any_of()
    except (ValueError, IndexError, RecursionError):
        return None
    return found if reader.done and len(found) <= 500 else None


_OURS = {"=": "==", "<>": "!="}


class _PatternReader:
    """Recursive descent over the tokens of a condition; raises `ValueError` where it cannot follow."""

    def __init__(self, text: str, name_of: Callable[[str], str | None]) -> None:
        self._tokens: list[tuple[str, str]] = []
        self._at = 0
        self._name_of = name_of
        place = 0
        text = text[:2000].rstrip()
        while place < len(text):
            found = _TOKEN.match(text, place)
            if not found or not found.lastgroup:
                self._tokens = [("bad", "")]
                return
            self._tokens.append((found.lastgroup, found[found.lastgroup]))
            place = found.end()

    @property
    def done(self) -> bool:
        """Whether everything was read."""
        return self._at == len(self._tokens)

    def any_of(self) -> str:
        """Parts joined by OR."""
        return self._joined("OR", self._all_of)

    def _all_of(self) -> str:
        return self._joined("AND", self._part)

    def _joined(self, word: str, read: Callable[[], str]) -> str:
        parts = [read()]
        while not self.done and self._tokens[self._at][1].upper() == word:
            self._at += 1
            parts.append(read())
        return f" {word.lower()} ".join(parts)

    def _take(self) -> tuple[str, str]:
        token = self._tokens[self._at]
        self._at += 1
        return token

    def _part(self) -> str:
        kind, value = self._take()
        if value in ("(", "["):
            inside = self.any_of()
            if self._take()[1] != {"(": ")", "[": "]"}[value]:
                raise ValueError
            return f"({inside})"
        if kind == "word" and value.upper() == "NOT":
            return f"not {self._part()}"
        if kind != "name":
            raise ValueError
        return self._compared(value)

    def _compared(self, value: str) -> str:
        name = self._name_of(value.removesuffix(":value")[2:-2])
        if name is None:
            raise ValueError
        kind, operator = self._take()
        if kind == "op":
            return f"{name} {_OURS.get(operator, operator)} {self._value()}"
        word = operator.upper()
        if word == "NOT" and self._take()[1].upper() == "IN":
            return f"{name} not in {self._values()}"
        if word == "IN":
            return f"{name} in {self._values()}"
        raise ValueError

    def _value(self) -> str:
        kind, value = self._take()
        if kind == "number":
            return value
        if kind == "word" and value.lower() in ("true", "false"):
            return value.lower()
        if kind != "text":
            raise ValueError
        return repr(re.sub(r"\\(.)", r"\1", value[1:-1]))

    def _values(self) -> str:
        if self._take()[1] != "(":
            raise ValueError
        found = [self._value()]
        while (mark := self._take()[1]) == ",":
            found.append(self._value())
        if mark != ")":
            raise ValueError
        return f"[{', '.join(found)}]"
