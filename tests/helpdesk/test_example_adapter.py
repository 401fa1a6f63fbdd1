"""The adapter printed in docs/adapters.md, installed as a package of its own and held to every promise."""

from __future__ import annotations

import importlib
import json
import re
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from triage.config.profiles import Profile
from triage.config.secret import Secret
from triage.helpdesk import registry
from triage.helpdesk.conformance.ground import Ground, Wishes
from triage.helpdesk.conformance.suite import examine

PAGE = Path(__file__).parents[2] / "docs" / "adapters.md"


def printed() -> str:
    """The adapter as the page prints it."""
    [code] = [
        block
        for block in re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)
        if "class " in block
    ]
    return str(code)


@pytest.fixture
def deskling(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The page's code as an installed package: a module and its metadata with the entry point."""
    (tmp_path / "deskling.py").write_text(printed())
    metadata = tmp_path / "deskling-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: deskling\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text("[triage.helpdesk]\ndeskling = deskling:open_helpdesk\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    importlib.invalidate_caches()
    yield "deskling"
    sys.modules.pop("deskling", None)


class Server:
    """Three addresses and two tickets."""

    def __init__(self) -> None:
        self.notes: dict[str, list[dict[str, Any]]] = {"1": [], "2": []}
        self.say("1", "customer", "It is broken.", internal=False)
        self.say("1", "agent", "We are on it.", internal=False)

    def say(self, number: str, who: str, body: str, *, internal: bool) -> None:
        at = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.%fZ}"
        count = sum(map(len, self.notes.values()))
        row = {"id": count + 1, "who": who, "body": body, "internal": internal, "at": at}
        self.notes[number].append(row)

    def record(self, number: str) -> dict[str, Any]:
        notes = self.notes[number]
        updated = notes[-1]["at"] if notes else "2026-03-01T08:00:00Z"
        return {"id": int(number), "subject": "Broken", "status": "open", "created": "2026-03-01T08:00:00Z",
                "updated": updated, "notes": notes}  # fmt: skip

    def __call__(self, request: httpx.Request) -> httpx.Response:
        _, _, path = request.url.path.partition("/api/")
        if path == "me":
            return httpx.Response(200, json={"id": 7, "name": "Robin"})
        if path == "tickets":
            return httpx.Response(200, json=[self.record(number) for number in self.notes])
        number = path.split("/")[1]
        if number not in self.notes:
            return httpx.Response(404, json={})
        if request.method == "POST":
            asked = json.loads(request.content)
            self.say(number, "agent", asked["body"], internal=asked["internal"])
            return httpx.Response(201, json={})
        return httpx.Response(200, json=self.record(number))


def opened(name: str, server: Server, tmp_path: Path) -> Any:
    profile = Profile(name="d", helpdesk=name, url="https://desk.test/api", folder=tmp_path, database="")
    helpdesk = registry.open_helpdesk(profile, Secret("t"))
    module = importlib.import_module(name)
    return type(helpdesk), module.open_helpdesk(profile, Secret("t"), transport=httpx.MockTransport(server))


async def test_the_printed_adapter_is_found_and_keeps_every_promise(deskling: str, tmp_path: Path) -> None:
    assert deskling in registry.names()
    assert ("deskling", "deskling 1.0") in [(one.name, one.package) for one in registry.installed()]
    server = Server()
    kind, helpdesk = opened(deskling, server, tmp_path)
    assert kind is type(helpdesk)
    wishes = Wishes("1", write=True)
    ground = Ground(helpdesk, "", wishes, new_id=iter(f"0197dddd-{n}" for n in range(99)).__next__)
    found = {result.name: result async for result in examine(helpdesk, "", wishes, ground)}
    assert [f"{one.name}: {one.text}" for one in found.values() if one.state == "failed"] == []
    assert {one.name for one in found.values() if one.state == "passed"} >= {
        "account", "queue", "timeline", "sides", "delta", "plans", "no tags", "note", "unsent",
    }  # fmt: skip
    assert len(server.notes["1"]) == 3


def test_the_printed_adapter_is_short() -> None:
    body = printed().partition("def open_helpdesk")[2].splitlines()
    assert sum(bool(row.strip()) for row in body) <= 85
