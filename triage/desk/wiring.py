"""Putting the parts of one profile together."""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime

from triage.config.known_secrets import listen
from triage.config.log_redaction import redact_logs
from triage.config.paths import Paths
from triage.config.profiles import Profile, load_profile
from triage.config.secret import Redactor
from triage.desk.attachment_desk import AttachmentDesk
from triage.desk.backup_desk import BackupDesk
from triage.desk.case_desk import CaseDesk
from triage.desk.desk import Desk
from triage.desk.enhancement_desk import EnhancementDesk
from triage.desk.evidence_desk import EvidenceDesk
from triage.desk.investigation_desk import InvestigationDesk
from triage.desk.outbox_desk import OutboxDesk
from triage.desk.parts import Connection, Parts
from triage.desk.party_desk import PartyDesk
from triage.desk.playbook_desk import PlaybookDesk
from triage.desk.playbook_files import TRUST_FILE, library_of
from triage.desk.playbook_record_desk import PlaybookRecordDesk
from triage.desk.playbook_statistics_desk import PlaybookStatisticsDesk
from triage.desk.queue_desk import QueueDesk
from triage.desk.recommendation_desk import RecommendationDesk
from triage.desk.service_desk import ServiceDesk
from triage.desk.sync_desk import SyncDesk
from triage.desk.team_script import use_team_script
from triage.desk.views import ProfileView
from triage.desk.wording_desk import WordingDesk
from triage.desk.worked_examples import ExampleDesk
from triage.docket.docket import Docket
from triage.docket.evidence import EvidenceFiles
from triage.docket.rebuild import rebuild_if_stale
from triage.model.entry import Person
from triage.model.uuid7 import uuid7
from triage.playbook.shelf.trust import TrustStore
from triage.store.database import Database
from triage.store.note_journal import NoteJournal


def utc_now() -> datetime:
    """The machine's clock, aware."""
    return datetime.now(UTC)


def new_id() -> str:
    """A fresh UUIDv7."""
    return uuid7(time.time_ns() // 1_000_000, os.urandom(10))


async def wire(name: str | None) -> Desk:
    """The desk of profile ``name``."""
    paths = Paths.find()
    profile = load_profile(paths, name)
    paths.make()
    parts = await _parts(paths, profile)
    outbox, backups = OutboxDesk(parts), BackupDesk(parts)
    return Desk(
        profile=ProfileView(
            name=profile.name,
            helpdesk=profile.helpdesk,
            url=profile.url,
            queue=profile.queue,
            person=profile.person,
            zone=parts.zone,
        ),
        parts=parts,
        queue=QueueDesk(parts),
        cases=CaseDesk(parts),
        attachments=AttachmentDesk(parts),
        evidence=EvidenceDesk(parts),
        playbooks=PlaybookDesk(parts),
        playbook_statistics=PlaybookStatisticsDesk(parts),
        playbook_record=PlaybookRecordDesk(parts),
        investigations=InvestigationDesk(parts, use_team_script(paths)),
        outbox=outbox,
        sync=SyncDesk(parts, outbox, backups),
        backups=backups,
        wording=WordingDesk(parts),
        recommendations=RecommendationDesk(parts),
        examples=ExampleDesk(parts),
        enhancements=EnhancementDesk(parts),
        parties=PartyDesk(parts),
        service=ServiceDesk(parts),
    )


async def _parts(paths: Paths, profile: Profile) -> Parts:
    redactor = Redactor()
    redact_logs(redactor)
    listen(redactor)
    person = Person(profile.person)
    database = await Database.open(profile.database, zone=profile.tzinfo)
    await rebuild_if_stale(database, now=utc_now, zone=profile.tzinfo)
    journal = NoteJournal(profile.journal_path, utc_now)
    return Parts(
        profile=profile,
        paths=paths,
        database=database,
        docket=Docket(database, person, clock=utc_now, randomness=os.urandom, journal=journal),
        journal=journal,
        evidence=EvidenceFiles(profile.evidence_dir, redactor),
        connection=Connection(profile, redactor),
        library=library_of(paths, profile),
        trust=TrustStore(paths.state_dir / TRUST_FILE),
        redactor=redactor,
        person=person,
        zone=profile.tzinfo,
        now=utc_now,
        new_id=new_id,
    )
