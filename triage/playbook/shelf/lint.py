"""Lint over files and folders, as ``playbook lint`` runs it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from pathlib import Path

from triage.model.errors import NotFound
from triage.model.run import Diagnostic
from triage.playbook.language.yaml_nodes import SIZE_LIMIT
from triage.playbook.lint.load import load_bytes
from triage.playbook.trial.trial import shortcomings


def lint_paths(paths: Iterable[Path], today: date | None = None) -> tuple[Diagnostic, ...]:
    """Everything found in the files, and in the playbooks directly inside the folders, of ``paths``.

    Two files of one folder with one id are an error in the second. Raises `NotFound` for a path that is not
    there or cannot be read.
    """
    found: list[Diagnostic] = []
    seen: dict[tuple[Path, str], Path] = {}
    for path in files_in(paths):
        document, _, diagnostics = load_bytes(_read(path), str(path), today)
        found += diagnostics
        if document is None:
            continue
        found += shortcomings(path, document)
        first = seen.setdefault((path.parent.resolve(), document.id), path)
        if first != path:
            message = f"the id {document.id!r} is used by {first.name} too"
            found.append(Diagnostic(str(path), 1, 1, "error", "PB011", message, "give it another id"))
    return tuple(found)


def files_in(paths: Iterable[Path]) -> Iterable[Path]:
    """The files of ``paths``, and the playbooks directly inside its folders; their tests are left out."""
    for path in paths:
        if path.is_dir():
            inside = [*path.glob("*.yaml"), *path.glob("*.yml")]
            yield from sorted(one for one in inside if not one.name.endswith(".test.yaml"))
        else:
            yield path


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(SIZE_LIMIT + 1)
    except OSError as error:
        raise NotFound(f"cannot read it: {error.strerror}", where=str(path)) from None
