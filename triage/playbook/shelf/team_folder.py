"""A team's folder of playbooks, checked with git: exactly what a commit holds that the named remote has.

The files are compared with the commit's own objects, byte for byte, and not by ``git status``: that may run
programs a repository's settings name, and believes file times.
"""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from triage.model.errors import Refused

_QUIET = ("-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "--no-optional-locks")
_REMOTE_NAME = re.compile(r"[A-Za-z0-9][\w./-]{0,100}\Z")
_LINKS = ("120000", "160000")


@dataclass(frozen=True, slots=True)
class CleanFolder:
    """A folder at a commit."""

    path: str
    remote: str
    url: str
    """Of the remote, without credentials."""
    commit: str


def clean_folder(folder: Path, remote: str, files: Mapping[str, bytes]) -> CleanFolder:
    """Compare ``files`` (name in the folder to bytes, all that count there) with what is committed.

    Raises `Refused` where the folder is in no repository, the remote is not named or lacks the commit, or a
    file is a link, is not committed, or differs by a byte.
    """
    if not _REMOTE_NAME.match(remote):
        raise Refused(f"{remote!r} is no name of a remote", where=str(folder))
    commit = _git(folder, "rev-parse", "--verify", "HEAD^{commit}")
    url = without_credentials(_git(folder, "remote", "get-url", remote))
    holding = f"refs/remotes/{remote}"
    if not _git(folder, "for-each-ref", "--contains", commit, "--count=1", holding):
        raise Refused(
            f"{remote} does not have commit {commit[:12]}", where=str(folder), do="fetch, or push it first"
        )
    committed = _committed(folder, commit)
    for name, raw in files.items():
        _check(folder, name, raw, committed)
    return CleanFolder(str(folder), remote, url, commit)


def _committed(folder: Path, commit: str) -> dict[str, tuple[str, str]]:
    """Name to mode and object id of what the commit holds in the folder itself."""
    listed = _git(folder, "ls-tree", "-z", "--full-tree", f"{commit}:./")
    rows = [row.partition("\t") for row in listed.split("\0") if row]
    return {name: (about.split(" ")[0], about.split(" ")[2]) for about, _, name in rows}


def _check(folder: Path, name: str, raw: bytes, committed: Mapping[str, tuple[str, str]]) -> None:
    where = str(folder / name)
    if name not in committed:
        raise Refused("it is not committed", where=where, do="commit it, or take it away")
    mode, object_id = committed[name]
    if mode in _LINKS or (folder / name).is_symlink():
        raise Refused("it is a link", where=where, do="put the file itself there")
    if _object_id(raw, len(object_id)) != object_id:
        raise Refused("it differs from what is committed", where=where, do="commit it, or take it back")


def _object_id(raw: bytes, length: int) -> str:
    """The name git gives to these bytes; a repository uses SHA-1 or SHA-256."""
    kind = hashlib.sha256 if length == 64 else hashlib.sha1
    return kind(b"blob %d\0" % len(raw) + raw).hexdigest()


def without_credentials(url: str) -> str:
    """``url`` without a name or password before the host."""
    parts = urlsplit(url)
    if not parts.scheme or "@" not in parts.netloc:
        return url
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


def _git(folder: Path, *words: str) -> str:
    """What git says, without the last newline. Raises `Refused` with its own reason."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    environment |= {"LC_ALL": "C", "GIT_TERMINAL_PROMPT": "0", "GIT_NO_LAZY_FETCH": "1"}
    try:
        done = subprocess.run(  # noqa: S603 - a list, no shell; the folder is the person's own word
            ["git", *_QUIET, "-C", str(folder), *words],  # noqa: S607 - the person's own git, wherever it is
            capture_output=True,
            check=False,
            timeout=30,
            stdin=subprocess.DEVNULL,
            env=environment,
        )
    except FileNotFoundError:
        raise Refused("git is not installed, so the folder cannot be checked", where=str(folder)) from None
    except subprocess.TimeoutExpired:
        raise Refused("git did not answer", where=str(folder)) from None
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip().split("\n")[0]
        raise Refused(f"git cannot vouch for it: {said or words[0]}", where=str(folder))
    return done.stdout.decode("utf-8", "surrogateescape").rstrip("\n")
