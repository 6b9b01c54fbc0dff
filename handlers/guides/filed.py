"""The reference number given at the end of filing: followed at once, and the guide goes on."""

from __future__ import annotations

from dataclasses import replace

from bot.dossiers.numbers import Number, find
from bot.dossiers.service import Filed
from bot.messages import Button, Reply
from handlers.base import Turn
from handlers.dossiers.answers import Wording
from handlers.guides.session import Mark


async def followed(turn: Turn, mark: Mark, reply: Reply) -> Reply:
    """The answer to a look at the dossier (``reply``), with following on; a number just born has no news yet."""
    numbers = find(turn.message.text, turn.today).numbers
    if len(numbers) != 1:  # none that can be read, or several: asked again
        return _with(reply, Button(turn.texts("guides.b_go"), f"guides:go:{mark.key}"))
    found = await _filed(turn, mark, numbers[0])
    on = Button(turn.texts("guides.b_go"), f"guides:numbered:{mark.key}")
    if found.effect is None:
        return _with(reply, on)
    turn.effects.append(found.effect)
    if found.is_new:
        read = Wording(turn.library, turn.now).read_as(numbers[0])
        text = turn.texts("guides.followed_new", number=numbers[0].text, read=read)
        return Reply(text, (on, Button(turn.texts("dossier.button_list"), "following:list:")))
    others = tuple(button for button in reply.buttons if not button.value.startswith("dossier:follow:"))
    told = replace(reply, buttons=others, text=f"{reply.text}\n\n{turn.texts('guides.followed')}")
    return _with(told, on)


async def _filed(turn: Turn, mark: Mark, number: Number) -> Filed:
    """What the dossiers make of it; nothing for a run begun before days were noted."""
    service = turn.services.dossiers
    runs = await turn.services.guides.open_runs(turn.message.place)
    run = next((kept.run for kept in runs if kept.run.key == mark.key), None)
    if service is None or run is None or run.begun is None:
        return Filed()
    return await service.filed(number, turn.message, run.begun, turn.now)


def _with(reply: Reply, button: Button) -> Reply:
    return replace(reply, buttons=(*reply.buttons[:1], button, *reply.buttons[1:]))
