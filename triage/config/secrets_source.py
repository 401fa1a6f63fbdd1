"""Where a token comes from: the keyring, a command, a file, the environment, in this order."""

from __future__ import annotations

import os
import stat
import subprocess
from collections.abc import Mapping
from pathlib import Path

from triage.config.profiles import Profile
from triage.config.secret import Secret
from triage.model.errors import Invalid, NeedsInput, Refused

COMMAND_TIMEOUT_S = 30.0
_LONGEST_TOKEN = 65_536
USUAL_VARIABLE = "TRIAGE_TOKEN"


def resolve_token(profile: Profile, env: Mapping[str, str] | None = None) -> Secret:
    """The profile's token. May block: a keyring or a command may ask the person; run it in a thread.

    Raises `NeedsInput` (3) when no source is set or has it, `Refused` (5) for a file that others can read,
    `Invalid` (2) when the source named in the profile does not work.
    """
    env = os.environ if env is None else env
    if profile.auth == "oauth":
        return _client_secret(profile, env)
    if profile.token_keyring:
        return _from_keyring(profile)
    if profile.token_command:
        return _from_command(profile)
    if profile.token_file:
        return _from_file(profile)
    return _from_environment(profile, env)


def _client_secret(profile: Profile, env: Mapping[str, str]) -> Secret:
    """The secret of the OAuth client; empty for a public one, which has none."""
    if profile.token_command:
        return _from_command(profile)
    if profile.token_file:
        return _from_file(profile)
    if profile.token_keyring:
        try:
            return _from_keyring(profile)
        except NeedsInput:
            return Secret("")
    # The usual variable holds a token of another kind; only one that was named is meant.
    named = profile.token_env if profile.token_env != USUAL_VARIABLE else ""
    return _from_environment(profile, env) if env.get(named, "").strip() else Secret("")


def _from_keyring(profile: Profile) -> Secret:
    where = f"profile {profile.name}: token_keyring"
    try:
        import keyring
        import keyring.errors
    except ImportError as error:
        raise Invalid(
            "the keyring part is not installed", where=where, do="Install triage-desk[keyring]"
        ) from error
    try:
        value = keyring.get_password(profile.token_keyring, profile.account or profile.name)
    except keyring.errors.KeyringError as error:
        raise Invalid(
            f"the keyring does not answer: {error}", where=where, do="Unlock it, or use token_file"
        ) from error
    if not value:
        command = f"keyring set {profile.token_keyring} {profile.account or profile.name}"
        raise NeedsInput(f"the keyring has nothing for {profile.token_keyring}", where=where, do=command)
    return _checked(value, where)


def _from_command(profile: Profile) -> Secret:
    where = f"profile {profile.name}: token_command"
    try:
        done = subprocess.run(  # noqa: S603  # argv from the person's own settings, no shell
            profile.token_command, stdout=subprocess.PIPE, timeout=COMMAND_TIMEOUT_S, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise Invalid(f"no answer within {COMMAND_TIMEOUT_S:.0f} s", where=where) from error
    except (OSError, ValueError) as error:
        raise Invalid(f"cannot be started: {error}", where=where) from error
    if done.returncode:
        raise Invalid(f"ended with {done.returncode}", where=where, do="Run it by hand to see why")
    return _token(done.stdout, where)


def _from_file(profile: Profile) -> Secret:
    path = Path(profile.token_file).expanduser()
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno())
            if stat.S_IMODE(mode.st_mode) & 0o077:
                raise Refused("others can read this token", where=str(path), do=f"chmod 600 {path}")
            return _token(file.read(_LONGEST_TOKEN), str(path))
    except OSError as error:
        raise Invalid(f"the token file cannot be read: {error.strerror or error}", where=str(path)) from error


def _from_environment(profile: Profile, env: Mapping[str, str]) -> Secret:
    value = env.get(profile.token_env, "").strip()
    if not value:
        raise NeedsInput(f"no token: {profile.token_env} is not set", where=f"profile {profile.name}",
                         do=f"Set {profile.token_env}, or give the profile a token_file")  # fmt: skip
    return _checked(value, f"profile {profile.name}: {profile.token_env}")


def _token(raw: bytes, where: str) -> Secret:
    """The first line of ``raw``, which must be a token."""
    try:
        line = raw.decode("utf-8").strip().split("\n", 1)[0].strip()
    except UnicodeDecodeError:
        line = ""
    if not line:
        raise Invalid("there is no token in it", where=where, do="The first line must be the token")
    return _checked(line, where)


def _checked(value: str, where: str) -> Secret:
    """``value`` if a header can carry it: printable ASCII without blanks. It is never shown."""
    if not all("!" <= letter <= "~" for letter in value):
        raise Invalid("this is no token: it holds a blank, a control character or a letter beyond ASCII",
                      where=where, do="Copy the token again, without line breaks")  # fmt: skip
    return Secret(value)
