"""Playbook files: where they are found, linting them, their schema."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from triage.config.paths import Paths
from triage.config.profiles import NoProfile, Profile, load_profile
from triage.model.errors import NotFound
from triage.model.run import Diagnostic, PlaybookSummary
from triage.playbook.shelf.library import Library, PlaybookFolder, standard_folders

if TYPE_CHECKING:
    from triage.playbook.language.steps import Playbook
    from triage.playbook.shelf.trust import TrustStore
    from triage.playbook.trial.trial import CaseResult as CaseResult  # noqa: PLC0414 - the shell names it through the desk
    from triage.playbook.trial.trial import Trial as Trial  # noqa: PLC0414 - as above


TRUST_FILE = "trust.json"
"""Where consents are, in the folder of states."""
DrawingForm: TypeAlias = Literal["outline", "text", "mermaid", "dot", "svg"]


def library_of(paths: Paths, profile: Profile | None) -> Library:
    """The shipped playbooks, the team's folders and the person's own."""
    return Library(folders_of(paths, profile), cache_dir=paths.state_dir / "playbook-cache")


def folders_of(paths: Paths, profile: Profile | None) -> tuple[PlaybookFolder, ...]:
    """Where playbooks are looked for, in the order in which a later one wins.

    The person's own folder is among them before it is there: the first file in it is found at once.
    """
    return standard_folders(profile.playbook_dirs if profile else (), paths.config_dir / "playbooks")


def lint_files(profile: str | None, paths: Sequence[Path]) -> tuple[Diagnostic, ...]:
    """Every finding in ``paths`` (files or folders), or in every playbook found when there are none.

    Raises `NotFound` for a path that is not there.
    """
    from triage.playbook.shelf.lint import lint_paths

    library = library_at(profile)

    def elsewhere(name: str) -> Playbook | None:
        try:
            return library.load(name).parsed
        except NotFound:
            return None

    return lint_paths(_there(list(paths) or _known_folders(profile)), elsewhere=elsewhere)


def _there(paths: list[Path]) -> list[Path]:
    for path in paths:
        if not path.exists():
            raise NotFound("no such file or folder", where=str(path))
    return paths


def _known_folders(profile: str | None) -> list[Path]:
    """The folders of a profile that exist; without a profile the shipped one and the person's own."""
    places = Paths.find()
    try:
        held = load_profile(places, profile)
    except NoProfile:
        held = None
    return [folder.path for folder in folders_of(places, held) if folder.path.is_dir()]


def found_playbooks(profile: str | None) -> tuple[PlaybookSummary, ...]:
    """Every playbook that can be found; the shipped ones need no profile."""
    return library_at(profile).all()


def listed_playbooks(profile: str | None) -> tuple[PlaybookSummary, ...]:
    """`found_playbooks`, each with how far it is trusted on this machine."""
    from triage.playbook.shelf.trust import TrustStore

    trust = TrustStore(Paths.find().state_dir / TRUST_FILE)
    return with_trust(found_playbooks(profile), trust)


def with_trust(found: Iterable[PlaybookSummary], store: TrustStore) -> tuple[PlaybookSummary, ...]:
    """Each with how far it is trusted on this machine, and whether it was until its file changed."""
    from triage.playbook.shelf.library import is_shipped

    given = {one.path: one for one in store.believed()}

    def told(one: PlaybookSummary) -> PlaybookSummary:
        consent = given.get(one.path)
        if consent is not None and consent.sha256 == one.sha256:
            return replace(one, trust=consent.level)
        if is_shipped(one.sha256, one.path):
            return replace(one, trust="shipped")
        return replace(one, trust_ended=consent is not None)

    return tuple(map(told, found))


def library_at(profile: str | None) -> Library:
    """The library of ``profile``, or before a set-up the shipped and the person's own."""
    places = Paths.find()
    try:
        return library_of(places, load_profile(places, profile))
    except NoProfile:
        return library_of(places, None)


def drawing(profile: str | None, playbook: str, form: DrawingForm) -> str:
    """A playbook, by its id or the path of its file, in one form. Raises `NotFound`, or `Invalid`."""
    from triage.playbook.shelf import drawing as drawings
    from triage.playbook.shelf.outline import outline
    from triage.playbook.shelf.rails import text_graph
    from triage.playbook.shelf.svg import svg

    document = library_at(profile).load(playbook).document
    drawn = {
        "outline": outline, "text": text_graph, "mermaid": drawings.mermaid, "dot": drawings.dot, "svg": svg,
    }  # fmt: skip
    return drawn[form](document)


def sarif(found: Sequence[Diagnostic]) -> dict[str, Any]:
    """Findings as a SARIF log."""
    from triage.playbook.shelf.sarif import sarif as log

    return log(found)


def json_schema() -> dict[str, Any]:
    """The JSON Schema of a playbook file."""
    from triage.playbook.language.schema import json_schema as schema

    return schema()


def try_files(profile: str | None, paths: Sequence[Path], *, explored: bool) -> tuple[Trial, ...]:
    """Run the tests of the playbooks in ``paths`` (files, folders, test files), or of every one found.

    Raises `NotFound` for a path that is not there.
    """
    from triage.playbook.shelf.lint import files_in
    from triage.playbook.trial.cases import playbook_file_of
    from triage.playbook.trial.explore import UsedPlaybooks
    from triage.playbook.trial.trial import beside, try_file

    wanted = list(paths) or _known_folders(profile)
    found = dict.fromkeys(playbook_file_of(path) for path in files_in(_there(wanted)))
    library = library_at(profile)
    walked: dict[Path, UsedPlaybooks] = {}

    def used(path: Path) -> UsedPlaybooks:
        """For all files of one folder the same: a file beside comes before the library."""
        near = beside(path)

        def find(name: str) -> Playbook | None:
            try:
                return near(name) or library.load(name).parsed
            except NotFound:
                return None

        return walked.setdefault(path.parent, UsedPlaybooks(find))

    return tuple(try_file(path, explored=explored, used=used(path)) for path in found)


def new_starter(folder: Path | None, playbook_id: str) -> tuple[Path, Path]:
    """A commented first playbook and its test, in ``folder`` or the person's own. Needs no profile.

    Raises `Refused` where there is one of that name already.
    """
    from triage.desk.playbook_record_desk import own_folder, write_starter

    return write_starter(folder or own_folder(Paths.find().config_dir), playbook_id)
