"""No ``str`` from data reaches a widget, a toast, a title or a tooltip.

Textual parses markup in every ``str`` it is given: a ticket's subject could crash the screen or carry an
action. So what a screen hands to a widget is a constant of ours or comes out of `triage.tui.safe_text`.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

SCREENS = Path(__file__).parents[2] / "triage" / "tui"
FILES = sorted(SCREENS.rglob("*.py"))
GATE = SCREENS / "safe_text.py"

CLEAN_CALLS = {"safe", "line", "cell", "content", "Content", "assemble", "Text", "Rule"}
"""What comes out of the gate. ``Content()`` and ``Text()`` themselves are checked below."""
SHOWING_CALLS = {
    "Static", "Label", "Button", "Checkbox", "RadioButton", "Option", "OptionList", "Select", "SelectionList",
    "TabPane", "Tab", "Collapsible", "Markdown", "MarkdownViewer", "Digits", "Pretty", "Link", "ListItem",
    "Header", "Switch", "DataTable", "Tree", "RichLog", "Log", "Placeholder", "Welcome",
}  # fmt: skip
SHOWING_METHODS = {
    "update", "notify", "add_row", "add_column", "add_columns", "add_option", "add_options", "add_leaf",
    "set_label", "update_cell", "update_cell_at", "add_tab", "set_options", "add_class_text",
    "replace_option_prompt", "replace_option_prompt_at_index",
}  # fmt: skip
SHOWING_ATTRIBUTES = {
    "border_title", "border_subtitle", "tooltip", "title", "sub_title",
}  # fmt: skip
NOT_SHOWN_KEYWORDS = {
    "id", "classes", "name", "disabled", "key", "severity", "timeout", "compact", "variant", "markup",
    "can_focus", "expand", "shrink", "value", "allow_blank", "height", "width",
}  # fmt: skip
FORBIDDEN = {
    "escape": "bracket escaping leaves holes",
    "from_markup": "markup is for constants of ours only",
    "from_ansi": "it turns escapes from outside into live links",
    "render_markup": "markup is for constants of ours only",
}
ALLOWED: dict[tuple[str, str], str] = {}
"""(file, call) and why it may hand over something that is not visibly clean."""


class Gate(ast.NodeVisitor):
    """Collects the places of one file where a text could pass the gate by."""

    def __init__(self, tree: ast.AST, makers: set[str], attributes: set[str]) -> None:
        self.makers = makers
        self.attributes = attributes
        self.wrong: list[tuple[int, str]] = []
        self.known_clean: list[set[str]] = []
        self.shows = _imported(tree) | OWN_WIDGETS
        self.assigned: dict[str, list[bool]] = {}
        """Attributes set in this file, and whether each value was clean."""

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        self._function(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> None:
        self._function(node)

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        arguments = [*node.args.args, *node.args.kwonlyargs]
        clean = {a.arg for a in arguments if a.annotation is not None and _is_content(a.annotation)}
        self.known_clean.append(clean)
        for inner in ast.walk(node):
            if isinstance(inner, ast.Assign) and self.is_clean(inner.value):
                clean |= {target.id for target in inner.targets if isinstance(target, ast.Name)}
        for inner in ast.walk(node):
            if isinstance(inner, ast.Assign):
                for target in inner.targets:
                    if isinstance(target, ast.Attribute):
                        self.assigned.setdefault(target.attr, []).append(self.is_clean(inner.value))
        self.generic_visit(node)
        self.known_clean.pop()

    def visit_Call(self, node: ast.Call) -> None:
        name = _called(node)
        if name in FORBIDDEN:
            self.wrong.append((node.lineno, f"{name}(): {FORBIDDEN[name]}"))
        on_object = isinstance(node.func, ast.Attribute)
        if name == "notify" and _cleaned_toast(node):
            pass
        elif (name in self.shows and not on_object) or (name in SHOWING_METHODS and on_object):
            arguments = node.args[1:] if name.startswith("replace_option") else node.args
            shown = [*arguments, *(k.value for k in node.keywords if k.arg not in NOT_SHOWN_KEYWORDS)]
            for argument in shown:
                if not self.is_clean(argument):
                    self.wrong.append((node.lineno, f"{name}({ast.unparse(argument)})"))
        self.generic_visit(node)

    def visit_Assign(self, node: ast.Assign) -> None:
        for target in node.targets:
            shows = isinstance(target, ast.Attribute) and target.attr in SHOWING_ATTRIBUTES
            if shows and not self.is_clean(node.value):
                self.wrong.append((node.lineno, f"{ast.unparse(target)} = {ast.unparse(node.value)}"))
        self.generic_visit(node)

    def is_clean(self, node: ast.expr) -> bool:
        match node:
            case ast.Constant():
                return True
            case ast.Call(func=ast.Attribute(value=value, attr="join")) if not isinstance(
                value, ast.Constant
            ):
                return self.is_clean(value)
            case ast.Call():
                # A widget or option made in place is checked where it is made.
                return _called(node) in CLEAN_CALLS | self.makers | self.shows
            case ast.Dict() | ast.DictComp() | ast.Set():
                return True
            case ast.IfExp():
                return self.is_clean(node.body) and self.is_clean(node.orelse)
            case ast.BinOp():
                return self.is_clean(node.left) and self.is_clean(node.right)
            case ast.BoolOp():
                return all(self.is_clean(value) for value in node.values)
            case ast.Starred():
                return self.is_clean(node.value)
            case ast.Tuple() | ast.List():
                return all(self.is_clean(item) for item in node.elts)
            case ast.ListComp() | ast.GeneratorExp():
                return self.is_clean(node.elt)
            case ast.Name():
                return any(node.id in names for names in self.known_clean)
            case ast.Attribute():
                return node.attr in self.attributes or (
                    node.attr in self.assigned and all(self.assigned[node.attr])
                )
        return False


def _is_content(annotation: ast.expr) -> bool:
    words = ast.unparse(annotation).strip("'\"")
    return words in {"Content", "Text", "Content | None", "list[Content]", "Option", "list[Option]"}


def _called(node: ast.Call) -> str:
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


def _cleaned_toast(node: ast.Call) -> bool:
    """``notify(clean(…), markup=False)``, the only safe way to a toast, which takes nothing but ``str``."""
    plain = any(k.arg == "markup" and getattr(k.value, "value", None) is False for k in node.keywords)
    first = node.args[0] if node.args else None
    return plain and isinstance(first, ast.Call) and _called(first) in {"clean", "clean_line"}


def _imported(tree: ast.AST) -> set[str]:
    """The names under which a file knows Textual's widgets that show text."""
    return {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("textual")
        for alias in node.names
        if alias.name in SHOWING_CALLS
    }


