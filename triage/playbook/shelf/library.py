"""Every playbook this person can use: the shipped ones, the team's, their own.

A list or a suggestion needs only summaries and matchers. They are kept in a cache by the hash of the file, so
that a warm start reads files but parses none and imports no model.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import triage
from triage.config.private_file import write_private
from triage.model.case import CaseFacts
from triage.model.errors import Invalid, NotFound
from triage.model.json_value import Json
from triage.model.run import Diagnostic, PlaybookSummary, Suggestion
from triage.playbook.language.review import overdue

if TYPE_CHECKING:
    from triage.playbook.language.steps import Playbook

Origin: TypeAlias = Literal["shipped", "team", "own"]
CACHE_FORMAT = 2
SIZE_LIMIT = 256 * 1024
_SUM_LINE = re.compile(r"([0-9a-f]{64}) [ *]([^/\\]+\.yaml)\Z")


@dataclass(frozen=True, slots=True)
class PlaybookFolder:
    """Where playbooks lie; only the files in it, not in folders below."""

    path: Path
    origin: Origin


@dataclass(frozen=True, slots=True)
class LoadedPlaybook:
    """A playbook read whole."""

    parsed: Playbook | None
    """None when ``diagnostics`` hold an error."""
    text: str
    sha256: str
    """Of the file's bytes."""
    path: str
    origin: Origin
    shipped: bool
    """The bytes are exactly those that were shipped under this name."""
    diagnostics: tuple[Diagnostic, ...]

    @property
    def document(self) -> Playbook:
        """The playbook. Raises `Invalid` naming the first error of its file."""
        if self.parsed is None:
            first = next(one for one in self.diagnostics if one.level == "error")
            where = f"{first.path}:{first.line}:{first.column}"
            raise Invalid(first.message, where=where, do=first.help)
        return self.parsed


def shipped_folder() -> Path:
    """Where the shipped playbooks are: inside the installed package, or beside it in a checkout."""
    package = Path(triage.__file__).parent
    inside = package / "_playbooks"
    return inside if inside.is_dir() else package.parent / "playbooks"


def standard_folders(team: Iterable[Path] = (), own: Path | None = None) -> tuple[PlaybookFolder, ...]:
    """The shipped folder, then the team's, then the person's own; a later one wins where ids are equal."""
    folders = [PlaybookFolder(shipped_folder(), "shipped"), *(PlaybookFolder(path, "team") for path in team)]
    return tuple(folders + ([PlaybookFolder(own, "own")] if own else []))


