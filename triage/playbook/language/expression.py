"""The conditions of a playbook: a small whitelist over Python's own parser, with three truth values.

Allowed: ``or and not``, comparisons, ``in``, literals, lists, dotted names that begin with one of `ROOTS`,
and the functions in `FUNCTIONS`. Nothing is ever read from a Python object; a name is a path into plain data.
A value that is not there is *unknown*, and unknown is not false: Kleene's strong logic decides what can be
decided and says which names were missing for the rest.
"""

from __future__ import annotations

import ast
import threading
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from triage.playbook.language.three_values import FUNCTIONS, UNKNOWN, Scope, compare

__all__ = ["UNKNOWN", "Expression", "ExpressionError", "Scope", "Truth", "compile_expression"]

ROOTS: Final = ("vars", "steps", "ticket", "run", "config")
LENGTH_LIMIT = 500
NODE_LIMIT = 120


_LITERALS = {"true": True, "false": False}
_COMPARISONS: dict[type[ast.cmpop], str] = {
    ast.Eq: "==", ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=",
    ast.In: "in", ast.NotIn: "not in",
}  # fmt: skip


class ExpressionError(ValueError):
    """Not an expression of this language; ``offset`` counts characters from 0."""

    def __init__(self, code: str, message: str, offset: int, advice: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.offset = offset
        self.advice = advice


@dataclass(frozen=True, slots=True)
class Name:
    """A dotted name and where it stands in the expression."""

    path: tuple[str, ...]
    offset: int

    def __str__(self) -> str:
        return ".".join(self.path)


@dataclass(frozen=True, slots=True)
class Comparison:
    """A name compared with literals: what lint can hold against the options of a question."""

    name: Name
    operator: str
    values: tuple[Any, ...]
    offset: int


@dataclass(frozen=True, slots=True)
class Truth:
    """What an expression came to: true, false, or None for unknown, and the names that were missing."""

    value: bool | None
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Expression:
    """A condition that was read and found good."""

    text: str
    names: tuple[Name, ...]
    comparisons: tuple[Comparison, ...]
    patterns: tuple[tuple[str, int], ...]
    _node: ast.expr

    def truth(self, scope: Scope) -> Truth:
        """Decide under ``scope``. A value that is not a truth value counts as unknown."""
        run = _Evaluation(scope)
        value = run.of(self._node)
        if value is True or value is False:
            return Truth(value)
        return Truth(None, tuple(dict.fromkeys(run.missing)) or (self.text,))


@lru_cache(maxsize=2048)
def compile_expression(text: str) -> Expression:
    """Read ``text``. Raises `ExpressionError` with the offset of what is wrong."""
    if len(text) > LENGTH_LIMIT:
        raise ExpressionError("PB301", f"longer than {LENGTH_LIMIT} characters", LENGTH_LIMIT)
    if not text.isascii() and any(ord(char) < 32 for char in text):
        raise ExpressionError("PB301", "control characters in an expression", 0)
    flat = text.replace("\n", " ")
    try:
        body = syntax_of(flat.lstrip())
    except SyntaxError as error:
        raise ExpressionError(
            "PB301", "cannot read this expression", _syntax_offset(flat, error), _advice(flat)
        ) from None
    except (ValueError, RecursionError, MemoryError):
        raise ExpressionError("PB301", "cannot read this expression", 0) from None
    reader = _Reader(flat)
    reader.read(body)
    return Expression(text, tuple(reader.names), tuple(reader.comparisons), tuple(reader.patterns), body)


_PARSING = threading.Lock()
"""What is warned of is a setting of the whole process: threads must not put it back in the wrong order."""


def syntax_of(text: str) -> ast.expr:
    """``text`` as Python's parser sees it, and not a word from the parser on anybody's terminal.

    It warns of ``'\\w'`` and ``1or``, which are no mistakes here; newer versions print that even when nobody
    asked, and where warnings are errors it would refuse them. Raises `SyntaxError` and `ValueError`.
    """
    with _PARSING, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ast.parse(text, mode="eval").body


def _syntax_offset(text: str, error: SyntaxError) -> int:
    return len(text) - len(text.lstrip()) + max((error.offset or 1) - 1, 0)


def _advice(text: str) -> str:
    bare = text.replace("==", "").replace("!=", "").replace("<=", "").replace(">=", "")
    if "=" in bare:
        return "use == to compare"
    if "&&" in text or "||" in text:
        return "write and / or"
    return "write not" if "!" in bare else ""


class _Reader:
    """Walks a parsed tree and refuses everything that is not on the list."""

    def __init__(self, text: str) -> None:
        self.names: list[Name] = []
        self.comparisons: list[Comparison] = []
        self.patterns: list[tuple[str, int]] = []
        self._bytes = text.lstrip().encode()
        self._lead = len(text) - len(text.lstrip())
        self._left = NODE_LIMIT

    def offset(self, node: ast.AST) -> int:
        """Characters before ``node``; the parser counts bytes of UTF-8."""
        raw = self._bytes[: getattr(node, "col_offset", 0)]
        return self._lead + len(raw.decode("utf-8", "ignore"))

    def read(self, node: ast.expr) -> None:
        """Check ``node`` and everything under it. Raises `ExpressionError`."""
        self._left -= 1
        if self._left < 0:
            raise ExpressionError("PB301", f"more than {NODE_LIMIT} parts", self.offset(node))
        match node:
            case ast.BoolOp(values=values):
                self._all(values)
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                self.read(operand)
            case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float())):
                pass
            case ast.Compare():
                self._compare(node)
            case ast.List(elts=elements):
                self._all(elements)
            case ast.Constant(value=str() | bool() | int() | float()):
                pass
            case ast.Attribute() | ast.Name():
                self._name(node)
            case ast.Call():
                self._call(node)
            case _:
                raise ExpressionError("PB301", "not allowed in an expression", self.offset(node))

    def _all(self, nodes: Sequence[ast.expr]) -> None:
        for node in nodes:
            self.read(node)

    def _compare(self, node: ast.Compare) -> None:
        for operator in node.ops:
            if type(operator) not in _COMPARISONS:
                raise ExpressionError("PB301", "not allowed here", self.offset(node), "use == to compare")
        self._all([node.left, *node.comparators])
        if len(node.ops) == 1:
            self._note(node.left, _COMPARISONS[type(node.ops[0])], node.comparators[0])

    def _note(self, left: ast.expr, operator: str, right: ast.expr) -> None:
        path, values = path_of(left), _literals(right)
        if path and path[0] in ROOTS and values is not None:
            name = Name(path, self.offset(left))
            self.comparisons.append(Comparison(name, operator, values, self.offset(right)))

    def _name(self, node: ast.expr) -> None:
        path = path_of(node)
        if path is None or any(part.startswith("_") for part in path):
            raise ExpressionError("PB301", "not allowed in an expression", self.offset(node))
        if len(path) == 1 and path[0] in _LITERALS:
            return
        self.names.append(Name(path, self.offset(node)))

    def _call(self, node: ast.Call) -> None:
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        if name not in FUNCTIONS:
            allowed = ", ".join(FUNCTIONS)
            raise ExpressionError("PB301", "unknown function", self.offset(node), f"there are: {allowed}")
        count = FUNCTIONS[name].arguments
        if node.keywords or len(node.args) != count:
            raise ExpressionError(
                "PB301", f"{name}() takes {count} argument{'s' * (count > 1)}", self.offset(node)
            )
        self._all(node.args)
        if name == "exists" and path_of(node.args[0]) is None:
            raise ExpressionError("PB301", "exists() takes a name", self.offset(node.args[0]))
        if name == "matches" and isinstance(node.args[1], ast.Constant):
            self.patterns.append((str(node.args[1].value), self.offset(node.args[1])))


