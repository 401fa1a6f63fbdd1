"""Profiles: one helpdesk account each, with its own database."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias, cast

from triage.config.paths import Paths
from triage.config.settings import SETTINGS, Value, checked, from_variable
from triage.config.settings_file import SettingsFile, read_settings
from triage.model.errors import Invalid
from triage.model.json_value import Json
from triage.model.queue import QueueView

if TYPE_CHECKING:
    from triage.model.timeline import ActorRole

Auth: TypeAlias = Literal["", "api_token", "bearer", "token", "oauth", "client_credentials"]
OAUTH: frozenset[str] = frozenset({"oauth", "client_credentials"})
"""Ways to sign in whose tokens Triage renews by itself."""
DEFAULT_OAUTH_PORT = 47_811

PROFILE_VARIABLE = "TRIAGE_PROFILE"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


class NoProfile(Invalid):
    """Nothing is set up yet: the set-up wizard is what comes next."""


@dataclass(frozen=True, slots=True)
class Profile:
    """One helpdesk account and everything that goes with it."""

    name: str
    helpdesk: str
    url: str
    folder: Path
    """Where everything kept for this profile lives."""
    database: str
    """URL: ``sqlite:///…`` or ``postgresql+psycopg://…``."""
    queue: str = ""
    account: str = ""
    auth: Auth = ""
    oauth_client: str = ""
    oauth_port: int = DEFAULT_OAUTH_PORT
    token_keyring: str = ""
    token_command: tuple[str, ...] = ()
    token_file: str = ""
    token_env: str = "TRIAGE_TOKEN"  # noqa: S105  # the name of a variable, not a token
    person: str = ""
    zone: str = "local"
    playbook_dirs: tuple[Path, ...] = ()
    http_allow: tuple[str, ...] = ()
    settle_s: int | None = None
    """Overrides the adapter's settle window."""
    ca_file: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)
    """Our word for a field to the helpdesk's."""
    roles: Mapping[str, ActorRole] = field(default_factory=dict)
    """Group or user of the helpdesk to role."""
    config: Mapping[str, Json] = field(default_factory=dict)
    views: tuple[QueueView, ...] = ()

    @property
    def sqlite_path(self) -> Path | None:
        """The database's file, or None when the database is a server."""
        prefix = "sqlite:///"
        return Path(self.database.removeprefix(prefix)) if self.database.startswith(prefix) else None

    @property
    def evidence_dir(self) -> Path:
        """Where evidence files are kept."""
        return self.folder / "evidence"

    @property
    def attachment_dir(self) -> Path:
        """Where files fetched from tickets are kept."""
        return self.folder / "attachments"

    @property
    def backup_dir(self) -> Path:
        """Where backups of the database are kept."""
        return self.folder / "backups"

    @property
    def journal_path(self) -> Path:
        """The file that holds unsent notes a second time."""
        return self.folder / "unsent-notes.jsonl"

    @property
    def tzinfo(self) -> tzinfo:
        """The zone of the screens. Raises `Invalid` when there is no such zone."""
        from triage.config.zone import zone_named

        return zone_named(self.zone)


def profile_names(paths: Paths) -> tuple[str, ...]:
    """Every profile there is, in the order of the file. Raises `Invalid` for a file that cannot be read."""
    settings = read_settings(paths.config_file)
    return tuple(settings.profiles) if settings else ()


def default_profile(paths: Paths, env: Mapping[str, str] | None = None) -> str | None:
    """The profile used when none is named: TRIAGE_PROFILE, ``default_profile``, or the only one."""
    env = os.environ if env is None else env
    settings = read_settings(paths.config_file)
    chosen = env.get(PROFILE_VARIABLE) or (settings.default_profile if settings else "")
    if chosen or settings is None:
        return chosen or None
    return next(iter(settings.profiles)) if len(settings.profiles) == 1 else None


def load_profile(paths: Paths, name: str | None = None, env: Mapping[str, str] | None = None) -> Profile:
    """The profile ``name``, or the default one, with ``TRIAGE_*`` of ``env`` on top.

    Raises `NoProfile` (2) when nothing is set up, `Invalid` (2) for an unknown profile or a wrong setting.
    """
    env = os.environ if env is None else env
    settings = read_settings(paths.config_file)
    name = name or default_profile(paths, env)
    if settings is None or not settings.profiles:
        if name is None or settings is None:
            raise NoProfile("no profile is set up", do="Run triage init, or triage demo to look around")
    elif name is None:
        raise Invalid("several profiles and no default_profile", where=str(settings.path),
                      do=f"Use --profile with one of: {', '.join(settings.profiles)}")  # fmt: skip
    return _profile(paths, settings, name, env)


