"""Setting up: writing a profile, checking the token and the queue behind it, forgetting it again."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from triage.config import profile_writer
from triage.config.paths import Paths
from triage.config.private_file import private_directory, write_private
from triage.config.profiles import default_profile, load_profile
from triage.config.profiles import profile_names as names_in
from triage.config.secrets_source import resolve_token
from triage.config.sign_in import SignInStore
from triage.desk.helpdesk_facts import abilities, look_at, timeline_trouble
from triage.desk.views import NewProfile
from triage.helpdesk import registry
from triage.helpdesk.port import Account, QueueChoice
from triage.model.errors import Invalid, NeedsInput, NotFound
from triage.model.json_value import Json

__all__ = [
    "NewProfile", "SetUp", "demo_home", "forget_profile", "forget_profile_data", "profile_names", "set_up",
    "use_profile", "write_profile",
]  # fmt: skip

LOOPBACK = {"127.0.0.1", "localhost", "::1"}


@dataclass(frozen=True, slots=True)
class SetUp:
    """What the check of a new profile found."""

    profile: str
    helpdesk: str
    url: str
    account: str
    queue: str
    count: int
    complete: bool
    examples: tuple[str, ...]
    trouble: tuple[str, ...]
    unseen: tuple[str, ...] = ()
    """Rights that only writing would show, with what is needed."""
    abilities: tuple[str, ...] = ()
    """What this helpdesk can do and what not, in words."""


def set_up(new: NewProfile, sign_in: Callable[[str], object] | None = None) -> SetUp:
    """Write the profile, then ask the helpdesk who we are and what is in the queue.

    The settings are taken back when the check fails, so that a half-made profile is never left behind; only
    one that a person has to sign in to (``auth`` is oauth) is kept, for ``triage login``. ``sign_in`` does so
    at once, given the profile's name.
    Raises `Invalid` for a wrong name or address, `HelpdeskFailed` when it refuses or is out of reach.
    """
    if new.helpdesk not in registry.names():
        raise Invalid(f"no helpdesk called {new.helpdesk}", do="There are: " + ", ".join(registry.names()))
    _check_url(new.url)
    paths = Paths.find()
    file = paths.config_file
    before = file.read_bytes() if file.exists() else None
    write_profile(new, default=default_profile(paths) is None)
    try:
        if new.auth == "oauth":
            _signed_in(new.name, sign_in)
    except NeedsInput:
        raise  # the profile is kept: signing in is what comes next
    except BaseException:
        _take_back(file, before)
        raise
    try:
        return asyncio.run(_check(new))
    except BaseException:
        _take_back(file, before)
        raise


def _signed_in(name: str, sign_in: Callable[[str], object] | None) -> None:
    if SignInStore(load_profile(Paths.find(), name)).load() is not None:
        return
    if sign_in is None:
        raise NeedsInput(f"profile {name} is written, and nobody has signed in yet",
                         do=f"triage login --profile {name}, then triage doctor")  # fmt: skip
    sign_in(name)


def _take_back(file: Path, before: bytes | None) -> None:
    if before is None:
        file.unlink(missing_ok=True)
    else:
        write_private(file, before)


def _silent(account: Account) -> tuple[str, ...]:
    """What an account lacks where its adapter has no words of its own for it."""
    if account.may_write_internal or account.trouble:
        return ()
    return ("this account may not write internal notes",)


def _check_url(url: str) -> None:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as problem:
        raise Invalid(f"not an address: {problem}", where=url) from None
    if parts.scheme not in ("http", "https") or not parts.hostname or port == 0:
        raise Invalid("not an address", where=url, do="Write it whole, such as https://acme.zendesk.com")
    if parts.query or parts.fragment:
        raise Invalid("the address holds more than a place", where=url, do="Leave out what follows ? or #")
    if parts.scheme == "http" and parts.hostname not in LOOPBACK:
        raise Invalid("a token must not travel unencrypted", where=url, do="Use https")
    if parts.username or parts.password:
        raise Invalid(
            "the address holds a password", where=parts.hostname, do="Name the token with --token-env"
        )


def write_profile(new: NewProfile, *, default: bool) -> None:
    """Keep the settings of ``new``, replacing a profile of that name."""
    wanted: Mapping[str, Json] = {
        "helpdesk": new.helpdesk,
        "url": new.url.rstrip("/"),
        "queue": new.queue,
        "account": new.account,
        "auth": new.auth,
        "oauth_client": new.oauth_client,
        "token_env": new.token_env,
        "token_file": new.token_file,
        "token_command": new.token_command.split(),
        "person": new.person,
        "ca_file": new.ca_file,
    }
    settings: dict[str, Json] = {key: value or None for key, value in wanted.items()}
    profile_writer.save_profile(Paths.find(), new.name, settings, make_default=default)


async def _check(new: NewProfile) -> SetUp:
    profile = load_profile(Paths.find(), new.name)
    helpdesk = registry.open_helpdesk(profile, await asyncio.to_thread(resolve_token, profile))
    try:
        account = await helpdesk.whoami()
        choices = await helpdesk.queue_choices() if not new.queue else ()
        queue = new.queue or _own_idea(choices)
        look = await look_at(helpdesk, queue)
        hidden = await timeline_trouble(helpdesk, look)
        told = tuple(abilities(helpdesk.capabilities))
    finally:
        await helpdesk.aclose()
    profile_writer.save_profile(Paths.find(), new.name, {"queue": queue})
    return SetUp(
        profile=new.name,
        helpdesk=new.helpdesk,
        url=profile.url,
        account=account.name,
        queue=queue,
        count=look.count,
        complete=look.complete and look.counted,
        examples=look.examples,
        trouble=(*account.trouble, *_silent(account), *filter(None, (hidden, look.ceiling))),
        unseen=account.unseen,
        abilities=told,
    )


def _own_idea(choices: Sequence[QueueChoice]) -> str:
    for choice in choices:
        if choice.escalated:
            return choice.selector
    such = (
        f", such as {choices[0].selector!r}" if choices else "; if it has any, the account may not list them"
    )
    raise NotFound(
        "the helpdesk has no queue of its own that says escalated", do=f"Name one with --queue{such}"
    )


def profile_names() -> tuple[tuple[str, ...], str | None]:
    """Every profile, and the default one."""
    paths = Paths.find()
    return names_in(paths), default_profile(paths)


def use_profile(name: str) -> None:
    """Make ``name`` the default. Raises `NotFound`."""
    profile_writer.use_profile(Paths.find(), name)


def forget_profile(name: str) -> None:
    """Remove the settings of ``name`` and its sign-in; what was recorded stays. Raises `NotFound`."""
    with suppress(Invalid):
        SignInStore(load_profile(Paths.find(), name)).forget()
    profile_writer.remove_profile(Paths.find(), name)


def demo_home() -> Path:
    """Where the embedded helpdesk and the demo's own small files live; made private."""
    home = Paths.find().data_dir / "demo-helpdesk"
    private_directory(home)
    return home


def forget_profile_data(name: str, *folders: Path) -> None:
    """Remove everything recorded for ``name`` and the given folders: only the demo asks for this."""
    paths = Paths.find()
    for folder in (paths.profile_dir(name), *folders):
        if folder.is_dir():
            shutil.rmtree(folder)
