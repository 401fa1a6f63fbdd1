from __future__ import annotations

from pathlib import Path

import pytest

from triage.demo.faults import KINDS, Schedule, read_schedule
from triage.model.errors import Invalid


def schedule(tmp_path: Path, text: str, seed: int = 1) -> Schedule:
    path = tmp_path / "faults.yaml"
    path.write_text(text, encoding="utf-8")
    return read_schedule(path, seed)


def struck(made: Schedule, count: int, method: str = "GET", path: str = "/api/v2/x") -> list[int]:
    return [number for number in range(1, count + 1) if made.fault_for(method, path) is not None]


def test_nth_counts_matching_requests_only(tmp_path: Path) -> None:
    made = schedule(
        tmp_path, "- {match: {method: put, path: 'tickets/\\d+$', nth: [2, 4]}, fault: drop_reply}"
    )
    assert struck(made, 3, "GET", "/api/v2/tickets/1") == []
    assert struck(made, 3, "PUT", "/api/v2/tickets/x") == []
    assert struck(made, 5, "PUT", "/api/v2/tickets/1") == [2, 4]


def test_every_and_times_and_no_counter(tmp_path: Path) -> None:
    assert struck(schedule(tmp_path, "- {match: {every: 3}, fault: delay}"), 9) == [3, 6, 9]
    assert struck(schedule(tmp_path, "- {fault: delay, times: 2}"), 9) == [1, 2]
    assert struck(schedule(tmp_path, "- {fault: delay}"), 3) == [1, 2, 3]


def test_probability_is_thrown_by_the_seed(tmp_path: Path) -> None:
    text = "- {match: {probability: 0.3}, fault: drop_request}"
    first, again, other = (struck(schedule(tmp_path, text, seed), 200) for seed in (7, 7, 8))
    assert first == again != other
    assert 30 < len(first) < 90


def test_a_throttle_is_a_storm_of_some_requests(tmp_path: Path) -> None:
    made = schedule(tmp_path, "- {match: {nth: 2}, fault: throttle, retry_after: 3, count: 4}")
    assert struck(made, 9) == [2, 3, 4, 5]


def test_the_first_rule_that_strikes_decides_and_all_count(tmp_path: Path) -> None:
    made = schedule(
        tmp_path, "- {match: {every: 2}, fault: delay}\n- {match: {every: 2}, fault: drip}\n- {fault: status}"
    )
    kinds = [fault.kind for _ in range(4) if (fault := made.fault_for("GET", "/")) is not None]
    assert kinds == ["status", "delay", "status", "delay"]


def test_every_kind_can_be_written_with_its_defaults(tmp_path: Path) -> None:
    for kind, settings in KINDS.items():
        fault = schedule(tmp_path, f"- fault: {kind}").fault_for("GET", "/")
        assert fault is not None
        assert fault.settings == settings


def test_an_empty_file_is_no_fault(tmp_path: Path) -> None:
    assert struck(schedule(tmp_path, "# nothing\n"), 3) == []


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("fault: delay", 1, "must be a list"),
        ("- delay", 1, "name: value"),
        ("- match: {}\n", 1, "needs 'fault'"),
        ("- fault: delay\n- match: {}\n  fault: drop_rely\n", 3, "Did you mean drop_reply?"),
        ("- fault: delay\n  second: 3\n", 2, "Did you mean seconds?"),
        ("- fault: delay\n  seconds: soon\n", 2, "number of seconds"),
        ("- fault: delay\n  seconds: .nan\n", 2, "number of seconds"),
        ("- fault: status\n  status: 99\n", 2, "from 200 to 599"),
        ("- fault: status\n  status: true\n", 2, "from 200 to 599"),
        ("- fault: throttle\n  count: 0\n", 2, "whole number from 1"),
        ("- fault: truncate\n  share: 2\n", 2, "from 0 to 1"),
        ("- fault: truncate\n  how: half\n", 2, "length or close"),
        ("- fault: delay\n  match:\n    pth: x\n", 3, "Did you mean path?"),
        ("- fault: delay\n  match: {path: '['}\n", 2, "regular expression"),
        ("- fault: delay\n  match: {nth: 0}\n", 2, "from 1"),
        ("- fault: delay\n  match: {nth: 1, every: 2}\n", 2, "only one of"),
        ("- fault: delay\n  match: {probability: 7}\n", 2, "from 0 to 1"),
        ("- fault: delay\n  fault: drip\n", 2, "given twice"),
        ("- fault: !!python/name:os.system x\n", 1, "cannot be read"),
        ("- fault: [\n", 2, "not YAML"),
    ],
)
def test_a_mistake_is_one_line_with_its_place(tmp_path: Path, text: str, line: int, words: str) -> None:
    with pytest.raises(Invalid) as caught:
        schedule(tmp_path, text)
    message = str(caught.value)
    assert message.startswith(f"{tmp_path / 'faults.yaml'}:{line}: ")
    assert words in message
    assert "\n" not in message


def test_a_file_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="No such file"):
        read_schedule(tmp_path / "none.yaml", 1)
