"""Consent to the commands of playbooks: what is shown, what a yes allows, and taking it back."""

from __future__ import annotations

import asyncio
import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from triage.desk.parts import Parts
from triage.model.errors import Invalid, NotFound, Refused, Stopped
from triage.model.run import CommandView, RequestView, TrustLevel
from triage.model.trust import CommandChange, FolderPage, Grantable, TrustedFile, TrustPage, UsedPlaybook
from triage.playbook.language.context import installed
from triage.playbook.language.durations import parse_duration
from triage.playbook.language.environment import whole_variable
from triage.playbook.language.steps import Check, Http
from triage.playbook.run.command import good_when, poll_words
from triage.playbook.run.request import good_answer
from triage.playbook.shelf.consented import change_of, commands_of
from triage.playbook.shelf.includes import used_by
from triage.playbook.shelf.library import LoadedPlaybook, playbook_files
from triage.playbook.shelf.team_folder import CleanFolder, clean_folder
from triage.playbook.shelf.trust import FolderGrant, Grant


@dataclass(slots=True)
class PlaybookTrustDesk:
    """Verbs on trust. A yes holds for the bytes that were shown, and for no others."""

    parts: Parts
    _shown: dict[str, str] = field(default_factory=dict)
    """sha256 of the text last shown for each playbook asked about."""

    async def page(self, playbook_id: str) -> TrustPage:
        """Everything that trusting a playbook would allow, and what changed since it last was trusted."""
        loaded = await asyncio.to_thread(self.parts.library.load, playbook_id)
        self._shown[playbook_id] = loaded.sha256
        return self._page(loaded)

    async def grant(self, playbook_id: str, level: Grantable) -> None:
        """Let exactly the text that was shown run its commands, up to ``level``; an edit ends it.

        Raises `Stopped` when the file changed since `page` showed it, and `Refused` when it never did.
        """
        shown = self._shown.get(playbook_id)
        if shown is None:
            raise Refused(
                "its commands were not shown", where=playbook_id, do="triage playbook trust shows them"
            )
        loaded = await asyncio.to_thread(self.parts.library.load, playbook_id)
        if loaded.sha256 != shown:
            raise Stopped("the file changed while you read it", where=loaded.path, do="look at it again")
        self._grant(loaded, level)

    async def folder_page(self, folder: Path, remote: str) -> FolderPage:
        """A team's folder, found clean at a commit its remote has. Raises `Refused` where it is not."""
        loaded, clean = await asyncio.to_thread(self._read_folder, folder, remote)
        pages = tuple(self._page(one) for one in loaded if commands_of(one.document))
        for page in pages:
            self._shown[page.path] = page.sha256
        return FolderPage(clean.path, clean.remote, clean.url, clean.commit, pages)

    async def grant_folder(self, page: FolderPage, level: Grantable) -> None:
        """Trust every playbook of ``page``, and later commits of it as long as they touch no command.

        Raises `Stopped` when anything there changed since it was shown.
        """
        loaded, clean = await asyncio.to_thread(self._read_folder, Path(page.path), page.remote)
        shown = {one.path: one.sha256 for one in page.pages}
        now = {one.path: one.sha256 for one in loaded if commands_of(one.document)}
        if (clean.commit, clean.url, now) != (page.commit, page.url, shown):
            raise Stopped("the folder changed while you read it", where=page.path, do="look at it again")
        at = self.parts.now()
        self.parts.trust.grant_folder(
            FolderGrant(page.path, page.remote, page.url, level, self.parts.person.name, at.isoformat())
        )
        for one in loaded:
            if one.path in shown:
                self._grant(one, level, folder=page.path)

    async def carry_on(self, loaded: LoadedPlaybook) -> None:
        """Trust a new text of a file in a trusted folder where no command of it changed.

        Only the text committed at a commit that the folder's remote has; anything else stays untrusted, and
        says nothing: the person is asked, as for any other change.
        """
        await asyncio.to_thread(self._carry_on, loaded)

    async def given(self) -> tuple[TrustedFile, ...]:
        """Every consent that was given, and whether the file still is what was consented to."""
        return tuple(self._given(one) for one in self.parts.trust.grants())

    async def revoke(self, playbook: str) -> str:
        """Take a consent back, by id, path or folder; the path it was for. Raises `NotFound`."""
        path = os.path.abspath(os.path.expanduser(playbook))  # noqa: ASYNC240, PTH100, PTH111 - looks at no file
        of_the_id = [one.path for one in self.parts.trust.grants() if one.playbook == playbook]
        taken = [one for one in (path, *of_the_id) if self.parts.trust.revoke(one)]
        if not taken:
            raise NotFound(f"{playbook!r} was never trusted", do="triage playbook trust list shows what is")
        return taken[0]

    def level_of(self, loaded: LoadedPlaybook) -> TrustLevel:
        """How far the text is trusted."""
        return self.parts.trust.level(loaded.sha256, loaded.path, shipped=loaded.shipped)

    def _page(self, loaded: LoadedPlaybook) -> TrustPage:
        document, level = loaded.document, self.level_of(loaded)
        return TrustPage(
            document.id, document.version, loaded.path, loaded.sha256, level, _commands(loaded, level),
            self._change(loaded), tuple(self._used(loaded)),
        )  # fmt: skip

    def _change(self, loaded: LoadedPlaybook) -> CommandChange | None:
        earlier = self.parts.trust.granted_at(loaded.path)
        if earlier is None or earlier.sha256 == loaded.sha256:
            return None
        return change_of(earlier.version, earlier.commands, commands_of(loaded.document))

    def _used(self, loaded: LoadedPlaybook) -> Iterator[UsedPlaybook]:
        """The playbooks it runs, and theirs, each once; they are not trusted with it."""
        try:
            for name, found in used_by(self.parts.library, loaded).items():
                yield UsedPlaybook(name, self.level_of(found))
        except Invalid as problem:
            yield UsedPlaybook(problem.where, "none", str(problem))

    def _grant(self, loaded: LoadedPlaybook, level: Grantable, *, folder: str = "") -> None:
        self.parts.trust.grant(
            loaded.sha256, loaded.path, level, by=self.parts.person.name, at=self.parts.now(),
            commands=commands_of(loaded.document), playbook=loaded.document.id,
            version=loaded.document.version, text=loaded.text, folder=folder,
        )  # fmt: skip

    def _read_folder(self, folder: Path, remote: str) -> tuple[list[LoadedPlaybook], CleanFolder]:
        """The folder's playbooks, and what git says about exactly the bytes they were read from."""
        folder = folder.expanduser().absolute()
        if not folder.is_dir():
            raise NotFound("no such folder", where=str(folder))
        loaded = [self.parts.library.load(str(path)) for path in playbook_files(folder)]
        held = {Path(one.path).name: one.text.encode("utf-8") for one in loaded}
        return loaded, clean_folder(folder, remote, held)

    def _carry_on(self, loaded: LoadedPlaybook) -> None:
        folder = str(Path(loaded.path).parent)
        trusted = next((one for one in self.parts.trust.folders() if one.path == folder), None)
        earlier = self.parts.trust.granted_at(loaded.path)
        if trusted is None or earlier is None or earlier.folder != folder or earlier.sha256 == loaded.sha256:
            return
        if earlier.commands != commands_of(loaded.document):
            return
        try:
            held = {Path(loaded.path).name: loaded.text.encode("utf-8")}
            clean = clean_folder(Path(folder), trusted.remote, held)
        except Refused:
            return
        if clean.url == trusted.url:
            self._grant(loaded, earlier.level, folder=folder)

    def _given(self, one: Grant) -> TrustedFile:
        folders = {held.path: f"{held.remote} {held.url}" for held in self.parts.trust.folders()}
        try:
            same = hashlib.sha256(Path(one.path).read_bytes()).hexdigest() == one.sha256
        except OSError:
            return _trusted(one, "gone", folders.get(one.folder, ""))
        return _trusted(one, "current" if same else "changed", folders.get(one.folder, ""))