def path_of(node: ast.expr) -> tuple[str, ...] | None:
    """The dotted name ``node`` spells, or None when it spells something else."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        return None
    return (node.id, *reversed(parts))


def _literals(node: ast.expr) -> tuple[Any, ...] | None:
    if isinstance(node, ast.Constant):
        return (node.value,)
    if isinstance(node, ast.List) and all(isinstance(item, ast.Constant) for item in node.elts):
        return tuple(item.value for item in node.elts if isinstance(item, ast.Constant))
    return None


class _Evaluation:
    """One decision; remembers which names had no value."""

    def __init__(self, scope: Scope) -> None:
        self.missing: list[str] = []
        self._scope = scope

    def of(self, node: ast.expr) -> Any:
        """The value of ``node``; `UNKNOWN` where it cannot be told."""
        match node:
            case ast.Constant(value=value):
                return value
            case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as number)):
                return -number
            case ast.UnaryOp(operand=operand):
                value = self.of(operand)
                return not value if isinstance(value, bool) else UNKNOWN
            case ast.BoolOp(op=operator, values=values):
                return self._logic(isinstance(operator, ast.Or), values)
            case ast.Compare():
                return self._compare(node)
            case ast.List(elts=elements):
                return [self.of(element) for element in elements]
            case ast.Call():
                return self._call(node)
        return self._name(node)

    def _logic(self, is_or: bool, nodes: Sequence[ast.expr]) -> Any:
        before = len(self.missing)
        values = [self.of(node) for node in nodes]
        if any(value is is_or for value in values):
            del self.missing[before:]
            return is_or
        return (
            (not is_or)
            if all(value is not is_or and isinstance(value, bool) for value in values)
            else UNKNOWN
        )

    def _compare(self, node: ast.Compare) -> Any:
        left = self.of(node.left)
        result: Any = True
        for operator, right_node in zip(node.ops, node.comparators, strict=True):
            right = self.of(right_node)
            value = compare(_COMPARISONS[type(operator)], left, right)
            if value is False:
                return False
            result = result if value is True else UNKNOWN
            left = right
        return result

    def _call(self, node: ast.Call) -> Any:
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        if name == "exists":
            return self._scope.get(path_of(node.args[0]) or ()) is not UNKNOWN
        arguments = [self.of(argument) for argument in node.args]
        if any(argument is UNKNOWN for argument in arguments):
            return UNKNOWN
        return FUNCTIONS[name].run(arguments, self._scope)

    def _name(self, node: ast.expr) -> Any:
        path = path_of(node) or ()
        if len(path) == 1 and path[0] in _LITERALS:
            return _LITERALS[path[0]]
        value = self._scope.get(path)
        if value is UNKNOWN:
            self.missing.append(".".join(path))
        return value
