"""A command or request, tried until it passes, its time is over, or a person stops it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from triage.desk.parts import Parts
from triage.playbook.language.steps import Probe
from triage.playbook.run.capture import capture
from triage.playbook.run.command_run import polling, tried_again, try_words
from triage.playbook.run.http_request import send
from triage.playbook.run.output import CaptureResult
from triage.playbook.run.request import Request
from triage.playbook.run.wanted import Wanted

OnOutput = Callable[[str], None]


@dataclass(slots=True)
class CommandTries:
    """One command that a person consented to, from its first try to its last."""

    parts: Parts
    step: Probe
    wanted: Wanted
    stop: asyncio.Event
    """Set by the person who stops it."""
    polled: Callable[[CaptureResult], Awaitable[None]]
    """Records a try that did not pass and is followed by another."""
    on_output: OnOutput | None = None

    async def result(self) -> CaptureResult:
        """The last try. One that was stopped between two tries is the try before, marked as ended early."""
        loop = asyncio.get_running_loop()
        every, until = polling(self.step, loop.time())
        while True:
            result = await self._one()
            if not tried_again(self.step, result) or loop.time() + every > until:
                return result
            await self.polled(result)
            if self.on_output:
                self.on_output(f"{try_words(self.step, result)}; again in {every:g} s\n")
            if await self._stopped_within(every):
                return replace(result, cancelled=True, finished_at=self.parts.now())

    async def _one(self) -> CaptureResult:
        known, clock = self.parts.redactor.redact, self.parts.now
        if not isinstance(self.wanted, Request):
            return await capture(
                self.wanted, redact=known, clock=clock, on_output=self.on_output, stop=self.stop
            )
        started = clock()
        sending = asyncio.ensure_future(send(self.wanted, redact=known, clock=clock))
        stopping = asyncio.ensure_future(self.stop.wait())
        try:
            await asyncio.wait([sending, stopping], return_when=asyncio.FIRST_COMPLETED)
            return sending.result() if sending.done() else CaptureResult(
                started, clock(), None, "", cancelled=True
            )  # fmt: skip
        finally:
            stopping.cancel()
            sending.cancel()
            await asyncio.wait([sending, stopping])

    async def _stopped_within(self, seconds: float) -> bool:
        try:
            await asyncio.wait_for(self.stop.wait(), seconds)
        except TimeoutError:
            return False
        return True
