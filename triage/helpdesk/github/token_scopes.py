"""What a token of GitHub may do, as far as answers to reading tell.

The rights that a repository lists are those of the user, not of the token. A classic token says its scopes in
a header of every answer. A fine-grained one, or one of an app, says nothing of what it may write; its answers
can be told by the header with what each address asks for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

SCOPES = "X-OAuth-Scopes"
NEEDED = "X-Accepted-GitHub-Permissions"

MAY_ONLY_READ = "nothing can be written: the token lacks the scope {scope}; give it that in its settings"
UNSEEN = (
    "whether this token may write cannot be seen by reading: it needs Issues: Read and write in this "
    "repository, and where the organization asks for it, its approval"
)


@dataclass(slots=True)
class TokenScopes:
    """What the headers of answers said of the token so far."""

    scopes: frozenset[str] | None = None
    """Of a classic token; None where it says none, as those of other kinds do."""

    def heard(self, headers: Mapping[str, str]) -> None:
        """Take what the headers of an answer tell."""
        said = frozenset(word.strip() for word in headers.get(SCOPES, "").split(",")) - {""}
        if said:
            self.scopes = said

    def missing(self, *, private: bool) -> str:
        """The scope without which nothing can be written in a repository; empty where none is known to be."""
        enough = {"repo"} if private else {"repo", "public_repo"}
        if self.scopes is None or self.scopes & enough:
            return ""
        return "repo" if private else "public_repo"
