"""Finding playbooks: folders, cache, suggestions, and what must not be imported."""

# ruff: noqa: E501 - tables and embedded YAML read better on one line

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

import pytest

from tests.playbook.world import END, HEAD, NOW, SHIPPED, facts
from triage.model.errors import Invalid, NotFound
from triage.playbook.language.matcher import fit
from triage.playbook.lint import load
from triage.playbook.shelf.library import (
    Library,
    PlaybookFolder,
    is_shipped,
    shipped_folder,
    standard_folders,
)

GOOD = HEAD + "applies_to: {field: tags, contains: sso}\nsteps:\n" + END


def library(tmp_path: Path, *, cached: bool = True) -> Library:
    folder = tmp_path / "team"
    folder.mkdir(exist_ok=True)
    (folder / "probe.yaml").write_text(GOOD)
    return Library(
        [PlaybookFolder(folder, "team")], tmp_path / "cache" if cached else None, clock=lambda: NOW
    )


def test_the_shipped_playbooks_are_found_and_fit_to_use() -> None:
    found = Library(standard_folders(), None, clock=lambda: NOW).all()
    assert {one.id for one in found} >= {
        "sso-login-failure",
        "upgrade-failed",
        "data-loss-report",
        "what-should-happen-here",
    }
    assert all((one.errors, one.warnings, one.stale, one.origin) == (0, 0, "", "shipped") for one in found)


def test_a_later_folder_wins_where_ids_are_equal(tmp_path: Path) -> None:
    own = tmp_path / "own"
    own.mkdir()
    (own / "probe.yaml").write_text(GOOD.replace("A probe", "My probe"))
    first = library(tmp_path)
    both = Library([*first.folders, PlaybookFolder(own, "own")], None)
    assert [(one.title, one.origin) for one in both.all()] == [("My probe", "own")]


def test_a_warm_start_parses_nothing_and_an_edit_is_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = library(tmp_path).all()

    def boom(*_: object) -> None:
        raise AssertionError("parsed")

    with monkeypatch.context() as patch:
        patch.setattr(load, "load_bytes", boom)
        assert library(tmp_path).all() == first
    (tmp_path / "team" / "probe.yaml").write_text(GOOD.replace("A probe", "Changed"))
    again = Library(library(tmp_path).folders, tmp_path / "cache", clock=lambda: NOW)
    (tmp_path / "team" / "probe.yaml").write_text(GOOD.replace("A probe", "Changed"))
    assert again.all()[0].title == "Changed"


@pytest.mark.parametrize("text", ["", "[]", '{"format": [0, "x"], "rows": {}}', '{"format": 1}'])
def test_a_damaged_cache_only_costs_time(tmp_path: Path, text: str) -> None:
    first = library(tmp_path).all()
    (tmp_path / "cache" / "playbooks.json").write_text(text)
    assert library(tmp_path).all() == first


def test_a_bad_playbook_is_listed_with_its_first_error_and_cannot_be_used(tmp_path: Path) -> None:
    made = library(tmp_path)
    (tmp_path / "team" / "broken.yaml").write_text(
        GOOD.replace("owner", "ownr").replace("id: probe", "id: broken")
    )
    broken = next(one for one in made.all() if one.id == "broken")
    assert broken.errors == 1
    assert "unknown field 'ownr'" in broken.condition
    loaded = made.load("broken")
    assert loaded.parsed is None
    with pytest.raises(Invalid, match=r"broken\.yaml:5:1: unknown field 'ownr'"):
        _ = loaded.document


def test_a_playbook_is_loaded_by_id_or_by_path(tmp_path: Path) -> None:
    made = library(tmp_path)
    path = tmp_path / "team" / "probe.yaml"
    for name in ("probe", str(path)):
        loaded = made.load(name)
        assert (loaded.document.id, loaded.text, loaded.path) == ("probe", GOOD, str(path))
        assert loaded.sha256 == hashlib.sha256(GOOD.encode()).hexdigest()
        assert not loaded.shipped
    with pytest.raises(NotFound, match="did you mean 'probe'"):
        made.load("prboe")
    with pytest.raises(NotFound, match="cannot read"):
        made.load(str(path) + "/x.yaml")


def test_only_the_bytes_that_were_shipped_count_as_shipped(tmp_path: Path) -> None:
    path = SHIPPED / "sso-login-failure.yaml"
    assert shipped_folder() == SHIPPED
    assert Library(standard_folders(), None).load("sso-login-failure").shipped
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    assert is_shipped(digest, str(path))
    assert not is_shipped(digest, str(tmp_path / path.name))
    assert not is_shipped("0" * 64, str(path))