def _profile(paths: Paths, settings: SettingsFile, name: str, env: Mapping[str, str]) -> Profile:
    table = settings.profiles.get(name)
    if table is None:
        known = ", ".join(settings.profiles) or "none yet"
        raise Invalid(f"no profile {name!r}", where=str(settings.path), do=f"There is: {known}")
    if not _NAME.fullmatch(name):
        raise Invalid(f"{name!r} cannot name a profile", where=settings.line_of(name),
                      do="Use letters, digits, dot, dash and underscore")  # fmt: skip
    _refuse_unknown(settings, name, table)
    values: dict[str, Value] = {}
    for setting in SETTINGS:
        if setting.variable in env:
            values[setting.name] = from_variable(setting, env[setting.variable])
        elif setting.name in table:
            values[setting.name] = checked(setting, table[setting.name], settings.line_of(name, setting.name))
    for required in ("helpdesk", "url"):
        if not values.get(required):
            raise Invalid(f"profile {name} has no {required}", where=settings.line_of(name),
                          do=f'Add {required} = "…" to it')  # fmt: skip
    return _built(paths, settings, name, values)


def _refuse_unknown(settings: SettingsFile, name: str, table: Mapping[str, object]) -> None:
    known = {setting.name for setting in SETTINGS} | {"views"}
    for key in table:
        if key not in known:
            import difflib

            near = difflib.get_close_matches(key, sorted(known), n=1)
            raise Invalid(f"no setting is called {key}", where=settings.line_of(name, key),
                          do=f"Did you mean {near[0]}?" if near else "See triage profile --help")  # fmt: skip


def _built(paths: Paths, settings: SettingsFile, name: str, values: Mapping[str, Value]) -> Profile:
    def text(key: str, default: str = "") -> str:
        return cast("str", values.get(key)) or default

    def words(key: str) -> tuple[str, ...]:
        return cast("tuple[str, ...]", values.get(key, ()))

    folder = paths.profile_dir(name)
    roles = cast("Mapping[str, str]", values.get("roles", {}))
    if roles:
        _check_roles(settings, name, roles)
    return Profile(
        name=name,
        helpdesk=text("helpdesk"),
        url=text("url").rstrip("/"),
        folder=folder,
        database=text("database", f"sqlite:///{folder / 'triage.db'}"),
        queue=text("queue"),
        account=text("account"),
        auth=cast("Auth", text("auth")),
        oauth_client=text("oauth_client"),
        oauth_port=cast("int", values.get("oauth_port")) or DEFAULT_OAUTH_PORT,
        token_keyring=text("token_keyring"),
        token_command=words("token_command"),
        token_file=text("token_file"),
        token_env=text("token_env", "TRIAGE_TOKEN"),
        person=text("person") or _login_name(),
        zone=text("zone", "local"),
        playbook_dirs=tuple(Path(word).expanduser() for word in words("playbook_dirs")),
        http_allow=words("http_allow"),
        settle_s=cast("int | None", values.get("settle_s")),
        ca_file=text("ca_file"),
        fields=cast("Mapping[str, str]", values.get("fields", {})),
        roles=cast("Mapping[str, ActorRole]", roles),
        config=cast("Mapping[str, Json]", values.get("config", {})),
        views=settings.views(name),
    )


def _check_roles(settings: SettingsFile, name: str, roles: Mapping[str, str]) -> None:
    from typing import get_args

    from triage.model.timeline import ActorRole

    for group, role in roles.items():
        if role not in get_args(ActorRole):
            where = settings.line_of(name, "roles", group)
            raise Invalid(f"{group} has the unknown role {role}", where=where,
                          do=f"Use one of {', '.join(get_args(ActorRole))}")  # fmt: skip


def _login_name() -> str:
    """The login, from the environment or, where that is bare, from the system's list of users."""
    import pwd

    for variable in ("LOGNAME", "USER"):
        if name := os.environ.get(variable):
            return name
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return "somebody"
