"""The new ward for an old or new name, and the person's own ward, saved."""

from __future__ import annotations

from bot.messages import Button, Reply
from bot.search.places import Match, PlaceAnswer
from bot.search.reading import Decision
from handlers.base import Turn

_SHOWN = 6
_WAITING = "ward:name"


class Ward:
    """/xaphuong, and questions such as "An Lư giờ thuộc phường nào"."""

    name = "ward"

    def matches(self, turn: Turn) -> bool:
        """A place is asked for, or the name we asked for has come."""
        place = turn.reading.place
        if turn.reading.decision is Decision.OFFICE:
            return True
        return turn.conversation.waiting_for == _WAITING and place is not None and place.kind != "none"

    async def reply(self, turn: Turn) -> Reply:
        """What became of the name, or the question which place is meant."""
        step, id_ = turn.step
        if step in ("save", "show", "page"):
            return self._tapped(turn, step, id_)
        turn.conversation.waiting_for = ""
        if turn.reading.place is not None and turn.reading.place.kind != "none":
            return self._found(turn, turn.reading.place)
        turn.conversation.waiting_for = _WAITING
        commune = turn.library.places.communes.get(turn.conversation.ward)
        if turn.reading.topic:
            return Reply(turn.texts("ward.not_found"))
        if commune is not None:
            return Reply(turn.texts("ward.current", ward=commune.full_name))
        return Reply(turn.texts("ward.ask"))

    def _tapped(self, turn: Turn, step: str, id_: str) -> Reply:
        if step == "page":
            code, _, at = id_.partition(".")
            return self._of_district(turn, code, int(at) if at.isdigit() else 0)
        commune = turn.library.places.communes.get(id_)
        if commune is None:
            turn.conversation.waiting_for = _WAITING
            return Reply(turn.texts("ward.gone"))
        if step == "show":
            return self._one(turn, Match(commune))
        turn.conversation.ward = commune.code
        return Reply(turn.texts("ward.saved", ward=commune.full_name))

    def _found(self, turn: Turn, place: PlaceAnswer) -> Reply:
        if place.kind == "one":
            return self._one(turn, place.matches[0])
        if place.kind == "district":
            return self._of_district(turn, place.matches[0].commune.code, 0, place)
        if place.kind == "split" and place.matches[0].old is not None:
            text = turn.texts("ward.split", old=_capital(place.matches[0].old.full_name))
            options = [
                Button(match.commune.full_name, f"ward:show:{match.commune.code}") for match in place.matches
            ]
            return Reply(f"{text}\n\n{_source(turn)}", tuple(options[:_SHOWN]))
        options = [Button(_option(turn, match), f"ward:show:{match.commune.code}") for match in place.matches]
        return Reply(turn.texts("ward.choose"), tuple(options[:_SHOWN]))

    def _one(self, turn: Turn, match: Match) -> Reply:
        commune = match.commune
        if match.old is None:
            line = turn.texts("ward.same", ward=commune.full_name)
        else:
            line = turn.texts("ward.became", old=_capital(match.old.full_name), ward=commune.full_name)
        places = turn.library.places
        office = f"{places.offices['ward-centre'].name}: {commune.full_name}"
        lines = [line, turn.texts("ward.centre", office=office)]
        known = places.wards.get(commune.code)
        if known and known.address:
            lines.append(turn.texts("procedures.address", address=known.address))
        if known and known.phone:
            lines.append(turn.texts("procedures.phone", phone=known.phone))
        if not known:
            lines.append(turn.texts("procedures.address_unknown"))
        save = Button(turn.texts("ward.save"), f"ward:save:{commune.code}")
        other = Button(turn.texts("ward.other"), "ward:ask:")
        return Reply("\n".join([*lines, "", _source(turn)]), (save, other))

    def _of_district(self, turn: Turn, code: str, at: int, place: PlaceAnswer | None = None) -> Reply:
        """The units of a former district, some at a time; ``code`` names the first of them."""
        communes = turn.library.places.communes
        if code not in communes:
            return Reply(turn.texts("ward.gone"))
        district = place.district if place else _district_of(turn, code)
        units = [c for c in communes.values() if any(old.district == district for old in c.formed_from)]
        shown = units[at : at + _SHOWN]
        options = [Button(unit.full_name, f"ward:show:{unit.code}") for unit in shown]
        if at + _SHOWN < len(units):
            options.append(Button(turn.texts("menu.more"), f"ward:page:{code}.{at + _SHOWN}"))
        text = turn.texts("ward.district", district=district, count=len(units))
        return Reply(f"{text}\n\n{_source(turn)}", tuple(options))


def _district_of(turn: Turn, code: str) -> str:
    return turn.library.places.communes[code].formed_from[0].district


def _option(turn: Turn, match: Match) -> str:
    if match.old is None:
        return match.commune.full_name
    return turn.texts("ward.option", ward=match.commune.full_name, old=match.old.full_name)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _source(turn: Turn) -> str:
    return turn.texts("ward.source", checked=f"{turn.library.places.checked:%d/%m/%Y}")
