"""Values from outside reach a program byte for byte, wherever a playbook puts them, and nothing else happens.

``TRIAGE_HOSTILE_VALUES=2000`` tries that many; without it a sample.
"""

# ruff: noqa: E501 - embedded YAML reads better on one line

from __future__ import annotations

import json
import os
import random
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.playbook.world import END, HEAD, Bench, document, facts
from triage.playbook.run.capture import capture
from triage.playbook.run.command import command_of
from triage.playbook.run.opening import PinnedText

COUNT = int(os.environ.get("TRIAGE_HOSTILE_VALUES", "40"))
PIECES = (
    "$(touch pwned)", "`touch pwned`", "; touch pwned", "| touch pwned", "&& touch pwned", "\n touch pwned\n", "'", '"', "\\", "$IFS", "${HOME}", "$0", "!!", "*", "?",
    "~", "--", "-rf", "--help", "{{ vars.x }}", "{{", "}}", "{% x %}", "%s", "%n", "\t", "\r\n", "\x1b]0;t\x07", "\x01", "\x7f", "é", "\u202e", "\U0001f600", "\u2028", " ", "  ",
    "../../etc/passwd", "file:///etc/passwd", "<!-- -->", "#", "=", "PATH=/tmp", "LD_PRELOAD=x", "a" * 300, "0", "null", "true", "[", "{a: 1}", "&a", "*a", "!!python/object",
)  # fmt: skip
RECORDER = "import sys, os, json; json.dump([[a.encode('utf-8', 'surrogateescape').hex() for a in sys.argv[1:]], {k: os.environb[k.encode()].hex() for k in os.environ if k.startswith('V_')}, os.listdir('.')], open(os.environ['OUT_FILE'], 'w'))"
HEADER = "vars: {given: {default: none}, from_ticket: {from: ticket.subject}, from_team: {from: config.value}, from_env: {from: env.OUTSIDE}}\n"
ENV = (
    "{V_GIVEN: '{{ vars.given }}', V_ASKED: '{{ vars.asked }}', V_TICKET: '{{ ticket.subject }}', V_VAR: '{{ vars.from_ticket }}', V_TEAM: '{{ vars.from_team }}',"
    " V_ENV: '{{ vars.from_env }}', V_INSIDE: 'a{{ ticket.subject }}b', OUT_FILE: '{{ config.out }}'}"
)
ITEMS = ("V_GIVEN", "V_ASKED", "V_TICKET", "V_VAR", "V_TEAM", "V_ENV", "V_INSIDE")
SCRIPT_ENV = ENV.replace("{V_GIVEN", "{RECORDER: '{{ config.recorder }}', V_GIVEN")
QUOTED = RECORDER.replace("'", "''")
INNER = HEAD.replace("id: probe", "id: inner") + (
    "vars: {handed: {default: none}}\nsteps:\n"
    f"  - {{id: run, kind: check, title: Run, effect: read_only, manual: m, run: [{sys.executable}, -SEc, '{QUOTED}', --, $V_HANDED],"
    " env: {V_HANDED: '{{ vars.handed }}', OUT_FILE: '{{ config.out }}'}}\n" + END
)
LISTED = ", ".join("$" + one for one in ITEMS)
TYPED = " ".join(f'"${one}"' for one in ITEMS)
STEPS = (
    "  - {id: ask, kind: ask, title: Ask, type: text, save_as: asked}\n"
    f"  - {{id: list, kind: check, title: List, effect: read_only, manual: m, run: [{sys.executable}, -SEc, '{QUOTED}', --, {LISTED}], env: {ENV}}}\n"
    "  - id: script\n    kind: check\n    title: Script\n    effect: read_only\n    manual: m\n"
    f"    env: {SCRIPT_ENV}\n"
    f'    run: |\n      {sys.executable} -SEc "$RECORDER" -- {TYPED}\n'
    "  - {id: sub, kind: playbook, title: Sub, use: inner, with: {handed: '{{ vars.asked }}'}}\n" + END
)


def hostile(seed: int) -> str:
    """A value made of pieces that mean something to a shell, a terminal, YAML or a template."""
    dice = random.Random(seed)
    made = "".join(dice.choice(PIECES) for _ in range(dice.randrange(1, 6)))
    # Nothing and a question mark are no values: they say that there is none.
    return made if made.strip() not in ("", "?") else made + "x"


async def recorded(bench: Bench, out: Path) -> tuple[list[str], dict[str, str], list[str]]:
    step = bench.state.step
    assert step is not None
    assert step.kind == "check"
    wanted = command_of(bench.state, step, bench.context)
    assert wanted.problem == ""
    result = await capture(wanted, clock=lambda: datetime(2026, 11, 21, tzinfo=UTC))
    assert result.exit_code == 0, result.text
    argv, env, files = json.loads(out.read_text())
    return (
        [bytes.fromhex(one).decode() for one in argv],
        {k: bytes.fromhex(v).decode() for k, v in env.items()},
        files,
    )


@pytest.mark.parametrize("first", range(0, COUNT, 20))
async def test_a_value_is_one_argument_and_one_environment_value_and_does_nothing(
    first: int, tmp_path: Path
) -> None:
    outer = document(STEPS, HEADER)
    for seed in range(first, min(first + 20, COUNT)):
        value = hostile(seed)
        kept = value.strip()
        out = tmp_path / f"{seed}.json"
        hooks = {"value": value, "out": str(out), "recorder": RECORDER}
        bench = Bench(
            outer, {"inner": PinnedText(INNER, "i" * 64)}, variables={"given": value}, facts=facts(subject=value), hooks=hooks,
            environment={"OUTSIDE": value},
        )  # fmt: skip
        bench.answer("ask", value)
        # Typed answers and variables lose the space around them; a ticket's text and settings do not.
        wanted = {
            "V_GIVEN": kept, "V_ASKED": kept, "V_TICKET": value, "V_VAR": kept, "V_TEAM": kept, "V_ENV": kept, "V_INSIDE": f"a{value}b",
        }  # fmt: skip
        for step in ("list", "script"):
            argv, env, files = await recorded(bench, out)
            assert argv[1:] == [wanted[name] for name in ITEMS], (seed, step)
            assert {name: env[name] for name in ITEMS} == wanted, (seed, step)
            assert files == [], (seed, step)
            bench.answer(step, True)
        bench.answer("sub", True)
        argv, env, files = await recorded(bench, out)
        assert (argv[1:], env["V_HANDED"], files) == ([kept], kept, []), seed


def test_what_no_program_can_be_given_is_refused() -> None:
    steps = (
        "  - {id: a, kind: check, title: A, effect: read_only, manual: m, run: [x, $V_A], env: {V_A: '{{ ticket.subject }}'}}\n"
        + END
    )
    for value, why in (
        ("a\0b", "cannot be passed on"),
        ("-x", "begins with -"),
        ("x" * 40_000, "cannot be passed on"),
    ):
        bench = Bench(document(steps), facts=facts(subject=value))
        shown = bench.view.current
        assert shown is not None
        assert shown.command is not None
        assert not shown.command.runnable
        assert why in shown.command.why_not
