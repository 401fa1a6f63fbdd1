"""A playbook from the shell: to its end, to a missing answer and on, and a command only after consent."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, ClassVar

import pytest

from tests.end_to_end.shell import Ended, Shell

pytestmark = pytest.mark.end_to_end

PLAYBOOK = """\
schema: triage.playbook/v1
id: look-twice
title: Look twice
version: 1
owner: tests
condition: Somebody asks for a second look.
steps:
  - {id: scope, kind: ask, title: How many are affected?, type: choice, save_as: scope,
     options: [{value: one}, {value: all}]}
  - {id: clock, kind: check, title: Read the clock, run: [date, +%Y], effect: read_only,
     expect: {exit: [0], stdout_matches: "20[0-9][0-9]"}, manual: Look at a clock.}
  - {id: side, kind: decide, title: Whose is it?, otherwise: theirs,
     branches: [{if: vars.scope == 'all', next: ours}]}
  - {id: ours, kind: end, title: Ours, outcome: resolved}
  - {id: theirs, kind: end, title: Theirs, outcome: unresolved}
"""


@pytest.fixture
def playbook(shell: Shell, tmp_path: Path) -> Path:
    shell.must("sync", "--json")
    path = tmp_path / "look-twice.yaml"
    path.write_text(PLAYBOOK)
    return path


def run(shell: Shell, playbook: Path, answers: dict[str, Any], *more: str) -> Ended:
    path = playbook.with_name("answers.json")
    path.write_text(json.dumps(answers))
    return shell.run(
        "playbook", "run", str(playbook), "--ticket", "HL-40817", "--answers", str(path), "--json", *more
    )


def told(ended: Ended) -> list[dict[str, Any]]:
    """The lines a run printed, each a JSON object."""
    return [json.loads(line) for line in ended.out.splitlines()]


def test_answers_by_number_or_value_lead_to_the_end(shell: Shell, playbook: Path) -> None:
    looked = {"ok": True, "saw": "2026"}
    ended = run(shell, playbook, {"scope": 2, "clock": looked, "side": "ours", "ours": True})
    lines = told(ended)
    assert [one["event"] for one in lines] == [
        "run.opened", "step.finished", "step.finished", "step.finished", "run.ended", "summary",
    ]  # fmt: skip
    assert (ended.code, lines[-1]["outcome"], lines[-1]["path"]) == (
        0,
        "resolved",
        ["scope", "clock", "side"],
    )
    assert "text" not in lines[0]["data"]
    ended = run(shell, playbook, {"scope": "one", "clock": looked, "side": "theirs", "theirs": True})
    assert (ended.code, told(ended)[-1]["outcome"]) == (1, "unresolved")
    case = shell.must("show", "HL-40817", "--json").document
    assert [one["status"] for one in case["runs"]] == ["ended", "ended"]


def test_a_missing_answer_parks_the_run_and_it_goes_on_from_there(shell: Shell, playbook: Path) -> None:
    parked = run(shell, playbook, {})
    lines = told(parked)
    assert (parked.code, [one["event"] for one in lines]) == (
        3, ["run.opened", "run.parked", "needs_input", "summary"],
    )  # fmt: skip
    assert lines[2] == {
        "event": "needs_input", "step": "scope", "kind": "ask", "type": "choice",
        "title": "How many are affected?", "options": ["one", "all"], "allow_unknown": True,
    }  # fmt: skip
    rest = {"scope": "all", "clock": True, "side": "ours", "ours": True}
    ended = run(shell, playbook, rest, "--resume", lines[-1]["run"])
    assert (ended.code, told(ended)[-1]["run"]) == (0, lines[-1]["run"])


def test_a_dry_run_tells_what_can_come_and_does_nothing(shell: Shell, playbook: Path) -> None:
    ended = run(shell, playbook, {"scope": "all"}, "--dry-run")
    assert ended.code == 0
    (line,) = told(ended)
    assert (line["path"], line["stands_at"]) == (["scope"], "clock")
    assert line["reachable"] == ["clock", "side", "ours", "theirs"]
    assert line["commands"][0][1]["argv"] == ["date", "+%Y"]
    assert shell.must("show", "HL-40817", "--json").document["runs"] == []


def test_a_wrong_answer_an_unknown_ticket_and_a_missing_program_are_said_before_it_begins(
    shell: Shell, playbook: Path
) -> None:
    wrong = run(shell, playbook, {"scope": "al"})
    assert (wrong.code, wrong.out) == (2, "")
    assert "answers.json:1:" in wrong.err
    assert "did you mean 'all'?" in wrong.err
    unknown = shell.run("playbook", "run", str(playbook), "--ticket", "HL-0", "--json", "--no-input")
    assert (unknown.code, unknown.out) == (1, "")
    playbook.write_text(PLAYBOOK.replace("[date, +%Y]", "[no-such-program]"))
    missing = run(shell, playbook, {"scope": "all"}, "--allow", "read_only")
    assert (missing.code, missing.out) == (2, "")
    assert "clock: no-such-program" in missing.err
    assert shell.must("show", "HL-40817", "--json").document["runs"] == []


def test_an_answer_given_before_is_offered_and_not_taken(shell: Shell, playbook: Path) -> None:
    run(shell, playbook, {"scope": "all"})
    wanted = next(one for one in told(run(shell, playbook, {})) if one["event"] == "needs_input")
    assert (wanted["step"], wanted["earlier"]) == ("scope", "all")
    assert wanted["earlier_from"].endswith("in look-twice")


def test_a_command_runs_only_where_the_file_is_trusted(shell: Shell, playbook: Path) -> None:
    answers = {"scope": "all", "side": "ours", "ours": True}
    assert run(shell, playbook, answers, "--allow", "read_only").code == 5
    listed = shell.must("playbook", "trust", str(playbook), "--yes")
    assert "date +%Y" in listed.out
    assert run(shell, playbook, answers, "--allow", "read_only").code == 0
    playbook.write_text(PLAYBOOK.replace("+%Y", "+%s"))
    assert run(shell, playbook, answers, "--allow", "read_only").code == 5


def test_an_unknown_step_is_named_with_its_place_and_nothing_is_started(shell: Shell, playbook: Path) -> None:
    ended = run(shell, playbook, {"scop": "all"})
    assert ended.code == 2
    assert "answers.json:1:" in ended.err
    assert "scope" in ended.err
    assert shell.must("show", "HL-40817", "--json").document["runs"] == []


INNER = """\
schema: triage.playbook/v1
id: ask-there
title: Ask there
version: 1
owner: tests
condition: Something answers on a port.
vars: {port: {type: number, prompt: Which port}}
steps:
  - {id: ask, kind: http, title: Ask it, url: "http://127.0.0.1:{{ vars.port }}/health",
     expect: {body_matches: ready}, poll: {every: 1s, up_to: 30s}, manual: Ask it by hand., on_fail: silent}
  - {id: well, kind: end, title: Well, outcome: resolved}
  - {id: silent, kind: end, title: Silent, outcome: unresolved}
