from __future__ import annotations

import os
import resource
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from triage.config.private_file import create_private, private_directory, write_private
from triage.model.errors import Invalid


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o777])
def test_modes_do_not_depend_on_the_umask(tmp_path: Path, umask: int) -> None:
    before = os.umask(umask)
    try:
        write_private(tmp_path / "a" / "b" / "file", b"x")
        create_private(tmp_path / "a" / "new")
    finally:
        os.umask(before)
    assert mode(tmp_path / "a") == mode(tmp_path / "a" / "b") == 0o700
    assert mode(tmp_path / "a" / "b" / "file") == mode(tmp_path / "a" / "new") == 0o600


def test_folders_that_were_there_keep_their_mode(tmp_path: Path) -> None:
    shared = tmp_path / "shared"
    shared.mkdir(mode=0o755)
    private_directory(shared / "mine")
    assert mode(shared) == 0o755


def test_an_existing_file_is_never_taken_over(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    with pytest.raises(FileExistsError):
        create_private(tmp_path / "file")


def test_a_file_in_the_way_of_a_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(Invalid, match="TRIAGE_HOME"):
        write_private(tmp_path / "file" / "below", b"x")


def test_a_full_disk_leaves_the_old_content_and_no_crumbs(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text("old")
    program = f"""
from pathlib import Path
from triage.config.private_file import write_private
from triage.model.errors import Invalid
try:
    write_private(Path({str(path)!r}), b"x" * 100_000)
except Invalid as error:
    print(error)
"""

    def small_files() -> None:
        import signal

        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))

    done = subprocess.run(
        [sys.executable, "-c", program], preexec_fn=small_files, capture_output=True, text=True, check=True
    )
    assert "Free some space" in done.stdout
    assert path.read_text() == "old"
    assert [one.name for one in tmp_path.iterdir()] == ["config.toml"]
