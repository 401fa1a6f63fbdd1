"""What a program did to its files, and what of it may be left on the disk when the power goes.

`record` runs a program with ``recorded_disk.c`` preloaded, which writes down every write, truncation, sync,
creation, renaming and removal. `Disk` plays that back. Whatever was not synced may be there in full, in part
or not at all: of the data of a file any sectors, of the names in a folder any first ones of the changes.
"""

from __future__ import annotations

import os
import random
import struct
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

SOURCE = Path(__file__).with_suffix(".c")
SECTOR = 512
_HEAD = struct.Struct("=5Q")

Survival = Literal["nothing", "everything", "some"]
"""Of what was not synced."""


@dataclass(frozen=True)
class Deed:
    """One thing done to a file. ``kind``: the letters of ``recorded_disk.c``."""

    kind: str
    path: str
    second: str
    offset: int
    data: bytes


@dataclass
class File:
    """A file's data on the disk, and what is still on the way there."""

    synced: bytes = b""
    waiting: list[Deed] = field(default_factory=list)


@dataclass
class Disk:
    """The files below a folder as the deeds go by."""

    live: dict[str, File] = field(default_factory=dict)
    names: dict[str, File] = field(default_factory=dict)
    """Those that are on the disk."""
    waiting: list[Deed] = field(default_factory=list)
    """Changes of names that are not."""
    moved: dict[int, File] = field(default_factory=dict)

    @classmethod
    def of(cls, folder: Path) -> Disk:
        """``folder`` as it is, all of it on the disk."""
        files = {str(one): File(one.read_bytes()) for one in folder.rglob("*") if one.is_file()}
        return cls(dict(files), dict(files))

    def do(self, deed: Deed) -> None:
        """What the program saw happen."""
        if deed.kind in "wt":
            if deed.path in self.live:
                self.live[deed.path].waiting.append(deed)
        elif deed.kind == "s":
            self._sync(deed.path)
        else:
            if deed.kind == "c":
                self.moved[id(deed)] = File()
            elif deed.kind in "rl":
                self.moved[id(deed)] = self.live[deed.path]
            self._rename(self.live, deed)
            self.waiting.append(deed)

    def _sync(self, path: str) -> None:
        if path in self.live:
            file = self.live[path]
            file.synced = _written(file.synced, file.waiting)
            file.waiting = []
            return
        here = [deed for deed in self.waiting if str(Path(deed.second or deed.path).parent) == path]
        for deed in here:
            self._rename(self.names, deed)
        self.waiting = [deed for deed in self.waiting if deed not in here]

    def _rename(self, names: dict[str, File], deed: Deed) -> None:
        if deed.kind == "u":
            names.pop(deed.path, None)
            return
        names[deed.second or deed.path] = self.moved[id(deed)]
        if deed.kind == "r":
            names.pop(deed.path, None)

    def after_power_loss(self, survival: Survival, rng: random.Random) -> dict[str, bytes]:
        """What the next start finds."""
        chance = {"nothing": 0.0, "everything": 1.0, "some": rng.random()}[survival]
        names = dict(self.names)
        count = rng.randint(0, len(self.waiting)) if survival == "some" else len(self.waiting) * int(chance)
        for deed in self.waiting[:count]:
            self._rename(names, deed)
        found = {}
        for path in sorted(names):
            file = names[path]
            found[path] = _written(file.synced, _survivors(file.waiting, chance, rng))
        return found


def _written(data: bytes, deeds: Sequence[Deed]) -> bytes:
    held = bytearray(data)
    for deed in deeds:
        end = deed.offset + len(deed.data)
        held.extend(bytes(max(0, end - len(held))))
        if deed.kind == "t":
            del held[deed.offset :]
        else:
            held[deed.offset : end] = deed.data
    return bytes(held)


def _survivors(deeds: Sequence[Deed], chance: float, rng: random.Random) -> list[Deed]:
    kept = []
    for deed in deeds:
        if deed.kind == "t":
            kept += [deed] if rng.random() < chance else []
            continue
        for start in range(0, len(deed.data), SECTOR):
            if rng.random() < chance:
                part = deed.data[start : start + SECTOR]
                kept.append(Deed("w", deed.path, "", deed.offset + start, part))
    return kept


def build(folder: Path) -> Path:
    """The shared object, compiled. Raises `FileNotFoundError` without a compiler."""
    made = folder / "recorded_disk.so"
    command = ["cc", "-shared", "-fPIC", "-O1", "-o", str(made), str(SOURCE), "-ldl", "-lpthread"]
    subprocess.run(command, check=True, capture_output=True)
    return made


def record(shared: Path, root: Path, log: Path, program: str, *words: str) -> list[Deed]:
    """Run ``program`` and give what it did below ``root``, in order."""
    env = {"LD_PRELOAD": str(shared), "RECORDED_ROOT": str(root), "RECORDED_LOG": str(log)}
    subprocess.run(
        [sys.executable, "-c", program, *words],
        env={**os.environ, **env},
        cwd=Path(__file__).parents[2],
        check=True,
        timeout=300,
    )
    return list(_read(log.read_bytes()))


def _read(log: bytes) -> Iterator[Deed]:
    at = 0
    while at < len(log):
        kind, offset, path, second, size = _HEAD.unpack_from(log, at)
        at += _HEAD.size
        ends = (at + path, at + path + second, at + path + second + size)
        name, other = log[at : ends[0]].decode(), log[ends[0] : ends[1]].decode()
        yield Deed(chr(kind), name, other, offset, log[ends[1] : ends[2]])
        at = ends[2]
