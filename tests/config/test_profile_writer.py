from __future__ import annotations

import stat
import tomllib
from pathlib import Path

import pytest

from triage.config.paths import Paths
from triage.config.profile_writer import remove_profile, save_profile, save_views, use_profile
from triage.config.profiles import load_profile, profile_names
from triage.model.errors import Invalid, NotFound
from triage.model.queue import QueueView

BOTH = {"helpdesk": "zendesk", "url": "https://acme.example"}


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    return Paths.find({"TRIAGE_HOME": str(tmp_path)})


def test_the_first_profile_becomes_the_default(paths: Paths) -> None:
    save_profile(paths, "acme", BOTH)
    save_profile(paths, "b", BOTH)
    assert load_profile(paths, env={}).name == "acme"
    save_profile(paths, "b", {}, make_default=True)
    assert load_profile(paths, env={}).name == "b"


def test_comments_and_other_profiles_stay(paths: Paths) -> None:
    paths.config_dir.mkdir(parents=True)
    paths.config_file.write_text(
        '# mine\n[profile.a]\nhelpdesk = "z" # why\nurl = "u"\n[profile.a.fields]\nproduct = "P"\n'
    )
    save_profile(paths, "a", {"queue": "view:1", "url": "https://new"})
    save_profile(paths, "b", BOTH)
    text = paths.config_file.read_text()
    assert "# mine" in text
    assert "# why" in text
    profile = load_profile(paths, "a", env={})
    assert (profile.queue, profile.url, profile.fields) == ("view:1", "https://new", {"product": "P"})


def test_none_takes_a_setting_out(paths: Paths) -> None:
    save_profile(paths, "a", {**BOTH, "queue": "x"})
    save_profile(paths, "a", {"queue": None})
    assert load_profile(paths, "a", env={}).queue == ""


def test_views_are_replaced_as_a_whole(paths: Paths) -> None:
    save_profile(paths, "a", {**BOTH, "config": {"x": 1}})
    save_views(paths, "a", [QueueView("One", "a b"), QueueView('Say "two"', "")])
    assert [view.name for view in load_profile(paths, "a", env={}).views] == ["One", 'Say "two"']
    save_profile(paths, "a", {"queue": "later"})
    save_views(paths, "a", [QueueView("Three")])
    assert load_profile(paths, "a", env={}).views == (QueueView("Three"),)
    save_views(paths, "a", [])
    assert load_profile(paths, "a", env={}).views == ()
    assert load_profile(paths, "a", env={}).queue == "later"


def test_removing_a_profile_takes_its_tables_and_the_default_with_it(paths: Paths) -> None:
    save_profile(paths, "a", {**BOTH, "fields": {"product": "P"}})
    save_profile(paths, "b", BOTH)
    remove_profile(paths, "a")
    assert profile_names(paths) == ("b",)
    assert "default_profile" not in tomllib.loads(paths.config_file.read_text())
    with pytest.raises(NotFound):
        remove_profile(paths, "a")
    with pytest.raises(NotFound):
        use_profile(paths, "a")


def test_the_file_is_for_its_owner_alone(paths: Paths) -> None:
    save_profile(paths, "a", BOTH)
    assert stat.S_IMODE(paths.config_file.stat().st_mode) == 0o600
    assert stat.S_IMODE(paths.config_dir.stat().st_mode) == 0o700


def test_a_file_that_cannot_be_read_as_toml_is_not_touched(paths: Paths) -> None:
    paths.config_dir.mkdir(parents=True)
    paths.config_file.write_text("a = \n")
    with pytest.raises(Invalid):
        save_profile(paths, "a", BOTH)
    assert paths.config_file.read_text() == "a = \n"
