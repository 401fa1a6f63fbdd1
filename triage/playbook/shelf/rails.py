"""A playbook's graph in plain text: one line a step, every jump a rail at the left."""

from __future__ import annotations

from dataclasses import dataclass, field

from triage.model.clean_text import clean_line
from triage.playbook.language.graph import STAY, Graph
from triage.playbook.language.steps import Playbook
from triage.playbook.run.step_view import class_of
from triage.playbook.shelf.layering import reading_order
from triage.playbook.shelf.step_looks import LOOKS

_LABEL = 56


@dataclass(slots=True)
class _Rails:
    """The open rails, each leading to one step."""

    lanes: list[str] = field(default_factory=list)
    """The step each lane leads to; empty where it is free."""

    def open(self, target: str) -> tuple[int, bool]:
        """The lane of ``target``, and whether it begins here."""
        if target in self.lanes:
            return self.lanes.index(target), False
        if "" in self.lanes:
            lane = self.lanes.index("")
            self.lanes[lane] = target
        else:
            lane = len(self.lanes)
            self.lanes.append(target)
        return lane, True

    def row(self, width: int, lane: int = -1, turn: str = "") -> str:
        """The rails of one line; from ``lane`` on a branch runs to the right, beginning with ``turn``."""
        cells = []
        for number in range(width):
            held = number < len(self.lanes) and self.lanes[number]
            if number == lane:
                cells.append(turn + "─")
            elif 0 <= lane < number:
                cells.append("┼─" if held else "──")
            else:
                cells.append("│ " if held else "  ")
        return "".join(cells)


def text_graph(document: Playbook) -> str:
    """Every step in reading order with its glyph and number, and where each of its ways leads."""
    graph = Graph.of(document.steps)
    order = reading_order(graph)
    width = _drawn(document, graph, order, 0)[1]
    lines = _drawn(document, graph, order, width)[0]
    used = [name for name in LOOKS if any(class_of(step) == name for step in document.steps)]
    legend = "   ".join(f"{LOOKS[name].glyph} {name}" for name in used)
    return "\n".join([f"{document.title} ({document.id} v{document.version})", "", *lines, "", legend]) + "\n"


def _drawn(document: Playbook, graph: Graph, order: list[str], width: int) -> tuple[list[str], int]:
    """The lines, and how many rails were open at once."""
    numbers = {name: number for number, name in enumerate(order, 1)}
    rails, lines = _Rails(), []
    for number, name in enumerate(order):
        step = graph.steps[name]
        lane = rails.lanes.index(name) if name in rails.lanes else -1
        left = rails.row(width, lane, "╰") + ("▶" if lane >= 0 else " ")
        if lane >= 0:
            rails.lanes[lane] = ""
        condition = "  (has a condition)" if step.when else ""
        glyph = LOOKS[class_of(step)].glyph
        lines.append(
            f"{left}{glyph} {number + 1:>2} {clean_line(step.title)}  [{name}, {step.kind}]{condition}"
        )
        following = order[number + 1] if number + 1 < len(order) else STAY
        edges = [edge for edge in graph.edges[name] if edge.target in graph.steps]
        flows = [edge for edge in edges if edge.target == following]
        jumps = [edge for edge in edges if edge.target != following]
        for place, edge in enumerate(jumps):
            lane, begins = rails.open(edge.target)
            last = place + 1 == len(jumps) and not flows
            words = clean_line(edge.label)
            words = words if len(words) <= _LABEL else words[: _LABEL - 1] + "…"
            turn = "╭" if begins else "├"
            end = "╯" if last else "┤"
            lines.append(
                f"{rails.row(width, lane, turn)}─{end}    {words}{' ' * bool(words)}→ {numbers[edge.target]}"
            )
        for edge in flows:
            if edge.label:
                lines.append(f"{rails.row(width)} │    {clean_line(edge.label)[:_LABEL]} ↓")
        if not flows and following:
            lines.append(rails.row(width).rstrip())
    return lines, len(rails.lanes)
