"""The first page of a report as plain text: what one reads on a terminal before deciding to read on.

It always fits 80 columns by 50 lines; what does not is cut and said to be cut.
"""

from __future__ import annotations

from collections.abc import Iterator
from textwrap import wrap
from unicodedata import east_asian_width

from triage.model.clean_text import clean_line
from triage.model.investigation import Investigation
from triage.retrospective import case_life, cause_sentence, codes
from triage.retrospective.recommendation_status import OPEN
from triage.retrospective.report import BANNER, NOT_YET, RESTRICTED, stamp

COLUMNS = 80
LINES = 50
_PARAGRAPH = 6
"""Lines that one text may take."""
_ROWS = 7
"""Findings, and recommendations, that are listed."""


def first_page(it: Investigation) -> str:
    """Effect, probable cause, verdict, findings, recommendations and case life, each shortened to fit."""
    lines = list(_lines(it))
    if len(lines) > LINES:
        lines = [*lines[: LINES - 1], f"… the rest: triage report {it.id}"]
    return "\n".join(lines) + "\n"


def _lines(it: Investigation) -> Iterator[str]:
    product = clean_line(f"{it.product} {it.product_version}") or NOT_YET
    yield from _paragraph(f"{it.id} · {product} · {clean_line(it.title)}", 2)
    adopted = f" · adopted {stamp(it.adopted_at)}" if it.adopted_at else ""
    yield from _paragraph(
        f"{it.phase.upper()}, {it.state.replace('_', ' ')}{adopted} · ticket {it.ticket_key}", 2
    )
    yield BANNER
    if it.visibility == "restricted":
        yield f"{RESTRICTED}."
    yield from _section("Effect", it.impact)
    if it.phase == "preliminary":
        yield from _section("Next", it.one_sentence)
        return
    yield from _section("Probable cause", cause_sentence.shown(it, citations=False), 8)
    yield from _section("Verdict", _verdict(it))
    yield from _listed(
        "Findings", [f"{one.id} {one.kind.replace('_', ' ')}: {one.text}" for one in it.findings]
    )
    owed = sum(one.status in OPEN for one in it.recommendations)
    yield from _listed(
        f"Recommendations ({owed} of {len(it.recommendations)} open)",
        [f"{one.id} {one.status} {one.due or ''} {one.addressee}: {one.text}" for one in it.recommendations],
    )
    yield from _section("Not known", it.not_known, 3)
    spent = case_life.totals(it.case_life)
    if spent:
        words = [f"{case_life.LABELS[name]} {case_life.spell(length)}" for name, (length, _) in spent.items()]
        yield from _section("Case life", ", ".join(words))


def _verdict(it: Investigation) -> str:
    said = it.classification
    code = f", {said.code} {codes.code(said.code).name}" if said.code in codes.codes() else ""
    flags = [word for word, on in (("chronic", said.chronic), ("design-caused", said.design_caused)) if on]
    return ", ".join([said.verdict.replace("_", " ") + code, *flags])


def _section(title: str, text: str, most: int = _PARAGRAPH) -> Iterator[str]:
    yield ""
    yield title
    yield from (f"  {line}" for line in _paragraph(clean_line(text) or NOT_YET, most, COLUMNS - 2))


def _listed(title: str, rows: list[str]) -> Iterator[str]:
    yield ""
    yield title
    for row in rows[:_ROWS]:
        yield from (f"  {line}" for line in _paragraph(clean_line(row), 1, COLUMNS - 2))
    if len(rows) > _ROWS:
        yield f"  … and {len(rows) - _ROWS} more"
    if not rows:
        yield f"  {NOT_YET}"


def _paragraph(text: str, most: int, columns: int = COLUMNS) -> list[str]:
    """``text`` wrapped; what goes beyond ``most`` lines is cut with a mark."""
    # Wide signs take two columns each, so such a text is wrapped as if it were twice as long.
    wide = any(east_asian_width(sign) in "WF" for sign in text)
    lines = wrap(text, columns // 2 if wide else columns)
    if len(lines) > most:
        lines = [
            *lines[: most - 1],
            lines[most - 1][: (columns // 2 if wide else columns) - 1].rstrip() + "…",
        ]
    return lines