@pytest.mark.parametrize(
    ("subject", "text", "first"),
    [
        ("Nobody can sign in", "SAML response refused, redirect loop since the IdP changed", "sso-login-failure"),
        ("Upgrade to 4.1 stopped", "The migration failed at step 3, can we roll back?", "upgrade-failed"),
        ("Invoices are gone", "About 200 records disappeared over night", "data-loss-report"),
        ("Should an archived project still send mail?", "Is this a bug or by design?", "what-should-happen-here"),
    ],
)  # fmt: skip
def test_the_playbook_that_fits_comes_first_with_its_reasons(subject: str, text: str, first: str) -> None:
    found = Library(standard_folders(), None, clock=lambda: NOW).suggest(facts(subject, text), {})
    assert found[0].playbook.id == first
    assert found[0].reasons
    assert found[0].score > 0.2


def test_of_two_that_fit_alike_the_better_measured_comes_first_then_the_reviewed_one(tmp_path: Path) -> None:
    made = library(tmp_path)
    for name, reviewed in (("alpha", "2020-01-01"), ("beta", "2026-11-01"), ("gamma", "2026-11-01")):
        text = GOOD.replace("id: probe", f'id: {name}\nreviewed: "{reviewed}"')
        (tmp_path / "team" / f"{name}.yaml").write_text(text)
    (tmp_path / "team" / "probe.yaml").unlink()
    ticket = facts("x", "y", tags=("sso",))

    def order(**measured: tuple[int, int]) -> list[str]:
        return [one.playbook.id for one in made.suggest(ticket, measured=measured)]

    assert order() == ["beta", "gamma", "alpha"]
    assert order(gamma=(9, 10), beta=(1, 1)) == ["gamma", "beta", "alpha"]
    assert order(beta=(0, 4)) == ["gamma", "alpha", "beta"]
    reasons = made.suggest(ticket, measured={"beta": (0, 4)})[2].reasons
    assert "ended well in 0 of 4 runs on tickets like this" in reasons


def test_nothing_is_suggested_where_nothing_fits_and_a_team_can_prefer_its_own() -> None:
    made = Library(standard_folders(), None, clock=lambda: NOW)
    assert made.suggest(facts("Hello", "Thank you for the cake.")) == ()
    both = facts("Upgrade lost our data, records gone", "since the upgrade the records disappeared")
    usual = made.suggest(both)
    raised = made.suggest(both, {"playbook_weights": {usual[1].playbook.id: 9}})
    assert raised[0].playbook.id == usual[1].playbook.id


@pytest.mark.parametrize(
    ("matcher", "matched", "score"),
    [
        ({"field": "tags", "contains_any": ["x", "SSO"]}, True, 1.0), ({"field": "tags", "contains": "ss"}, False, 0.0),
        ({"field": "priority", "in": ["urgent", "high"]}, True, 1.0), ({"field": "priority", "equals": "low"}, False, 0.0),
        ({"field": "organization", "equals": "pemba air"}, True, 1.0), ({"field": "text", "contains": "LOOPS"}, True, 1.0),
        ({"field": "custom.Plan", "equals": "gold"}, True, 1.0), ({"field": "custom.None", "equals": "gold"}, False, 0.0),
        ({"older_than": "20h"}, True, 1.0), ({"older_than": "2d"}, False, 0.0), ({"field": "subject", "matches": "(?i)^NOBODY"}, True, 1.0),
        ({"not": {"field": "tags", "contains": "sso"}}, False, 0.0),
        ({"any": [{"field": "tags", "contains": "sso", "weight": 3}, {"field": "tags", "contains": "x"}]}, True, 0.75),
        ({"all": [{"field": "tags", "contains": "sso"}, {"field": "tags", "contains": "x"}]}, False, 0.5),
    ],
)  # fmt: skip
def test_matchers(matcher: dict[str, object], matched: bool, score: float) -> None:
    found = fit(matcher, facts(tags=("sso",), fields={"Plan": "Gold"}), NOW)
    assert (found.matched, found.score) == (matched, score)
    assert bool(found.reasons) is (matched and score > 0)


LIGHT = """
import sys
from triage.playbook.shelf.library import Library, PlaybookFolder
from pathlib import Path
found = Library([PlaybookFolder(Path(sys.argv[1]), "team")], Path(sys.argv[2])).all()
assert found, found
heavy = {"pydantic", "yaml", "textual", "sqlmodel", "sqlalchemy", "httpx", "asyncio"} & set(sys.modules)
print(sorted(heavy))
"""


def test_a_warm_list_imports_no_models_and_a_cold_one_no_screen(tmp_path: Path) -> None:
    library(tmp_path).all()
    arguments = [sys.executable, "-c", LIGHT, str(tmp_path / "team"), str(tmp_path / "cache")]
    assert subprocess.run(arguments, check=True, capture_output=True, text=True).stdout.strip() == "[]"
    arguments[-1] = str(tmp_path / "other")
    cold = subprocess.run(arguments, check=True, capture_output=True, text=True).stdout
    assert "pydantic" in cold
    assert not {"textual", "sqlmodel", "httpx"} & set(cold.replace("'", "").strip("[]\n").split(", "))
