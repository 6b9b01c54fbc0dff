"""Browsing by field and by life event, in short pages."""

from __future__ import annotations

from bot.messages import Button, Reply
from handlers.base import Turn
from handlers.procedures.buttons import short

_PAGE = 5


class MenuHandler:
    """/menu and everything under it."""

    name = "menu"

    def matches(self, turn: Turn) -> bool:
        """Only by its command and buttons."""
        return False

    async def reply(self, turn: Turn) -> Reply:
        """The list of sections, or a page of one."""
        step, rest = turn.step
        if step != "open":
            return self._sections(turn, "menu.title", int(rest) if rest.isdigit() else 1)
        id_, _, page = rest.partition(".")
        section = next((s for s in turn.library.menu.sections if s.id == id_), None)
        if section is None:
            return self._sections(turn, "menu.gone", 1)
        return self._page(turn, id_, max(1, int(page)) if page.isdigit() else 1)

    def _sections(self, turn: Turn, key: str, page: int) -> Reply:
        buttons = [Button(s.label, f"menu:open:{s.id}") for s in turn.library.menu.sections]
        shown, pages = _cut(buttons, page, _PAGE + 2)
        if page < pages:
            shown.append(Button(turn.texts("menu.more"), f"menu:show:{page + 1}"))
        return Reply(turn.texts(key), tuple(shown))

    def _page(self, turn: Turn, id_: str, page: int) -> Reply:
        section = next(s for s in turn.library.menu.sections if s.id == id_)
        procedures = turn.library.of_section(section)
        buttons = [Button(short(p.name), f"procedures:what:{p.id}") for p in procedures]
        shown, pages = _cut(buttons, page, _PAGE)
        if page < pages:
            shown.append(Button(turn.texts("menu.more"), f"menu:open:{id_}.{page + 1}"))
        shown.append(Button(turn.texts("menu.back"), "menu:show:"))
        key = "menu.page" if pages > 1 else "menu.section"
        values = {"label": section.label, "page": min(page, pages), "pages": pages}
        return Reply(turn.texts(key, **values), tuple(shown))


def _cut(buttons: list[Button], page: int, size: int) -> tuple[list[Button], int]:
    pages = max(1, -(-len(buttons) // size))
    at = (min(page, pages) - 1) * size
    return buttons[at : at + size], pages
