"""Every setting of a profile: name, type, default, meaning. The reference text is made from this."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from triage.model.errors import Invalid
from triage.model.json_value import Json

SettingKind: TypeAlias = Literal[
    "text", "choice", "words", "seconds", "port", "words_by_name", "anything_by_name"
]


@dataclass(frozen=True, slots=True)
class Setting:
    """One line of ``[profile.NAME]``."""

    name: str
    kind: SettingKind
    meaning: str
    default: str = ""
    """In words, where it is not simply empty."""
    choices: tuple[str, ...] = ()

    @property
    def variable(self) -> str:
        """The environment variable that overrides it."""
        return f"TRIAGE_{self.name.upper()}"


SETTINGS: tuple[Setting, ...] = (
    Setting("helpdesk", "text", "Which helpdesk it is: a name that `triage profile` lists. Required."),
    Setting("url", "text", "Where the helpdesk is, https://… Required."),
    Setting("queue", "text", "What counts as escalated, in the helpdesk's words: a view, a search, a tag."),
    Setting("account", "text", "E-mail address or login of the token's owner, where it is asked for."),
    Setting(
        "auth", "choice", "How the token is presented.", "what the helpdesk prefers",
        ("api_token", "bearer", "token", "oauth", "client_credentials"),
    ),
    Setting(
        "oauth_client", "text",
        "Identifier of the OAuth client to sign in with, where auth is oauth or client_credentials.",
    ),
    Setting("oauth_port", "port", "Port of this machine that a browser comes back to.", "47811"),
    Setting("token_keyring", "text", "Name under which the system's keyring holds the token."),
    Setting("token_command", "words", "Program and arguments that print the token; no shell is involved."),
    Setting("token_file", "text", "File that holds the token and that only you can read."),
    Setting("token_env", "text", "Environment variable that holds the token.", "TRIAGE_TOKEN"),
    Setting("person", "text", "Your name, as it stands beside what you do.", "your login name"),
    Setting("zone", "text", "Time zone of the screens: an IANA name such as Europe/Oslo, or local.", "local"),
    Setting("database", "text", "Address of the database.", "an SQLite file in the data folder"),
    Setting("playbook_dirs", "words", "Further folders with playbooks."),
    Setting("http_allow", "words", "Hosts that http steps of playbooks may call."),
    Setting("settle_s", "seconds", "How long a write with an unknown outcome may still appear, in seconds.",
            "what the helpdesk's adapter knows"),
    Setting("ca_file", "text", "Certificates to trust instead of the system's, as a PEM file."),
    Setting("fields", "words_by_name",
            "Our word for a field = the helpdesk's name of it: product, product_version, component, "
            "relationship, priority, customer, tags, esc_verdict, esc_code, esc_problem, esc_phase."),
    Setting("roles", "words_by_name",
            "Group or user of the helpdesk = role: customer, support_frontline, support_tier2, engineering, "
            "product, partner_or_third_party, account_team, docs_education, operations."),
    Setting("config", "anything_by_name", "Values that playbooks read as config.NAME."),
)  # fmt: skip

Value: TypeAlias = str | int | tuple[str, ...] | Mapping[str, Json]


def checked(setting: Setting, value: object, where: str) -> Value:
    """``value`` as the setting's type. Raises `Invalid` at ``where``."""
    match setting.kind, value:
        case "text", str():
            return value
        case "choice", str() if value in setting.choices or value == "":
            return value
        case "words", str():
            return (value,)
        case "words", list() if all(isinstance(word, str) for word in value):
            return tuple(value)
        case "seconds", int() if not isinstance(value, bool) and value >= 0:
            return value
        case "port", int() if not isinstance(value, bool) and 0 < value < 65_536:
            return value
        case "words_by_name", dict() if all(isinstance(word, str) for word in value.values()):
            return value
        case "anything_by_name", dict():
            return value
    raise Invalid(f"{setting.name} is {value!r}", where=where, do=f"Write {_wanted(setting)}")


def from_variable(setting: Setting, text: str) -> Value:
    """The value an environment variable gives. Lists are separated by spaces, quoted as in a shell."""
    where = setting.variable
    match setting.kind:
        case "words":
            import shlex

            try:
                return tuple(shlex.split(text))
            except ValueError as error:
                raise Invalid(f"cannot be split into words: {error}", where=where) from error
        case "seconds" | "port":
            return checked(setting, int(text) if text.isdecimal() else text, where)
        case "words_by_name" | "anything_by_name":
            return checked(setting, _table(text, where), where)
    return checked(setting, text, where)


def _table(text: str, where: str) -> object:
    import tomllib

    try:
        return tomllib.loads(f"table = {text}")["table"]
    except tomllib.TOMLDecodeError as error:
        raise Invalid(f"is not a TOML table: {error}", where=where, do='Write {name = "value"}') from error


def _wanted(setting: Setting) -> str:
    return {
        "text": f'{setting.name} = "some text"',
        "choice": "one of " + ", ".join(setting.choices),
        "words": f'{setting.name} = ["one", "two"]',
        "seconds": f"{setting.name} = a whole number of seconds",
        "port": f"{setting.name} = a number from 1 to 65535",
        "words_by_name": f'a table [profile.NAME.{setting.name}] of name = "text"',
        "anything_by_name": f"a table [profile.NAME.{setting.name}]",
    }[setting.kind]


def settings_reference() -> str:
    """The settings as Markdown, for the documentation and ``triage profile``."""
    lines = ["| setting | environment | meaning | default |", "|---|---|---|---|"]
    for setting in SETTINGS:
        meaning = setting.meaning + (f" One of {', '.join(setting.choices)}." if setting.choices else "")
        lines.append(f"| `{setting.name}` | `{setting.variable}` | {meaning} | {setting.default or '-'} |")
    lines.append(
        "| `[[profile.NAME.views]]` | - | A saved view: `name` and `filter`, the text typed after `/`. | - |"
    )
    return "\n".join(lines)
