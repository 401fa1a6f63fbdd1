"""The report as a page, the index of its docket, what to tell whom, and the sheet for the conversation."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from tests.retrospective.casebook import Book, answered
from tests.retrospective.threads import group_rename
from triage.model.errors import Stopped
from triage.model.run import EvidenceItem
from triage.retrospective import recommendation_letters as letters
from triage.retrospective import report
from triage.retrospective.debrief_sheet import COLUMNS, MINUTES, debrief_sheet
from triage.retrospective.docket_index import index_of
from triage.retrospective.fan_out import DISTANCES, fan_out
from triage.retrospective.report_page import page
from triage.retrospective.wording import names_of

CASES = ("ESC-2026-0031", "ESC-2026-0044", "ESC-2026-0058")


class Tags(HTMLParser):
    """Collects what a page is made of."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.links += [value or "" for name, value in attrs if name in {"href", "src"}]


@pytest.fixture
def adopted() -> Book:
    book = Book(group_rename())
    book.answer_file(adopt=True)
    return book


@pytest.mark.parametrize("name", CASES)
def test_the_page_needs_nothing_else_and_has_every_section(name: str) -> None:
    book = answered(name)
    text = report.markdown(book.it, book.facts, book.now)
    shown = page(text)
    seen = Tags(shown)
    assert not {"script", "img", "link", "iframe"} & set(seen.tags)
    assert not seen.links
    headings = len(re.findall(r"^#{1,3} ", text, re.MULTILINE))
    assert sum(tag in {"h1", "h2", "h3"} for tag in seen.tags) == headings
    assert "table" in seen.tags
    for rule in ("prefers-color-scheme: dark", "@media print", "default-src 'none'"):
        assert rule in shown


def test_what_a_customer_wrote_does_not_run_in_a_reader() -> None:
    facts = group_rename()
    evil = (
        '<script>alert(1)</script> ![x](https://evil.example/p.png) [a](javascript:alert(1)) <b onclick="x">'
    )
    book = Book(replace(facts, ticket=replace(facts.ticket, subject=evil)))
    book.answer("K1", evil)
    shown = page(report.markdown(book.it, book.facts, book.now))
    seen = Tags(shown)
    assert not {"script", "img", "a", "b"} & set(seen.tags)
    assert not seen.links


def test_the_index_of_the_docket_changes_with_any_entry(adopted: Book) -> None:
    whole = index_of(adopted.entries)
    assert whole.count == len(adopted.entries)
    assert sum(number for _, number in whole.kinds) == whole.count
    tampered = list(adopted.entries)
    tampered[3] = replace(tampered[3], data={**tampered[3].data, "value": "x"})
    others = (index_of(tampered), index_of(adopted.entries[:-1]), index_of(adopted.entries[::-1]))
    assert len({whole.sha256, *(one.sha256 for one in others)}) == 4
    assert index_of(adopted.entries).sha256 == whole.sha256


def test_the_report_prints_the_index_with_the_hashes_and_no_name(adopted: Book) -> None:
    kept = EvidenceItem("e1", "1", adopted.now, "output", "sync.log", "ab" * 32, 99, 0, "step 2")  # type: ignore[arg-type]
    docket = index_of(adopted.entries, [kept])
    text = report.markdown(adopted.it, adopted.facts, adopted.now, docket)
    assert docket.sha256 in text
    assert "ab" * 32 in text
    assert "kim" not in text.split("### A Docket index")[1]


def test_the_letters_are_in_the_report(adopted: Book) -> None:
    adopted.write([letters.respond(adopted.it, "R2", "We add a preview.")])
    assert "We add a preview. → ORR" in report.markdown(adopted.it, adopted.facts, adopted.now)


@pytest.mark.parametrize("name", CASES)
def test_each_distance_is_told_what_concerns_it(name: str) -> None:
    book = answered(name)
    it = replace(book.it, adopted_at=book.now)
    texts = fan_out(it, names_of(book.facts))
    assert tuple(texts) == DISTANCES
    farthest = texts["product and engineering"]
    assert it.classification.code in farthest
    for private in (it.customer, it.ticket_key, *names_of(book.facts)):
        assert private not in farthest, private
    assert it.customer in texts["account"]
    assert it.id in texts["support"]


def test_nothing_is_told_around_before_it_is_adopted(adopted: Book) -> None:
    with pytest.raises(Stopped, match="not adopted"):
        fan_out(replace(adopted.it, adopted_at=None))


def test_the_account_is_told_only_what_is_firm(adopted: Book) -> None:
    text = fan_out(adopted.it)["account"]
    for one in adopted.it.recommendations:
        assert (one.text.rstrip(".") in text) == (one.status in {"OAA", "OAAR", "CAA"}), one.id


@pytest.mark.parametrize("name", CASES)
def test_the_sheet_fits_a_page_of_thirty_minutes(name: str) -> None:
    book = answered(name)
    lines = debrief_sheet(book.it).splitlines()
    assert sum(MINUTES.values()) == 30
    assert max(map(len, lines)) <= COLUMNS
    assert len(lines) <= 66
    assert any("8." in one for one in lines)
    assert not any(
        person in "\n".join(lines) for person in names_of(book.facts) if len(person) > 4 and " " in person
    )


def test_the_farthest_text_never_names_the_customer(adopted: Book) -> None:
    it = adopted.it
    told = tuple(replace(one, text=f"{it.customer} lost grants, said Ines Duarte.") for one in it.findings)
    text = fan_out(replace(it, findings=told), ("Ines Duarte",))["product and engineering"]
    assert "a customer lost grants, said a customer." in text


def test_markup_is_shown_and_not_obeyed_by_the_page_itself() -> None:
    assert "script" not in Tags(page("# t\n\n<script>alert(1)</script>\n")).tags
