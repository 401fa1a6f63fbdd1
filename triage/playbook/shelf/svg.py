"""A playbook's graph as one SVG file that needs nothing else, readable on a light and on a dark ground."""

from __future__ import annotations

from html import escape
from textwrap import wrap
from typing import TypeAlias
from unicodedata import east_asian_width

from triage.model.clean_text import clean, clean_line
from triage.model.run import StepClass
from triage.playbook.language.graph import Graph
from triage.playbook.language.steps import Playbook, Step
from triage.playbook.run.step_view import class_of
from triage.playbook.shelf.layering import Layers, Point, Way, lay_out
from triage.playbook.shelf.step_looks import LOOKS

_CHAR = 6.9
"""Width of a letter at 13 px, on the wide side: the fonts of machines differ."""
_LINE, _PADDING, _MARGIN, _HEADING = 17.0, 10.0, 24.0, 64.0
_BETWEEN, _FOR_LABELS = 40.0, 92.0
_TITLE_COLUMNS, _LABEL_COLUMNS, _MOST_LABELS = 26, 30, 2
_FONT = "font-family:system-ui,-apple-system,'Segoe UI',Roboto,'Helvetica Neue',sans-serif"


Bands: TypeAlias = list[tuple[float, float]]


def svg(document: Playbook) -> str:
    """The drawing, layered from the first step down, with a legend of the classes in it."""
    graph = Graph.of(document.steps)
    titles = {step.id: _wrapped(step.title) for step in document.steps}
    widths = {name: max(map(_width, lines)) + 54.0 for name, lines in titles.items()}
    layers = lay_out(graph, widths)
    bands = _bands(layers, titles)
    width = max(layers.width + 2 * _MARGIN, _width(document.title) * 1.35 + 2 * _MARGIN, 420.0)
    shift = (width - layers.width) / 2
    bundles: dict[tuple[str, str], list[Way]] = {}
    for way in layers.ways:
        bundles.setdefault((way.edge.source, way.edge.target), []).append(way)
    parts = [_way(some, bands, titles, shift, number) for number, some in enumerate(bundles.values())]
    for row in layers.layers:
        parts += [_step(graph.steps[one.name], one, bands, titles, shift) for one in row if one.is_step]
    used = [name for name in LOOKS if any(class_of(step) == name for step in document.steps)]
    body = "\n".join([*parts, _legend(used, bands[-1][1] + _MARGIN)])
    return _page(document, body, width, bands[-1][1] + 2 * _MARGIN + 16)


def _page(document: Playbook, body: str, width: float, height: float) -> str:
    head = _text(document.title)
    about = _text(
        f"{document.id}, version {document.version}, {len(document.steps)} steps. {document.condition}"
    )
    return f"""<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-labelledby="t d" width="{width:.0f}" \
height="{height:.0f}" viewBox="0 0 {width:.0f} {height:.0f}">
<title id="t">{head}</title>
<desc id="d">{about}</desc>
<style>{_style()}</style>
<defs><marker id="a" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">\
<path class="tip" d="M0 0 8 4 0 8z"/></marker></defs>
<rect class="ground" width="100%" height="100%"/>
<text class="head" x="{_MARGIN:.0f}" y="32">{head}</text>
<text class="small" x="{_MARGIN:.0f}" y="50">{_text(document.id)} v{document.version}</text>
{body}
</svg>
"""


def _style() -> str:
    light = "".join(
        f".{name} .edge{{stroke:{look.light}}}.{name} .sign{{fill:{look.light}}}"
        for name, look in LOOKS.items()
    )
    dark = "".join(
        f".{name} .edge{{stroke:{look.dark}}}.{name} .sign{{fill:{look.dark}}}"
        for name, look in LOOKS.items()
    )
    return (
        f"text{{{_FONT};font-size:13px;fill:#1f2328}}.head{{font-size:17px;font-weight:600}}"
        ".small,.label{font-size:11px;fill:#57606a}.ground{fill:#fff}.edge{fill:#f6f8fa;stroke-width:1.6}"
        ".way{fill:none;stroke:#8c959f;stroke-width:1.3}.tip{fill:#8c959f}.sign{font-size:14px;font-weight:700}"
        ".label{paint-order:stroke;stroke:#fff;stroke-width:4px;stroke-linejoin:round}" + light +
        "@media (prefers-color-scheme:dark){text{fill:#e6edf3}.small,.label{fill:#9aa5b1}"
        ".ground{fill:#0d1117}"
        ".edge{fill:#161b22}.way{stroke:#6e7681}.tip{fill:#6e7681}.label{stroke:#0d1117}" + dark + "}"
    )  # fmt: skip


def _bands(layers: Layers, titles: dict[str, list[str]]) -> Bands:
    """Where each layer begins and ends; below one whose ways have labels there is room for them."""
    named = {way.points[0].layer for way in layers.ways if way.edge.label}
    bands, y = [], _HEADING
    for number, row in enumerate(layers.layers):
        height = max((_height(titles[one.name]) for one in row if one.is_step), default=0.0)
        bands.append((y, y + height))
        y += height + (_FOR_LABELS if number in named else _BETWEEN)
    return bands


