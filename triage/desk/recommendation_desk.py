"""Following recommendations until they are done."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from triage.desk.every_investigation import Held, every_investigation
from triage.desk.parts import Parts
from triage.insight.recommendation_register import register, returned
from triage.model.entry import NewEntry
from triage.model.errors import Invalid, NotFound
from triage.model.investigation import Investigation
from triage.model.register_line import RegisterLine, StatusMove
from triage.retrospective import recommendation_letters as letters
from triage.retrospective.recommendation_moves import moves

LIST = "triage recommendations list shows their names"
Act = Callable[[Investigation, str], NewEntry]


@dataclass(slots=True)
class RecommendationDesk:
    """Verbs on recommendations; a name is ``ESC-2026-0031-R1``."""

    parts: Parts

    async def list(self) -> tuple[RegisterLine, ...]:
        """The whole register, open ones first."""
        now = self.parts.now()
        return register([one.investigation for one in await every_investigation(self.parts)], now)

    async def of_case(self, ticket_id: str) -> tuple[RegisterLine, ...]:
        """Those that came of one ticket."""
        return tuple(line for line in await self.list() if line.case_id == ticket_id)

    def moves(self, line: RegisterLine) -> tuple[StatusMove, ...]:
        """Every status it might be moved to now; those that it may not, with the reason."""
        return moves(line.recommendation.status)

    async def respond(self, name: str, text: str) -> RegisterLine:
        """Write down the addressee's answer."""
        return await self._write(name, lambda it, one: letters.respond(it, one, text))

    async def judge(self, name: str, status: str, text: str) -> RegisterLine:
        """Say whether the answer will do."""
        return await self._write(name, lambda it, one: letters.judge(it, one, status, text))

    async def close(self, name: str, status: str, text: str) -> RegisterLine:
        """End it with what was done."""
        return await self._write(name, lambda it, one: letters.close(it, one, status, text))

    async def reopen(self, name: str, text: str) -> RegisterLine:
        """Open a closed one again."""
        return await self._write(name, lambda it, one: letters.reopen(it, one, text))

    async def track(self, name: str, url: str) -> RegisterLine:
        """Link the place where the work is followed."""
        return await self._write(name, lambda it, one: letters.track(it, one, url))

    async def measure(self, name: str, text: str) -> RegisterLine:
        """Write down what counting before and after has shown."""
        return await self._write(name, lambda it, one: letters.measure(it, one, text))

    async def write_letter(self, name: str, move: StatusMove, text: str) -> RegisterLine:
        """Any of the four letters. Raises what they raise."""
        if move.verb == "respond":
            return await self.respond(name, text)
        if move.verb == "judge":
            return await self.judge(name, move.code, text)
        if move.verb == "close":
            return await self.close(name, move.code, text)
        return await self.reopen(name, text)

    async def show(self, name: str) -> RegisterLine:
        """One recommendation. Raises `NotFound`."""
        wanted = name.strip().casefold()
        for line in await self.list():
            if line.id.casefold() == wanted:
                return line
        raise NotFound(f"no recommendation {name}", do=LIST)

    async def reopened_by(self, investigation_id: str) -> tuple[RegisterLine, ...]:
        """What was opened again because this investigation has found the same once more."""
        lines = await self.list()
        return tuple(
            line
            for line in lines
            if any(one.sender == investigation_id for one in line.recommendation.exchange)
        )

    async def reopen_returned(self, investigation_id: str) -> None:
        """Open again what was closed as done against what this adopted investigation has found again."""
        held = await every_investigation(self.parts)
        everything = [one.investigation for one in held]
        new = next(it for it in everything if it.id == investigation_id)
        said = new.classification
        words = f"Closed as done, yet {new.ticket_key} has {said.code} on {new.component} again."
        for it, one in returned(new, everything):
            entry = letters.reopen(it, one.id, words, sender=new.id)
            await self.parts.docket.append(it.case_id, [entry])

    async def _write(self, name: str, act: Act) -> RegisterLine:
        wanted = name.strip().casefold()
        for held in await every_investigation(self.parts):
            for one in held.investigation.recommendations:
                if f"{held.investigation.id}-{one.id}".casefold() == wanted:
                    return await self._append(held, one.id, act)
        raise NotFound(f"no recommendation {name}", do=LIST)

    async def _append(self, held: Held, one: str, act: Act) -> RegisterLine:
        it = held.investigation
        if one not in it.issued:
            raise Invalid(f"{one} of {it.id} was not issued", do="Adopting the investigation issues it")
        await self.parts.docket.append_if(it.case_id, "investigation", it.id, held.last_entry, [act(it, one)])
        return next(line for line in await self.list() if line.id == f"{it.id}-{one}")
