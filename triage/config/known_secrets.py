"""Secrets that come up while the program runs, told to everybody who keeps them out of texts."""

from __future__ import annotations

from weakref import WeakSet

from triage.config.secret import Redactor, Secret

_LISTENING: WeakSet[Redactor] = WeakSet()


def listen(redactor: Redactor) -> None:
    """Let ``redactor`` learn of every secret that is announced from now on."""
    _LISTENING.add(redactor)


def announce(secret: Secret) -> None:
    """Tell all who listen of a secret that was not known when they began."""
    for redactor in tuple(_LISTENING):
        redactor.add(secret)
