from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from triage.config.paths import Paths
from triage.config.profiles import NoProfile, default_profile, load_profile, profile_names
from triage.config.settings import SETTINGS, settings_reference
from triage.config.zone import zone_named
from triage.model.errors import Invalid
from triage.model.queue import QueueView

SMALL = """
default_profile = "acme"

[profile.acme]
helpdesk = "zendesk"
url = "https://acme.example/"
"""


def written(paths: Paths, text: str) -> Paths:
    paths.config_dir.mkdir(parents=True)
    paths.config_file.write_text(text)
    return paths


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    return Paths.find({"TRIAGE_HOME": str(tmp_path)})


def test_one_variable_puts_everything_under_one_folder(tmp_path: Path) -> None:
    paths = Paths.find({"TRIAGE_HOME": str(tmp_path)})
    assert {paths.config_dir.parent, paths.data_dir.parent, paths.state_dir.parent} == {tmp_path}


def test_without_it_the_platform_decides(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "c"))
    assert Paths.find({}).config_file == tmp_path / "c" / "triage" / "config.toml"


def test_the_least_profile_gets_defaults(paths: Paths) -> None:
    profile = load_profile(written(paths, SMALL), env={})
    assert profile.url == "https://acme.example"
    assert profile.sqlite_path == paths.data_dir / "acme" / "triage.db"
    assert (profile.token_env, profile.zone, profile.settle_s) == ("TRIAGE_TOKEN", "local", None)


def test_every_setting_arrives(paths: Paths) -> None:
    text = """
[profile.acme]
helpdesk = "zendesk"
url = "https://acme.example"
queue = "view:1"
account = "me@acme.example"
auth = "oauth"
oauth_client = "triage"
oauth_port = 47900
token_keyring = "triage"
token_command = ["pass", "show", "acme"]
token_file = "~/t"
token_env = "ACME"
person = "Mara"
zone = "Europe/Oslo"
database = "postgresql+psycopg://db/triage"
playbook_dirs = ["/srv/playbooks"]
http_allow = ["status.acme.example"]
settle_s = 30
ca_file = "/etc/ca.pem"
[profile.acme.fields]
product = "Product"
[profile.acme.roles]
"Tier 2" = "support_tier2"
[profile.acme.config]
tenants = 3
[[profile.acme.views]]
name = "Mine"
filter = "owner:me"
"""
    profile = load_profile(written(paths, text), env={})
    for setting in SETTINGS:
        assert getattr(profile, setting.name), setting.name
    assert profile.views == (QueueView("Mine", "owner:me"),)
    assert profile.sqlite_path is None
    assert profile.roles == {"Tier 2": "support_tier2"}
    assert profile.tzinfo == ZoneInfo("Europe/Oslo")


def test_any_setting_can_be_overridden_from_the_environment(paths: Paths) -> None:
    env = {
        "TRIAGE_URL": "https://other.example",
        "TRIAGE_SETTLE_S": "7",
        "TRIAGE_TOKEN_COMMAND": "pass show 'two words'",
        "TRIAGE_FIELDS": '{product = "P"}',
    }
    profile = load_profile(written(paths, SMALL), env=env)
    assert (profile.url, profile.settle_s) == ("https://other.example", 7)
    assert profile.token_command == ("pass", "show", "two words")
    assert profile.fields == {"product": "P"}


def test_the_environment_chooses_the_profile(paths: Paths) -> None:
    written(paths, SMALL + '[profile.b]\nhelpdesk = "request_tracker"\nurl = "https://b"\n')
    assert load_profile(paths, env={"TRIAGE_PROFILE": "b"}).name == "b"
    assert load_profile(paths, env={}).name == "acme"
    assert profile_names(paths) == ("acme", "b")


def test_the_only_profile_is_the_default(paths: Paths) -> None:
    written(paths, '[profile.solo]\nhelpdesk = "zendesk"\nurl = "https://s"\n')
    assert default_profile(paths, {}) == "solo"


def test_nothing_set_up_is_told_apart_from_a_wrong_name(paths: Paths) -> None:
    with pytest.raises(NoProfile):
        load_profile(paths, env={})
    written(paths, SMALL)
    with pytest.raises(Invalid, match=r"no profile 'nope'.*There is: acme") as unknown:
        load_profile(paths, "nope", env={})
    assert not isinstance(unknown.value, NoProfile)


@pytest.mark.parametrize(
    ("text", "where", "what"),
    [
        ("a = \n", ":1:5", "not TOML"),
        (SMALL + "bad\n", ":7:4", "not TOML"),
        (SMALL + "settle_s = -1\n", ":7", "settle_s is -1"),
        (SMALL + 'settle_s = "soon"\n', ":7", "whole number"),
        (SMALL + "settle_s = true\n", ":7", "settle_s is True"),
        (SMALL + 'colour = "red"\n', ":7", "no setting is called colour"),
        (SMALL + 'quee = "x"\n', ":7", "Did you mean queue"),
        (SMALL + 'auth = "magic"\n', ":7", "api_token"),
        (SMALL + "playbook_dirs = [1]\n", ":7", "playbook_dirs"),
        (SMALL + '[profile.acme.roles]\nSupport = "boss"\n', ":8", "unknown role boss"),
        (SMALL + '[[profile.acme.views]]\nfilter = "x"\n', ":7", "a view needs a name"),
        (SMALL + "views = 3\n", ":7", "views is not a list"),
        ('[profile.acme]\nurl = "x"\n', ":1", "no helpdesk"),
        ('[profile.acme]\nhelpdesk = "zendesk"\n', ":1", "no url"),
        ("profile = 3\n", "config.toml", "Write [profile.NAME]"),
        ("default_profile = 3\n", "config.toml", "default_profile is 3"),
        ('[profile."../x"]\nhelpdesk = "z"\nurl = "u"\n', ":1", "cannot name a profile"),
    ],
)
def test_a_mistake_is_one_line_with_its_place(paths: Paths, text: str, where: str, what: str) -> None:
    with pytest.raises(Invalid) as told:
        load_profile(written(paths, text), env={})
    line = str(told.value)
    assert where in told.value.where
    assert what in line
    assert "\n" not in line


def test_a_file_that_is_not_text_is_told(paths: Paths) -> None:
    written(paths, "")
    paths.config_file.write_bytes(b"\xff\xfe")
    with pytest.raises(Invalid, match="UTF-8"):
        load_profile(paths, env={})


def test_a_wrong_variable_names_the_variable(paths: Paths) -> None:
    with pytest.raises(Invalid) as told:
        load_profile(written(paths, SMALL), env={"TRIAGE_SETTLE_S": "soon"})
    assert told.value.where == "TRIAGE_SETTLE_S"


def test_the_reference_names_every_setting_and_its_variable() -> None:
    text = settings_reference()
    for setting in SETTINGS:
        assert f"`{setting.name}`" in text
        assert setting.variable in text


def test_an_unknown_zone_is_told() -> None:
    with pytest.raises(Invalid, match="no time zone"):
        zone_named("Europe/Atlantis")


def test_the_local_zone_knows_its_summer_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Europe/Oslo")
    zone = zone_named("local")
    offsets = {datetime(2026, month, 1, tzinfo=UTC).astimezone(zone).utcoffset() for month in (1, 7)}
    assert offsets == {timedelta(hours=1), timedelta(hours=2)}
