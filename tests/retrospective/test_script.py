# ruff: noqa: E501 (a sentence or a mutant is read on one line)
"""The questions as data: whole, in time, and told apart from mistakes by file, line and column."""

from __future__ import annotations

import pytest

from triage.model.errors import Invalid
from triage.model.investigation import Mode
from triage.retrospective import conditions, prefill, script, strict_yaml
from triage.retrospective.fold import _TEXTS

GOOD = """
prompts:
  - id: A1
    part: quick
    ask: "What happened?"
    type: text
    writes: impact
"""


@pytest.mark.parametrize(("mode", "seconds"), [("quick", 120), ("brief", 240), ("full", 900)])
def test_a_mode_keeps_within_its_time(mode: Mode, seconds: int) -> None:
    assert 0.9 * seconds <= script.script(mode).seconds <= seconds


def test_every_question_of_the_interview_is_there_in_order() -> None:
    full = [one.id for one in script.script("full").prompts if not one.id.startswith(("LE", "LB"))]
    walk = [f"W{step}" for step in range(9)]
    facts = ["Q1", "K2", "Q2", "Q3", "Q4", "Q5", "Q6", "QI", "QR", "QV", "Q7", "Q8", "QP", "LOCK"]
    conclusions = ["Q20", "Q21", "Q22", "Q22A", "Q23", "QU", *(f"Q{number}" for number in range(24, 33))]
    assert full == [*facts, *walk, "Q9", "Q10", "Q11", *conclusions]
    assert [one.id for one in script.script("quick").prompts] == ["K1", "K2", "K3", "K4", "K5", "K6"]


def test_quick_and_brief_ask_nothing_that_full_could_not() -> None:
    assert {one.id for one in script.script("brief").prompts} <= set(script.known())
    assert all(one.part == "quick" for one in script.script("quick").prompts)


def test_every_name_a_script_uses_exists() -> None:
    for one in script.known().values():
        assert not one.prefill or one.prefill in prefill.PREFILLS
        assert not one.skip_if or one.skip_if in conditions.CONDITIONS
        assert one.example
    assert set(_TEXTS) <= set(script.known())
    assert all(script.prompt(name).writes == filled for name, filled in _TEXTS.items())


@pytest.mark.parametrize(
    ("change", "at", "says"),
    [
        (("type: text", "type: essay"), "quick.yaml:6:5", "type 'essay' is none of"),
        (("part: quick", "part: dawn"), "quick.yaml:4:5", "part 'dawn'"),
        (("    writes: impact\n", ""), "quick.yaml:3:5", "needs 'writes'"),
        (("writes: impact", "write: impact"), "quick.yaml:7:5", "Did you mean 'writes'"),
        (("prompts:", "prompt:"), "quick.yaml:2:1", "list of prompts"),
        (("    writes: impact\n", "    writes: impact\n  - use: A2\n"), "quick.yaml:8:5", "'A2'"),
        (("    type: text\n", "    type: text\n    type: lines\n"), "quick.yaml:7:5", "twice"),
        (("id: A1", "id: [A1"), "quick.yaml:", "not YAML"),
        (("    type: text\n", "    type: rows\n    columns: [{name: a, type: x}]\n"), "quick.yaml:7:25", "type 'x'"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_its_place(change: tuple[str, str], at: str, says: str) -> None:
    with pytest.raises(Invalid) as caught:
        script.read_scripts({"quick": GOOD.replace(*change)})
    assert str(caught.value).startswith(at)
    assert says in str(caught.value)


def test_an_unknown_prompt_is_answered_with_the_nearest() -> None:
    assert script.prompt("q1").id == "Q1"
    with pytest.raises(Invalid, match="Did you mean Q2"):
        script.prompt("Q2B")


def test_yes_and_dates_stay_text_and_numbers_are_numbers() -> None:
    read = strict_yaml.read("a: yes\nb: 2026-03-10\nc: 4\nd: '4'\ne: true\nf: ~\ng: 4.10\n", "x").data
    assert read == {"a": "yes", "b": "2026-03-10", "c": 4, "d": "4", "e": True, "f": None, "g": 4.1}


def test_a_file_that_unfolds_without_end_is_refused() -> None:
    bomb = "a: &a [x,x,x,x,x,x,x,x,x,x]\n" + "".join(
        f"{name}: &{name} [{','.join([f'*{before}'] * 10)}]\n" for before, name in zip("abcde", "bcdef", strict=True)
    )  # fmt: skip
    with pytest.raises(Invalid, match="too much nested"):
        strict_yaml.read(bomb, "x")
