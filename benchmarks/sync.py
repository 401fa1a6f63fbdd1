"""Pulling every ticket with its thread from the embedded helpdesk: Triage beside zenpy's export iterator.

Run: python -m benchmarks.sync [--latency MS] [--alone] [TICKETS …]. Prints tickets a second, the messages
that were read, CPU and peak memory for each, how many times as fast ours is, how far our memory goes from
one size to the next, and how busy the machine was; asserts nothing. With ``--latency`` the server takes that
much longer for every answer, as one at the other end of a network does; ``--alone`` leaves zenpy out.

zenpy runs twice. "read" fetches tickets and threads and throws them away: the harshest yardstick. "kept" does
what somebody has to do who wants them: look people up, and write everything into SQLite. Ours are on disk at
the end, in the order of the queue, with the promises found in them. zenpy is for the comparison only:
python -m pip install zenpy
"""

from __future__ import annotations

import argparse
import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from triage.demo.child import DemoProcess, start_demo
from triage.store.database_file import safe_journal

ROOT = Path(__file__).parents[1]
DEFAULT = (1_000, 10_000)
QUEUE = "search:status<closed"
DELAY = "- match: {{path: /api/}}\n  fault: delay\n  seconds: {}\n"
NO_LIMIT = 1_000_000_000

_ZENPY_HERE = """
import sqlite3, sys, warnings
warnings.filterwarnings("ignore")
try:
    from zenpy import Zenpy
except ImportError:
    raise SystemExit("zenpy is not installed: python -m pip install zenpy")
import requests
url, token = sys.argv[1:3]
session = requests.Session()
session.headers["Authorization"] = f"Bearer {token}"

class Here(requests.adapters.HTTPAdapter):
    # zenpy knows https addresses of zendesk.com only; this brings its requests to the server under test.
    def send(self, request, **kwargs):
        path = "/api" + request.url.split("/api", 1)[1]
        request.url = url + path
        answer = super().send(request, **kwargs)
        answer.request.url = "https://demo.zendesk.com" + path
        return answer

for prefix in ("https://", "http://"):
    session.mount(prefix, Here())
client = Zenpy(subdomain="demo", email="a@example.com", oauth_token=token, session=session)
tickets = messages = 0
"""

READ_WITH_ZENPY = (
    _ZENPY_HERE
    + """
for ticket in client.tickets.incremental(start_time=1, paginate_by_time=False):
    tickets += 1
    for audit in client.tickets.audits(ticket.id):
        messages += sum(event["type"] == "Comment" for event in audit.events)
print(tickets, messages)
"""
)
"""The iterator alone brings no threads; for those it needs one more request a ticket, as everybody does.

What it read is thrown away."""

KEPT_WITH_ZENPY = (
    _ZENPY_HERE
    + """
db = sqlite3.connect(sys.argv[3], isolation_level=None)
db.executescript(f'''
PRAGMA journal_mode = {sys.argv[4]}; PRAGMA synchronous = EXTRA;
CREATE TABLE tickets (id INTEGER PRIMARY KEY, subject, status, priority, created_at, updated_at,
                      requester, assignee, organization, tags, fields);
CREATE TABLE events (ticket_id INTEGER, id INTEGER, at, kind, public, actor, role, text, field, old, new,
                     PRIMARY KEY (ticket_id, id));
''')

def name(thing):
    return thing.name if thing is not None else ""

def role(thing):
    return thing.role if thing is not None else ""

def keep(tickets, events):
    db.execute("BEGIN IMMEDIATE")
    db.executemany("INSERT OR REPLACE INTO tickets VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", tickets)
    db.executemany("INSERT OR REPLACE INTO events VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", events)
    db.execute("COMMIT")
    tickets.clear(), events.clear()

rows, told = [], []
people = ["users", "groups", "organizations"]
for ticket in client.tickets.incremental(start_time=1, paginate_by_time=False, include=people):
    tickets += 1
    rows.append((ticket.id, ticket.subject, ticket.status, ticket.priority, ticket.created_at,
                 ticket.updated_at, name(ticket.requester), name(ticket.assignee), name(ticket.organization),
                 " ".join(ticket.tags), str(ticket.custom_fields)))
    for audit in client.tickets.audits(ticket.id, include=["users"]):
        author = audit.author
        for event in audit.events:
            if event["type"] == "Comment":
                messages += 1
                told.append((ticket.id, event["id"], audit.created_at, "message", event["public"],
                             name(author), role(author), event["body"], "", "", ""))
            elif event["type"] == "Change":
                told.append((ticket.id, event["id"], audit.created_at, "change", False, name(author),
                             role(author), "", event["field_name"], str(event["previous_value"]),
                             str(event["value"])))
    if len(rows) == 100:
        keep(rows, told)
keep(rows, told)
print(tickets, messages)
"""
)
"""The same with what somebody needs who wants to have the tickets: the names of the people in them, and
everything in a database as safe as ours, a hundred tickets at a time.
"""


