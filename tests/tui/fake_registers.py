"""Registers in memory under the rules of the real ones; every verb is noted in ``calls``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

from tests.tui.fake_desk import NOW
from triage.insight.alike_wishes import alike_wishes
from triage.insight.recommendation_register import register
from triage.model.enhancement import EnhancementCase, EnhancementState
from triage.model.entry import Entry, NewEntry
from triage.model.errors import NotFound
from triage.model.investigation import Classification, Exchange, Finding, Investigation, Recommendation
from triage.model.register_line import RegisterLine, StatusMove
from triage.model.ticket import Ticket, Version
from triage.retrospective import enhancement
from triage.retrospective import recommendation_letters as letters
from triage.retrospective.recommendation_moves import moves


def issued(number: int, status: str, due: date | None, **more: Any) -> Recommendation:
    """One recommendation; an answered one has the answer with it."""
    said = (
        ()
        if status == "OAR"
        else (Exchange(NOW - timedelta(days=2), "addressee", "We plan a guard.", "ORR"),)
    )
    if status not in ("OAR", "ORR"):
        said = (*said, Exchange(NOW - timedelta(days=1), "issuer", "That will do.", status))
    values: dict[str, Any] = {
        "addressee": "Identity team", "text": f"Stop a sync that removes more than {number}5 grants",
        "aim": "prevent", "strength": "strong", "cites": ("F1",), "exchange": said,
    }  # fmt: skip
    return Recommendation(f"R{number}", due=due, status=status, **(values | more))


def investigation(*recommendations: Recommendation, number: int = 31, ticket: str = "1000") -> Investigation:
    """An adopted one."""
    return Investigation(
        f"ESC-2026-00{number}", ticket, f"HL-{39000 + int(ticket)}", NOW - timedelta(days=40), phase="final",
        state="adopted", adopted_at=NOW - timedelta(days=30), component="sync", customer="Cobalt Freight",
        classification=Classification("bug", "B2.3"), recommendations=recommendations,
        issued=tuple(one.id for one in recommendations),
        findings=(Finding("F1", "cause", "The sync removes grants and says nothing"),),
    )  # fmt: skip


def full_register() -> list[Investigation]:
    """One of each standing."""
    today = NOW.date()
    return [
        investigation(
            issued(1, "OAR", today - timedelta(days=3)),
            issued(2, "ORR", today + timedelta(days=3), zero_cost=True, aim="educate", strength="weak"),
            issued(3, "OAA", today + timedelta(days=80), tracker_url="https://tracker.example/7"),
            issued(4, "CAA", today - timedelta(days=9), addressee="Docs"),
        ),
        investigation(issued(1, "OAR", today - timedelta(days=60)), number=44, ticket="1001"),
    ]


@dataclass
class FakeRecommendations:
    """The register over ``investigations``."""

    investigations: list[Investigation] = field(default_factory=full_register)
    calls: list[tuple[Any, ...]] = field(default_factory=list)

    async def list(self) -> tuple[RegisterLine, ...]:
        return register(self.investigations, NOW)

    async def of_case(self, ticket_id: str) -> tuple[RegisterLine, ...]:
        return tuple(line for line in await self.list() if line.case_id == ticket_id)

    def moves(self, line: RegisterLine) -> tuple[StatusMove, ...]:
        return moves(line.recommendation.status)

    async def show(self, name: str) -> RegisterLine:
        for line in await self.list():
            if line.id == name:
                return line
        raise NotFound(f"no recommendation {name}")

    async def write_letter(self, name: str, move: StatusMove, text: str) -> RegisterLine:
        acts: dict[str, Callable[[Investigation, str], NewEntry]] = {
            "respond": lambda it, one: letters.respond(it, one, text),
            "judge": lambda it, one: letters.judge(it, one, move.code, text),
            "close": lambda it, one: letters.close(it, one, move.code, text),
            "reopen": lambda it, one: letters.reopen(it, one, text),
        }
        return await self._write(name, acts[move.verb])

    async def track(self, name: str, url: str) -> RegisterLine:
        return await self._write(name, lambda it, one: letters.track(it, one, url))

    async def measure(self, name: str, text: str) -> RegisterLine:
        return await self._write(name, lambda it, one: letters.measure(it, one, text))

    async def _write(self, name: str, act: Callable[[Investigation, str], NewEntry]) -> RegisterLine:
        line = await self.show(name)
        at = next(n for n, it in enumerate(self.investigations) if it.id == line.investigation_id)
        it = self.investigations[at]
        new = act(it, line.recommendation.id)
        self.calls.append((new.kind, name, dict(new.data)))
        letter = letters.letter_of(
            Entry("e1", it.case_id, new.subject, it.id, new.kind, NOW, "me", "driver", data=new.data)
        )
        assert letter is not None
        self.investigations[at] = replace(
            it, recommendations=letters.with_letters(it.recommendations, [letter])
        )
        return await self.show(name)


def ticket(key: str, customer: str, relationship: str = "customer") -> Ticket:
    """A ticket that asks for something."""
    return Ticket(key.removeprefix("HL-"), key, "subject", "open", NOW, NOW, Version("1", True),
                  customer=customer, relationship=relationship)  # type: ignore[arg-type]  # fmt: skip


@dataclass
class FakeEnhancements:
    """Enhancement cases kept as entries."""

    entries: dict[str, list[Entry]] = field(default_factory=dict)
    calls: list[tuple[Any, ...]] = field(default_factory=list)
    tickets: dict[str, Ticket] = field(default_factory=lambda: {
        one.key: one for one in (ticket("HL-1000", "Cobalt Freight"), ticket("HL-1001", "Harrow & Pike"),
                                 ticket("HL-1002", "Pemba Air", "prospect"))
    })  # fmt: skip

    def _keep(self, name: str, new: Sequence[NewEntry]) -> None:
        for one in new:
            held = self.entries.setdefault(name, [])
            held.append(Entry(f"{name} {len(held)}", "1000", one.subject, one.subject_id, one.kind, NOW, "me",
                              "driver", data=one.data))  # fmt: skip
            self.calls.append((one.kind, dict(one.data)))

    async def list(self) -> tuple[EnhancementCase, ...]:
        return tuple(enhancement.fold(held) for held in self.entries.values())

    async def show(self, name: str) -> EnhancementCase:
        if name not in self.entries:
            raise NotFound(f"no enhancement case {name}")
        return enhancement.fold(self.entries[name])

    async def alike(self, name: str) -> tuple[EnhancementCase, ...]:
        return alike_wishes(await self.show(name), await self.list())

    async def of_investigation(self, investigation_id: str) -> tuple[EnhancementCase, ...]:
        return tuple(one for one in await self.list() if investigation_id in one.investigations)

    async def new(self, title: str, sources: Sequence[str]) -> EnhancementCase:
        asking = [self.tickets[one] for one in sources if one in self.tickets]
        name = f"ENH-{len(self.entries) + 1:03}"
        from_investigation = next((one for one in sources if one.startswith("ESC")), "")
        asking = asking or [self.tickets["HL-1000"]]
        self._keep(
            name, enhancement.opened(name, title or "As the investigation says", asking, from_investigation)
        )
        return await self.show(name)

    async def _do(self, name: str, act: Callable[[EnhancementCase], Any]) -> EnhancementCase:
        said = act(await self.show(name))
        self._keep(name, [said] if isinstance(said, NewEntry) else said)
        return await self.show(name)

    async def ask(self, name: str, key: str, question: str) -> EnhancementCase:
        return await self._do(name, lambda it: enhancement.asked(it.id, self.tickets[key], question=question))

    async def screen(self, name: str, aligned: str, note: str) -> EnhancementCase:
        return await self._do(name, lambda it: enhancement.screened(it, aligned, note))

    async def quantify(self, name: str, expected: int, basis: str) -> EnhancementCase:
        return await self._do(name, lambda it: enhancement.quantified(it, expected, basis))

    async def value(
        self, name: str, risk: str, level: str, revenue: int | None, currency: str
    ) -> EnhancementCase:
        return await self._do(name, lambda it: enhancement.valued(it, risk, level, revenue, currency))

    async def bundle(self, name: str, others: Sequence[str]) -> EnhancementCase:
        return await self._do(name, lambda it: enhancement.bundled(it, others, self.entries))

    async def recruit(self, name: str, forum: str, votes: int, comments: int) -> EnhancementCase:
        return await self._do(name, lambda it: enhancement.recruited(it, forum, votes, comments))

    async def move(self, name: str, state: EnhancementState, words: str = "") -> EnhancementCase:
        return await self._do(name, lambda it: enhancement.moved(it, state, words))

    async def told(self, name: str, key: str) -> EnhancementCase:
        return await self._do(name, lambda it: enhancement.told(it, key))

    def missing(self, it: EnhancementCase) -> tuple[str, ...]:
        return enhancement.missing(it)

    def next_states(self, it: EnhancementCase) -> tuple[tuple[EnhancementState, str], ...]:
        return enhancement.next_states(it)

    async def reply(self, name: str) -> str:
        return enhancement.reply_draft(await self.show(name))
