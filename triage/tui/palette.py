"""The command palette: every live binding by its words, with its key beside it."""

from __future__ import annotations

from functools import partial

from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.content import Content

from triage.tui.safe_text import line
from triage.tui.screens.help import help_rows_with_actions


class KeyProvider(Provider):
    """Offers what the keys of the present screen do."""

    async def discover(self) -> Hits:
        """Everything, before anything is typed."""
        for keys, words, action in help_rows_with_actions(self.screen):
            yield DiscoveryHit(
                _label(words, keys), partial(self.app.run_action, action, self.screen), text=words
            )

    async def search(self, query: str) -> Hits:
        """What fits the typing."""
        matcher = self.matcher(query)
        for keys, words, action in help_rows_with_actions(self.screen):
            score = matcher.match(f"{words} {keys}")
            if score > 0:
                yield Hit(
                    score, _label(words, keys), partial(self.app.run_action, action, self.screen), text=words
                )


def _label(words: str, keys: str) -> Content:
    return Content.assemble(line(words), "  ", line(keys, "$muted"))
