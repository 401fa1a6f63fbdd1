"""The first run: nothing is set up yet, so the choice is between looking around and setting up."""

from __future__ import annotations

import sys

from triage.cli import output
from triage.cli.open_screen import OpenScreen
from triage.cli.options import Globals
from triage.cli.program import run

CHOICE = """\
Triage is not set up yet.

  1  look around: the embedded helpdesk with a made-up week of cases; nothing leaves this machine
  2  set up your own helpdesk (you need its address and a token in an environment variable)

"""


def first_run() -> int | OpenScreen:
    """Ask what to do first; without a terminal, say how it is done. Returns as `triage.cli.program.run`."""
    if not Globals().may_ask:
        output.error("no profile is set up. Run triage init, or triage demo to look around")
        return 2
    sys.stderr.write(CHOICE)
    sys.stderr.write("1 or 2, Enter for 1, q to leave: ")
    sys.stderr.flush()
    answer = sys.stdin.readline()
    chosen = answer.strip().casefold()
    if not answer or chosen == "q":
        return 0
    if chosen in ("", "1"):
        return run(["demo"])
    if chosen == "2":
        ended = run(["init"])
        return OpenScreen(None) if ended == 0 else ended
    output.error(f"{chosen} is neither 1 nor 2")
    return 2
