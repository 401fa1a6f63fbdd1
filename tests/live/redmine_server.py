"""A real Redmine on loopback, in a folder of its own."""

from __future__ import annotations

import json
import subprocess
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SCRIPT = Path(__file__).parent / "redmine.sh"


def run_script(*words: str) -> subprocess.CompletedProcess[str]:
    """Run ``redmine.sh``; what it says goes to the captured output."""
    return subprocess.run([str(SCRIPT), *words], capture_output=True, text=True, check=False, timeout=300)


def is_installed() -> bool:
    """Whether the packages are there and we may give Redmine a name for its folder."""
    return run_script("installed").returncode == 0


@dataclass(frozen=True)
class RedmineServer:
    """A running server with one project of escalations."""

    folder: Path
    url: str
    made: Mapping[str, Any]
    """Numbers of everything the bootstrap made, and the people's keys."""

    @property
    def keys(self) -> Mapping[str, str]:
        """By login: ``triage-bot`` is ours, ``partner`` may not make notes private, ``ilse`` buys."""
        found: Mapping[str, str] = self.made["keys"]
        return found

    def ask(self, path: str, *, who: str = "noor", method: str = "GET", body: Any = None) -> Any:
        """One request outside Triage, by default as somebody in support. Raises on an HTTP error."""
        request = urllib.request.Request(
            f"{self.url}/{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"X-Redmine-API-Key": self.keys[who], "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.loads(answer.read() or b"null")

    def new_issue(self, subject: str, *, who: str = "ilse", project: str = "project", **more: Any) -> str:
        """Make an issue; returns its number."""
        issue = {
            "project_id": self.made[project], "tracker_id": self.made["tracker"], "subject": subject,
            "description": "It does not work.", **more,
        }  # fmt: skip
        made = self.ask("issues.json", who=who, method="POST", body={"issue": issue})
        return str(made["issue"]["id"])

    def change(self, number: str, *, who: str = "noor", **values: Any) -> None:
        """Change an issue as somebody else."""
        self.ask(f"issues/{number}.json", who=who, method="PUT", body={"issue": values})

    def upload(self, name: str, content: bytes, *, who: str) -> str:
        """Bring a file that hangs on no issue yet; returns its token."""
        request = urllib.request.Request(
            f"{self.url}/uploads.json?filename={name}",
            method="POST",
            data=content,
            headers={"X-Redmine-API-Key": self.keys[who], "Content-Type": "application/octet-stream"},
        )
        with urllib.request.urlopen(request, timeout=60) as answer:
            return str(json.loads(answer.read())["upload"]["token"])

    def issue(self, number: str) -> dict[str, Any]:
        """The issue as somebody in support sees it, with its journals."""
        found: dict[str, Any] = self.ask(f"issues/{number}.json?include=journals")["issue"]
        return found

    def notes(self, number: str) -> list[tuple[str, bool]]:
        """Text and privacy of every note, oldest first."""
        return [
            (row["notes"], row["private_notes"] is True)
            for row in self.issue(number)["journals"]
            if row.get("notes")
        ]

    def fields(self, number: str) -> dict[str, Any]:
        """Values of the custom fields by name."""
        return {field["name"]: field.get("value") for field in self.issue(number)["custom_fields"]}


def start_redmine(folder: Path) -> RedmineServer:
    """Set one up and start it in ``folder``. Raises `RuntimeError` with what the script said."""
    for words in (("init", str(folder)), ("start", str(folder))):
        done = run_script(*words)
        if done.returncode:
            raise RuntimeError(f"{' '.join(words)}: {done.stdout[-2000:]}\n{done.stderr[-2000:]}")
    port = (folder / "port").read_text().strip()
    return RedmineServer(folder, f"http://127.0.0.1:{port}", json.loads((folder / "keys.json").read_text()))


def stop_redmine(server: RedmineServer) -> None:
    """End the server that was started in the folder, and take its name away again."""
    run_script("stop", str(server.folder))
    run_script("forget", str(server.folder))
