"""The concrete parts a desk is made of."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, tzinfo

from triage.config.paths import Paths
from triage.config.profiles import Profile
from triage.config.secret import Redactor
from triage.docket.docket import Docket
from triage.docket.evidence import EvidenceFiles
from triage.helpdesk.port import Account, Helpdesk
from triage.model.entry import Person
from triage.playbook.shelf.library import Library
from triage.playbook.shelf.trust import TrustStore
from triage.store.database import Database
from triage.store.note_journal import NoteJournal


@dataclass(slots=True)
class Connection:
    """The helpdesk, opened when it is first needed: everything local works without a token."""

    profile: Profile
    redactor: Redactor
    _helpdesk: Helpdesk | None = None
    _account: Account | None = None
    _opening: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def helpdesk(self) -> Helpdesk:
        """The helpdesk. Raises `NeedsInput` or `Refused` where there is no usable token."""
        async with self._opening:
            if self._helpdesk is None:
                from triage.config.secrets_source import resolve_token
                from triage.helpdesk.registry import open_helpdesk

                token = await asyncio.to_thread(resolve_token, self.profile)
                self.redactor.add(token)
                self._helpdesk = await asyncio.to_thread(open_helpdesk, self.profile, token)
            return self._helpdesk

    async def account(self) -> Account:
        """Who we are there, asked once."""
        helpdesk = await self.helpdesk()
        if self._account is None:
            self._account = await helpdesk.whoami()
        return self._account

    @property
    def known_name(self) -> str:
        """Our name at the helpdesk once it was asked; empty before."""
        return self._account.name if self._account else ""

    @property
    def known_account(self) -> str:
        """The account's name if it was asked already, else the login of the profile."""
        return self._account.name if self._account else self.profile.account or "this profile's account"

    async def aclose(self) -> None:
        """Close the connection if one was opened."""
        if self._helpdesk is not None:
            await self._helpdesk.aclose()


@dataclass(slots=True)
class Parts:
    """Everything wired together; each verb takes what it needs."""

    profile: Profile
    paths: Paths
    database: Database
    docket: Docket
    journal: NoteJournal
    evidence: EvidenceFiles
    connection: Connection
    library: Library
    trust: TrustStore
    redactor: Redactor
    person: Person
    zone: tzinfo
    now: Callable[[], datetime]
    new_id: Callable[[], str]

    @property
    def own_names(self) -> tuple[str, ...]:
        """What the helpdesk and this machine call us, for ``owner:me``."""
        names = {self.person.name, self.profile.account, self.connection.known_name}
        return tuple(sorted(name for name in names if name))
