"""Holding a helpdesk to what every adapter promises, for the profile that is set up."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from triage.config.paths import Paths
from triage.config.profiles import load_profile
from triage.config.secrets_source import resolve_token
from triage.helpdesk import registry
from triage.helpdesk.conformance.ground import TAG, Result, Wishes
from triage.helpdesk.conformance.suite import examine
from triage.model.capabilities import Capabilities
from triage.model.errors import Invalid


@dataclass(frozen=True, slots=True)
class AdapterCheck:
    """What examining one adapter found."""

    helpdesk: str
    url: str
    queue: str
    capabilities: Capabilities
    results: tuple[Result, ...]
    """In the order the checks ran; `state` is passed, failed or not_applicable."""

    @property
    def passed(self) -> bool:
        """Whether nothing failed."""
        return all(result.state != "failed" for result in self.results)


def check_adapter(
    profile: str | None,
    *,
    ticket: str = "",
    write: bool = False,
    tag: str = "",
    field: str = "",
    heard: Callable[[Result], None] = lambda result: None,
) -> AdapterCheck:
    """Run every check on the server of ``profile``; ``heard`` is told each result as it comes.

    With ``write`` also those that write, on ``ticket`` and nowhere else. ``field`` is ``NAME=VALUE``.
    Raises `Invalid` for wrong words, and what stops us from signing in.
    """
    wishes = Wishes(ticket, write, tag or TAG, _field(field))
    return asyncio.run(_check(profile, wishes, heard))


async def _check(name: str | None, wishes: Wishes, heard: Callable[[Result], None]) -> AdapterCheck:
    profile = load_profile(Paths.find(), name)
    helpdesk = registry.open_helpdesk(profile, await asyncio.to_thread(resolve_token, profile))
    results = []
    try:
        async for result in examine(helpdesk, profile.queue, wishes):
            results.append(result)
            heard(result)
    finally:
        await helpdesk.aclose()
    return AdapterCheck(helpdesk.name, profile.url, profile.queue, helpdesk.capabilities, tuple(results))


def _field(text: str) -> tuple[str, str] | None:
    name, equals, value = text.partition("=")
    if text and not (name.strip() and equals and value.strip()):
        raise Invalid(f"{text!r} names no field and value", where="--field", do="Write NAME=VALUE")
    return (name.strip(), value.strip()) if text else None


def installed_adapters() -> tuple[registry.Installed, ...]:
    """Every helpdesk that a profile can name, and the package it comes from."""
    return registry.installed()
