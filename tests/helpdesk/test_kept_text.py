"""A cut note is named with what is missing; what helpdesks do to every text raises no alarm."""

from __future__ import annotations

import html
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.helpdesk.stands import OURS, first_ticket
from tests.helpdesk.writing import operation, send
from triage.helpdesk.html_text import words_of
from triage.helpdesk.kept_text import LEAST_KEPT, cut, is_rest, refuse_longer
from triage.helpdesk.port import Helpdesk
from triage.model.errors import Refused
from triage.model.operation import Landed, Note, Step

LONG = "\n\n".join(
    f"{number}. What we saw <here> & *there*: größer, “quoted” 🚚 {number * 7}" for number in range(40)
)
WAYS = {
    "line ends": lambda text: text.replace("\n", "\r\n"),
    "trailing white space": lambda text: "\n".join(f"{line}   " for line in text.split("\n")) + "\n\n",
    "paragraphs run together": lambda text: " ".join(text.split()),
    "hard spaces": lambda text: text.replace(" ", "\xa0"),
    "HTML there and back": lambda text: words_of(
        "".join(f"<p>{html.escape(part).replace(chr(10), '<br>')}</p>" for part in text.split("\n\n"))
    ),
    "entities left": html.escape,
    "zero-width characters": lambda text: text.replace(":", ":\u200b"),
    "a signature below": lambda text: f"{text}\n\n-- \nSent by the helpdesk",
    "quotes made straight": lambda text: text.replace("“", '"').replace("”", '"'),
    "pictures as words": lambda text: text.replace("🚚", ":truck:"),
    "pictures lost": lambda text: text.replace("🚚", "?"),
    "marks of emphasis gone": lambda text: text.replace("*", ""),
}


def step(note: str) -> Step:
    return Step("op-1", "note", {"note": f"{note}\n\nref:esc-op-1"}, "internal", None, "marker")


@pytest.mark.parametrize("way", WAYS)
def test_what_helpdesks_do_to_texts_is_no_difference(way: str) -> None:
    for note in (LONG, "short", "a & b"):
        made = step(note)
        assert cut(made, WAYS[way](str(made.payload["note"]))) == []


@given(st.text(min_size=1, max_size=400), st.sampled_from(sorted(WAYS)))
def test_no_text_whatsoever_raises_an_alarm_when_it_is_whole(note: str, way: str) -> None:
    made = step(note)
    if way not in ("quotes made straight", "pictures as words", "pictures lost", "marks of emphasis gone"):
        assert cut(made, WAYS[way](str(made.payload["note"]))) == []


@pytest.mark.parametrize("way", ["line ends", "hard spaces", "HTML there and back", "entities left"])
@pytest.mark.parametrize("added", ["", "…", " [truncated]", "\n(this text was shortened by the helpdesk)"])
def test_a_cut_is_named_with_how_much_is_there(way: str, added: str) -> None:
    made = step(LONG)
    sent = str(made.payload["note"])
    for at in (1, 300, 1000, len(sent) - 100):
        [said] = cut(made, WAYS[way](sent[:at]) + added)
        assert f"kept only {len(sent[:at].rstrip()):,} of {len(sent):,} characters" in said


@given(st.text(min_size=2, max_size=300), st.data())
def test_a_cut_anywhere_is_seen(note: str, data: st.DataObject) -> None:
    made = step(note)
    sent = str(made.payload["note"])
    assert cut(made, sent[: data.draw(st.integers(0, len(sent) - 1))])


def test_of_several_ways_to_tell_a_text_the_fullest_counts() -> None:
    made = step(LONG)
    sent = str(made.payload["note"])
    assert cut(made, sent[:300], sent) == []
    [said] = cut(made, sent[:300], sent[:500])
    assert "only 500 of" in said or "only 499 of" in said
    assert cut(made) == []


