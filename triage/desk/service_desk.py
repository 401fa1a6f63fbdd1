"""The service seen from outside: one verb for each of its pictures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from triage.desk.every_investigation import every_investigation
from triage.desk.facts import read_facts
from triage.desk.parts import Parts
from triage.insight.case_value import case_value
from triage.insight.customer_view import customer_view
from triage.insight.target_check import target_check
from triage.insight.upgrade_matrix import upgrade_matrix
from triage.model.case import CaseFacts
from triage.model.errors import Invalid
from triage.model.investigation import Investigation
from triage.model.service import CaseValue, Quadrant, Seen, ServicePlan, TargetCheck
from triage.retrospective.service_file import read_service

FILE = "service.yaml"
"""Beside the settings: what the team says about its products and targets."""


@dataclass(slots=True)
class ServiceDesk:
    """Verbs that only read."""

    parts: Parts

    def plan(self) -> ServicePlan:
        """What the team's file says; empty without one. Raises `Invalid` with the place of a mistake."""
        path = self.parts.paths.config_dir / FILE
        try:
            text = path.read_text("utf-8")
        except FileNotFoundError:
            return ServicePlan()
        except (OSError, UnicodeDecodeError):
            raise Invalid("cannot be read as text", where=str(path)) from None
        return read_service(text, str(path))

    async def customer_view(self, ticket_id: str) -> tuple[Seen, ...]:
        """What the customer saw of a case, with the silences. Raises `NotFound`."""
        now = self.parts.now()
        facts = await self.parts.database.read(lambda session: read_facts(session, ticket_id, now))
        return customer_view(facts.timeline, now if facts.ticket.open else None)

    async def upgrade_matrix(self) -> tuple[Quadrant, ...]:
        """Products by upgrade policy and technology, with the cases that upgrades have cost."""
        plan = self.plan()
        return upgrade_matrix([it for it, _ in await self._cases()], plan.products)

    async def targets(self) -> TargetCheck:
        """The team's targets against the kind of its cases."""
        plan = self.plan()
        return target_check(await self._cases(), plan.targets)

    async def value(self) -> CaseValue:
        """What the cases are worth: content or volume."""
        return case_value(await self._cases())

    async def _cases(self) -> Sequence[tuple[Investigation, CaseFacts]]:
        return [(one.investigation, one.facts) for one in await every_investigation(self.parts)]