TREES = {path: ast.parse(path.read_text(encoding="utf-8")) for path in FILES}
WORDS = [ast.parse(path.read_text(encoding="utf-8")) for path in SCREENS.parent.glob("model/*.py")]

OWN_WIDGETS = {
    node.name
    for tree in TREES.values()
    for node in ast.walk(tree)
    if isinstance(node, ast.ClassDef)
    and any(isinstance(base, ast.Name) and base.id in _imported(tree) for base in node.bases)
    and not any(isinstance(item, ast.FunctionDef) and item.name == "__init__" for item in node.body)
}
"""Widgets of ours that take what Textual's take."""


def _declared(trees: Iterable[ast.AST]) -> Iterator[tuple[str, ast.expr]]:
    """Every attribute, property and field with its annotation."""
    for tree in trees:
        for node in ast.walk(tree):
            if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Attribute | ast.Name):
                target = node.target
                yield target.attr if isinstance(target, ast.Attribute) else target.id, node.annotation
            elif isinstance(node, ast.FunctionDef) and node.returns is not None:
                yield node.name, node.returns


MAKERS = {name for name, annotation in _declared(TREES.values()) if _is_content(annotation)}
ATTRIBUTES = MAKERS - {
    name for name, annotation in _declared([*TREES.values(), *WORDS]) if ast.unparse(annotation) == "str"
}
"""Names that mean content everywhere they occur."""


def breaches(source: str, name: str) -> list[str]:
    tree = ast.parse(source)
    gate = Gate(tree, MAKERS, ATTRIBUTES)
    gate.visit(tree)
    gate.wrong.clear()
    gate.visit(tree)  # the second reading knows every attribute that is set anywhere in the file
    return [
        f"{name}:{line}: {what}" for line, what in gate.wrong if (name, what.partition("(")[0]) not in ALLOWED
    ]


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(SCREENS)))
def test_every_text_on_screen_passes_the_gate(path: Path) -> None:
    assert breaches(path.read_text(encoding="utf-8"), path.name) == []


@pytest.mark.parametrize("path", [p for p in FILES if p != GATE], ids=lambda p: str(p.relative_to(SCREENS)))
def test_content_is_made_in_the_gate_only(path: Path) -> None:
    """Outside the gate ``Content`` and ``Text`` may be empty or put together, not made from a text."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    made = [
        f"{node.lineno}: {ast.unparse(node)}"
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in {"Content", "Text", "Segment"}
        and node.args
        and not isinstance(node.args[0], ast.Constant)
        and path.name != "guard.py"
    ]
    assert made == []


SAMPLE_IMPORTS = """
from textual.widgets import Button, Label, OptionList, Static
from textual.widgets.option_list import Option as Row
"""


@pytest.mark.parametrize(
    "bad",
    [
        "Static(ticket.subject)",
        "Label(f'{ticket.key} open')",
        "self.notify(str(error))",
        "self.notify(str(error), markup=False)",
        "self.notify(clean(str(error)))",
        "PreviewPane(subject)",
        "options.add_option(Row(subject))",
        "widget.update(text)",
        "widget.update('[b]' + ticket.subject)",
        "self.border_title = item.subject",
        "self.tooltip = name",
        "table.add_row(item.key, item.subject)",
        "OptionList(*names)",
        "Button(label=choice.label)",
        "Static(escape(subject))",
        "Content.from_markup(subject)",
        "def show(subject: str):\n    Static(subject)",
        "def a(self, x: str):\n    self.head = x\ndef b(self):\n    Static(self.head)",
    ],
)
def test_the_gate_stops_a_text_from_data(bad: str) -> None:
    assert breaches(f"{SAMPLE_IMPORTS}\n{bad}", "screen.py")


@pytest.mark.parametrize(
    "good",
    [
        "Static('a constant of ours')",
        "Static(safe(ticket.subject))",
        "self.notify(clean(str(error)), markup=False)",
        "options.add_option(Row(line(subject)))",
        "widget.update(content((ticket.key, 'strong'), (' open', '')))",
        "shown = line(subject)\ndef f():\n    shown = line(subject)\n    Static(shown)",
        "def show(body: Content) -> None:\n    Static(body)",
        "Static(safe(a) if a else '-', id='x', classes='y')",
        "table.add_row(cell(item.key), cell(item.subject), key=item.id)",
    ],
)
def test_the_gate_lets_clean_text_through(good: str) -> None:
    assert breaches(f"{SAMPLE_IMPORTS}\n{good}", "screen.py") == []
