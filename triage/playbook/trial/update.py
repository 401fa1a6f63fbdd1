"""New expected paths for a test file: found by walking its cases, shown to a person, then written.

Only paths are ever renewed. Outcomes, causes and words of replies stay as their author wrote them: what a
playbook should lead to is not learnt from where it leads.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import yaml

from triage.model.errors import NotFound, Stopped
from triage.playbook.lint.load import load_bytes
from triage.playbook.trial.cases import case_file_of, read_cases
from triage.playbook.trial.trial import aligned, read_file, try_case

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_Edit: TypeAlias = tuple[int, int, str]
"""Text positions from and to, and what stands there afterwards."""


@dataclass(frozen=True, slots=True)
class PathUpdate:
    """One case whose path is no longer the one that was expected."""

    test_path: str
    number: int
    """Of the case in its file, from 0."""
    case: str
    wanted: tuple[str, ...]
    """Empty where the case had no path yet."""
    got: tuple[str, ...]

    @property
    def difference(self) -> str:
        """Both paths, aligned; see `triage.playbook.trial.trial.aligned`."""
        return aligned(self.wanted, self.got)


def path_updates(path: Path) -> tuple[PathUpdate, ...]:
    """The cases of the playbook at ``path`` that end on another path than expected, in the file's order.

    A case that waits for an answer, or whose answers do not fit, has no path to write and is left out; so is
    a playbook or a test file with mistakes. Raises `NotFound` for a file that cannot be read.
    """
    document = load_bytes(read_file(path), str(path))[0]
    test_path = case_file_of(path)
    if document is None or test_path is None:
        return ()
    text = read_file(test_path).decode("utf-8", "replace")
    held = read_cases(text, str(test_path), document, paths_matter=False)[0]
    results = [try_case(document, case) for case in held.cases] if held else []
    return tuple(
        PathUpdate(str(test_path), number, case.name, case.expect.path, result.path)
        for number, (case, result) in enumerate(zip(held.cases if held else (), results, strict=True))
        if result.whole and result.path != case.expect.path
    )


def write_updates(updates: Sequence[PathUpdate]) -> tuple[Path, ...]:
    """Write the new paths and return the files written; everything else in them stays as it was.

    Raises `Stopped` for a file in which the paths are not any more what was shown, and `NotFound`.
    """
    by_file: dict[str, list[PathUpdate]] = {}
    for one in updates:
        by_file.setdefault(one.test_path, []).append(one)
    texts = {Path(name): _renewed(Path(name), some) for name, some in by_file.items()}
    for path, text in texts.items():
        _replace(path, text)
    return tuple(texts)


def _replace(path: Path, text: str) -> None:
    """Put ``text`` in the place of the file in one step, so that a crash leaves the old one."""
    beside = path.with_name(f".{path.name}.new")
    try:
        beside.write_text(text, encoding="utf-8", newline="")
        beside.replace(path)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise NotFound(f"cannot write it: {error.strerror}", where=str(path)) from None


def _renewed(path: Path, updates: Iterable[PathUpdate]) -> str:
    text = read_file(path).decode("utf-8")
    lines = [0]
    for line in text.splitlines(keepends=True):
        lines.append(lines[-1] + len(line))
    cases = _value(yaml.compose(text, Loader=_LOADER), "cases").value
    for start, end, new in sorted((_edit(path, cases, lines, one) for one in updates), reverse=True):
        text = text[:start] + new + text[end:]
    return text


def _edit(path: Path, cases: Sequence[Any], lines: Sequence[int], update: PathUpdate) -> _Edit:
    expect = _value(cases[update.number], "expect") if update.number < len(cases) else None
    held = _pair(expect, "path")
    if expect is None or tuple(item.value for item in (held[1].value if held else ())) != update.wanted:
        raise Stopped("the file has changed since the paths were shown", where=str(path), do="run it again")
    new = f"path: [{', '.join(update.got)}]"
    if held:
        key, value = held
        # A block list ends at the next word of the file; its last item ends where it ends.
        last = value if value.flow_style or not value.value else value.value[-1]
        return _at(lines, key.start_mark), _at(lines, last.end_mark), new
    start = _at(lines, expect.start_mark)
    if expect.flow_style:
        return start + 1, start + 1, new + (", " if expect.value else "")
    return start, start, f"{new}\n{' ' * expect.start_mark.column}"


def _at(lines: Sequence[int], mark: Any) -> int:
    return int(lines[mark.line] + mark.column)


def _value(node: Any, name: str) -> Any:
    pair = _pair(node, name)
    return pair[1] if pair else None


def _pair(node: Any, name: str) -> tuple[Any, Any] | None:
    return next((pair for pair in _pairs(node) if pair[0].value == name), None)


def _pairs(node: Any) -> Iterator[tuple[Any, Any]]:
    if isinstance(node, yaml.MappingNode):
        yield from node.value