def _commands(loaded: LoadedPlaybook, level: TrustLevel) -> tuple[CommandView, ...]:
    """Every command and request as the file has it, with the gaps that a run fills."""
    return tuple(
        _as_written(step, level) if isinstance(step, Check) else _request_as_written(step, level)
        for step in loaded.document.steps
        if isinstance(step, Check | Http)
    )


def _as_written(step: Check, level: TrustLevel) -> CommandView:
    script = step.run if isinstance(step.run, str) else ""
    argv = ("bash", "-euo", "pipefail", "-c", step.run) if isinstance(step.run, str) else step.run
    lacking = [name for name in step.needs or (() if script else argv[:1]) if not installed(name)]
    programs = [name for name in lacking if not whole_variable(name)]
    return CommandView(
        argv, script, dict(step.env), "a fresh empty folder", parse_duration(step.timeout).total_seconds(),
        step.effect, step.confirm, good_when(step), step.undo or "", step.manual or "", level, not programs,
        f"not installed here: {', '.join(programs)}" if programs else "", poll=poll_words(step),
    )  # fmt: skip


def _request_as_written(step: Http, level: TrustLevel) -> CommandView:
    host = step.url.partition("://")[2].partition("/")[0]
    return CommandView(
        (step.method, step.url), "", dict(step.headers), "", parse_duration(step.timeout).total_seconds(),
        "read_only", "ask", good_answer(step), "", step.manual or "", level, runnable=True,
        poll=poll_words(step), request=RequestView(step.method, step.url, host, listed=False),
    )  # fmt: skip


def _trusted(one: Grant, state: str, folder: str) -> TrustedFile:
    return TrustedFile(one.playbook, one.version, one.level, one.path, one.at, state, folder)  # type: ignore[arg-type]  # one of the three words
