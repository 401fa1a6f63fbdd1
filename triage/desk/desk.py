"""The desk: everything a person can do with one profile."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from triage.desk.views import ProfileView

if TYPE_CHECKING:
    from triage.desk.attachment_desk import AttachmentDesk
    from triage.desk.backup_desk import BackupDesk
    from triage.desk.case_desk import CaseDesk
    from triage.desk.enhancement_desk import EnhancementDesk
    from triage.desk.evidence_desk import EvidenceDesk
    from triage.desk.investigation_desk import InvestigationDesk
    from triage.desk.outbox_desk import OutboxDesk
    from triage.desk.parts import Parts
    from triage.desk.party_desk import PartyDesk
    from triage.desk.playbook_desk import PlaybookDesk
    from triage.desk.playbook_record_desk import PlaybookRecordDesk
    from triage.desk.playbook_statistics_desk import PlaybookStatisticsDesk
    from triage.desk.queue_desk import QueueDesk
    from triage.desk.recommendation_desk import RecommendationDesk
    from triage.desk.service_desk import ServiceDesk
    from triage.desk.sync_desk import SyncDesk
    from triage.desk.wording_desk import WordingDesk
    from triage.desk.worked_examples import ExampleDesk
    from triage.model.capabilities import Capabilities


@dataclass(slots=True)
class Desk:
    """Everything a person can do with one profile, verb by verb."""

    profile: ProfileView
    parts: Parts
    queue: QueueDesk
    cases: CaseDesk
    attachments: AttachmentDesk
    evidence: EvidenceDesk
    playbooks: PlaybookDesk
    playbook_statistics: PlaybookStatisticsDesk
    playbook_record: PlaybookRecordDesk
    investigations: InvestigationDesk
    outbox: OutboxDesk
    sync: SyncDesk
    backups: BackupDesk
    wording: WordingDesk
    recommendations: RecommendationDesk
    examples: ExampleDesk
    enhancements: EnhancementDesk
    parties: PartyDesk
    service: ServiceDesk

    @property
    def told(self) -> str:
        """What was cleared up when it was opened, such as a restore that was broken off; else empty."""
        return self.parts.database.told

    async def capabilities(self) -> Capabilities:
        """What the helpdesk can do. Raises `NeedsInput` or `Refused` where there is no usable token."""
        return (await self.parts.connection.helpdesk()).capabilities

    async def export(self, ticket_id: str = "") -> dict[str, Any]:
        """Everything recorded here, of one case or of all, as plain data."""
        from triage.desk.record import record_of

        return await record_of(self.parts, ticket_id)

    async def aclose(self) -> None:
        """Leave the runs to other windows; close the helpdesk's connection and the database."""
        self.playbooks.locks.leave_all()
        await self.parts.connection.aclose()
        await self.parts.database.close()
