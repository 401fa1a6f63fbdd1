from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from triage.demo.child import DemoProcess, start_demo
from triage.model.errors import HelpdeskFailed, Invalid, Stopped


def api(demo: DemoProcess) -> httpx.Client:
    return httpx.Client(base_url=f"{demo.url}/api/v2/", headers={"Authorization": f"Bearer {demo.token}"})


def last_body(client: httpx.Client) -> str:
    return str(client.get("tickets/10005/comments").json()["comments"][-1]["body"])


def gone(pid: int, seconds: float = 5.0) -> bool:
    """Whether the process ends within ``seconds``; one that nobody has waited for yet counts as ended."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        stat = Path(f"/proc/{pid}/stat")
        try:
            if not stat.exists() or stat.read_text().rpartition(")")[2].split()[0] == "Z":
                return True
        except OSError:
            return True
        time.sleep(0.02)
    return False


def test_notes_survive_a_crash_and_a_restart_and_reset_forgets_them(tmp_path: Path) -> None:
    first = start_demo(tmp_path)
    with api(first) as client:
        answer = client.put("tickets/10005", json={"ticket": {"comment": {"body": "kept", "public": False}}})
        assert answer.status_code == 200
    first.kill()
    with start_demo(tmp_path) as second, api(second) as client:
        assert second.token == first.token
        assert last_body(client) == "kept"
    with start_demo(tmp_path, reset=True) as third, api(third) as client:
        assert last_body(client) != "kept"
        assert third.token != first.token


def test_stop_ends_the_process_at_once_and_twice_is_fine(tmp_path: Path) -> None:
    demo = start_demo(tmp_path)
    with api(demo) as client:
        client.get("views")
        begun = time.monotonic()
        demo.stop()
    demo.stop()
    assert time.monotonic() - begun < 3
    assert not demo.running
    assert gone(demo.pid)


def test_a_second_server_on_the_same_state_is_refused(tmp_path: Path) -> None:
    with start_demo(tmp_path) as demo:
        for reset in (False, True):
            with pytest.raises(Stopped, match="another demo holds this state"):
                start_demo(tmp_path, reset=reset)
        with api(demo) as client:
            assert client.get("views").status_code == 200


def test_the_child_ends_with_its_parent_even_when_that_is_killed(tmp_path: Path) -> None:
    code = (
        "import sys, time\nfrom pathlib import Path\nfrom triage.demo.child import start_demo\n"
        "print(start_demo(Path(sys.argv[1])).pid, flush=True)\ntime.sleep(60)"
    )
    parent = subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    pid = int(parent.stdout.readline())
    os.kill(parent.pid, signal.SIGKILL)
    parent.wait()
    parent.stdout.close()
    assert gone(pid)


def test_asking_for_another_demo_than_the_kept_one_is_refused(tmp_path: Path) -> None:
    start_demo(tmp_path, tickets=60, seed=5).stop()
    with pytest.raises(Invalid, match=r"made with --tickets 60, not 70.*--reset"):
        start_demo(tmp_path, tickets=70)
    with pytest.raises(Invalid, match="made with --seed 5, not 6"):
        start_demo(tmp_path, seed=6)
    start_demo(tmp_path).stop()


def test_what_cannot_work_is_one_line(tmp_path: Path) -> None:
    faults = tmp_path / "faults.yaml"
    faults.write_text("- fault: drop_rely\n")
    with pytest.raises(Invalid, match=r"faults.yaml:1: unknown fault 'drop_rely'. Did you mean drop_reply\?"):
        start_demo(tmp_path / "a", faults=faults)
    (tmp_path / "file").write_text("")
    with pytest.raises(Invalid, match="cannot be used as a folder"):
        start_demo(tmp_path / "file")
    with pytest.raises(Invalid, match="no time zone is called"):
        start_demo(tmp_path / "b", zone="Mars/Olympus")
    with start_demo(tmp_path / "c") as demo, pytest.raises(HelpdeskFailed, match="cannot listen"):
        start_demo(tmp_path / "d", port=int(demo.url.rpartition(":")[2]))
    with pytest.raises(HelpdeskFailed, match="cannot listen"):
        start_demo(tmp_path / "d", port=70_000)


def test_a_broken_state_file_is_named_and_reset_heals_it(tmp_path: Path) -> None:
    (tmp_path / "helpdesk.sqlite").write_text(
        "not a database, but long enough to look like a page of one\n" * 20
    )
    with pytest.raises(Invalid, match=r"not a demo's file.*--reset"):
        start_demo(tmp_path)
    start_demo(tmp_path, reset=True).stop()


def test_the_state_is_readable_by_its_owner_only(tmp_path: Path) -> None:
    start_demo(tmp_path / "demo").stop()
    assert (tmp_path / "demo").stat().st_mode & 0o077 == 0
    assert all(path.stat().st_mode & 0o077 == 0 for path in (tmp_path / "demo").glob("helpdesk*"))