@dataclass(frozen=True)
class Measured:
    """One program's pull."""

    tickets: int
    messages: int
    seconds: float
    cpu: float
    peak_mb: float

    @property
    def rate(self) -> float:
        """Tickets a second."""
        return self.tickets / self.seconds


def measured(command: list[str], env: dict[str, str]) -> tuple[str, float, float, float]:
    """What ``command`` printed, its wall seconds, CPU seconds and peak memory in MB."""
    begun = time.perf_counter()
    with subprocess.Popen(command, cwd=ROOT, env=env, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        said = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)[:60]} … ended with {process.returncode}")
    seconds = time.perf_counter() - begun
    return said, seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def with_triage(home: Path, demo: DemoProcess) -> Measured:
    """A first full pull by the real program."""
    env = {**os.environ, "TRIAGE_HOME": str(home), "TRIAGE_TOKEN": demo.token}
    triage = [sys.executable, "-m", "triage"]
    words = ["init", "--no-input", "--profile", "bench", "--helpdesk", "zendesk", "--url", demo.url]
    measured([*triage, *words, "--queue", QUEUE, "--token-env", "TRIAGE_TOKEN"], env)
    said, seconds, cpu, peak = measured([*triage, "sync", "--json"], env)
    return Measured(json.loads(said)["pulled"], kept_messages(home), seconds, cpu, peak)


def kept_messages(home: Path) -> int:
    """How many messages the program's own database has after the pull."""
    (path,) = home.glob("data/**/triage.db")
    with closing(sqlite3.connect(path)) as database:
        found = database.execute("SELECT count(*) FROM events WHERE kind IN ('message', 'merge')")
        return int(found.fetchone()[0])


def with_zenpy(script: str, demo: DemoProcess, *more: str) -> Measured:
    """The export iterator, and the audits of each ticket."""
    command = [sys.executable, "-c", script, demo.url, demo.token, *more]
    said, seconds, cpu, peak = measured(command, dict(os.environ))
    tickets, messages = map(int, said.split())
    return Measured(tickets, messages, seconds, cpu, peak)


def compare(count: int, latency_ms: int, *, alone: bool) -> Measured:
    """Measure on a fresh server of ``count`` tickets, and print; returns ours."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        faults = place / "faults.yaml"
        faults.write_text(DELAY.format(latency_ms / 1000) if latency_ms else "[]")
        with start_demo(place / "helpdesk", tickets=count, rate_limit=NO_LIMIT, faults=faults) as demo:
            ours = with_triage(place / "home", demo)
            tell(count, "triage", ours)
            if not alone:
                read = with_zenpy(READ_WITH_ZENPY, demo)
                tell(count, "zenpy, read", read, ours)
                journal = safe_journal(sqlite3.sqlite_version_info)
                kept = with_zenpy(KEPT_WITH_ZENPY, demo, str(place / "zenpy.db"), journal)
                tell(count, "zenpy, kept", kept, ours)
    return ours


def tell(count: int, name: str, one: Measured, ours: Measured | None = None) -> None:
    """One line; behind another program's how many times as many tickets a second ours pulls."""
    ratio = "" if ours is None else f"   ours {ours.rate / one.rate:.2f} x"
    print(f"{count:>8} {name:12} {one.tickets:>8} tickets {one.messages:>8} messages {one.seconds:9.2f} s "
          f"{one.rate:7.0f} tickets/s {one.cpu:9.2f} s CPU "
          f"{one.peak_mb:6.0f} MB{ratio}", flush=True)  # fmt: skip


def main() -> None:
    """Every size in turn."""
    words = argparse.ArgumentParser(prog="python -m benchmarks.sync", description=__doc__)
    words.add_argument("tickets", nargs="*", type=int, default=DEFAULT)
    words.add_argument("--latency", type=int, default=0, help="Milliseconds added to each answer.")
    words.add_argument("--alone", action="store_true", help="Without zenpy.")
    asked = words.parse_args()
    print(f"  {os.cpu_count()} processors, load {os.getloadavg()[0]:.1f} before")
    peaks = [compare(count, asked.latency, alone=asked.alone).peak_mb for count in asked.tickets]
    print(f"  load {os.getloadavg()[0]:.1f} behind")
    print(f"  memory {max(peaks) - min(peaks):8.0f} MB between the least and the most")


if __name__ == "__main__":
    main()