"""
OUTER = """\
schema: triage.playbook/v1
id: go-there
title: Go there
version: 1
owner: tests
condition: Somebody asks whether it answers.
vars: {port: {type: number, prompt: Which port}}
steps:
  - {id: there, kind: playbook, title: Ask there, use: ask-there, with: {port: "{{ vars.port }}"}}
  - {id: side, kind: decide, title: Does it, otherwise: no_answer,
     branches: [{if: steps.there.ok, next: answers}]}
  - {id: answers, kind: end, title: It answers, outcome: resolved}
  - {id: no_answer, kind: end, title: It does not, outcome: unresolved}
"""


class Waking(BaseHTTPRequestHandler):
    """Answers from the second request on; counts them."""

    asked: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        self.asked.append(self.path)
        self.send_response(200 if len(self.asked) > 1 else 503)
        self.end_headers()
        self.wfile.write(b"ready")

    def log_message(self, *_: object) -> None:
        """Nothing on the test's screen."""


def test_a_used_playbook_asks_over_http_until_it_is_answered_and_needs_trust_of_its_own(
    shell: Shell, playbook: Path
) -> None:
    inner, outer = playbook.with_name("ask-there.yaml"), playbook.with_name("go-there.yaml")
    inner.write_text(INNER)
    outer.write_text(OUTER)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Waking)
    Thread(target=server.serve_forever, daemon=True).start()
    more = ("--allow", "read_only", "--var", f"port={server.server_port}")
    answers = {"there/well": True, "there/silent": True, "side": True, "answers": True, "no_answer": True}
    try:
        shell.must("playbook", "trust", str(outer), "--changes", "--yes")
        untrusted = run(shell, outer, answers, *more)
        assert untrusted.code == 5
        assert "triage playbook trust ask-there" in untrusted.err
        shell.must("playbook", "trust", str(inner), "--yes")
        unlisted = run(shell, outer, answers, *more)
        assert unlisted.code == 5
        assert "http_allow" in unlisted.err
        assert Waking.asked == []
        listed = Shell(shell.home, {**shell.env, "TRIAGE_HTTP_ALLOW": "127.0.0.1"})
        ended = run(listed, outer, answers, *more)
        lines = told(ended)
        assert ended.code == 0, ended.err
        assert [one["data"]["say"].split(" in ")[0] for one in lines if one["event"] == "step.polled"] == [
            "status 503"
        ]
        assert lines[-1]["path"] == ["there", "there/ask", "there/well", "side"]
        assert Waking.asked == ["/health", "/health"]
        inner.write_text(INNER.replace("/health", "/other"))
        assert run(listed, outer, answers, *more).code == 5
        assert len(Waking.asked) == 2
    finally:
        server.shutdown()


