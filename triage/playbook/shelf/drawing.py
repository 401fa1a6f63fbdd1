"""The graph of a playbook for other programs to draw: Mermaid and DOT."""

from __future__ import annotations

import json

from triage.playbook.language.graph import STAY, Edge, Graph
from triage.playbook.language.steps import Ask, Check, Decide, End, Playbook, Step

_LABEL_LIMIT = 60


def mermaid(document: Playbook) -> str:
    """A flow chart for Markdown pages. A label cannot end its node: its special characters are entities."""
    lines = ["flowchart TD"]
    for step in document.steps:
        left, right = _brackets(step)
        lines.append(f'    {_node(step.id)}{left}"{_entities(step.title)}"{right}')
    for edge in _edges(document):
        label = f'|"{_entities(_short(edge.label))}"| ' if edge.label else " "
        lines.append(f"    {_node(edge.source)} -->{label}{_node(edge.target)}")
    return "\n".join(lines) + "\n"


def dot(document: Playbook) -> str:
    """A graph for Graphviz."""
    lines = [f"digraph {_quoted(document.id)} {{", "  node [shape=box];"]
    for step in document.steps:
        shape = ' shape="diamond"' if isinstance(step, Decide) else ""
        lines.append(f"  {_quoted(step.id)} [label={_quoted(step.title)}{shape}];")
    for edge in _edges(document):
        label = f" [label={_quoted(_short(edge.label))}]" if edge.label else ""
        lines.append(f"  {_quoted(edge.source)} -> {_quoted(edge.target)}{label};")
    return "\n".join([*lines, "}"]) + "\n"


def _edges(document: Playbook) -> list[Edge]:
    graph = Graph.of(document.steps)
    return [edge for some in graph.edges.values() for edge in some if edge.target != STAY]


def _node(step_id: str) -> str:
    # Mermaid reads a bare "end" as the end of a block, so no id stands alone.
    return f"s_{step_id}"


def _brackets(step: Step) -> tuple[str, str]:
    match step:
        case Decide():
            return "{", "}"
        case Ask():
            return "[/", "/]"
        case Check():
            return "[[", "]]"
        case End():
            return "([", "])"
    return "[", "]"


def _short(label: str) -> str:
    return label if len(label) <= _LABEL_LIMIT else label[: _LABEL_LIMIT - 1] + "…"


def _entities(text: str) -> str:
    kept = {" ", ".", ",", ":", ";", "'", "-", "?", "…"}
    return "".join(char if char.isalnum() or char in kept else f"#{ord(char)};" for char in text)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
