"""Trust over real files: whatever is flipped, moved or swapped is asked for again, and never run meanwhile."""

# ruff: noqa: E501 - embedded YAML reads better on one line

from __future__ import annotations

import os
import random
import shutil
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.playbook.test_team_folder import git, publish
from tests.playbook.world import NOW
from triage.desk.playbook_files import with_trust
from triage.desk.playbook_trust_desk import PlaybookTrustDesk
from triage.model.entry import Person
from triage.model.errors import Invalid, NotFound, Refused, Stopped
from triage.playbook.shelf.library import Library, PlaybookFolder
from triage.playbook.shelf.trust import TrustStore

FLIPS = int(os.environ.get("TRIAGE_TRUST_FLIPS", "60"))
SEED = int(os.environ.get("TRIAGE_SEED", "7"))
TEXT = """\
schema: triage.playbook/v1
id: look
title: Look twice
version: 3
owner: team
condition: Somebody asks.
steps:
  - {id: clock, kind: check, title: Read the clock, run: [date, "+%Y %m"], effect: read_only, manual: Look.}
  - {id: health, kind: http, title: Ask it, url: "https://status.example/health", manual: Open it.}
  - {id: again, kind: playbook, title: Again, use: other}
  - {id: done, kind: end, title: Done, outcome: resolved}
"""
OTHER = """\
schema: triage.playbook/v1
id: other
title: The other
version: 1
owner: team
condition: Used by look.
steps:
  - {id: disk, kind: check, title: Space, run: df -h, effect: changes, undo: none, manual: Look.}
  - {id: done, kind: end, title: Done, outcome: resolved}
"""


class Place:
    """A folder of playbooks and a desk that trusts them."""

    def __init__(self, root: Path, folder: Path | None = None) -> None:
        self.folder = folder or root / "team"
        self.folder.mkdir(exist_ok=True)
        self.look, self.other = self.folder / "look.yaml", self.folder / "other.yaml"
        self.look.write_text(TEXT)
        self.other.write_text(OTHER)
        self.store = TrustStore(root / "state" / "trust.json")
        self.now = NOW
        self.parts: Any = SimpleNamespace(
            library=Library([PlaybookFolder(self.folder, "team")], None, clock=lambda: NOW), trust=self.store,
            person=Person("kim"), now=lambda: self.now, profile=SimpleNamespace(config={}),
        )  # fmt: skip
        self.desk = PlaybookTrustDesk(self.parts)

    def level(self, path: Path | None = None) -> str:
        """How far the file is trusted now; ``broken`` where it is no playbook any more."""
        loaded = self.parts.library.load(str(path or self.look))
        return self.desk.level_of(loaded) if loaded.parsed is not None else "broken"

    async def trust(self, name: str = "look", level: Any = "run") -> None:
        await self.desk.page(name)
        await self.desk.grant(name, level)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


async def test_the_page_shows_every_command_and_request_as_it_is_written_and_what_it_uses(
    place: Place,
) -> None:
    page = await place.desk.page("look")
    assert [one.argv for one in page.commands] == [
        ("date", "+%Y %m"),
        ("GET", "https://status.example/health"),
    ]
    assert (page.level, page.version, page.change) == ("none", 3, None)
    assert [(one.id, one.level) for one in page.uses] == [("other", "none")]


async def test_a_yes_is_for_what_was_shown(place: Place) -> None:
    with pytest.raises(Refused, match="not shown"):
        await place.desk.grant("look", "read")
    await place.trust()
    assert place.level() == "run"
    assert place.store.text((await place.desk.page("look")).sha256) == TEXT


async def test_an_edit_while_it_was_read_is_not_trusted(place: Place) -> None:
    await place.desk.page("look")
    place.look.write_text(TEXT.replace("+%Y %m", "+%s"))
    with pytest.raises(Stopped, match="changed while you read it"):
        await place.desk.grant("look", "run")
    assert (place.level(), place.store.grants()) == ("none", ())


async def test_one_flipped_byte_anywhere_ends_it(place: Place) -> None:
    await place.trust()
    chance, raw = random.Random(SEED), TEXT.encode()
    for _ in range(FLIPS):
        at = chance.randrange(len(raw))
        flipped = bytes([*raw[:at], raw[at] ^ (1 << chance.randrange(8)), *raw[at + 1 :]])
        place.look.write_bytes(flipped)
        assert place.level() in ("none", "broken"), (SEED, at, flipped[at])
    place.look.write_bytes(raw)
    assert place.level() == "run"


async def test_other_line_ends_a_moved_folder_or_a_link_to_other_bytes_end_it(
    place: Place, tmp_path: Path
) -> None:
    await place.trust()
    place.look.write_bytes(TEXT.replace("\n", "\r\n").encode())
    assert place.level() in ("none", "broken")
    place.look.write_text(TEXT)
    shutil.copytree(place.folder, tmp_path / "moved")
    assert place.level(tmp_path / "moved" / "look.yaml") == "none"
    (tmp_path / "evil.yaml").write_text(TEXT.replace("date", "dfte"))
    place.look.unlink()
    place.look.symlink_to(tmp_path / "evil.yaml")
    assert place.level() == "none"
    (tmp_path / "evil.yaml").write_text(TEXT)
    assert place.level() == "run", "these are the very bytes, under the path, that were consented to"


async def test_a_playbook_that_is_used_is_not_trusted_with_its_caller_and_a_swap_of_it_is_seen(
    place: Place,
) -> None:
    await place.trust()
    assert place.level(place.other) == "none"
    await place.trust("other")
    assert [one.level for one in (await place.desk.page("look")).uses] == ["run"]
    place.other.write_text(OTHER.replace("df -h", "df -h /"))
    assert [one.level for one in (await place.desk.page("look")).uses] == ["none"]
    assert place.level() == "run"