def test_only_a_long_beginning_is_taken_for_ours_and_never_another_note_of_ours() -> None:
    made = step(LONG)
    assert is_rest(made, LONG[: LEAST_KEPT * 2])
    assert not is_rest(made, LONG[: LEAST_KEPT - 1])
    assert not is_rest(made, f"Hello. {LONG[: LEAST_KEPT * 2]}")
    for marker in ("ref:esc-op-0", "<!-- esc-op:op-0 -->"):
        assert not is_rest(made, f"{LONG[: LEAST_KEPT * 2]}\n\n{marker}"), "that one was not cut"
    assert not is_rest(made, str(made.payload["note"]))


@pytest.mark.parametrize("end", ["Result: all good.", "Result: the nightly job ran.", "Done"])
def test_another_note_from_the_same_template_is_not_taken_for_ours(end: str) -> None:
    made = step(
        f"{LONG}\n\nResult: the nightly job failed with a timeout after 30 minutes, and was begun again."
    )
    assert not is_rest(made, f"{LONG}\n\n{end}")
    assert is_rest(made, f"{LONG}\n\nResult: the nightly [truncated]")


def test_characters_are_counted_as_the_strictest_counts() -> None:
    refuse_longer("🚚" * 5, 10, "Jira", "K-1")
    with pytest.raises(Refused, match=r"11 characters, and Jira takes 10\b.*Shorten it"):
        refuse_longer("🚚" * 5 + "x", 10, "Jira", "K-1")


# --- every adapter ---------------------------------------------------------------------------------


async def note_step(name: str, desk: Helpdesk, body: str) -> Step:
    ticket = await desk.ticket(first_ticket(name))
    [planned] = desk.plan(operation(ticket.id, note=Note(body, "internal")), ticket)
    return planned


def shortened(planned: Step, to: int) -> Step:
    payload: dict[str, Any] = {**planned.payload, "note": str(planned.payload["note"])[:to]}
    return replace(planned, payload=payload)


@pytest.mark.parametrize("name", OURS)
async def test_a_note_that_the_helpdesk_cut_is_named_and_not_sent_again(name: str) -> None:
    stand = OURS[name]()
    planned = await note_step(name, stand.desk, LONG)
    landed, outcome = await send(stand.desk, shortened(planned, 1000), first_ticket(name))
    assert isinstance(outcome, Landed)
    whole = replace(landed, payload=planned.payload)
    said = await stand.desk.verify(whole, first_ticket(name))
    length = len(str(planned.payload["note"]))
    assert [one for one in said if "kept only" in one and f"of {length:,} characters" in one], said
    probe = await stand.desk.probe(replace(whole, receipt=""), first_ticket(name))
    assert (probe.verdict, probe.complete_scan) == ("found", True)


@pytest.mark.parametrize("name", OURS)
@pytest.mark.parametrize("body", [LONG, "short", "```\ncode & <b>tags</b>\n```\n\n[a](https://a.example/b)"])
async def test_a_whole_note_reads_back_without_a_difference(name: str, body: str) -> None:
    stand = OURS[name]()
    planned = await note_step(name, stand.desk, body)
    landed, _ = await send(stand.desk, planned, first_ticket(name))
    assert await stand.desk.verify(landed, first_ticket(name)) == []


LIMITS = {"zendesk": 65_535, "github": 65_536, "jira cloud": 32_767, "jira data center": 32_767}


@pytest.mark.parametrize("name", sorted(LIMITS))
async def test_what_is_over_a_known_limit_is_refused_before_anything_is_sent(name: str) -> None:
    stand = OURS[name]()
    marker = len(str((await note_step(name, stand.desk, "x")).payload["note"])) - 1
    await note_step(name, stand.desk, "x" * (LIMITS[name] - marker))
    with pytest.raises(Refused, match=rf"takes {LIMITS[name]:,}\. Shorten it"):
        await note_step(name, stand.desk, "x" * (LIMITS[name] - marker + 1))
