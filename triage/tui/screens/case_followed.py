"""What came of the investigation of a case, and the way from the case to the registers."""

from __future__ import annotations

from triage.tui.case_rows import FollowedUp
from triage.tui.register_keys import open_enhancements, open_recommendations
from triage.tui.screens.case_promises import PromiseKeys


class FollowedUpKeys(PromiseKeys):
    """The part of the case screen that deals with what an investigation leads to."""

    _followed: FollowedUp | None = None
    """Read when its tab is looked at, not before."""

    async def _read_followed(self) -> None:
        """Reads what came of the investigation."""
        held = self.case.investigation if self.case else None
        if held is None:
            return
        desk = self.triage.desk
        self._followed = FollowedUp(
            (await desk.investigations.view(held.id)).investigation,
            await desk.recommendations.of_case(self.ticket_id),
            await desk.enhancements.of_investigation(held.id),
        )
        self._tell()

    def _tell(self) -> None:
        """Draws what is known."""
        raise NotImplementedError

    def action_recommendations(self) -> None:
        """The register, filtered by this ticket; Esc there shows all of it."""
        if (target := self.ticket()) is not None:
            open_recommendations(self.triage, target.key, at=target.id)

    def action_enhancements(self) -> None:
        """The enhancement cases; ``n`` there offers this ticket."""
        if (target := self.ticket()) is not None:
            open_enhancements(self.triage, source=target.key)