async def test_after_a_change_the_page_tells_how_many_commands_changed_since_which_version(
    place: Place,
) -> None:
    await place.trust()
    place.look.write_text(
        TEXT.replace("+%Y %m", "+%s")
        .replace("https://status.example", "https://other.example")
        .replace("version: 3", "version: 4")
    )
    page = await place.desk.page("look")
    assert page.change is not None
    assert (page.level, page.change.said) == ("none", "2 commands changed since you trusted version 3")
    place.look.write_text(TEXT.replace("Look twice", "Look again"))
    page = await place.desk.page("look")
    assert page.change is not None
    assert (page.level, page.change.said) == ("none", "no commands changed since you trusted version 3")


async def test_a_list_tells_what_is_trusted_and_what_was_until_it_changed(place: Place) -> None:
    def told() -> dict[str, tuple[str, bool]]:
        found = with_trust(place.parts.library.all(), place.store)
        return {one.id: (one.trust, one.trust_ended) for one in found}

    assert told() == {"look": ("none", False), "other": ("none", False)}
    await place.trust(level="read")
    assert told() == {"look": ("read", False), "other": ("none", False)}
    place.look.write_text(TEXT.replace("Look twice", "Look again"))
    assert told() == {"look": ("none", True), "other": ("none", False)}
    place.store.path.write_text("{")
    assert told()["look"] == ("none", False)


async def test_what_was_given_can_be_listed_and_taken_back(place: Place) -> None:
    await place.trust()
    await place.trust("other", "read")
    place.other.unlink()
    assert [(one.playbook_id, one.level, one.state) for one in await place.desk.given()] == [
        ("look", "run", "current"), ("other", "read", "gone"),
    ]  # fmt: skip
    assert await place.desk.revoke("look") == str(place.look)
    assert place.level() == "none"
    with pytest.raises(NotFound):
        await place.desk.revoke("look")
    assert await place.desk.revoke(str(place.other)) == str(place.other)


@pytest.fixture
def cloned(tmp_path: Path) -> Place:
    """The same playbooks in a clone of a remote."""
    if shutil.which("git") is None:
        pytest.skip("git is not installed")
    git(tmp_path, "init", "-q", "--bare", "-b", "main", "remote.git")
    git(tmp_path, "clone", "-q", "remote.git", "clone")
    place = Place(tmp_path, tmp_path / "clone")
    publish(place.folder)
    return place


async def trust_folder(place: Place) -> None:
    page = await place.desk.folder_page(place.folder, "origin")
    await place.desk.grant_folder(page, "run")


async def carried(place: Place) -> str:
    place.now += timedelta(days=1)
    await place.desk.carry_on(place.parts.library.load("look"))
    return place.level()


async def test_a_clean_folder_is_trusted_as_a_whole(cloned: Place) -> None:
    page = await cloned.desk.folder_page(cloned.folder, "origin")
    assert {one.playbook_id for one in page.pages} == {"look", "other"}
    await cloned.desk.grant_folder(page, "read")
    assert (cloned.level(), cloned.level(cloned.other)) == ("read", "read")
    assert await cloned.desk.revoke(str(cloned.folder)) == str(cloned.folder)
    assert (cloned.level(), cloned.store.folders()) == ("none", ())


async def test_a_commit_that_touches_no_command_is_trusted_on_and_one_that_does_is_asked_for(
    cloned: Place,
) -> None:
    await trust_folder(cloned)
    cloned.look.write_text(TEXT.replace("Look twice", "Look again"))
    assert await carried(cloned) == "none", "not committed"
    git(cloned.folder, "commit", "-q", "-am", "words")
    assert await carried(cloned) == "none", "not at the remote"
    publish_now(cloned)
    assert await carried(cloned) == "run"
    cloned.look.write_text(TEXT.replace("+%Y %m", "+%s"))
    publish(cloned.folder)
    assert await carried(cloned) == "none", "a command changed"


async def test_trust_of_one_file_and_another_remote_carry_nothing_on(cloned: Place) -> None:
    await cloned.trust()
    cloned.look.write_text(TEXT.replace("Look twice", "Look again"))
    publish(cloned.folder)
    assert await carried(cloned) == "none"
    await trust_folder(cloned)
    await cloned.trust()
    cloned.look.write_text(TEXT.replace("Look twice", "Look thrice"))
    publish(cloned.folder)
    assert await carried(cloned) == "none", "the newest consent was to this file alone"
    await trust_folder(cloned)
    cloned.look.write_text(TEXT)
    publish(cloned.folder)
    git(cloned.folder, "remote", "set-url", "origin", "https://elsewhere.example/p.git")
    assert await carried(cloned) == "none"


async def test_a_folder_that_changed_while_it_was_read_is_not_trusted(cloned: Place) -> None:
    page = await cloned.desk.folder_page(cloned.folder, "origin")
    cloned.look.write_text(TEXT.replace("+%Y %m", "+%s"))
    publish(cloned.folder)
    with pytest.raises(Stopped, match="changed while you read it"):
        await cloned.desk.grant_folder(page, "run")
    assert cloned.store.grants() == ()


async def test_a_file_with_errors_in_the_folder_is_named(cloned: Place) -> None:
    (cloned.folder / "bad.yaml").write_text("schema: triage.playbook/v1\nid: bad\n")
    publish(cloned.folder)
    with pytest.raises(Invalid, match=r"bad\.yaml"):
        await cloned.desk.folder_page(cloned.folder, "origin")


def publish_now(place: Place) -> None:
    """Push what is committed."""
    git(place.folder, "push", "-q", "origin", "HEAD:main")