def _height(lines: list[str]) -> float:
    return len(lines) * _LINE + 15.0 + 2 * _PADDING


def _step(step: Step, point: Point, bands: Bands, titles: dict[str, list[str]], shift: float) -> str:
    kind = class_of(step)
    lines = titles[point.name]
    x, y, height = point.x - point.width / 2 + shift, bands[point.layer][0], _height(lines)
    rows = "".join(
        f'<text x="{x + 34:.1f}" y="{y + _PADDING + 12 + number * _LINE:.1f}">{_text(line)}</text>'
        for number, line in enumerate(lines)
    )
    bottom = y + _PADDING + 12 + len(lines) * _LINE
    return (
        f'<g class="{kind}"><title>{_text(step.title)} ({_text(step.id)}, {step.kind})</title>'
        f"{_outline(step, x, y, point.width, height)}"
        f'<text class="sign" x="{x + 15:.1f}" y="{y + _PADDING + 13:.1f}">{LOOKS[kind].glyph}</text>{rows}'
        f'<text class="small" x="{x + 34:.1f}" y="{bottom:.1f}">{_text(step.id)} · {step.kind}</text></g>'
    )


def _outline(step: Step, x: float, y: float, width: float, height: float) -> str:
    if step.kind == "decide":
        cut = 12.0
        right, middle, bottom = x + width, y + height / 2, y + height
        corners = [
            (x + cut, y), (right - cut, y), (right, middle),
            (right - cut, bottom), (x + cut, bottom), (x, middle),
        ]  # fmt: skip
        return f'<polygon class="edge" points="{" ".join(f"{a:.1f},{b:.1f}" for a, b in corners)}"/>'
    corner = height / 2 if step.kind == "end" else 5.0
    size = f'width="{width:.1f}" height="{height:.1f}" rx="{corner:.1f}"'
    return f'<rect class="edge" x="{x:.1f}" y="{y:.1f}" {size}/>'


def _way(ways: list[Way], bands: Bands, titles: dict[str, list[str]], shift: float, number: int) -> str:
    """A smooth line for the ways between two steps, with their labels in the first gap."""
    first, *rest = ways[0].points
    x, y = first.x + shift, bands[first.layer][0] + _height(titles[first.name])
    path = [f"M{x:.1f} {y:.1f}"]
    label_x, label_y = x, y
    for place, point in enumerate(rest):
        to_x, to_y = point.x + shift, bands[point.layer][0]
        bend = (to_y - y) / 2
        path.append(f"C{x:.1f} {y + bend:.1f} {to_x:.1f} {to_y - bend:.1f} {to_x:.1f} {to_y:.1f}")
        if place == 0:
            # Where the gap begins, between this layer's lowest edge and the next; neighbours take turns.
            label_x, label_y = x + (to_x - x) * 0.88, to_y - 16 - 26 * (number % 2)
        x, y = to_x, to_y
        if not point.is_step:
            y = bands[point.layer][1]
            path.append(f"L{x:.1f} {y:.1f}")
    drawn = f'<path class="way" d="{" ".join(path)}" marker-end="url(#a)"/>'
    return drawn + _labels([clean_line(way.edge.label) for way in ways if way.edge.label], label_x, label_y)


def _labels(labels: list[str], x: float, y: float) -> str:
    """The answers that lead one way, one under the other; whole when the pointer rests on them."""
    if not labels:
        return ""
    shown = labels[:_MOST_LABELS] if len(labels) > _MOST_LABELS else labels
    rows = [one if len(one) <= _LABEL_COLUMNS else one[: _LABEL_COLUMNS - 1] + "…" for one in shown]
    if len(labels) > len(shown):
        rows[-1] += f" (+{len(labels) - len(shown)})"
    y -= 12 * (len(rows) - 1)
    spans = "".join(
        f'<tspan x="{x:.1f}" y="{y + 12 * number:.1f}">{_text(row)}</tspan>'
        for number, row in enumerate(rows)
    )
    whole = _text("; ".join(labels))
    return f'<text class="label" text-anchor="middle"><title>{whole}</title>{spans}</text>'


def _legend(used: list[StepClass], y: float) -> str:
    parts, x = [], _MARGIN
    for name in used:
        parts.append(
            f'<g class="{name}"><text class="sign" x="{x:.1f}" y="{y:.1f}">{LOOKS[name].glyph}</text>'
            f'<text class="small" x="{x + 18:.1f}" y="{y:.1f}">{name}</text></g>'
        )
        x += 34 + _width(name)
    return "".join(parts)


def _wrapped(title: str) -> list[str]:
    return wrap(clean_line(title), _TITLE_COLUMNS) or [""]


def _width(text: str) -> float:
    return sum(2 if east_asian_width(char) in "WF" else 1 for char in text) * _CHAR


def _text(text: str) -> str:
    return escape(clean(text))
