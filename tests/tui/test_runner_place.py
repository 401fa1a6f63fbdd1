"""Where the runner says one stands: sections, inner playbooks, a changed file, another window."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.tui.fake_playbooks import COMMAND, FakePlaybooks, a_step
from tests.tui.screen_text import screen_text
from tests.tui.test_runner import press, running
from triage.model.run import FileChange, RequestView, RunLine
from triage.model.trust import CommandChange, TrustPage, UsedPlaybook
from triage.tui.screens.runner.banner import place_of
from triage.tui.widgets.hanging_text import hanging
from triage.tui.widgets.place_list import LOOKS, Heading, place_line, place_rows

LINES = (
    RunLine("see", "See it", "instruct", "read", "done", section="Look", lane="investigate"),
    RunLine("net", "Check the network", "playbook", "read", "done"),
    RunLine("net/cert", "Certificate", "check", "check", "current", depth=1, section="Names"),
    RunLine("net/end", "Known", "end", "read", "ahead", depth=1),
    RunLine("mend", "Mend it", "check", "change", "ahead", lane="fix"),
)
CHANGE = FileChange(4, ("tell",), (), ("certificate",), can_migrate=True)


def test_a_heading_stands_where_a_section_or_a_lane_begins_and_not_after_an_inner_playbook() -> None:
    rows = [row.words if isinstance(row, Heading) else row.step_id for row in place_rows(LINES)]
    assert rows == ["Look · find out", "see", "net", "Names", "net/cert", "net/end", "mend", "mend"]


def test_the_steps_of_an_inner_playbook_stand_behind_a_border() -> None:
    drawn = [place_line(line, 34).plain for line in LINES]
    assert [text[2] == "│" for text in drawn] == [False, False, True, True, False]
    assert {len(text) for text in drawn} == {34}


def test_the_card_says_which_playbook_and_section_it_stands_in() -> None:
    place = place_of(LINES)
    assert place is not None
    assert place.plain == "inside: Check the network · Names"


def test_no_two_classes_of_steps_share_a_sign() -> None:
    assert len({look.glyph for look in LOOKS.values()}) == len(LOOKS)
    assert len({look.word for look in LOOKS.values()}) == len(LOOKS)


def test_a_broken_line_goes_on_under_its_own_words() -> None:
    rows = hanging("12. Read the whole log\n    - and what **stands** in it\n\nend", 16).plain.split("\n")
    assert rows == [
        "12. Read the",
        "    whole log",
        "    - and what",
        "      stands in",
        "      it",
        "",
        "end",
    ]


async def test_steps_worked_from_memory_are_confirmed_on_one_screen_down_to_the_first_without_a_tick() -> (
    None
):
    steps = (
        a_step("read", "instruct"),
        a_step("promises", "checklist", items=("what", "who")),
        a_step("say", "instruct"),
        a_step("on", "instruct"),
    )
    first = replace(steps[0], together=steps[:3])
    playbooks = FakePlaybooks(steps=(first, *steps[1:]))
    async with running(playbooks) as (app, pilot, _desk):
        assert "3 steps from memory" in screen_text(app)
        await press(pilot, "enter")
        assert playbooks.calls == []
        await press(pilot, "1", "3", "enter")
        assert playbooks.calls == [("together", {"read": True, "promises": ["who"]})]


async def test_an_earlier_answer_is_offered_with_where_it_comes_from_and_counts_only_once_given() -> None:
    offered = a_step(
        "host", "ask", "ask", answer_type="text", default="idp.acme.example",
        default_from="answered 2026-03-01 in net", pattern="[a-z.]+", maximum=40,
    )  # fmt: skip
    playbooks = FakePlaybooks(steps=(offered, a_step("on", "instruct")))
    async with running(playbooks) as (app, pilot, _desk):
        text = screen_text(app)
        assert "answered 2026-03-01 in net" in text
        assert "must look like [a-z.]+" in text
        assert "at most 40 characters" in text
        assert playbooks.calls == []
        await press(pilot, "enter")
        assert playbooks.calls == [("answer", "host", "idp.acme.example")]


async def test_a_request_shows_method_address_host_tries_and_what_is_hoped_for() -> None:
    request = RequestView("GET", "https://status.example/health", "status.example", listed=False)
    command = replace(COMMAND, request=request, poll="every 3s for up to 20s", env={"Accept": "text/plain"})
    step = a_step("health", "http", "check", command=command, tries=("status 503 in 12 ms",))
    async with running(FakePlaybooks(steps=(step,))) as (app, pilot, _desk):
        assert "try 1  status 503 in 12 ms" in screen_text(app)
        await press(pilot, "r")
        text = screen_text(app)
        assert "Send from this machine" in text
        for words in ("GET https://status.example/health", "not listed by", "header Accept", "every 3s"):
            assert words in text


async def test_a_changed_file_says_what_changed_and_only_y_goes_over() -> None:
    playbooks = FakePlaybooks(run={"changed": True, "change": CHANGE})
    async with running(playbooks, "certificate") as (app, pilot, _desk):
        assert "v3 → v4" in screen_text(app)
        assert "new: tell · changed: certificate" in screen_text(app)
        await press(pilot, "g", "g", "enter", "n")
        assert playbooks.calls == []
        await press(pilot, "g", "y")
        assert playbooks.calls == [("migrate",)]
        assert "FILE CHANGED" not in screen_text(app)


async def test_a_run_that_must_stay_says_why_and_offers_no_way_over() -> None:
    change = replace(CHANGE, can_migrate=False, why_not="'scope' was done and is no longer there")
    playbooks = FakePlaybooks(run={"changed": True, "change": change})
    async with running(playbooks, "certificate") as (app, pilot, _desk):
        assert "'scope' was done and is no longer there" in screen_text(app)
        await press(pilot, "g", "y")
        assert playbooks.calls == []


@pytest.mark.parametrize("step", ["look", "list", "scope", "certificate", "reply"])
async def test_a_run_open_in_another_window_says_where_and_is_only_read(step: str) -> None:
    playbooks = FakePlaybooks(run={"held_by": "process 7 on desk-4"})
    async with running(playbooks, step) as (app, pilot, _desk):
        assert "READ ONLY  process 7 on desk-4" in screen_text(app)
        await press(pilot, "enter", "1", "f5", "r", "y", "k", "b", "x", "p", "u", "s", "m")
        assert playbooks.calls == []


async def test_leaving_the_screen_lets_another_window_have_the_run() -> None:
    playbooks = FakePlaybooks()
    async with running(playbooks, "look") as (_app, pilot, _desk):
        assert playbooks.left == []
        await press(pilot, "q")
        assert playbooks.left == ["run-1"]


async def test_after_a_change_only_what_differs_is_shown_and_used_playbooks_stand_by_themselves() -> None:
    playbooks = FakePlaybooks()
    playbooks.trust_page = TrustPage(
        "", 4, "p.yaml", "1" * 64, "none", (COMMAND,),
        CommandChange(3, 2, ("- dig old", "+ dig new")), (UsedPlaybook("net", "none"),),
    )  # fmt: skip
    async with running(playbooks, "certificate") as (app, pilot, _desk):
        playbooks.steps = (a_step("x", "check", "check", command=replace(COMMAND, runnable=False)),)
        playbooks.at = 0
        await app.screen.show(playbooks.now())  # type: ignore[attr-defined]
        await press(pilot, "t")
        text = screen_text(app)
        assert "2 commands changed since you trusted version 3" in text
        assert "+ dig new" in text
        assert "openssl" not in text
        assert "1  net  not trusted" in text
        await press(pilot, "a")
        assert "openssl" in screen_text(app)
        await press(pilot, "1")
        assert "Commands of net v4" in screen_text(app)


async def test_help_explains_the_kinds_of_steps_and_the_marks() -> None:
    async with running(FakePlaybooks(), "look", (120, 60)) as (app, pilot, _desk):
        await press(pilot, "question_mark", "pagedown")
        text = screen_text(app)
        for kind in ("checklist", "http", "root_cause", "handover", "skipped, with a reason"):
            assert kind in text
