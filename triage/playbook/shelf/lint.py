"""Lint over files and folders, as ``playbook lint`` runs it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from functools import cache
from pathlib import Path

from triage.model.errors import NotFound
from triage.model.run import Diagnostic
from triage.playbook.language.reading import read_text
from triage.playbook.language.steps import Playbook, SubPlaybook
from triage.playbook.language.yaml_nodes import SIZE_LIMIT
from triage.playbook.lint.load import load_bytes
from triage.playbook.lint.uses import check_uses
from triage.playbook.trial.trial import shortcomings


def lint_paths(
    paths: Iterable[Path],
    today: date | None = None,
    elsewhere: Callable[[str], Playbook | None] = lambda _: None,
) -> tuple[Diagnostic, ...]:
    """Everything found in the files, and in the playbooks directly inside the folders, of ``paths``.

    Two files of one folder with one id are an error in the second. A playbook that is used is looked for
    beside the file that uses it, then by ``elsewhere``. Raises `NotFound` for a path that is not there or
    cannot be read.
    """
    found: list[Diagnostic] = []
    seen: dict[tuple[Path, str], Path] = {}
    callers: list[tuple[Path, bytes]] = []
    for path in files_in(paths):
        raw = _read(path)
        document, _, diagnostics = load_bytes(raw, str(path), today)
        found += diagnostics
        if document is None:
            continue
        found += shortcomings(path, document)
        first = seen.setdefault((path.parent.resolve(), document.id), path)
        if first != path:
            message = f"the id {document.id!r} is used by {first.name} too"
            found.append(Diagnostic(str(path), 1, 1, "error", "PB011", message, "give it another id"))
        if any(isinstance(step, SubPlaybook) for step in document.steps):
            callers.append((path, raw))
    for path, raw in callers:
        found += _uses(path, raw, elsewhere)
    return tuple(found)


def _uses(path: Path, raw: bytes, elsewhere: Callable[[str], Playbook | None]) -> tuple[Diagnostic, ...]:
    """What is wrong with the playbooks that the file at ``path`` uses, themselves and through others."""

    @cache
    def find(name: str) -> Playbook | None:
        beside = path.parent / f"{name}.yaml"
        return load_bytes(_read(beside), str(beside))[0] if beside.is_file() else elsewhere(name)

    names = dict.fromkeys(one.stem for one in files_in([path.parent]))
    return check_uses(read_text(raw.decode("utf-8"), str(path)), find, names)


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
