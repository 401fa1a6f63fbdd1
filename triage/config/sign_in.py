"""The tokens of one profile's sign-in: kept so that a crash at any moment leaves a pair that can be used.

A renewal of an OAuth sign-in spends the refresh token it is made with. So whoever renews holds the lock,
writes down that a renewal has begun, and keeps the new pair on disk before anybody uses it.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from triage.config.known_secrets import announce
from triage.config.private_file import create_private, private_directory, sync_directory, write_private
from triage.config.profiles import Profile
from triage.config.secret import Secret
from triage.model.errors import HelpdeskFailed, Invalid, Refused

LOCK_WAIT_S = 60.0
"""How long to wait for another process that renews; longer than one renewal may take."""
_LOCK_POLL_S = 0.05
_FILE = "sign-in.json"


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a sign-in gave us. Times are UTC."""

    access: Secret
    refresh: Secret | None
    """Spent by the renewal it is used for; None where there is none, as for client credentials."""
    ends_at: datetime | None
    """When ``access`` ends; None: the helpdesk did not say."""
    renewable_until: datetime | None
    """When ``refresh`` ends unless it is used before."""
    client: str
    """The OAuth client they were given to."""
    renewing: bool = False
    """A renewal was begun and its answer is not kept: ``refresh`` may be spent."""


class SignInStore:
    """Keeps the tokens of one profile: in the keyring where the profile names one, else in a file (0600)."""

    def __init__(self, profile: Profile) -> None:
        self._folder = profile.folder
        self._service = profile.token_keyring
        self._user = f"{profile.account or profile.name}/sign-in"
        self.profile_name = profile.name

    @property
    def path(self) -> Path:
        """The file, where there is no keyring."""
        return self._folder / _FILE

    def load(self) -> Tokens | None:
        """The tokens; None before the first sign-in. Raises `Refused` for a file that others can read."""
        text = self._from_keyring() if self._service else self._from_file()
        if not text:
            return None
        try:
            found = _read(json.loads(text))
        except (ValueError, KeyError, TypeError) as error:
            raise Invalid("the kept sign-in cannot be read", where=str(self.path),
                          do=f"triage login --profile {self.profile_name}") from error  # fmt: skip
        for secret in (found.access, found.refresh):
            if secret is not None:
                announce(secret)
        return found

    def save(self, tokens: Tokens) -> None:
        """Keep ``tokens``. They are on disk when this returns, whatever happens then. Raises `Invalid`."""
        for secret in (tokens.access, tokens.refresh):
            if secret is not None:
                announce(secret)
        text = json.dumps(_written(tokens))
        if self._service:
            _keyring().set_password(self._service, self._user, text)
        else:
            write_private(self.path, text.encode())

    def forget(self) -> None:
        """Remove the tokens; nothing happens where there are none."""
        if self._service:
            with contextlib.suppress(Exception):
                _keyring().delete_password(self._service, self._user)
        elif self.path.exists():
            self.path.unlink()
            sync_directory(self.path.parent)

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the right to renew, among all processes of this machine; a dead holder gives it back.

        Blocks up to `LOCK_WAIT_S`; run it in a thread. Raises `HelpdeskFailed` when nobody lets go.
        """
        private_directory(self._folder)
        path = self._folder / "sign-in.lock"
        with contextlib.suppress(FileExistsError):
            create_private(path)
        handle = os.open(path, os.O_RDWR | os.O_CLOEXEC)
        try:
            _take(handle, path)
            yield
        finally:
            os.close(handle)

    def _from_file(self) -> str:
        try:
            handle = os.open(self.path, os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            return ""
        except OSError as error:
            raise Invalid(f"cannot be read: {error.strerror or error}", where=str(self.path)) from error
        with os.fdopen(handle, encoding="utf-8") as file:
            if os.fstat(file.fileno()).st_mode & 0o077:
                raise Refused(
                    "others can read this sign-in", where=str(self.path), do=f"chmod 600 {self.path}"
                )
            return file.read()

    def _from_keyring(self) -> str:
        return _keyring().get_password(self._service, self._user) or ""


def _take(handle: int, path: Path) -> None:
    ends = time.monotonic() + LOCK_WAIT_S
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if time.monotonic() > ends:
                raise HelpdeskFailed("another process has been renewing the sign-in for a minute",
                                     where=str(path), do="End it, then try again") from None  # fmt: skip
            time.sleep(_LOCK_POLL_S)


def _keyring() -> Any:
    try:
        import keyring
    except ImportError as error:
        raise Invalid("the keyring part is not installed", where="token_keyring",
                      do="Install triage-desk[keyring], or leave token_keyring out") from error  # fmt: skip
    return keyring


def _written(tokens: Tokens) -> dict[str, Any]:
    return {
        "access": tokens.access.reveal(),
        "refresh": tokens.refresh.reveal() if tokens.refresh else None,
        "ends_at": tokens.ends_at.isoformat() if tokens.ends_at else None,
        "renewable_until": tokens.renewable_until.isoformat() if tokens.renewable_until else None,
        "client": tokens.client,
        "renewing": tokens.renewing,
    }


def _read(kept: Any) -> Tokens:
    def moment(value: str | None) -> datetime | None:
        return datetime.fromisoformat(value).astimezone(UTC) if value else None

    return Tokens(
        access=Secret(str(kept["access"])),
        refresh=Secret(str(kept["refresh"])) if kept["refresh"] else None,
        ends_at=moment(kept["ends_at"]),
        renewable_until=moment(kept["renewable_until"]),
        client=str(kept["client"]),
        renewing=kept["renewing"] is True,
    )
