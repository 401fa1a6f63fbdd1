"""Two people on one investigation: the driver at the keys, the navigator reading along; both are credited.

The docket tells who they are: every entry names who wrote it, and ``roles.set`` says who sat beside them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from triage.model.clean_text import clean_line
from triage.model.entry import Entry, NewEntry
from triage.model.errors import Invalid
from triage.model.investigation import Investigation

SET = "roles.set"


@dataclass(slots=True)
class People:
    """Who works on it now, and everybody who has, the first first."""

    driver: str = ""
    navigator: str = ""
    credited: list[str] = field(default_factory=list)

    def read(self, entry: Entry) -> None:
        """Take in one entry."""
        if entry.kind == SET:
            self.driver, self.navigator = str(entry.data["driver"]), str(entry.data["navigator"])
        if entry.role != "program":
            for name in (entry.actor, entry.navigator, self.driver, self.navigator):
                if name and name not in self.credited:
                    self.credited.append(name)


def set_navigator(investigation: Investigation, name: str, person: str) -> list[NewEntry]:
    """Name who reads along while ``person`` has the keys. Raises `Invalid` for nobody, or for the driver."""
    named = clean_line(name).strip()
    driver = investigation.driver or person
    if not named:
        raise Invalid("nobody is named", where=investigation.id, do="Say who reads along")
    if named.casefold() == driver.casefold():
        raise Invalid(f"{named} has the keys", where=investigation.id, do="Name the other one of the two")
    return [_set(investigation, driver, named)]


def swap(investigation: Investigation) -> list[NewEntry]:
    """Driver and navigator change places. Raises `Invalid` where nobody reads along."""
    if not investigation.navigator:
        raise Invalid("nobody reads along yet", where=investigation.id, do="Name the navigator first")
    return [_set(investigation, investigation.navigator, investigation.driver)]


def credited(names: Sequence[str]) -> str:
    """``mara and jun``; empty where nobody is named."""
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def _set(investigation: Investigation, driver: str, navigator: str) -> NewEntry:
    data = {"driver": driver, "navigator": navigator}
    return NewEntry("investigation", investigation.id, SET, data)
