"""The buttons under an answer: what the person would say next."""

from __future__ import annotations

from collections.abc import Sequence

from bot.guides.guide import Guide
from bot.knowledge.models import Aspect, Procedure
from bot.messages import Button
from bot.texts import Texts

_LABEL = 60  # characters; the tightest channel that shows labels whole


def aspect_buttons(
    texts: Texts, procedure: Procedure, shown: Aspect, guide: Guide | None, everything: bool = False
) -> tuple[Button, ...]:
    """The likeliest next questions, the official page, the guide, and a person."""

    def button(aspect: str) -> Button:
        return Button(texts(f"procedures.button_{aspect}"), f"procedures:{aspect}:{procedure.id}")

    if not procedure.has_aspects:
        page = [Button(texts("procedures.button_page"), url=procedure.online.link)] if procedure.online.link else []
        return (*page, Button(texts("menu.open"), "menu:show:"), Button(texts("person.button"), "person:show:"))
    if everything:
        return tuple(button(aspect.value) for aspect in Aspect if aspect is not Aspect.WHAT)
    likely = [Aspect.DOCUMENTS, Aspect.FEE, Aspect.TIME, Aspect.WHERE]
    buttons = [button(aspect.value) for aspect in likely if aspect is not shown]
    if guide is not None:
        is_visit = guide.visit({}) is True or procedure.online.level == "none"
        label = texts("procedures.button_guide_visit" if is_visit else "procedures.button_guide")
        buttons.append(Button(label, f"guides:start:{procedure.id}"))
    if procedure.online.link:
        buttons.append(Button(texts("procedures.button_page"), url=procedure.online.link))
    buttons.append(button("more"))
    buttons.append(Button(texts("person.button"), "person:show:"))
    return tuple(buttons)


def choice_buttons(texts: Texts, procedures: Sequence[Procedure], aspect: Aspect | None) -> tuple[Button, ...]:
    """Up to four procedures to choose from; the aspect asked is kept."""
    step = (aspect or Aspect.WHAT).value
    chosen = [Button(short(p.name), f"procedures:{step}:{p.id}") for p in procedures[:4]]
    return (*chosen, Button(texts("procedures.none_of_these"), "procedures:none:"))


def ways_on(texts: Texts) -> tuple[Button, ...]:
    """Where to go when the bot has no answer: the menu, and a person."""
    return (Button(texts("menu.open"), "menu:show:"), Button(texts("person.button"), "person:show:"))


def short(name: str) -> str:
    """A name cut at a word for a button."""
    if len(name) <= _LABEL:
        return name
    return name[: _LABEL - 1].rsplit(" ", 1)[0] + "…"
