"""/theodoi: which dossiers are followed, and the end of it at any time."""

from __future__ import annotations

from bot.messages import Button, Reply
from handlers.base import Turn

_SHOWN = 6


class FollowingList:
    """The list, and stopping."""

    name = "following"

    def matches(self, turn: Turn) -> bool:
        """Only by its command and buttons."""
        return False

    async def reply(self, turn: Turn) -> Reply:
        """What is followed, or that it is not any more."""
        service, (step, id_) = turn.services.dossiers, turn.step
        if turn.message.in_group or service is None:
            return Reply(turn.texts("dossier.group" if turn.message.in_group else "following.none"))
        place = turn.message.place
        if step == "stop" and id_ == "all":
            turn.effects.append(service.unfollowed(place, None))
            return Reply(turn.texts("following.stopped_all"))
        if step == "stop" and id_.isdigit() and len(id_) < 18:
            tie = await service.tie(place, int(id_))
            if tie is None or not tie.following:
                return Reply(turn.texts("following.gone"))
            turn.effects.append(service.unfollowed(place, tie.id))
            return Reply(turn.texts("following.stopped", number=tie.number))
        return await self._list(turn)

    async def _list(self, turn: Turn) -> Reply:
        service = turn.services.dossiers
        assert service is not None
        ties = [tie for tie in await service.ties(turn.message.place) if tie.following]
        if not ties:
            return Reply(turn.texts("following.none"))
        lines, buttons = [turn.texts("following.list", count=len(ties))], []
        for tie in ties:
            state = await service.known_state(tie.number, tie.source)
            if state is None:
                lines.append(turn.texts("following.item_unknown", number=tie.number))
            else:
                plain = turn.library.dossiers.statuses[state.status].plain
                lines.append(turn.texts("following.item", number=tie.number, status=plain))
        for tie in ties[:_SHOWN]:
            label = turn.texts("following.stop", number=tie.number)
            buttons.append(Button(label, f"following:stop:{tie.id}"))
        if len(ties) > 1:
            buttons.append(Button(turn.texts("following.stop_all"), "following:stop:all"))
        return Reply("\n".join(lines), tuple(buttons))
