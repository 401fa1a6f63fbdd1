"""``docs/RELIABILITY.md``, made from the records of the runs and from nothing else."""

from __future__ import annotations

from collections.abc import Sequence

from tests.reliability.records import ROOT, Record, kept

PAGE = ROOT / "docs" / "RELIABILITY.md"

PROMISES: dict[str, tuple[str, str, str]] = {
    "schedules": (
        "A write arrives once, on its ticket, seen by whom it should",
        "schedules",
        "A simulated world by seed: two senders that die and start again, a person, other agents, an "
        "administrator who deletes and merges tickets, clocks that jump an hour, and a helpdesk that takes a "
        "comment without a visibility for a public one, loses requests and replies, applies late, throttles, "
        "breaks, tells pages out of order and twice. Broken would be: a note lost, doubled, on the wrong "
        "ticket or public without a confirmation; a field overwritten unseen; a mirror that differs from the "
        "helpdesk; more than 200 rounds to rest; another trace for the same seed.",
    ),
    "kills": (
        "A killed process loses and doubles nothing",
        "SIGKILLs",
        "The real process, killed at a random moment while it syncs with the embedded helpdesk that drops "
        "requests and replies, applies late and breaks; half in each journal mode. After each kill the "
        "database is checked whole; after each batch every note is counted on the helpdesk.",
    ),
    "step kill": (
        "Killed at any step, it comes to the same end",
        "kill points",
        "Every commit and every network call of a scenario, killed there, started again: the same end as "
        "without the kill, and a further sync writes nothing. In order, side by side, and with replies out "
        "of order.",
    ),
    "file steps": (
        "Killed at any file operation, the journal of unsent notes is whole",
        "kill points",
        "Every open, write, sync and close of the journal of unsent notes, a write also half done: what was "
        "said to be written is there, and the journal takes the next note.",
    ),
    "power loss": (
        "A power loss takes nothing that was said to be saved",
        "power losses",
        "Every write, truncation, sync, creation, renaming and removal of a program that saves notes, "
        "configuration and backups is recorded below SQLite and Python; at a moment of it, what was not "
        "synced is taken away in full, in part by sectors, or not at all. Half in each journal mode. With "
        "fewer syncs than the program asks for, the same test must find a loss.",
    ),
    "full disk": (
        "A full disk is told in one line and damages nothing",
        "commands",
        "Sync, note, evidence, backup, configuration and migration on a small disk with little left of it: "
        "nothing corrupt or truncated, one line, and the same works once there is space.",
    ),
    "locking": (
        "Programs side by side wait for each other",
        "transactions",
        "Eight processes write to one database at once; every transaction is there and nobody is told "
        "that it is locked.",
    ),
    "migration": (
        "A killed migration leaves the old database or the new one",
        "kill points",
        "Killed before each statement and each file operation of a migration, and at random moments.",
    ),
    "state machine": (
        "Two engineers and another agent, in any order, lose and double nothing",
        "examples",
        "Steps chosen and shrunk by Hypothesis: writing, confirming, editing, picking, retrying, dropping, "
        "sending, dying, other agents, weather and time, with a judge after each.",
    ),
    "merge": (
        "A three-way merge invents and loses nothing",
        "merges",
        "Generated base, ours and theirs, checked against the laws of merging.",
    ),
    "mutations": (
        "The simulation would notice",
        "guards removed",
        "Each guard is taken out in turn; the number behind it is the seed whose world broke.",
    ),
    "visibility": (
        "Nothing is public without a confirmation",
        "requests",
        "Requests of every adapter's plan over generated writes, read as the helpdesk would read them.",
    ),
    "broken files": (
        "A damaged database is told, and never overwritten",
        "files",
        "Truncated, flipped, empty, read-only and missing files.",
    ),
    "backups": (
        "A backup holds everything acknowledged before it",
        "backups",
        "Taken while another process writes.",
    ),
    "files": (
        "Nobody else can read what Triage writes",
        "commands",
        "After each command, under three umasks, no file is open to group or others.",
    ),
}
"""Kind of run: the promise, what is counted, and how it is put to the test."""

_HEAD = """# Reliability

What was tried, how often, and what broke. This page is made from the records in
[`reliability/runs.jsonl`](reliability/runs.jsonl), which the runs append to themselves; it is never edited.
To add a run: `python -m tests.reliability nightly`. To renew the page: `python -m tests.reliability page`.

A note is delivered *effectively once, under a stated bound*: the settle window of the helpdesk's adapter
must be longer than the helpdesk can take to apply a write it has received. Where a helpdesk takes longer, or
cannot be read back, the write waits for a person.
"""


def rendered(records: Sequence[Record]) -> str:
    """The page for ``records``."""
    parts = [_HEAD, _summary(records)]
    for kind, (promise, unit, how) in PROMISES.items():
        runs = [record for record in records if record.kind == kind]
        if runs:
            parts.append(f"## {promise}\n\n{how}\n\n{_table(runs, unit)}")
    return "\n".join(parts)


def write() -> None:
    """Make the page anew."""
    PAGE.write_text(rendered(kept()), "utf-8")


def _summary(records: Sequence[Record]) -> str:
    lines = ["| promise | largest run | broken in it | latest run | broken in it |", "|---|---|---|---|---|"]
    for kind, (promise, unit, _) in PROMISES.items():
        runs = [record for record in records if record.kind == kind]
        if runs:
            largest, latest = max(runs, key=lambda one: (one.count, one.at)), runs[-1]
            lines.append(
                f"| {promise} | {largest.count:,} {unit}, {largest.at[:10]} | {largest.broken} "
                f"| {latest.count:,} {unit}, {latest.at[:10]} | {latest.broken} |"
            )
    return "\n".join(lines) + "\n"


def _table(runs: Sequence[Record], unit: str) -> str:
    lines = [
        f"| when (UTC) | {unit} | broken | seeds | took | commit, code | machine | also counted |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for run in reversed(runs):
        seeds = f"{run.seeds[0]}–{run.seeds[1]}" if run.seeds else ""
        also = ", ".join(f"{name} {_number(value)}" for name, value in run.details.items())
        lines.append(
            f"| {run.at.replace('T', ' ').removesuffix('Z')} | {run.count:,} | {run.broken} | {seeds} "
            f"| {run.seconds:,.0f} s | {run.commit}, {run.code} | {run.machine} | {also} |"
        )
    return "\n".join(lines) + "\n"


def _number(value: object) -> str:
    return f"{value:,}" if isinstance(value, int) else str(value)
