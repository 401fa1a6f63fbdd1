"""The queue: what is due first, and one key to each thing that can be done about it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.timer import Timer

from triage.model.errors import TriageError
from triage.model.queue import Freshness, QueueItem, QueueView
from triage.tui import work
from triage.tui.queue_columns import columns, row
from triage.tui.queue_words import SyncState, empty, headline, trouble
from triage.tui.register_keys import REGISTER_KEYS, open_enhancements, open_recommendations
from triage.tui.safe_text import Piece
from triage.tui.ticket_actions import TICKET_KEYS, Target, TicketScreen
from triage.tui.widgets.key_line import KeyLine
from triage.tui.widgets.preview import PreviewPane
from triage.tui.widgets.queue_head import QueueHead
from triage.tui.widgets.virtual_list import VirtualList

if TYPE_CHECKING:
    from textual.widgets import Input

    from triage.desk.first_frame import FirstFrame
    from triage.desk.views import Progress

SYNC_EVERY_S = 60.0
CLOCK_EVERY_S = 15.0
SETTLE_S = 0.15
"""How long the cursor rests before the preview is read."""
TYPING_S = 0.08
"""How long typing rests before the filter is applied."""
PREVIEW_FROM = (80, 28)
"""Columns and rows from which the preview has room."""


class QueueScreen(TicketScreen):
    """The list of escalations, most urgent first."""

    CSS_PATH = "queue.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,l", "open", "open", id="queue.open"),
        Binding("escape", "clear", "clear the filter", id="queue.clear"),
        *TICKET_KEYS,
        Binding("slash", "filter", "filter", key_display="/", id="queue.filter"),
        Binding("r", "sync", "sync now", id="queue.sync"),
        Binding("R", "accept_shorter", "accept the shorter queue", show=False, id="queue.accept"),
        Binding("O", "outbox", "outbox", id="queue.outbox"),
        *REGISTER_KEYS,
        Binding("n", "fresh(1)", "next new or changed", show=False, id="queue.next_fresh"),
        Binding("N", "fresh(-1)", "previous new or changed", show=False, id="queue.previous_fresh"),
        Binding("right_square_bracket", "turn(1)", "next view", key_display="]", show=False, id="queue.next"),
        Binding(
            "left_square_bracket",
            "turn(-1)",
            "previous view",
            key_display="[",
            show=False,
            id="queue.previous",
        ),
        *(Binding(str(n), f"view({n - 1})", f"view {n}", show=False) for n in range(1, 10)),
        Binding("v", "preview", "show or hide the preview", show=False, id="queue.preview"),
        Binding("q", "app.quit", "quit", show=False, id="queue.quit"),
    ]

    class Progressed(Message):
        """A running sync has come further."""

        def __init__(self, progress: Progress) -> None:
            super().__init__()
            self.progress = progress

    def __init__(self, first: FirstFrame) -> None:
        super().__init__()
        self._first = first
        self._views = first.views
        self._chosen = 0
        self._typed = ""
        self._counts = first.counts
        self._sync = SyncState(first.freshness)
        self._total = first.window.total if first.window else 0
        self._wants_preview: bool | None = None
        self._settling: Timer | None = None
        self._typing: Timer | None = None
        self._syncing: Timer | None = None
        self.head = QueueHead(first.profile_name)
        self.list: VirtualList[QueueItem] = VirtualList(self._draw)
        self.preview_pane = PreviewPane()
        self._input: Input | None = None
        self._order = work.ReadingOrder()

    def compose(self) -> ComposeResult:
        """Head, filter line, rows, preview, keys."""
        yield self.head
        yield self.list
        yield self.preview_pane
        yield KeyLine()

    def on_mount(self) -> None:
        """Shows the first page at once, then waits for the desk."""
        self.head.views = self._views
        window = self._first.window
        if window is not None:
            self.list.show(window.items, count=window.matching)
        self._tell()
        self.set_interval(CLOCK_EVERY_S, self._clock_moved)
        self.triage.changed.subscribe(self, self._something_changed)

    def _something_changed(self, ticket_id: str) -> None:
        if self.triage.desk_is_open:
            if self._syncing is None:
                self._syncing = self.set_interval(SYNC_EVERY_S, self._sync_by_itself)
                work.start(self, self._begin_desk(), group="begin")
            else:
                self.reload()
        elif self.triage.desk_error is not None:
            last = self._sync.freshness.last_pull_at
            failed = Freshness("failed", last, str(self.triage.desk_error))
            self._sync = SyncState(failed)
            self._tell()

    async def _begin_desk(self) -> None:
        self._views = self.head.views = await self.triage.desk.queue.views()
        await self._reload()
        self._sync_by_itself()

    def on_screen_resume(self) -> None:
        """Back from another screen: what was done there shows here."""
        self.reload()

    def on_resize(self, event: events.Resize) -> None:
        """The preview follows the size of the terminal."""
        self._place_preview(event.size.width, event.size.height)

    def _place_preview(self, width: int, height: int) -> None:
        room = width >= PREVIEW_FROM[0] and height >= PREVIEW_FROM[1]
        shown = room if self._wants_preview is None else self._wants_preview
        self.preview_pane.display = shown
        if shown:
            self._settling = self.set_timer(SETTLE_S, self._cursor_rests)

    def _draw(self, item: QueueItem, width: int) -> Sequence[Piece]:
        app = self.triage
        return row(item, columns(width), now=app.clock(), zone=app.zone, person=app.first_frame.person)

    def _tell(self) -> None:
        """Brings every line of words up to date."""
        now, zone = self.triage.clock(), self.triage.zone
        self.head.right = tuple(headline(self._counts, self._sync, now))
        self.head.right_short = tuple(headline(self._counts, self._sync, now, short=True))
        self.head.trouble = trouble(self._sync, self._counts, now, zone)
        self._tell_filter()
        if self.list.count == 0:
            words = empty(
                total=self._total,
                typed=self._typed,
                view_filter=self._view().filter,
                sync=self._sync,
                now=now,
            )
            self.list.say_empty(words)

    def _tell_filter(self) -> None:
        matching = f"{self.list.count} of {self._total} match. " if self._typed else ""
        right = (
            ((matching, ""), ("Esc clears.", "muted"))
            if self._typed
            else (("what is due first comes first", "muted"),)
        )
        self.head.matching = right
        self.head.typed = self._typed

    def _clock_moved(self) -> None:
        self._tell()
        self.list.redraw_changed()

    def _view(self) -> QueueView:
        return self._views[self._chosen] if self._views else QueueView("All")

    def ticket(self) -> Target | None:
        """The row under the cursor."""
        item = self.list.current
        if item is None:
            return None
        return Target(item.id, item.key, item.subject, item.customer, item.url, item.marked)

    def marked(self, target: Target, on: bool) -> None:
        """Shows the mark where the row still stands."""
        for index, item in self.list.known().items():
            if item.id == target.id:
                self.list.replace_row(index, replace(item, marked=on))
                break
        self._order.outdate()
        self.reload()

    # -- reading

    def reload(self) -> None:
        """Reads the rows anew; the cursor stays on its ticket."""
        if self.triage.desk_is_open:
            work.start(self, self._reload(), group="reload")

    async def _fetch(self, offset: int, limit: int) -> tuple[Sequence[QueueItem], int]:
        desk = await self.triage.ready()
        window = await desk.queue.window(self._view(), offset, limit, typed_filter=self._typed)
        self._total = window.total
        return window.items, window.matching

    async def _reload(self) -> None:
        queue, reading = self.triage.desk.queue, self._order.begin()
        held, before = self.list.current, self.list.cursor
        place = before
        if held is not None:
            found = await queue.position(self._view(), held.id, typed_filter=self._typed)
            place = before if found is None else found
        offset = max(0, place - 100)
        rows, matching = await self._fetch(offset, 200)
        counts, freshness = await queue.counts(), await queue.freshness()
        if not self._order.may_show(reading):
            return
        self._counts, self._sync = counts, self._sync._replace(freshness=freshness)
        ids = [row.id for row in rows]
        at = self.list.current
        # Where a person has moved on meanwhile, the cursor stays on the row they moved to.
        cursor = offset + ids.index(at.id) if at and at.id in ids else self.list.cursor + place - before
        self.list.show(rows, offset=offset, count=matching, fetch=self._fetch, cursor=cursor)
        self._tell()

    @on(VirtualList.Moved)
    def _cursor_moved(self) -> None:
        if self.preview_pane.display:
            if self._settling is not None:
                self._settling.stop()
            self._settling = self.set_timer(SETTLE_S, self._cursor_rests)

    def _cursor_rests(self) -> None:
        item = self.list.current
        if item is None or not self.preview_pane.display:
            self.preview_pane.show_nothing()
        elif self.triage.desk_is_open:
            work.start(self, self._read_preview(item.id), group="preview")
        else:
            self.preview_pane.show_outline(item, self.triage.clock())

    async def _read_preview(self, ticket_id: str) -> None:
        shown = await self.triage.desk.queue.preview(ticket_id)
        current = self.list.current
        if current is not None and current.id == ticket_id:
            self.preview_pane.show_preview(shown, self.triage.clock(), self.triage.zone)

    # -- syncing

    def _sync_by_itself(self) -> None:
        work.start(self, self._synchronise(asked=False), group="sync", newest=False)

    def action_sync(self) -> None:
        """Syncs now; after a failed start it tries to open the desk again."""
        if not self.triage.desk_is_open:
            self.triage.open_the_desk()
        elif not work.start(self, self._synchronise(asked=True), group="sync", newest=False):
            self.triage.say("Already syncing.")

    def action_accept_shorter(self) -> None:
        """Accepts that the queue is much shorter than before, where that stopped a sync."""
        if self._sync.freshness.state == "stopped":
            work.start(self, self._synchronise(asked=True, shorter=True), group="sync", newest=False)

    async def _synchronise(self, *, asked: bool, shorter: bool = False) -> None:
        desk = self.triage.desk
        self._sync = self._sync._replace(running=True, progress="")
        self._tell()
        error: TriageError | None = None
        try:
            await desk.sync.run(
                progress=lambda progress: (self.post_message(self.Progressed(progress)), None)[1],
                accept_shorter=shorter,
            )
        except TriageError as caught:
            error = caught
        finally:
            self._sync = self._sync._replace(running=False)
        await self._reload()
        if error is not None:
            self._tell_failure(error, asked=asked)

    def _tell_failure(self, error: TriageError, *, asked: bool) -> None:
        freshness = self._sync.freshness
        if freshness.state in ("fresh", "never"):
            self._sync = SyncState(replace(freshness, state="failed", message=str(error)))
        self._tell()
        if asked:
            self.triage.say(str(error), severity="error")

    @on(Progressed)
    def _sync_progressed(self, message: Progressed) -> None:
        at = message.progress
        of = f" of {at.total}" if at.total else ""
        held = f", waits until {at.held_until:%H:%M:%S} UTC" if at.held_until else ""
        self._sync = self._sync._replace(progress=f"{at.phase} {at.done}{of}{held}")
        self.head.right = tuple(headline(self._counts, self._sync, self.triage.clock()))

    # -- keys

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Clearing is offered while there is something to clear."""
        return bool(self._typed or self._input) if action == "clear" else True

    def action_open(self) -> None:
        """Opens the case under the cursor."""
        item = self.list.current
        if item is None:
            return
        if self.triage.desk_is_open:
            work.start(self, self._seen(item.id), group=f"seen {item.id}")
        self.triage.open_case(item.id)

    async def _seen(self, ticket_id: str) -> None:
        await self.triage.desk.queue.seen(ticket_id)

    @on(VirtualList.Opened)
    def _opened_by_mouse(self) -> None:
        self.action_open()

    def action_outbox(self) -> None:
        """Opens the list of writes."""
        self.triage.open_outbox()

    def action_recommendations(self) -> None:
        """Opens the register of recommendations, on those of the ticket under the cursor."""
        open_recommendations(self.triage, at=item.id if (item := self.list.current) else "")

    def action_enhancements(self) -> None:
        """Opens the enhancement cases."""
        open_enhancements(self.triage)

    def action_fresh(self, step: int) -> None:
        """Jumps to the next new or changed row."""
        fresh = sorted(index for index, item in self.list.known().items() if item.fresh)
        ahead: Iterable[int] = (n for n in fresh if n > self.list.cursor)
        if step < 0:
            ahead = (n for n in reversed(fresh) if n < self.list.cursor)
        if (found := next(iter(ahead), None)) is None:
            self.triage.say("No further new or changed row.")
        else:
            self.list.cursor = found

    def action_turn(self, step: int) -> None:
        """To the next or previous view."""
        if self._views:
            self.action_view((self._chosen + step) % len(self._views))

    def action_view(self, index: int) -> None:
        """To a view by its place."""
        if index >= len(self._views) or index == self._chosen:
            return
        self._chosen = self.head.chosen = index
        self.list.show_cursor()
        if self.triage.desk_is_open:
            work.start(self, self._reload(), group="reload", keys_wait=True)

    def action_preview(self) -> None:
        """Shows the preview although it is narrow, or hides it."""
        self._wants_preview = not self.preview_pane.display
        self._place_preview(self.size.width, self.size.height)

    def action_filter(self) -> None:
        """Begins to type a filter."""
        from triage.tui.widgets.filter_input import FilterInput

        if self._input is None:
            self._input = FilterInput(self._typed)
            self.mount(self._input)
        self._input.focus()
        self.refresh_bindings()

    def on_input_changed(self, event: Input.Changed) -> None:
        """The rows follow the typing."""
        if event.input is not self._input:
            return
        self._typed = event.value
        if self._typing is not None:
            self._typing.stop()
        self._typing = self.set_timer(TYPING_S, self._apply_typed)

    def _apply_typed(self, *, keys_wait: bool = False) -> None:
        if self._typing is not None:
            self._typing.stop()
            self._typing = None
        self.list.show_cursor()
        if self.triage.desk_is_open:
            work.start(self, self._reload(), group="reload", keys_wait=keys_wait)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """The filter stays; the keys go back to the rows, once they are those of the filter."""
        self._typed = event.value
        self._apply_typed(keys_wait=True)
        self._close_input()

    def _close_input(self) -> None:
        if self._input is not None:
            self._input.remove()
            self._input = None
        self._tell_filter()
        self.list.focus()
        self.refresh_bindings()

    def action_clear(self) -> None:
        """Takes the filter away."""
        self._close_input()
        if self._typed:
            self._typed = ""
            self._apply_typed(keys_wait=True)
