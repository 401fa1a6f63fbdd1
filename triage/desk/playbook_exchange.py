"""Playbooks from and for other programs: import with a loss report, export."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from triage.config.regular_file import read_regular
from triage.desk.playbook_files import library_at
from triage.model.errors import Invalid, Refused
from triage.model.exchange import ImportFormat, ImportReport

FORMATS: tuple[ImportFormat, ...] = ("cacao", "react", "markdown")
_BY_ENDING: dict[str, ImportFormat] = {
    ".json": "cacao", ".yml": "react", ".yaml": "react", ".md": "markdown", ".markdown": "markdown",
}  # fmt: skip
READ_LIMIT = 4 * 1024 * 1024


def import_file(path: Path, form: str, out: Path | None) -> ImportReport:
    """Read the file at ``path`` as a playbook and, with ``out``, write it into that folder.

    ``path`` may be ``-`` for standard input. ``form`` is one of `FORMATS`; empty takes the file's ending.
    Nothing is written when the report refuses, and no file is ever overwritten (`Refused`). Raises
    `NotFound`, or `Invalid` for what is not that format.
    """
    report = _reader(_format(path, form))(read_regular(path, READ_LIMIT), path)
    if report.refused or out is None:
        return report
    return replace(report, path=str(_written(out, report)))


def export_cacao(profile: str | None, playbook: str) -> str:
    """A playbook, by its id or its file's path, as a CACAO 2.0 document. Raises `NotFound`, or `Invalid`."""
    from triage.playbook.interop.cacao_export import to_cacao

    loaded = library_at(profile).load(playbook)
    document = to_cacao(loaded.document, loaded.text, datetime.now(UTC))
    return json.dumps(document, indent=2, ensure_ascii=True) + "\n"


def _format(path: Path, form: str) -> ImportFormat:
    for known in FORMATS:
        if form == known:
            return known
    guessed = _BY_ENDING.get(path.suffix.lower())
    if form or guessed is None:
        what = f"--format {form}" if form else f"cannot tell the format of {path.name}"
        raise Invalid(what, do=f"Use --format {', '.join(FORMATS[:-1])} or {FORMATS[-1]}")
    return guessed


def _reader(form: ImportFormat) -> Callable[[bytes, Path], ImportReport]:
    if form == "cacao":
        from triage.playbook.interop.cacao_import import from_cacao

        return lambda raw, path: from_cacao(raw, path.name)
    if form == "react":
        from triage.playbook.interop.react import from_react

        return from_react
    from triage.playbook.interop.markdown import from_markdown

    return lambda raw, path: from_markdown(raw, path.name)


def _written(folder: Path, report: ImportReport) -> Path:
    path = folder / f"{report.playbook_id}.yaml"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            file.write(report.text)
    except FileExistsError:
        raise Refused(
            "there is a playbook of this name", where=str(path), do="Choose another folder"
        ) from None
    except OSError as error:
        raise Invalid(f"cannot write it: {error.strerror}", where=str(path)) from None
    return path
