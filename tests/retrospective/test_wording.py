"""Wording that blames is found, wording that describes is left alone."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.retrospective.casebook import Book, answered
from tests.retrospective.threads import group_rename
from triage.model.investigation import LintSection
from triage.retrospective import interview, script
from triage.retrospective.wording import SECTIONS, WordingRule, hits, names_of, wording_rules
from triage.retrospective.wording_use import use_of

NAMES = ("Ayo Bello", "Ayo", "Bello", "Mark", "Grace Hopkins", "Grace")
LABELLED = "TRIAGE_LABELLED_WORDING"
"""Names a file of labelled sentences (JSON lines: section, codes, text, names) to measure against."""

BY_PATTERN = Path(__file__).with_name("wording_by_pattern.tsv")
"""Sentences for the single patterns of a rule: rule, section, text."""

BLAMING: list[tuple[str, LintSection, str]] = [
    ("L01", "finding", "The technician could have restarted the broker at once."),
    ("L01", "analysis", "We should've paged the network team."),
    ("L01", "cause", "The on-call engineer ought to have seen the queue."),
    ("L01", "analysis", "If support had asked for the version, the case was over."),
    ("L01", "analysis", "The index was stale; had the admins checked it, nobody would know."),
    ("L01", "fact", "They might have asked twice."),
    ("L01", "recommendation", "Our operators should have written to the customer."),
    ("L02", "analysis", "If only the export had been shorter."),
    ("L02", "finding", "All the analyst needed to do was press retry."),
    ("L02", "cause", "It should have known better limits were there."),
    ("L03", "finding", "The first responder ignored the second alarm."),
    ("L03", "cause", "Engineering failed to publish the known error."),
    ("L03", "finding", "Our team overlooked the expiry date."),
    ("L03", "fact", "Somebody forgot the second branch."),
    ("L03", "analysis", "The customer neglected to renew the certificate."),
    ("L03", "analysis", "The manager did not ask for a second opinion."),
    ("L03", "finding", "No one noticed the growing backlog."),
    ("L03", "finding", "The developers never tested it with two tenants."),
    ("L04", "cause", "It was operator error."),
    ("L04", "finding", "A fat finger in the console."),
    ("L04", "analysis", "The rest is PEBKAC."),
    ("L05", "finding", "The hand-over was careless."),
    ("L05", "cause", "Negligence during the migration."),
    ("L05", "analysis", "There was a lack of discipline in the night shift."),
    ("L06", "analysis", "Obviously the limit was reached."),
    ("L06", "finding", "In hindsight the graph says it all."),
    ("L06", "cause", "An easily avoidable outage."),
    ("L07", "cause", "A self inflicted outage."),
    ("L07", "finding", "It was the customer's own request; a user mistake."),
    ("L07", "cause", "They were using the API incorrectly."),
    ("L07", "cause", "The deletion is working as designed."),
    ("L07", "finding", "Home-made scripts read the table."),
    ("L08", "cause", "The cause was the operator's failure to keep the order."),
    ("L08", "finding", "Their inability to read the trace cost a day."),
    ("L08", "analysis", "A failure of the support team."),
    ("L09", "finding", "The contractor wiped the staging volume."),
    ("L09", "analysis", "The engineer took the cluster down."),
    ("L10", "recommendation", "Be careful with the production console."),
    ("L10", "recommendation", "Remind tier 1 to attach the log."),
    ("L10", "recommendation", "Everybody should double-check the tenant."),
    ("L10", "recommendation", "Keep in mind that exports are slow."),
    ("L11", "analysis", "Why did the engineer restart it?"),
    ("L11", "fact", "Why didn't they call?"),
    ("L12", "cause", "The root cause is the driver."),
    ("L13", "finding", "The alarm had an inadequate threshold."),
    ("L13", "cause", "Poor error text."),
    ("L14", "fact", "The job should have ended at nine."),
    ("L14", "fact", "A retry would have helped."),
    ("L15", "finding", "Ayo restarted the broker."),
    ("L15", "recommendation", "Ask Grace Hopkins to write it down."),
    ("L15", "cause", "The lock was held by Mark during the night."),
    ("L16", "finding", "The flag was accidentally set for one tenant."),
    ("L16", "analysis", "Somebody made a typo in the host name."),
]
DESCRIBING: list[tuple[LintSection, str]] = [
    ("fact", "The engineer restarted the broker at 03:10 and the queue drained."),
    ("fact", "The customer wrote at 08:02 that exports stop."),
    ("fact", "Support asked for the trace twice."),
    ("fact", "> why did you not call us"),
    ("fact", 'The customer wrote "your people ignored us".'),
    ("fact", "The log has the line `human error: none`."),
    ("fact", "Ayo wrote the first reply."),
    ("analysis", "A limit should have stopped the run; none is set."),
    ("analysis", "The agent portal failed to load the second page."),
    ("analysis", "The user list could have been cut at 10,000 rows."),
    ("analysis", "The responder had three cases open and took the oldest."),
    ("analysis", "If the installer had refused the driver, the node would be whole."),
    ("analysis", "The team searched for the message and found the 3.x article."),
    ("analysis", "By then the operator could see only the last hour."),
    ("finding", "The support bundle omits the broker log."),
    ("finding", "The customer import failed to read the second sheet."),
    ("finding", "The alarm went to a channel with 400 messages an hour."),
    ("finding", "The engineer console shows no tenant name."),
    ("finding", "No check compares the counts before and after."),
    ("finding", "The team page never refreshes."),
    ("finding", "Two cases were closed with no known-error record."),
    ("finding", "A certificate ran out; its expiry is on no calendar."),
    ("finding", "The rota lists one person for this component."),
    ("cause", "The probable cause was the scheduler's reuse of a closed session."),
    ("cause", "Contributing were the absence of a restore tool and a message that names no limit."),
    ("cause", "The client library's retry sent each message twice."),
    ("recommendation", "Broker team: refuse a second consumer on one queue, by 1 May."),
    ("recommendation", "Docs: link the limits page from the error."),
    ("recommendation", "Support operations: page the shift lead ten minutes before a promise is due."),
    ("recommendation", "Training: add a lab on reading broker dumps."),
    ("recommendation", "Will be done by the platform team: alert at 80 %."),
    ("none", "The agent should have known."),
]


@pytest.mark.parametrize(("rule", "section", "text"), BLAMING)
def test_blame_is_found(rule: str, section: LintSection, text: str) -> None:
    assert rule in {one.rule for one in hits(text, section, NAMES)}


@pytest.mark.parametrize(("section", "text"), DESCRIBING)
def test_description_is_left_alone(section: LintSection, text: str) -> None:
    assert hits(text, section, NAMES) == ()


def test_every_rule_is_shown_by_a_sentence_and_says_what_to_write_instead() -> None:
    assert {rule.id for rule in wording_rules()} == {rule for rule, _, _ in BLAMING}
    assert {rule.id for rule in wording_rules()} == {f"L{number:02}" for number in range(1, 17)}
    assert all(len(rule.suggestion) > 15 and rule.sections <= set(SECTIONS) for rule in wording_rules())


@pytest.mark.parametrize("rule", sorted({one.id for one in wording_rules()}))
def test_without_a_rule_its_sentences_pass_unseen(rule: str, monkeypatch: pytest.MonkeyPatch) -> None:
    others = tuple(one for one in wording_rules() if one.id != rule)
    monkeypatch.setattr("triage.retrospective.wording.wording_rules", lambda: others)
    sentences = [(section, text) for of, section, text in BLAMING if of == rule]
    assert all(rule not in {one.rule for one in hits(text, section, NAMES)} for section, text in sentences)


def _weakened() -> list[tuple[str, tuple[WordingRule, ...]]]:
    """The rules again and again, each time without one pattern of one of them."""
    rules = wording_rules()
    return [
        (
            f"{rule.id}-{rule.level}-{number}",
            (
                *rules[:at],
                replace(rule, patterns=rule.patterns[:number] + rule.patterns[number + 1 :]),
                *rules[at + 1 :],
            ),
        )
        for at, rule in enumerate(rules)
        for number in range(len(rule.patterns))
    ]


def _spoken(rules: tuple[WordingRule, ...]) -> set[tuple[str, str, str]]:
    rows = [line.split("\t") for line in BY_PATTERN.read_text("utf-8").splitlines()]
    sentences = [*((section, text) for _, section, text in BLAMING), *((row[1], row[2]) for row in rows)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("triage.retrospective.wording.wording_rules", lambda: rules)
        return {
            (text, hit.rule, hit.level) for section, text in sentences for hit in hits(text, section, NAMES)
        }  # type: ignore[arg-type]


@pytest.mark.parametrize("rules", [pytest.param(rules, id=name) for name, rules in _weakened()])
def test_without_one_pattern_a_sentence_passes_unseen(rules: tuple[WordingRule, ...]) -> None:
    assert _spoken(wording_rules()) - _spoken(rules)


@pytest.mark.parametrize("line", BY_PATTERN.read_text("utf-8").splitlines())
def test_every_way_of_blaming_is_found(line: str) -> None:
    rule, section, text = line.split("\t")
    assert rule in {one.rule for one in hits(text, section, NAMES)}  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "text",
    [
        "> The agent should have asked.",
        "```\nThe agent failed to see it\n```",
        "~~~ text\nhuman error\n~~~",
        "He wrote 'you didn't ask, and you should have' at noon.",
        "„The agent should have known“ is what it says.",
        "‹They forgot us› stands in the survey.",
        "The page says <code>operator error</code>.",
        "The log has `user error` twice.",
        "Nobody was careless.",
        "Not because someone was careless, but because the form allows it.",
        "The Kubernetes operator failed to reconcile.",
        "The customer portal should have shown the quota.",
        "Customers failed to connect for two hours.",
        "Users could have up to five sessions.",
        "The customer's error log was rotated.",
        "The team's failure budget was used up.",
        "The lazy loader fetched it twice.",
        "The user agent should have been parsed once.",
    ],
)
def test_quotations_things_and_denials_are_left_alone(text: str) -> None:
    assert [hit for hit in hits(text, "finding") if hit.level != "info"] == []


def test_what_stands_behind_an_exempt_stretch_is_read() -> None:
    for exempt in ("> quoted", "```\ncode\n```", "~~~\ncode\n~~~", "“said”", "`code`"):
        text = f"{exempt}\nThe team forgot it."
        assert [text[hit.start : hit.end] for hit in hits(text, "finding")] == ["forgot"]


def test_a_hit_stands_where_it_says_in_the_text_as_written() -> None:
    text = "First “they should have known”. Then Größe: the Agent should have called."
    (hit,) = hits(text, "analysis")
    assert text[hit.start : hit.end] == hit.text
    assert hit.text.startswith("Agent should have")


def test_a_rule_holds_only_in_its_sections() -> None:
    assert hits("Remind tier 1 to attach the log.", "fact") == ()
    assert hits("Ayo restarted it.", "fact", NAMES) == ()
    assert {one.rule for one in hits("It should have ended.", "finding")} == set()


def test_a_name_that_is_also_a_word_is_a_name_only_in_mid_sentence() -> None:
    assert hits("Mark the run as done.", "recommendation", ("Mark",)) == ()
    assert [one.rule for one in hits("Ask Mark for it.", "recommendation", ("Mark",))] == ["L15"]


def test_the_names_of_a_ticket_are_its_people_and_not_its_organization() -> None:
    names = names_of(group_rename())
    assert {"Ines Duarte", "Ines", "Marek", "Adaeze", "Kofi"} <= set(names)
    assert not {"Cobalt Freight", "system", "Cobalt"} & set(names)


def test_our_own_questions_do_not_blame() -> None:
    for prompt in script.known().values():
        for text in (prompt.ask, prompt.help, prompt.title, *(one.label for one in prompt.options)):
            found = [one for one in hits(text, "analysis") if one.level == "error"]
            assert prompt.id == "Q22" or not found, (prompt.id, found)


@pytest.mark.parametrize("name", ["ESC-2026-0031", "ESC-2026-0044", "ESC-2026-0058"])
def test_the_worked_cases_are_written_without_blame(name: str) -> None:
    book = answered(name)
    names = names_of(book.facts)
    for one in book.it.findings:
        assert hits(one.text, "finding", names) == ()


@settings(max_examples=60)
@given(st.text(max_size=400), st.sampled_from(SECTIONS))
def test_no_text_makes_it_fail(text: str, section: LintSection) -> None:
    for hit in hits(text, section, NAMES):
        assert text[hit.start : hit.end] == hit.text


def test_a_text_without_end_is_read_only_so_far() -> None:
    assert hits("a" * 30_000 + " The agent should have known.", "finding") == ()


def test_the_labelled_sentences_for_development_are_told_apart_without_error() -> None:
    if LABELLED not in os.environ:
        pytest.skip(f"no labelled sentences: {LABELLED} names no file")
    for line in Path(os.environ[LABELLED]).read_text("utf-8").splitlines():
        case = json.loads(line)
        found = {one.rule for one in hits(case["text"], case["section"], case["names"])}
        assert (set(case["codes"]) <= found) if case["codes"] else not found, case["text"]


def _counted(rows: list[list[str]]) -> tuple[int, int, int]:
    """Right hits, false hits and misses of level error among labelled sentences."""
    right = false = missed = 0
    for label, section, sentence in rows:
        flagged = any(hit.level == "error" for hit in hits(sentence, section))  # type: ignore[arg-type]
        right += flagged and label == "blame"
        false += flagged and label == "clean"
        missed += not flagged and label == "blame"
    return right, false, missed


def test_programs_conditions_and_reasons_that_sound_like_blame_are_told_from_it() -> None:
    lines = Path(__file__).with_name("wording_traps.tsv").read_text("utf-8").splitlines()
    right, false, missed = _counted([line.split("\t") for line in lines])
    assert right / (right + false) >= 0.95
    assert right / (right + missed) >= 0.9


def _told_apart(part: int) -> tuple[int, int, int]:
    """Right hits, false hits and misses of level error in one half of the labelled sentences."""
    lines = Path(__file__).with_name("wording_sentences.tsv").read_text("utf-8").splitlines()
    rows = [line.split("\t") for line in lines]
    ours = [[row for row in rows if row[0] == label][part::2] for label in ("blame", "clean")]
    return _counted([row for half in ours for row in half])


@pytest.mark.parametrize("part", [0, 1], ids=["looked at while mending", "never looked at"])
def test_blame_is_told_from_description_in_sentences_older_than_the_rules(part: int) -> None:
    right, false, missed = _told_apart(part)
    assert right / (right + false) >= 0.9
    assert right / (right + missed) >= 0.7
    assert false == 0


def test_of_two_levels_for_the_same_words_the_sterner_holds() -> None:
    [hit] = hits("The on-call person did not bother to look.", "analysis")
    assert (hit.rule, hit.level) == ("L03", "error")


def test_the_use_of_a_rule_counts_what_was_silenced() -> None:
    book = Book(group_rename())
    book.answer("K1", "The agent failed to see it.")
    [used] = [one for one in use_of([(book.it, book.facts, book.entries)]) if one.hits]
    assert (used.rule, used.silenced, used.demote) == ("L03", 0, False)
    book.write(interview.silence(book.it, "K1", "L03", "his own words"))
    [used] = [one for one in use_of([(book.it, book.facts, book.entries)]) if one.hits]
    assert used.silenced == 1
    often = [(book.it, book.facts, book.entries)] * 20
    assert [one.rule for one in use_of(often) if one.demote] == ["L03"]


def test_what_was_written_anew_without_a_hit_counts_as_accepted() -> None:
    book = Book(group_rename())
    book.write(interview.save_draft(book.it, "K4", "The agent failed to see it."))
    book.answer("K1", "The agent failed to see it.")
    [used] = [one for one in use_of([(book.it, book.facts, book.entries)]) if one.hits]
    assert (used.hits, used.accepted) == (1, 0)
    book.answer("K1", "The log was not shown to anybody.")
    [used] = [one for one in use_of([(book.it, book.facts, book.entries)]) if one.hits]
    assert (used.rule, used.hits, used.accepted) == ("L03", 1, 1)
    book.answer("K4", "The log was opened at 02:10.")
    [used] = [one for one in use_of([(book.it, book.facts, book.entries)]) if one.hits]
    assert (used.hits, used.accepted) == (2, 2)


def test_a_woken_rule_is_judged_by_what_came_after() -> None:
    book = Book(group_rename())
    book.answer("K1", "The agent failed to see it.")
    book.write(interview.silence(book.it, "K1", "L03", "his own words"))
    often = [(book.it, book.facts, book.entries)] * 20
    assert [one.rule for one in use_of(often, woken={"L03": (1, 1)}) if one.demote] == []
    assert [one.rule for one in use_of(often * 2, woken={"L03": (20, 20)}) if one.demote] == ["L03"]
