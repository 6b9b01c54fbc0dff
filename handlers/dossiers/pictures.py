"""A photo of a receipt: the picture is fetched, read in a thread, and let go."""

from __future__ import annotations

import asyncio

from bot.dossiers.images import Content, Other, Picture, PictureError, read_picture
from bot.errors import ChannelError
from handlers.base import Turn

_LINKS = (Content.LINK, Content.STRANGE_LINK)


async def read(turn: Turn) -> Picture | str:
    """What the codes on the picture say, or the words why nothing could be read."""
    if turn.services.photo is None:
        return turn.texts("dossier.photo_gone")
    try:
        data = await turn.services.photo(turn.message)
        return await asyncio.to_thread(read_picture, data, turn.today)
    except ChannelError:
        return turn.texts("dossier.photo_gone")
    except PictureError:
        return turn.texts("dossier.photo_broken")


def explained(turn: Turn, others: tuple[Other, ...]) -> str:
    """What a code holds that is no number; a link is named, never opened and never made a link again."""
    if not others:
        return turn.texts("dossier.photo_unreadable")
    lines = []
    for other in others[:3]:
        host = other.shown.replace(".", " . ") if other.content in _LINKS else ""
        lines.append(turn.texts(f"dossier.code_{other.content.value}", host=host, text=other.shown))
    return "\n".join(lines)
