"""A command or request that a person stops: at once, wherever it stands, and recorded as stopped."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from tests.playbook.world import END, NOW, Bench, document
from triage.desk.command_tries import CommandTries
from triage.playbook.language.steps import Probe
from triage.playbook.run import engine
from triage.playbook.run.output import CaptureResult
from triage.playbook.run.wanted import wanted_of

PARTS: Any = SimpleNamespace(now=lambda: NOW, redactor=SimpleNamespace(redact=lambda text: text))
HEAD = "  - {id: look, title: Look, manual: m, timeout: 5m, "


class Stopping:
    """One command with a person at the stop key."""

    def __init__(self, step: str) -> None:
        self.bench = Bench(document(f"{HEAD}{step}}}\n{END}"), http_allow=("127.0.0.1",))
        self.stop = asyncio.Event()
        shown = self.bench.view.current
        assert shown is not None and shown.command is not None
        self.bench.do(engine.command_started, "look", shown.command.digest)
        found = self.bench.playbook.steps[0]
        assert isinstance(found, Probe)
        self.step = found

    async def ended(
        self, *, stop_at_try: bool = False, on_output: Callable[[str], None] | None = None
    ) -> CaptureResult:
        async def polled(result: CaptureResult) -> None:
            self.bench.do(engine.command_polled, "look", result)
            if stop_at_try:
                self.stop.set()

        wanted = wanted_of(self.bench.state, self.step, self.bench.context)
        tries = CommandTries(PARTS, self.step, wanted, self.stop, polled, on_output)
        async with asyncio.timeout(30):
            result = await tries.result()
        self.bench.do(engine.command_finished, "look", result)
        return result

    @property
    def said(self) -> str:
        panel = self.bench.view.panel
        assert panel is not None and panel.kind == "interrupted"
        return panel.say


async def test_between_two_tries_the_person_and_what_the_tries_came_to_are_recorded() -> None:
    one = Stopping("kind: check, run: echo not yet; exit 3, effect: read_only, poll: {every: 10m, up_to: 1h}")
    result = await one.ended(stop_at_try=True)
    assert result.cancelled
    assert one.said == "mara stopped it at 03:00 UTC, before it was done. Tries before: 1, the last: exit 3."
    assert [entry.kind for entry in one.bench.entries][-2:] == ["evidence.added", "step.interrupted"]
    assert one.bench.entries[-2].data["text"] == "not yet\n"


async def test_while_it_runs_what_it_said_is_kept_and_it_is_gone() -> None:
    one = Stopping("kind: check, run: echo begun; sleep 300, effect: read_only")
    result = await one.ended(on_output=lambda _: one.stop.set())
    assert (result.cancelled, result.exit_code, result.out) == (True, None, "begun\n")
    assert one.said == "mara stopped it at 03:00 UTC, before it was done."


async def test_a_request_that_is_not_answered_is_let_go() -> None:
    asked = asyncio.Event()

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.set()
        await reader.read()
        writer.close()

    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    one = Stopping(f"kind: http, url: 'http://127.0.0.1:{port}/'")
    ending = asyncio.ensure_future(one.ended())
    await asyncio.wait_for(asked.wait(), 10)
    one.stop.set()
    assert (await ending).cancelled
    assert one.said.startswith("mara stopped it")
    server.close()


async def test_a_try_that_passes_is_the_last_one_and_a_pass() -> None:
    one = Stopping("kind: check, run: echo fine, effect: read_only, poll: {every: 10m, up_to: 1h}")
    result = await one.ended()
    assert not result.cancelled
    assert one.bench.here == "done"
