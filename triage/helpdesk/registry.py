"""The helpdesks that are installed: entry points of the group ``triage.helpdesk``.

A package adds one by declaring ``name = "module:open_helpdesk"`` in that group, where ``open_helpdesk``
takes a profile and a secret and returns a `triage.helpdesk.port.Helpdesk`. Listing imports none of them.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from typing import TYPE_CHECKING, cast

from triage.helpdesk.oauth.addresses import Addresses
from triage.helpdesk.port import Helpdesk
from triage.model.errors import Invalid

if TYPE_CHECKING:
    from triage.config.profiles import Profile
    from triage.config.secret import Secret

GROUP = "triage.helpdesk"


def names() -> tuple[str, ...]:
    """What can stand under ``helpdesk`` in a profile, in alphabetical order."""
    return tuple(sorted(_installed()))


@dataclass(frozen=True, slots=True)
class Installed:
    """One helpdesk that a profile can name."""

    name: str
    package: str
    """The package it comes from, with its version."""


def installed() -> tuple[Installed, ...]:
    """Every installed helpdesk, by name. Imports none of them."""
    return tuple(
        Installed(name, f"{entry.dist.name} {entry.dist.version}" if entry.dist else "")
        for name, entry in sorted(_installed().items())
    )


def open_helpdesk(profile: Profile, secret: Secret) -> Helpdesk:
    """The helpdesk of ``profile``, importing only its adapter.

    Raises `Invalid` (2) for a name that is not installed, and for one that cannot be loaded.
    """
    return _opener(profile)(profile, secret)


def _opener(profile: Profile) -> Callable[[Profile, Secret], Helpdesk]:
    installed = _installed()
    entry = installed.get(profile.helpdesk)
    if entry is None:
        raise Invalid(f"no helpdesk is called {profile.helpdesk!r}", where=f"profile {profile.name}",
                      do=f"There is: {', '.join(sorted(installed)) or 'none'}")  # fmt: skip
    try:
        return cast("Callable[[Profile, Secret], Helpdesk]", entry.load())
    except (ImportError, AttributeError) as error:
        raise Invalid(f"the helpdesk {profile.helpdesk} cannot be loaded ({error})", where=entry.value,
                      do="Install its package again")  from error  # fmt: skip


def sign_in_addresses(profile: Profile) -> Addresses | None:
    """Where the helpdesk of ``profile`` is signed in to with OAuth; None where its adapter does not say.

    An adapter says so with ``OAUTH`` beside its ``open_helpdesk``. Raises `Invalid` for no such helpdesk.
    """
    found = getattr(sys.modules[_opener(profile).__module__], "OAUTH", None)
    return found if isinstance(found, Addresses) else None


def _installed() -> dict[str, EntryPoint]:
    return {entry.name: entry for entry in entry_points(group=GROUP)}
