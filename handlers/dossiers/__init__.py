"""Where is my dossier: by number or photo, with a second sign for details; following; how it was in the end."""

from __future__ import annotations

import re

from bot.dossiers.numbers import Number, find
from bot.dossiers.service import Answer, Outcome
from bot.knowledge.dossiers import Dossiers as Words
from bot.messages import Button, Kind, Reply
from bot.search.reading import Decision
from bot.vietnamese import fold
from handlers.base import Turn
from handlers.dossiers import pictures
from handlers.dossiers.answers import Wording, parsed
from handlers.dossiers.following import FollowingList

__all__ = ["Dossier", "FollowingList"]
_SIGN, _WORDS, _WORD = "dossier:sign", "dossier:words", "dossier:word"
_SIGN_TYPED = re.compile(r"\D{0,30}?(\d(?:[\d .-]{0,14}\d)?)\D{0,20}")
_MOST = 5  # numbers of one message that are offered


class Dossier:
    """Everything about one dossier."""

    name = "dossier"

    def matches(self, turn: Turn) -> bool:
        """A photo, or the answer to what we asked; texts with a number come by interruption."""
        if turn.message.kind is Kind.PHOTO and turn.message.photo and not turn.message.text:
            return True
        waiting = turn.conversation.waiting_for
        if waiting == _SIGN:
            return bool(_sign(turn.message.text))
        if waiting == _WORDS:
            return _status_in(turn.library.dossiers, turn.message.text) is not None
        return waiting == _WORD and turn.reading.decision in (Decision.NONE, Decision.SMALLTALK)

    async def reply(self, turn: Turn) -> Reply:
        """One look, or one step around it."""
        if turn.message.in_group:
            return await self._in_group(turn)
        step, id_ = turn.step
        waiting, turn.conversation.waiting_for = turn.conversation.waiting_for, ""
        if step == "rate":
            return await self._rate(turn, id_)
        if step and (number := parsed(id_)) is not None:
            return await self._tapped(turn, step, number)
        if turn.message.photo:
            return await self._photo(turn)
        if waiting == _WORD and turn.reading.decision is not Decision.DOSSIER and turn.message.text:
            return await self._word(turn)
        if waiting == _SIGN and turn.reading.decision is not Decision.DOSSIER and _sign(turn.message.text):
            return await self._signed(turn)
        if waiting == _WORDS and (code := _status_in(turn.library.dossiers, turn.message.text)):
            return self._explain(turn, code)
        return await self._text(turn)

    async def _text(self, turn: Turn) -> Reply:
        found = find(turn.message.text, turn.today)
        if found.numbers:
            return await self._numbers(turn, found.numbers)
        if found.flaws:
            return Reply(turn.texts(f"dossier.flaw_{found.flaws[0].value}"), (_person(turn),))
        listed = Button(turn.texts("dossier.button_list"), "following:list:")
        return Reply(turn.texts("dossier.ask"), (listed, _person(turn)))

    async def _numbers(self, turn: Turn, numbers: tuple[Number, ...]) -> Reply:
        if len(numbers) == 1:
            return await self._look(turn, numbers[0])
        buttons = tuple(Button(number.text, f"dossier:look:{number.text}") for number in numbers[:_MOST])
        return Reply(turn.texts("dossier.several", count=len(numbers)), buttons)

    async def _photo(self, turn: Turn) -> Reply:
        picture = await pictures.read(turn)
        if isinstance(picture, str):
            return Reply(picture, (_person(turn),))
        if picture.numbers:
            return await self._numbers(turn, picture.numbers)
        return Reply(pictures.explained(turn, picture.others), (_person(turn),))

    async def _tapped(self, turn: Turn, step: str, number: Number) -> Reply:
        if step == "sign":
            turn.conversation.waiting_for = _SIGN
            turn.conversation.data["dossier"] = number.text
            return Reply(turn.texts("dossier.sign_wanted", number=number.text))
        if step == "follow":
            return await self._follow(turn, number)
        return await self._look(turn, number)

    async def _signed(self, turn: Turn) -> Reply:
        number = parsed(turn.conversation.data.get("dossier", ""))
        if number is None:
            return await self._text(turn)
        sign = _sign(turn.message.text)
        reply = await self._look(turn, number, sign[-3:])
        warning = f"{turn.texts('dossier.sign_too_long')}\n\n" if len(sign) > 3 else ""
        return Reply(warning + reply.text, reply.buttons)

    async def _look(self, turn: Turn, number: Number, sign: str = "") -> Reply:
        answer = await _answer(turn, number, sign)
        service = turn.services.dossiers
        if answer.outcome is Outcome.DETAILS and answer.state is not None and service is not None and sign:
            turn.effects.append(service.verified(turn.message.place, answer.state))
        if answer.outcome is Outcome.UNCOVERED:
            turn.conversation.waiting_for = _WORDS
        text = Wording(turn.library, turn.now).answer(number, answer)
        return Reply(text, self._buttons(turn, number, answer))

    def _buttons(self, turn: Turn, number: Number, answer: Answer) -> tuple[Button, ...]:
        buttons = []
        sign = Button(turn.texts("dossier.button_sign"), f"dossier:sign:{number.text}")
        if answer.outcome is Outcome.FOUND:
            buttons.append(sign)
        if answer.state is not None and not turn.library.dossiers.statuses[answer.state.status].ends:
            if answer.following:
                buttons.append(Button(turn.texts("dossier.button_list"), "following:list:"))
            else:
                buttons.append(Button(turn.texts("dossier.button_follow"), f"dossier:follow:{number.text}"))
        page = turn.library.dossiers.kinds[number.kind.value].page
        if answer.outcome in (Outcome.UNCOVERED, Outcome.UNKNOWN, Outcome.DOWN) and page:
            buttons.append(Button(turn.texts("dossier.button_page"), url=page))
        return (*buttons, _person(turn))

    async def _follow(self, turn: Turn, number: Number) -> Reply:
        answer = await _answer(turn, number, "")
        service = turn.services.dossiers
        if answer.state is None or service is None:
            text = Wording(turn.library, turn.now).answer(number, answer)
            return Reply(text, self._buttons(turn, number, answer))
        is_verified = answer.outcome is Outcome.DETAILS
        turn.effects.append(service.followed(turn.message.place, answer.state, is_verified))
        text = turn.texts(
            "dossier.followed",
            number=number.text,
            status=turn.library.dossiers.statuses[answer.state.status].plain,
            start=service.settings.quiet_until,
            end=service.settings.quiet_from - 12,
        )
        listed = Button(turn.texts("dossier.button_list"), "following:list:")
        if is_verified:
            return Reply(text, (listed,))
        sign = Button(turn.texts("dossier.button_sign"), f"dossier:sign:{number.text}")
        return Reply(f"{text}\n{turn.texts('dossier.followed_more')}", (sign, listed))

    async def _rate(self, turn: Turn, id_: str) -> Reply:
        stars, _, tie_id = id_.partition(".")
        service = turn.services.dossiers
        tie = await service.tie(turn.message.place, int(tie_id)) if service and tie_id.isdigit() else None
        if service is None or tie is None or stars not in ("1", "2", "3", "4", "5"):
            return Reply(turn.texts("following.gone"))
        state = await service.known_state(tie.number, tie.source)
        turn.effects.append(service.rated(turn.message.place, tie, state, int(stars)))
        turn.conversation.waiting_for = _WORD
        turn.conversation.data["rated"] = tie_id
        return Reply(turn.texts("dossier.rated"))

    async def _word(self, turn: Turn) -> Reply:
        service, tie_id = turn.services.dossiers, turn.conversation.data.pop("rated", "")
        if service is not None and tie_id.isdigit():
            turn.effects.append(service.rated_word(turn.message.place, int(tie_id), turn.message.text))
        return Reply(turn.texts("dossier.rated_word"))

    def _explain(self, turn: Turn, code: int) -> Reply:
        status = turn.library.dossiers.statuses[code]
        lines = [turn.texts("dossier.words", name=status.name, status=status.plain), status.means]
        return Reply("\n".join([*lines, *Wording(turn.library, turn.now).todo(status)]), (_person(turn),))

    async def _in_group(self, turn: Turn) -> Reply:
        """Never a word about a dossier before others; the number is taken away where we may."""
        if turn.services.remove is not None:
            await turn.services.remove(turn.message)
        link = turn.services.private_link(turn.message) if turn.services.private_link else ""
        buttons = (Button(turn.texts("dossier.private"), url=link),) if link else ()
        return Reply(turn.texts("dossier.group"), buttons)


async def _answer(turn: Turn, number: Number, sign: str) -> Answer:
    service = turn.services.dossiers
    if service is None:
        return Answer(Outcome.UNCOVERED)
    answer = await service.look_up(number, sign, turn.message, turn.now)
    if answer.looked is not None:
        turn.effects.append(answer.looked)
    return answer


def _person(turn: Turn) -> Button:
    return Button(turn.texts("person.button"), "person:show:")


def _sign(text: str) -> str:
    """The digits of a short text such as "678" or "số cuối là 678"; empty when it is something else."""
    match = _SIGN_TYPED.fullmatch(text.strip())
    digits = re.sub(r"\D", "", match[1]) if match else ""
    return digits if 3 <= len(digits) <= 12 else ""


def _status_in(words: Words, text: str) -> int | None:
    """The status a person reads out: the longest of its names that occurs in the text."""
    said = f" {Words.folded(fold(text))} "
    named = [(len(name), code) for name, code in words.by_words.items() if f" {name} " in said]
    return max(named)[1] if named else None