def test_a_parked_run_is_listed_until_it_is_over_with_the_time_its_wait_ends(
    shell: Shell, playbook: Path
) -> None:
    pause = "  - {id: pause, kind: wait, title: Let it settle, for: 2h}\n  - {id: side,"
    playbook.write_text(PLAYBOOK.replace("  - {id: side,", pause))
    known = {"scope": "all", "clock": True}
    parked = told(run(shell, playbook, known))[-1]["run"]
    (line,) = shell.must("playbook", "waiting", "--json").document
    assert (line["id"], line["ticket_key"], line["step_id"], line["status"]) == (
        parked, "HL-40817", "pause", "parked",
    )  # fmt: skip
    assert datetime.fromisoformat(line["due"]) > datetime.now(UTC) + timedelta(minutes=110)
    rest = {"pause": True, "side": "ours", "ours": True}
    assert run(shell, playbook, rest, "--resume", parked).code == 0
    assert shell.must("playbook", "waiting", "--json").document == []


def test_a_file_that_changed_is_told_and_the_run_goes_over_only_when_asked(
    shell: Shell, playbook: Path
) -> None:
    parked = told(run(shell, playbook, {}))[-1]["run"]
    playbook.write_text(
        PLAYBOOK.replace("version: 1", "version: 2").replace("title: Read the clock", "title: Read it")
    )
    stays = run(shell, playbook, {"scope": "all"}, "--resume", parked)
    assert "The file changed since this run began (changed: clock)" in stays.err
    assert told(stays)[-1]["version"] == 1
    rest = {"clock": True, "side": "ours", "ours": True}
    over = run(shell, playbook, rest, "--resume", parked, "--migrate")
    assert (over.code, told(over)[-1]["version"]) == (0, 2)
    assert "run.migrated" in [one["event"] for one in told(over)]
