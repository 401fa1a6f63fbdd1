"""What every adapter is built on: its name, what it can do, its connection."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

from triage.helpdesk.port import Pacing, Way
from triage.helpdesk.transport import Transport
from triage.model.capabilities import Capabilities
from triage.model.operation import Outcome, Probe, Step

_CLEARTEXT = "the token crosses the network unencrypted; use https in the url of the profile"


class Adapter:
    """The part of `triage.helpdesk.port.Helpdesk` that is the same for all of them.

    ``settle_s`` is the profile's word on how long a write of unknown outcome may still appear, in seconds;
    None leaves what the adapter itself declares.
    """

    def __init__(
        self, name: str, capabilities: Capabilities, transport: Transport, *, settle_s: int | None = None
    ) -> None:
        self._name = name
        self._capabilities = capabilities if settle_s is None else replace(capabilities, settle_s=settle_s)
        self._connection = transport

    @property
    def name(self) -> str:
        """The registered name."""
        return self._name

    @property
    def capabilities(self) -> Capabilities:
        """What this helpdesk can do."""
        return self._capabilities

    async def aclose(self) -> None:
        """Close connections."""
        await self._connection.aclose()

    @property
    def ceilings(self) -> Sequence[str]:
        """Where this helpdesk cuts its answers, in words; none unless its adapter knows of any."""
        return ()

    @property
    def way(self) -> Way:
        """How we get there."""
        return self._connection.way

    @property
    def pace(self) -> Pacing:
        """How fast it may be asked."""
        return self._connection.pace

    @property
    def connection_trouble(self) -> tuple[str, ...]:
        """What is wrong with the way to the helpdesk; part of what `whoami` tells."""
        return (_CLEARTEXT,) if self._connection.cleartext else ()


class Sender(Protocol):
    """The writing side of an adapter, in a part of its own; see `triage.helpdesk.port.Helpdesk`."""

    async def apply(self, step: Step, ticket_id: str) -> Outcome:
        """One request. What has to be known is read before it; failing at that sends nothing."""
        ...

    async def probe(self, step: Step, ticket_id: str) -> Probe:
        """Look for it. Never raises: what cannot be read cannot be told."""
        ...

    async def verify(self, step: Step, ticket_id: str) -> Sequence[str]:
        """Differences between what was asked and what is there."""
        ...


class WritingAdapter(Adapter):
    """An `Adapter` that hands its writes to a `Sender`, which its own ``__init__`` sets."""

    _sending: Sender

    async def apply(self, step: Step, ticket_id: str) -> Outcome:
        """One request."""
        return await self._sending.apply(step, ticket_id)

    async def probe(self, step: Step, ticket_id: str) -> Probe:
        """Look for a note by our key, for everything else by the ticket's state."""
        return await self._sending.probe(step, ticket_id)

    async def verify(self, step: Step, ticket_id: str) -> Sequence[str]:
        """Read back: a helpdesk says yes to what it leaves out."""
        return await self._sending.verify(step, ticket_id)


def basic(user: str, password: str) -> str:
    """The value of an Authorization header with a name and a password."""
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()
