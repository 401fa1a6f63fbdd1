"""Hostile text through the gate, the guard, and every list, case and preview."""

from __future__ import annotations

import random
import re
from dataclasses import replace
from datetime import UTC

import pytest
from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.widgets import Static

from tests.tui.fake_desk import NOW, FakeDesk, make_case, make_items, make_timeline
from tests.tui.screen_text import opened, rested, settled
from triage.desk.views import CasePreview
from triage.model.operation import Change, Note
from triage.tui.app import TriageApp
from triage.tui.case_rows import evidence_rows, operation_rows, run_rows
from triage.tui.case_words import customer_words, facts, title
from triage.tui.guard import Guard
from triage.tui.preview_words import preview
from triage.tui.queue_columns import columns, row
from triage.tui.safe_text import Piece, cell, content, fit, line, safe, segments
from triage.tui.theme import NIGHT, tone_styles
from triage.tui.timeline_rows import Look, timeline_rows
from triage.tui.write_words import outbox_row, page_rows

SEED = 20260310
FOREIGN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u200e\u200f\u061c\ud800-\udfff]")
PAYLOADS = (
    "\x1b]0;owned\x07", "\x1b]52;c;cm0gLXJm\x07", "\x1b]8;;http://evil.example\x1b\\click\x1b]8;;\x1b\\",
    "\x1b[2J\x1b[6n", "\x9b31m", "\x9d0;x\x9c", "\x1bPq#0\x1b\\", "\x1b_G\x1b\\",
    "\x1bPtmux;\x1b\x1b]0;x\x07\x1b\\",
    "\x00\x07\x08\x0e\x0f", "\u202egnp.exe", "\u2066x\u2069", "\u2028\u2029", "\ud800", "a\u0300" * 400,
    "[/]", "[/foo]", "[@click=app.quit()]boo[/]", "[link=file:///etc/passwd]x", "[#zzz]x[/]", "[bold",
    "[a=b c=\"]",
    "$severity", "\t\t\ttabs", "日本語" * 30, "👩‍👩‍👧‍👦" * 20, "\U000e0041", "\r\n\r", "x" * 5000,
)  # fmt: skip


def hostile(rng: random.Random) -> str:
    parts = []
    for _ in range(rng.randint(1, 5)):
        if rng.random() < 0.6:
            parts.append(rng.choice(PAYLOADS))
        else:
            pool = [
                rng.randrange(0x20),
                rng.randrange(0x80, 0xA0),
                rng.randrange(0x20, 0x7F),
                0x5B,
                0x5D,
                0x1B,
            ]
            parts.append("".join(chr(rng.choice([*pool, rng.randrange(0x10FFFF)])) for _ in range(12)))
    return "".join(parts)


TEXTS = [hostile(random.Random(SEED + n)) for n in range(1000)]
STYLES = tone_styles({**NIGHT.to_color_system().generate(), **NIGHT.variables})


def drawn(pieces: list[Piece] | tuple[Piece, ...], width: int) -> str:
    made = segments(pieces, width, STYLES, Style())
    assert sum(cell_len(segment.text) for segment in made) == width
    return "".join(segment.text for segment in made)


def test_every_maker_of_content_shows_only_harmless_characters() -> None:
    for number, text in enumerate(TEXTS):
        for made in (
            safe(text).plain,
            line(text, "bold").plain,
            cell(text).plain,
            content((text, "muted")).plain,
        ):
            assert not FOREIGN.search(made), f"seed {SEED}, text {number}"
        assert "\n" not in line(text).plain
        assert cell_len(fit(text, 17)) == 17, f"seed {SEED}, text {number}"


def test_brackets_are_shown_as_they_are() -> None:
    for text in ("[/]", "[/foo]", "[SEV1] db down", "[@click=app.quit()]x[/]", "arr[0] = x[i]"):
        assert safe(text).plain == text
        assert safe(text).spans == []


@pytest.mark.parametrize("width", [78, 118])
def test_a_thousand_hostile_rows_fit_and_stay_harmless(width: int) -> None:
    chosen = columns(width)
    base = make_items(1)[0]
    for number, text in enumerate(TEXTS):
        item = replace(
            base, key=text[:12], subject=text, customer=text, assignee=text, local_state=text, status=text
        )
        shown = drawn(row(item, chosen, now=NOW, zone=UTC, person="me"), width)
        assert not FOREIGN.search(shown), f"seed {SEED}, text {number}"


