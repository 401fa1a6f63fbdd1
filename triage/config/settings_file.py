"""Reading ``config.toml`` and saying where in it something is wrong."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from triage.model.errors import Invalid
from triage.model.queue import QueueView

_AT = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")
_HEADER = re.compile(r"\s*\[\[?\s*([^\]]+?)\s*\]\]?\s*(?:#.*)?$")


@dataclass(frozen=True, slots=True)
class SettingsFile:
    """The file as read: raw tables, and the text to find lines in."""

    path: Path
    text: str
    default_profile: str
    profiles: Mapping[str, Mapping[str, object]]

    def line_of(self, profile: str, *keys: str) -> str:
        """``file:line`` of a profile, or of a key in it; only ``file`` where the line cannot be told."""
        line = _find_line(self.text, profile, keys)
        return f"{self.path}:{line}" if line else str(self.path)

    def views(self, profile: str) -> tuple[QueueView, ...]:
        """The saved views of a profile. Raises `Invalid`."""
        given = self.profiles[profile].get("views", [])
        where = self.line_of(profile, "views")
        if not isinstance(given, list):
            raise Invalid(
                "views is not a list", where=where, do="Write [[profile.NAME.views]] with name and filter"
            )
        views = []
        for view in given:
            match view:
                case {"name": str(name), **rest} if name and set(rest) <= {"filter"}:
                    text = rest.get("filter", "")
                    if isinstance(text, str):
                        views.append(QueueView(name, text))
                        continue
            raise Invalid("a view needs a name and a filter, both texts", where=where)
        return tuple(views)


def read_settings(path: Path) -> SettingsFile | None:
    """The settings file, or None where there is none. Raises `Invalid` with ``file:line:column``."""
    try:
        text = path.read_bytes().decode("utf-8")
        table = tomllib.loads(text)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise Invalid(f"cannot be read: {error.strerror or error}", where=str(path)) from error
    except UnicodeDecodeError as error:
        raise Invalid("is not UTF-8 text", where=str(path), do="Save it as UTF-8") from error
    except tomllib.TOMLDecodeError as error:
        raise _not_toml(path, str(error)) from error
    profiles = table.get("profile", {})
    default = table.get("default_profile", "")
    if not isinstance(profiles, dict) or not all(isinstance(one, dict) for one in profiles.values()):
        raise Invalid("profile is not a table", where=str(path), do="Write [profile.NAME]")
    if not isinstance(default, str):
        raise Invalid(f"default_profile is {default!r}", where=str(path), do='Write default_profile = "NAME"')
    return SettingsFile(path, text, default, profiles)


def _not_toml(path: Path, message: str) -> Invalid:
    place = _AT.search(message)
    what = _AT.sub("", message)
    at = f"{path}:{place[1]}:{place[2]}" if place and place[1] else str(path)
    return Invalid(f"not TOML: {what[:1].lower()}{what[1:]}", where=at, do="Mend the line")


def _find_line(text: str, profile: str, keys: tuple[str, ...]) -> int | None:
    """The line of ``[profile.NAME]``, of its ``key =``, or of ``[profile.NAME.key]``; None if not found."""
    best: int | None = None
    depth: list[str] = []
    wanted = ["profile", profile, *keys]
    for number, line in enumerate(text.splitlines(), 1):
        if header := _HEADER.match(line):
            depth = _parts(header[1])
            path = depth
        elif "=" in line and not line.lstrip().startswith("#"):
            path = depth + _parts(line.split("=", 1)[0])
        else:
            continue
        if path == wanted:
            return number
        if best is None and path == ["profile", profile]:
            best = number
    return best


def _parts(dotted: str) -> list[str]:
    return [part.strip().strip("\"'") for part in re.findall(r"\"[^\"]*\"|'[^']*'|[^.\s]+", dotted)]
