"""Changing ``config.toml`` without losing a person's comments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import tomlkit
from tomlkit.items import Table

from triage.config.paths import Paths
from triage.config.private_file import write_private
from triage.config.settings_file import read_settings
from triage.model.errors import NotFound
from triage.model.json_value import Json
from triage.model.queue import QueueView


def save_profile(
    paths: Paths, name: str, settings: Mapping[str, Json], *, make_default: bool = False
) -> None:
    """Set ``settings`` in profile ``name``, made when missing; None takes a setting out.

    The file is replaced as a whole, mode 0600. Raises `Invalid` when it is not TOML or cannot be written.
    """
    document = _document(paths.config_file)
    table = _profile_table(document, name)
    for key, value in settings.items():
        if value is None:
            table.pop(key, None)
        else:
            table[key] = tomlkit.item(value)
    if make_default or "default_profile" not in document:
        document = _with_default(document, name)
    _write(paths.config_file, document)


def save_views(paths: Paths, name: str, views: Sequence[QueueView]) -> None:
    """Replace the saved views of profile ``name``. Raises `NotFound`, `Invalid`."""
    document = _document(paths.config_file)
    table = _existing(document, paths.config_file, name)
    table.pop("views", None)
    if views:
        rows = tomlkit.aot()
        for view in views:
            row = tomlkit.table()
            row["name"] = view.name
            row["filter"] = view.filter
            rows.append(row)
        table["views"] = rows
    _write(paths.config_file, document)


def remove_profile(paths: Paths, name: str) -> None:
    """Take profile ``name`` out of the settings; its data stays. Raises `NotFound`, `Invalid`."""
    document = _document(paths.config_file)
    _existing(document, paths.config_file, name)
    document["profile"].pop(name)
    if document.get("default_profile") == name:
        document.pop("default_profile")
    _write(paths.config_file, document)


def use_profile(paths: Paths, name: str) -> None:
    """Make ``name`` the default profile. Raises `NotFound`, `Invalid`."""
    document = _document(paths.config_file)
    _existing(document, paths.config_file, name)
    _write(paths.config_file, _with_default(document, name))


def _document(path: Path) -> tomlkit.TOMLDocument:
    settings = read_settings(path)
    return tomlkit.parse(settings.text) if settings else tomlkit.document()


def _profile_table(document: tomlkit.TOMLDocument, name: str) -> Table:
    profiles = document.setdefault("profile", tomlkit.table(is_super_table=True))
    table: Table = profiles.setdefault(name, tomlkit.table())
    return table


def _existing(document: tomlkit.TOMLDocument, path: Path, name: str) -> Table:
    if name not in document.get("profile", {}):
        raise NotFound(f"no profile {name!r}", where=str(path))
    return _profile_table(document, name)


def _with_default(document: tomlkit.TOMLDocument, name: str) -> tomlkit.TOMLDocument:
    if "default_profile" in document:
        document["default_profile"] = name
        return document
    # A bare key must stand before the first table, or it would belong to that table.
    line = f"default_profile = {tomlkit.item(name).as_string()}"
    return tomlkit.parse(f"{line}\n\n{tomlkit.dumps(document)}")


def _write(path: Path, document: tomlkit.TOMLDocument) -> None:
    write_private(path, tomlkit.dumps(document).encode())
