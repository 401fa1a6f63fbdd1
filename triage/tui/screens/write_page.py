"""What will be written. Nothing leaves the machine without this page.

It opens with another key than the one that confirms. A public reply looks different and is confirmed by
typing the ticket's key, never by one letter.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, cast

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.screen import Screen
from textual.widgets import Input, Static

from triage.tui import work
from triage.tui.glyphs import SIGN
from triage.tui.keys import HELP
from triage.tui.safe_text import Piece, content, line
from triage.tui.screens.ask import AskScreen
from triage.tui.widgets.key_line import KeyLine
from triage.tui.widgets.text_line import Rule, TextLine
from triage.tui.write_words import masked_rows, page_rows, state_words, version_words

if TYPE_CHECKING:
    from triage.desk.views import WritePage
    from triage.tui.shell import Shell

EDITABLE = frozenset({"proposed", "conflict", "rejected", "parked"})
"""States in which the note may still be changed."""
SCROLL_BAR = 1
"""Cells the scroll bar takes."""


class WritePageScreen(Screen[bool]):
    """One operation before it is sent. Ends with whether it was confirmed.

    With ``drop_on_cancel`` leaving gives the proposal up; otherwise it stays in the outbox, not sent.
    """

    CSS_PATH = "write_page.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "send", "send", id="write.send"),
        Binding("e", "edit", "edit note", id="write.edit"),
        Binding("s", "unmask", "put masked text back", id="write.unmask"),
        Binding("f", "file", "whole file", id="write.file"),
        Binding("c,escape", "cancel", "cancel", id="write.cancel"),
        Binding("j,down", "scroll(1)", "down", show=False),
        Binding("k,up", "scroll(-1)", "up", show=False),
        *HELP,
    ]

    def __init__(self, operation_id: str, *, drop_on_cancel: bool = True) -> None:
        super().__init__()
        self._operation_id = operation_id
        self._drop_on_cancel = drop_on_cancel
        self.page: WritePage | None = None
        self._order = work.ReadingOrder()
        self.head = TextLine()
        self.body = Static()
        self.foot = Static(classes="foot")
        self.banner = TextLine(classes="banner")

    @property
    def triage(self) -> Shell:
        """The app, with its type."""
        return cast("Shell", self.app)

    def compose(self) -> ComposeResult:
        """To whom, what, and the keys."""
        yield self.head
        yield self.banner
        yield Rule()
        with VerticalScroll(can_focus=False):
            yield self.body
        yield self.foot
        yield KeyLine()

    def on_mount(self) -> None:
        """Reads the page."""
        self.banner.display = False
        work.start(self, self._read(), group="read", keys_wait=True)

    def on_screen_resume(self) -> None:
        """Back from the editor: the text may be another."""
        if self.page is not None:
            work.start(self, self._read(), group="read", keys_wait=True)

    async def _read(self) -> None:
        reading = self._order.begin()
        page = await self.triage.desk.outbox.show(self._operation_id)
        if not self._order.may_show(reading):
            return
        self.page = page
        self.set_class(page.public, "public")
        count = sum(not line.goes_along for line in page.lines)
        what = "1 change" if count == 1 else f"{count} changes, sent in this order"
        self.head.left = (
            (" To ", "muted"),
            (page.ticket_key, "strong"),
            (f" at {page.helpdesk}, as {page.account}   ", ""),
            (page.ticket_subject, "muted"),
        )
        self.head.right = ((f"{what} ", "muted"),)
        self._draw_body()
        self.foot.update(content(*self._foot(page)))
        await self._ask_for_key(page)
        self.refresh_bindings()
        self.call_after_refresh(self._leave_room)

    def on_resize(self) -> None:
        """Breaks the text anew."""
        self._draw_body()
        self.call_after_refresh(self._leave_room)

    def _leave_room(self) -> None:
        """The text scrolls within what the rest of the page leaves, so that the keys stay in sight."""
        scroll = self.query_one(VerticalScroll)
        rest = sum(one.outer_size.height for one in self.children if one.display and one is not scroll)
        scroll.styles.max_height = max(3, self.size.height - rest)

    def _draw_body(self) -> None:
        if self.page is None:
            return
        rows: list[Piece] = []
        # The scroll bar comes and goes with the length; its column is never written to.
        for row in page_rows(self.page, self.size.width - SCROLL_BAR):
            rows += [*row, ("\n", "")]
        self.body.update(content(*rows))

    def _foot(self, page: WritePage) -> list[Piece]:
        state, tone = state_words(page.operation.state)
        rows: list[Piece] = [
            (" ", ""),
            version_words(page, self.triage.clock(), self.triage.zone),
            ("\n", ""),
        ]
        rows += masked_rows(page)
        if page.operation.state != "proposed":
            rows += [(f" {state}", tone), (f"   {page.explanation}", "muted"), ("\n", "")]
        return rows

    async def _ask_for_key(self, page: WritePage) -> None:
        if not page.public:
            return
        self.banner.display = True
        self.banner.left = (
            (f" {SIGN.public} PUBLIC REPLY: the customer reads this, and gets it by mail. ", "strong-public"),
        )
        if page.operation.state == "proposed" and not self.query("#ticket-key"):
            field = Input(id="ticket-key", compact=True)
            await self.mount(
                Static(line(f" Type {page.ticket_key} and Enter to send it; Esc leaves it."), classes="ask"),
                field,
                after=self.foot,
            )
            field.focus()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """``y`` sends internal writes only; a note can be edited until it was sent."""
        page = self.page
        if action in ("send", "edit") and page is None:
            return False
        if action == "send" and page is not None:
            return page.operation.state == "proposed" and not page.public
        if action == "unmask":
            return bool(page and page.masked and not page.public and page.operation.state == "proposed")
        if action == "file":
            return bool(page and page.operation.change.note and page.operation.change.note.files)
        if action == "edit" and page is not None:
            return page.operation.change.note is not None and page.operation.state in EDITABLE
        return True

    def action_scroll(self, step: int) -> None:
        """Moves through a long text."""
        self.query_one(VerticalScroll).scroll_relative(y=step, animate=False)

    def action_send(self) -> None:
        """The yes."""
        work.start(self, self._confirm(""), group="confirm", newest=False, keys_wait=True)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """The yes to a public reply: its key, typed."""
        if work.busy(self, "confirm"):
            return
        typed = event.value.strip()
        if self.page is not None and typed.casefold() != self.page.ticket_key.casefold():
            self.triage.say(f"That is not {self.page.ticket_key}; nothing was sent.", severity="warning")
            return
        key = self.page.ticket_key if self.page else ""
        work.start(self, self._confirm(key), group="confirm", newest=False, keys_wait=True)

    async def _confirm(self, public_key: str) -> None:
        operation = await self.triage.desk.outbox.confirm(self._operation_id, public_key=public_key)
        note = operation.change.note
        if note is not None and operation.purpose in ("internal note", "public reply"):
            slot = "reply" if note.visibility == "public" else "note"
            await self.triage.desk.cases.save_draft(operation.ticket_id, slot, "")
        self.triage.send_outbox()
        self.triage.changed.publish(operation.ticket_id)
        await work.on_top(self)
        self.dismiss(True)

    def action_edit(self) -> None:
        """Changes the text of the note."""
        from triage.tui.screens.message import WrittenNoteScreen

        page = self.page
        note = page.operation.change.note if page else None
        if page is not None and note is not None:
            body = note.as_typed or note.body
            self.app.push_screen(
                WrittenNoteScreen(
                    page.operation.id, page.operation.ticket_id, page.ticket_key, body, public=page.public
                )
            )

    def action_file(self) -> None:
        """Every line of what goes as a file."""
        from triage.tui.screens.text_page import TextPage

        note = self.page.operation.change.note if self.page else None
        if note is not None and note.files:
            text = "\n\n".join(file.text for file in note.files)
            self.app.push_screen(TextPage(", ".join(file.name for file in note.files), text))

    def action_unmask(self) -> None:
        """Asks for the ticket's key, and puts back what was masked."""
        page = self.page
        if page is None:
            return

        def typed(key: str | None) -> None:
            if key is not None:
                work.start(self, self._put_back(key), group="confirm", newest=False, keys_wait=True)

        question = f"Type {page.ticket_key} to send the note as it was typed, secrets and all."
        self.app.push_screen(AskScreen(question, page.ticket_key, lambda _: None), typed)

    async def _put_back(self, typed_key: str) -> None:
        await self.triage.desk.outbox.unmask(self._operation_id, typed_key)
        await self._read()

    def action_cancel(self) -> None:
        """Leaves; nothing is sent."""
        work.start(self, self._cancel(), group="confirm", newest=False, keys_wait=True)

    async def _cancel(self) -> None:
        page = self.page
        if page is not None and page.operation.state == "proposed":
            if self._drop_on_cancel:
                await self.triage.desk.outbox.drop(self._operation_id)
                kept = " Your text is kept as a draft." if page.operation.change.note else ""
                self.triage.say(f"Nothing was sent to {page.ticket_key}.{kept}")
            else:
                self.triage.say(f"Not sent; it waits in the outbox for your yes to {page.ticket_key}.")
        await work.on_top(self)
        self.dismiss(False)
