"""A team's folder counts only as it is committed, at a commit that the named remote has."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from triage.model.errors import Refused
from triage.playbook.shelf.team_folder import clean_folder, without_credentials

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")


def git(folder: Path, *words: str) -> str:
    who = ("-c", "user.name=team", "-c", "user.email=team@example.org", "-c", "commit.gpgsign=false")
    done = subprocess.run(
        ["git", "-C", str(folder), *who, *words], check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A clone of a remote with one playbook in a folder of its own."""
    git(tmp_path, "init", "-q", "--bare", "-b", "main", "remote.git")
    git(tmp_path, "clone", "-q", "remote.git", "clone")
    held = tmp_path / "clone" / "playbooks"
    held.mkdir()
    (held / "one.yaml").write_bytes(b"id: one\n")
    publish(held)
    return held


def publish(folder: Path) -> None:
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "more")
    git(folder, "push", "-q", "origin", "HEAD:main")


def seen(folder: Path, remote: str = "origin") -> str:
    files = {path.name: path.read_bytes() for path in folder.iterdir() if path.suffix == ".yaml"}
    return clean_folder(folder, remote, files).commit


def test_what_is_committed_and_pushed_is_clean(folder: Path) -> None:
    assert seen(folder) == git(folder, "rev-parse", "HEAD")


@pytest.mark.parametrize("raw", [b"id: One\n", b"id: one\r\n", b"id: one", b"id: one\n\n"])
def test_one_byte_less_or_more_is_not(folder: Path, raw: bytes) -> None:
    (folder / "one.yaml").write_bytes(raw)
    with pytest.raises(Refused, match="differs from what is committed"):
        seen(folder)


def test_an_edit_that_git_was_told_to_overlook_is_seen_all_the_same(folder: Path) -> None:
    git(folder, "update-index", "--assume-unchanged", "one.yaml")
    (folder / "one.yaml").write_bytes(b"id: two\n")
    assert git(folder, "status", "--porcelain") == ""
    with pytest.raises(Refused, match="differs"):
        seen(folder)


def test_a_file_nobody_committed_is_named(folder: Path) -> None:
    (folder / "mine.yaml").write_bytes(b"id: mine\n")
    with pytest.raises(Refused, match=r"mine\.yaml: it is not committed"):
        seen(folder)


@pytest.mark.parametrize("commit_it", [True, False])
def test_a_link_is_refused_even_to_the_same_bytes(folder: Path, commit_it: bool) -> None:
    (folder / "other.txt").write_bytes(b"id: one\n")
    (folder / "one.yaml").unlink()
    (folder / "one.yaml").symlink_to("other.txt")
    if commit_it:
        publish(folder)
    with pytest.raises(Refused, match="link"):
        seen(folder)


def test_a_commit_the_remote_does_not_have_is_refused(folder: Path) -> None:
    (folder / "one.yaml").write_bytes(b"id: two\n")
    git(folder, "commit", "-q", "-am", "only here")
    with pytest.raises(Refused, match="origin does not have commit"):
        seen(folder)
    git(folder, "push", "-q", "origin", "HEAD:main")
    assert seen(folder)


@pytest.mark.parametrize("remote", ["upstream", "--help", "", "a b"])
def test_the_remote_must_be_one_that_is_named_there(folder: Path, remote: str) -> None:
    with pytest.raises(Refused):
        seen(folder, remote)


def test_a_folder_in_no_repository_is_refused(tmp_path: Path) -> None:
    (tmp_path / "one.yaml").write_bytes(b"")
    with pytest.raises(Refused, match="git cannot vouch"):
        seen(tmp_path)


def test_settings_of_the_repository_start_no_program(folder: Path) -> None:
    trap = folder.parent / "ran"
    git(folder, "config", "core.fsmonitor", f"touch {trap}; false")
    git(folder, "config", "filter.trap.clean", f"touch {trap}; cat")
    (folder.parent / ".git" / "info" / "attributes").write_text("*.yaml filter=trap\n")
    assert seen(folder)
    assert not trap.exists()


def test_the_environment_does_not_turn_git_elsewhere(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here = seen(folder)
    monkeypatch.setenv("GIT_DIR", "/nonexistent")
    assert seen(folder) == here


def test_credentials_in_an_address_are_not_repeated() -> None:
    assert without_credentials("https://me:secret@git.example/p.git") == "https://git.example/p.git"
    assert without_credentials("git@git.example:p.git") == "git@git.example:p.git"
