"""What every adapter is built on: its name, what it can do, its connection."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import replace

from triage.helpdesk.port import Pacing, Way
from triage.helpdesk.transport import Transport
from triage.model.capabilities import Capabilities

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


def basic(user: str, password: str) -> str:
    """The value of an Authorization header with a name and a password."""
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()
