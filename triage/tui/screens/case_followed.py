"""What came of the investigation of a case, and the way from the case to the registers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from triage.tui.case_rows import FollowedUp
from triage.tui.register_keys import open_enhancements, open_recommendations
from triage.tui.screens.case_evidence import EvidenceKeys

if TYPE_CHECKING:
    from triage.model.case import Case


class FollowedUpKeys(EvidenceKeys):
    """The part of the case screen that deals with what an investigation leads to."""

    _followed: FollowedUp | None = None
    """Read when its tab is looked at, not before."""

    async def _followed_up(self, case: Case) -> FollowedUp | None:
        """Reads what came of the investigation of ``case``; None where there is none."""
        held = case.investigation
        if held is None:
            return None
        desk = self.triage.desk
        return FollowedUp(
            (await desk.investigations.view(held.id)).investigation,
            await desk.recommendations.of_case(self.ticket_id),
            await desk.enhancements.of_investigation(held.id),
        )

    def action_recommendations(self) -> None:
        """The register, filtered by this ticket; Esc there shows all of it."""
        if (target := self.ticket()) is not None:
            open_recommendations(self.triage, target.key, at=target.id)

    def action_enhancements(self) -> None:
        """The enhancement cases; ``n`` there offers this ticket."""
        if (target := self.ticket()) is not None:
            open_enhancements(self.triage, source=target.key)
