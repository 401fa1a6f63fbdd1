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
        "Sync, note, evidence, backup and configuration on a small disk with little or less left of it: "
        "nothing corrupt or truncated, one line, and the same works once there is space.",
    ),
    "locking": (
        "Programs side by side wait for each other",
        "transactions",
        "Eight processes write to one database at once, three append to one journal of notes and shorten it; "
        "every transaction and line is there, and nobody is told that it is locked.",
    ),
    "migration": (
        "A killed migration leaves the old database or the new one",
        "kill points",
        "Killed before each statement and each file operation of a migration, and at random moments.",
    ),
    "restores killed": (
        "A killed restore leaves the old database or the restored one",
        "kill points",
        "Killed before each file operation while a backup takes the place of a database whose journal was "
        "left behind: one of the two is there, whole, the next start finishes the rest and says so.",
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
        "Requests that write, of every adapter to a helpdesk of its kind that takes a note without a "
        "visibility for a public one, and swallows requests and answers: writes as they were, edited, after "
        "somebody else's change, in conflict and brought back from the journal; tried again and again. "
        "Without the flag, each adapter is found out.",
    ),
    "HTTP faults": (
        "Whatever the network does, each call ends in time and in words",
        "cases",
        "Fourteen faults of the wire (delays, resets, cuts, drips, endless and oversized answers, wrong "
        "lengths, no HTTP at all, no encryption) in the middle of six calls of every adapter. Broken would "
        "be: a hang, a traceback, a write sent twice or said to have landed that never arrived.",
    ),
    "header leaks": (
        "A token goes to the configured helpdesk and nowhere else",
        "cases",
        "Every adapter, led astray by redirects and by every link in an answer: to other hosts, ports and "
        "schemes, in eight spellings; and through a proxy. No secret byte and no request that writes may "
        "reach a stranger.",
    ),
    "pagination": (
        "A list that moves while it is read misses nobody who stayed",
        "lists",
        "Queues and changes of every kind of helpdesk while tickets leave, come and change between the "
        "requests; and lists that turn in circles, which end at the first page that repeats.",
    ),
    "rate limits": (
        "Many programs share a limit and all of them finish",
        "reads",
        "Fifty programs against a helpdesk that answers ten requests a second: at most 1.3 requests for each "
        "that was needed, none before its time, and 95 of 100 done within 1.5 times the best there can be.",
    ),
    "JSON fuzz": (
        "An answer that is not what it should be ends in one line and changes no ticket's id",
        "mangled answers",
        "Parts of a helpdesk's answers replaced, removed and doubled, in everything an adapter does.",
    ),
    "clocks": (
        "A wrong clock here changes nothing there",
        "runs",
        "Pull and push with this machine's clock up to a day off, or jumping while they run: the same end as "
        "with the right one.",
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
