"""A real Request Tracker on loopback, in a folder of its own."""

from __future__ import annotations

import json
import subprocess
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SCRIPT = Path(__file__).parent / "request_tracker.sh"


def run_script(*words: str) -> subprocess.CompletedProcess[str]:
    """Run ``request_tracker.sh``; what it says goes to the captured output."""
    return subprocess.run([str(SCRIPT), *words], capture_output=True, text=True, check=False, timeout=300)


def is_installed() -> bool:
    """Whether the packages are there."""
    return run_script("installed").returncode == 0


@dataclass(frozen=True)
class RequestTrackerServer:
    """A running server with the seeded tickets."""

    folder: Path
    url: str
    tokens: Mapping[str, str]
    """By login: ``triage-bot`` is ours, ``onlooker`` has few rights, ``root`` all."""

    @property
    def mail(self) -> Path:
        """The file that every outgoing mail is appended to."""
        return self.folder / "mail"

    def mails(self) -> int:
        """How many mails have gone out since the server was made."""
        return self.mail.read_text(errors="replace").count("===MAIL ")

    def ask(self, path: str, *, who: str = "root", method: str = "GET", body: Any = None) -> Any:
        """One request outside Triage, by default as an administrator. Raises on an HTTP error."""
        request = urllib.request.Request(
            f"{self.url}/REST/2.0/{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"token {self.tokens[who]}", "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.loads(answer.read() or b"null")

    def ticket_id(self, subject: str) -> str:
        """The number of the ticket with this subject."""
        query = urllib.parse.quote(f"Subject = '{subject}'")
        return str(self.ask(f"tickets?query={query}")["items"][0]["id"])

    def new_ticket(self, subject: str, queue: str = "Escalations") -> str:
        """Make a plain ticket; returns its number."""
        body = {
            "Queue": queue,
            "Subject": subject,
            "Content": "It does not work.",
            "ContentType": "text/plain",
        }
        return str(self.ask("ticket", method="POST", body=body)["id"])

    def messages(self, ticket_id: str, kind: str) -> list[str]:
        """Texts of a ticket's transactions of ``kind``: ``Comment`` (internal) or ``Correspond`` (public)."""
        history = self.ask(f"ticket/{ticket_id}/history?fields=Type&per_page=100&orderby=id")["items"]
        found = []
        for row in history:
            if row["Type"] == kind:
                parts = self.ask(f"transaction/{row['id']}/attachments?fields=Content,ContentType")["items"]
                found += [part["Content"] for part in parts if part["ContentType"] == "text/plain"]
        return found

    def comments(self, ticket_id: str) -> list[str]:
        """Texts of the internal comments, oldest first."""
        return self.messages(ticket_id, "Comment")

    def replies(self, ticket_id: str) -> list[str]:
        """Texts of what went to the customer, oldest first."""
        return self.messages(ticket_id, "Correspond")

    def custom_fields(self, ticket_id: str) -> dict[str, list[str]]:
        """Values of every custom field of a ticket."""
        return {field["name"]: field["values"] for field in self.ask(f"ticket/{ticket_id}")["CustomFields"]}

    def status(self, ticket_id: str) -> str:
        """The status of a ticket."""
        return str(self.ask(f"ticket/{ticket_id}")["Status"])


def start_request_tracker(folder: Path, plain_tickets: int = 5) -> RequestTrackerServer:
    """Set up, seed and start one in ``folder``. Raises `RuntimeError` with what the script said."""
    for words in (("init", str(folder)), ("seed", str(folder), str(plain_tickets)), ("start", str(folder))):
        done = run_script(*words)
        if done.returncode:
            raise RuntimeError(f"{' '.join(words)}: {done.stdout[-2000:]}\n{done.stderr[-2000:]}")
    port = (folder / "port").read_text().strip()
    tokens = json.loads((folder / "tokens.json").read_text())
    return RequestTrackerServer(folder, f"http://127.0.0.1:{port}", tokens)


def stop_request_tracker(server: RequestTrackerServer) -> None:
    """End the server that was started in the folder."""
    run_script("stop", str(server.folder))
