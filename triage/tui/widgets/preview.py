"""The pane under the queue that follows the cursor."""

from __future__ import annotations

from datetime import datetime, tzinfo
from typing import TYPE_CHECKING

from textual.content import Content
from textual.widgets import Static

if TYPE_CHECKING:
    from triage.desk.views import CasePreview
    from triage.model.queue import QueueItem


class PreviewPane(Static):
    """Shows the outline at once and the whole when it has been read.

    The words are imported when first needed, which is after the first frame.
    """

    DEFAULT_CSS = "PreviewPane { height: 7; padding: 0 1; border-top: solid $rule; }"

    def show_outline(self, item: QueueItem, now: datetime) -> None:
        """What is known without asking."""
        from triage.tui.preview_words import outline

        self.update(outline(item, now, self.size.width))

    def show_preview(self, shown: CasePreview, now: datetime, zone: tzinfo) -> None:
        """The whole."""
        from triage.tui.preview_words import preview

        self.update(preview(shown, now, zone, self.size.width))

    def show_nothing(self) -> None:
        """No row is under the cursor."""
        self.update(Content())