class Library:
    """The playbooks of some folders."""

    def __init__(
        self,
        dirs: Sequence[PlaybookFolder],
        cache_dir: Path | None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """``cache_dir`` None keeps no cache; ``clock`` (aware UTC) judges review dates and ages."""
        self.folders = tuple(dirs)
        self._cache = cache_dir / "playbooks.json" if cache_dir else None
        self._clock = clock

    def all(self) -> tuple[PlaybookSummary, ...]:
        """Every playbook, by title; those with errors too. A folder that is not there is empty."""
        found = [record.summary(self._today()) for record in self._records().values()]
        return tuple(sorted(found, key=lambda one: (one.title.casefold(), one.id)))

    def load(self, playbook_id: str) -> LoadedPlaybook:
        """The playbook named ``playbook_id``, or the one in the file of that path. Raises `NotFound`."""
        if "/" in playbook_id or playbook_id.endswith((".yaml", ".yml")):
            return self._load_file(Path(playbook_id).expanduser().absolute(), "own")
        record = self._records().get(playbook_id)
        if record is None:
            from triage.playbook.language.source import did_you_mean

            advice = did_you_mean(playbook_id, self._records(), "triage playbook list shows what there is")
            raise NotFound(f"no playbook {playbook_id!r}", do=advice)
        return self._load_file(Path(record.path), record.origin)

    def suggest(
        self,
        facts: CaseFacts,
        hooks: Mapping[str, Json] | None = None,
        limit: int = 5,
        *,
        measured: Mapping[str, tuple[int, int]] | None = None,
    ) -> tuple[Suggestion, ...]:
        """Playbooks that fit the ticket, best first, with the reasons.

        ``hooks`` may hold ``playbook_weights``, a mapping of id to a factor: a team can prefer its own.
        ``measured`` gives for each playbook how many runs on tickets like this ended well, of how many; of
        two that fit alike the better measured comes first, then the one whose review is not overdue.
        """
        from triage.playbook.language.matcher import fit

        weights = (hooks or {}).get("playbook_weights")
        found = []
        for record in self._records().values():
            if not record.matcher or record.status != "active" or record.errors:
                continue
            match = fit(record.matcher, facts, self._clock())
            if match.matched and match.score > 0:
                factor = weights.get(record.id, 1) if isinstance(weights, Mapping) else 1
                suits = 0.05 * (facts.ticket.priority in record.severity)
                score = match.score * (float(factor) if isinstance(factor, int | float) else 1.0) + suits
                reasons = (*match.reasons, *_measured_words((measured or {}).get(record.id)))
                found.append(Suggestion(record.summary(self._today()), round(score, 4), reasons))
        return tuple(sorted(found, key=lambda one: _rank(one, measured or {}))[:limit])

    def _today(self) -> date:
        return self._clock().date()

    def _load_file(self, path: Path, origin: Origin) -> LoadedPlaybook:
        from triage.playbook.lint.load import load_bytes

        try:
            with path.open("rb") as file:
                raw = file.read(SIZE_LIMIT + 1)
        except OSError as error:
            raise NotFound(f"cannot read the playbook: {error.strerror}", where=str(path)) from None
        sha256 = hashlib.sha256(raw).hexdigest()
        document, text, diagnostics = load_bytes(raw, str(path), self._today())
        shipped = is_shipped(sha256, str(path))
        return LoadedPlaybook(document, text, sha256, str(path), origin, shipped, diagnostics)

    def _records(self) -> dict[str, _Record]:
        """Every playbook by id; what is not in the cache is parsed and put there."""
        cached = self._read_cache()
        kept: dict[str, dict[str, Any]] = {}
        records: dict[str, _Record] = {}
        for folder in self.folders:
            for path in playbook_files(folder.path):
                try:
                    with path.open("rb") as file:
                        raw = file.read(SIZE_LIMIT + 1)
                except OSError:
                    continue
                key = f"{hashlib.sha256(raw).hexdigest()}:{path.name}"
                row = cached.get(key) or _parse(raw, path.name)
                kept[key] = row
                record = _Record.of(row, str(path), folder.origin, key[:64])
                records[record.id] = record
        if kept.keys() - cached.keys():
            self._write_cache(kept)
        return records

    def _read_cache(self) -> dict[str, dict[str, Any]]:
        if self._cache is None:
            return {}
        try:
            data = json.loads(self._cache.read_bytes())
        except (OSError, ValueError):
            return {}
        same = isinstance(data, dict) and data.get("format") == [CACHE_FORMAT, triage.__version__]
        rows = data.get("rows") if same else None
        return rows if isinstance(rows, dict) else {}

    def _write_cache(self, rows: Mapping[str, Mapping[str, Any]]) -> None:
        """Best effort: a cache that cannot be written only costs time."""
        if self._cache is None:
            return
        text = json.dumps({"format": [CACHE_FORMAT, triage.__version__], "rows": rows})
        with contextlib.suppress(Invalid):
            write_private(self._cache, text.encode())


@dataclass(frozen=True, slots=True)
class _Record:
    """What the cache knows of one file."""

    id: str
    title: str
    version: int
    status: str
    owner: str
    condition: str
    steps: int
    minutes: int | None
    reviewed: str
    review_every: str
    severity: tuple[str, ...]
    matcher: Mapping[str, Any]
    errors: int
    warnings: int
    commands: int
    path: str = ""
    origin: Origin = "own"
    sha256: str = ""

    @classmethod
    def of(cls, row: Mapping[str, Any], path: str, origin: Origin, sha256: str) -> _Record:
        """A cached row at the place its file lies now."""
        known = cls(**{**row, "severity": tuple(row["severity"])})
        return replace(known, path=path, origin=origin, sha256=sha256)

    def summary(self, today: date) -> PlaybookSummary:
        """For a list."""
        late = overdue(self.reviewed, self.review_every, today) if not self.errors else ""
        return PlaybookSummary(
            self.id, self.title, self.version, self.status, self.owner, self.condition, self.steps,
            self.minutes, self.path, self.origin, self.errors, self.warnings, late,
            self.commands, self.sha256,
        )  # fmt: skip


def _rank(one: Suggestion, measured: Mapping[str, tuple[int, int]]) -> tuple[float, float, bool, str]:
    """Score, then measured success, then whether it is stale; the id keeps the order the same every time.

    A playbook without runs counts as one that ends well every second time, so that one lucky run proves
    little (Laplace's rule of succession).
    """
    well, total = measured.get(one.playbook.id, (0, 0))
    return -one.score, -(well + 1) / (total + 2), bool(one.playbook.stale), one.playbook.id


def _measured_words(counts: tuple[int, int] | None) -> tuple[str, ...]:
    return (f"ended well in {counts[0]} of {counts[1]} runs on tickets like this",) if counts else ()


def playbook_files(folder: Path) -> Iterator[Path]:
    """The playbooks in ``folder`` by name, without those of folders below and without test files."""
    try:
        names = sorted(entry.name for entry in os.scandir(folder) if entry.is_file())
    except OSError:
        return
    for name in names:
        if name.endswith((".yaml", ".yml")) and not name.startswith(".") and not name.endswith(".test.yaml"):
            yield folder / name


def _parse(raw: bytes, name: str) -> dict[str, Any]:
    from triage.playbook.lint.load import load_bytes

    document, _, found = load_bytes(raw, name)
    counts = {
        "errors": sum(one.level == "error" for one in found),
        "warnings": sum(one.level == "warning" for one in found),
    }
    if document is None:
        first = next(one for one in found if one.level == "error")
        why = f"line {first.line}: {first.message}"
        stem = name.rpartition(".")[0]
        empty = {"version": 0, "status": "draft", "owner": "", "steps": 0, "minutes": None, "reviewed": ""}
        rest = {"review_every": "180d", "severity": [], "matcher": {}, "commands": 0}
        return {"id": stem, "title": stem, "condition": why, **empty, **rest, **counts}
    matcher = document.applies_to.model_dump(by_alias=True, exclude_none=True) if document.applies_to else {}
    return {
        "id": document.id, "title": document.title, "version": document.version, "status": document.status,
        "owner": document.owner, "condition": document.condition, "steps": len(document.steps),
        "minutes": document.estimated_minutes, "reviewed": document.reviewed or "",
        "review_every": document.review_every, "severity": list(document.severity), "matcher": matcher,
        "commands": sum(step.kind in ("check", "http") for step in document.steps),
        **counts,
    }  # fmt: skip


def is_shipped(sha256: str, path: str) -> bool:
    """Whether the file at ``path`` is a shipped one with exactly the bytes it was shipped with.

    The list is in the package (``SHA256SUMS``, as ``sha256sum`` writes it); an edited file is not on it.
    """
    file, folder = Path(path), shipped_folder()
    if file.parent != folder:
        return False
    try:
        text = (folder / "SHA256SUMS").read_text(encoding="utf-8")
    except OSError:
        return False
    found = [_SUM_LINE.match(line) for line in text.splitlines()]
    return any(one is not None and one[1] == sha256 and one[2] == file.name for one in found)