def test_a_thousand_hostile_cases_are_drawn_harmlessly() -> None:
    item = make_items(1)[0]
    case = make_case(item)
    for number, text in enumerate(TEXTS):
        ticket = replace(case.facts.ticket, subject=text, customer=text, key=text[:20], component=text)
        events = [
            replace(event, text=text, actor=text, field=text[:9], old=text, new=text)
            for event in make_timeline("1")
        ]
        held = replace(case, facts=replace(case.facts, ticket=ticket, timeline=tuple(events)))
        look = Look(NOW, UTC, 100)
        rows: list[tuple[Piece, ...]] = [
            one.pieces for one in timeline_rows(events, held.facts.promises, look)
        ]
        rows += [title(held), facts(held, NOW), *customer_words(held, NOW, UTC, 100)]
        rows += [one.pieces for one in (*run_rows(held, NOW), *evidence_rows(held, NOW, UTC))]
        rows += [one.pieces for one in operation_rows(held, NOW)]
        for pieces in rows:
            assert not FOREIGN.search(drawn(pieces, 100)), f"seed {SEED}, text {number}"
        shown = CasePreview(
            replace(item, subject=text, customer=text), events[0], events[3], (), (text,), (text,)
        )
        assert not FOREIGN.search(preview(shown, NOW, UTC, 118).plain), f"seed {SEED}, text {number}"


def test_hostile_notes_are_shown_whole_and_harmless() -> None:
    desk = FakeDesk()
    for number, text in enumerate(TEXTS[:300]):
        operation = desk.propose("1000", Change(note=Note(text, "internal"), tags_add=(text,)), text)
        desk.change_operation(operation.id, problem=text)
        operation = desk.operations[operation.id]
        assert not FOREIGN.search(drawn(list(outbox_row(operation, text, NOW)), 118)), f"text {number}"


async def test_hostile_tickets_go_through_the_real_screens_without_a_crash() -> None:
    """Sixty of the texts at a time through queue, preview, case, page and help of the running program."""
    items = [
        replace(item, subject=text, customer=text, assignee=text, local_state=text[:30], key=f"HL-{n}")
        for n, (item, text) in enumerate(zip(make_items(60), TEXTS, strict=False))
    ]
    desk = FakeDesk(items=items)
    for item, text in zip(items, TEXTS[60:], strict=False):
        case = make_case(item)
        events = tuple(replace(event, text=text, actor=text) for event in case.facts.timeline)
        desk.cases_by_id[item.id] = replace(case, facts=replace(case.facts, timeline=events))
    async with opened(desk, (120, 40)) as (app, pilot):
        for _ in range(20):
            await pilot.press("j")
            await rested(pilot)
            await pilot.press("enter")
            await settled(pilot)
            assert_harmless(app)
            await pilot.press("q")
            await settled(pilot)
            assert_harmless(app)
        await pilot.press("t")
        await settled(pilot)
        assert_harmless(app)
        await pilot.press("c", "question_mark")
        await settled(pilot)
        assert_harmless(app)


def assert_harmless(app: TriageApp) -> None:
    for strip in app.screen._compositor.render_strips():
        for segment in strip:
            assert not FOREIGN.search(segment.text), ascii(segment.text)
            assert segment.style is None or segment.style.link is None
            meta = segment.style.meta if segment.style else {}
            assert "@click" not in meta


def test_the_guard_drops_controls_and_links() -> None:
    linked = Segment("a\x1b]0;x\x07b\x9bc\u202e", Style(link="http://evil.example", bold=True))
    (made,) = Guard().apply([linked], Color(0, 0, 0))
    assert made.text == "a]0;xbc"
    assert made.style is not None
    assert made.style.link is None
    assert made.style.bold


async def test_the_guard_stands_behind_every_widget() -> None:
    from textual.content import Content

    async with opened(FakeDesk()) as (app, pilot):
        await app.screen.mount(Static(Content("evil\x1b]0;owned\x07", strip_control_codes=False)))
        await pilot.pause()
        assert_harmless(app)


async def test_hostile_toasts_show_their_brackets() -> None:
    async with opened(FakeDesk()) as (app, pilot):
        app.say("[/] \x1b]0;x\x07 [@click=app.quit()]x[/]")
        await pilot.pause()
        assert_harmless(app)
        assert "[@click=app.quit()]x[/]" in "".join(
            segment.text for strip in app.screen._compositor.render_strips() for segment in strip
        )


def test_write_page_rows_keep_every_line_of_the_note() -> None:
    desk = FakeDesk()
    operation = desk.propose("1000", Change(note=Note("one\n\n  two\nthree", "internal")), "note")

    import asyncio

    page = asyncio.run(desk.outbox.show(operation.id))
    text = ["".join(text for text, _ in pieces) for pieces in page_rows(page, 80)]
    assert [row.strip() for row in text[1:5]] == ["one", "", "two", "three"]


def test_a_long_line_of_a_note_keeps_its_column_when_it_is_broken_and_loses_no_word() -> None:
    desk = FakeDesk()
    body = " ".join(f"word{number}" for number in range(60))
    operation = desk.propose("1000", Change(note=Note(body, "internal")), "note")

    import asyncio

    page = asyncio.run(desk.outbox.show(operation.id))
    rows = ["".join(text for text, _ in pieces) for pieces in page_rows(page, 40)]
    note = [row for row in rows if "word" in row]
    assert len(note) > 10
    assert all(row.startswith("     word") and len(row) <= 40 for row in note)
    assert " ".join(" ".join(note).split()) == body
