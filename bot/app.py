"""Builds the parts from the config; ``App.handle`` shows a whole turn on one screen.

The only place where channels and handlers meet.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from bot import address, choices
from bot.channels.base import Channel, parts
from bot.config import Config
from bot.dossiers.building import build_dossiers, dossier_jobs
from bot.jobs import Job, Jobs
from bot.messages import Conversation, Delivery, Message, Reply
from bot.notices import Notices
from bot.questions.noticing import Noticing
from bot.reload import Shelf
from bot.reminding import Reminders
from bot.router import Router
from bot.search.reading import EMPTY
from bot.sending import Sender
from bot.sidedoors import SideDoors
from bot.store import conversations, follows, guides, inbox, outbox, unanswered
from bot.store.database import Database
from bot.store.together import Together
from bot.turns import Turns
from handlers import all_handlers
from handlers.base import Effect, Services, Turn
from handlers.dossiers.notices import FollowNotices
from handlers.guides.aside import with_way_back
from handlers.guides.reminder import reminder
from handlers.guides.session import Mark

log = structlog.get_logger()
_TIDY = 3600.0  # seconds between deletions of what is too old to keep
_REMIND = 300.0  # seconds between looks for people who left a guide unfinished
_GIVE_UP = 4  # turns that a crash cut short before a message is answered with an apology


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one turn came to: the replies, who made them, and what else is to be written with them."""

    replies: list[Reply]
    handler: str
    effects: Sequence[Effect] = ()


class App:
    """The bot without its platforms: messages come in by ``receive``, replies leave by the sender."""

    def __init__(self, config: Config, shelf: Shelf, database: Database, channels: Sequence[Channel]) -> None:
        kept = config.settings.conversations
        self.config = config
        self.shelf = shelf
        self.database = database
        self.channels = {channel.name: channel for channel in channels}
        keep_days = config.settings.questions.keep_days
        self.router = Router(all_handlers(kept.keep_messages_hours, kept.keep_guides_days, keep_days))
        self.noticing = Noticing() if keep_days else None
        self.sender = Sender(database, channels)
        self.notices = Notices(self.sender, self.parts)
        self.jobs = Jobs(database, [Job("tidy", _TIDY, self.tidy)])
        self.reminders = Reminders(database, self.notices, lambda *due: reminder(self.shelf.library, *due))
        self.jobs.add(Job("guide-reminders", _REMIND, self.remind))
        self._zone = ZoneInfo(config.settings.timezone)
        self._heard_at = time.monotonic()
        self.dossiers = build_dossiers(config, lambda: shelf.library.dossiers, database)
        for job in dossier_jobs(config, self.dossiers, database, self.notices, self._follow_notices()):
            self.jobs.add(job)
        side = SideDoors(self.channels)
        self.services = Services(
            dossiers=self.dossiers,
            photo=side.photo,
            private_link=side.private_link,
            remove=side.remove,
            guides=guides.GuideRuns(database),
            public_url=config.environment.public_url,
        )
        self.arrivals = Together(database, inbox.add_many)
        self.turns = Turns(database, list(self.channels), self._work)

    def _follow_notices(self) -> FollowNotices:
        return FollowNotices(lambda: self.shelf.library, lambda: datetime.now(self._zone))

    # --- what channels call (the Door of bot/channels/base.py) ---

    async def receive(self, message: Message) -> bool:
        """Stores the message and wakes its chat; False when it was delivered before."""
        is_new = await self.arrivals.add(message)
        self._heard_at = time.monotonic()
        if is_new:
            self.turns.wake((message.channel, message.chat_id))
        return is_new

    def silent_for(self) -> int:
        """Seconds since a message came: a platform that gave up on us goes silent without a word."""
        return int(time.monotonic() - self._heard_at)

    async def set_reachable(self, channel: str, chat_id: str, reachable: bool) -> None:
        """A person blocked the bot, or came back."""
        now = datetime.now(UTC)
        await self.database.write(lambda c: conversations.set_reachable(c, channel, chat_id, reachable, now))

    async def move_chat(self, channel: str, old_id: str, new_id: str) -> None:
        """A group goes on under a new id."""
        for store in (conversations, follows, guides):
            await self.database.write(partial(store.move_chat, channel=channel, old_id=old_id, new_id=new_id))

    # --- one turn ---

    async def _work(self, chat: tuple[str, str]) -> None:
        """All that waits in one chat, in order, under the chat's lock."""
        async with self.database.turn(*chat) as connection:
            current: dict[str, Conversation] = {}  # as the turns of this round leave them
            for waiting in await inbox.waiting(connection, *chat, self.config.forget_after):
                message, started = waiting.message, time.perf_counter()
                conversation = current.setdefault(message.user_id, waiting.conversation)
                outcome = await self.handle(message, conversation, waiting.attempts)
                deliveries = await self._commit(waiting.row_id, message, conversation, outcome)
                self.sender.push(deliveries)
                if conversation.forget:
                    del current[message.user_id]
                spent = round((time.perf_counter() - started) * 1000, 1)
                log.info("turn", channel=message.channel, handler=outcome.handler, parts=len(deliveries), ms=spent)

    async def handle(self, message: Message, conversation: Conversation, attempts: int = 0) -> Outcome:
        """Understands, routes, answers. Never raises."""
        texts = self.shelf.library.texts
        if attempts >= _GIVE_UP:
            return Outcome([Reply(texts("error.gave_up"))], "gave_up")
        try:
            message = choices.as_tap(message, conversation)
            if page := choices.opened_page(message):
                return Outcome([Reply(page)], "page")
            if choices.asks_for_more(message):
                return Outcome(self._more(message, conversation), "more")
            reading = self.shelf.reader.read(message.text) if not message.tapped else EMPTY
            now = datetime.now(self._zone)
            turn = Turn(message, conversation, reading, self.shelf.library, now, self.services)
            handler = self.router.choose(turn)
            address.listen(reading, conversation)
            guide = Mark.of(turn)
            reply = await with_way_back(turn, handler.name, guide, await handler.reply(turn))
            reply = address.speak(reply, conversation, turn.library.vocabulary.address)
            if self.noticing is not None:
                self.noticing.notice(turn, handler.name)
            return Outcome(self._shown(message.channel, reply, conversation), handler.name, turn.effects)
        except Exception:  # the turn's edge: nobody is met with silence or a traceback
            tapped = message.tapped.rpartition(":")[0]  # what stands behind may be a person's number
            log.exception("handler failed", channel=message.channel, tapped=tapped)
            return Outcome([Reply(texts("error.try_again"))], "error")

    def _more(self, message: Message, conversation: Conversation) -> list[Reply]:
        """The choices for which the last reply had no room."""
        texts, buttons = self.shelf.library.texts, choices.rest(message, conversation)
        reply = Reply(texts("choices.next" if buttons else "choices.gone"), buttons)
        return self._shown(message.channel, reply, conversation)

    def _shown(self, channel: str, reply: Reply, conversation: Conversation) -> list[Reply]:
        """The reply as this channel can show it, and remembered so that a number can choose."""
        limit = self.channels[channel].limits.buttons
        reply = choices.paged(reply, limit, self.shelf.library.texts("choices.more"), conversation)
        choices.remember(conversation, reply)
        return self.parts(channel, reply)

    async def _commit(
        self, row_id: int, message: Message, conversation: Conversation, outcome: Outcome
    ) -> list[Delivery]:
        """Effects, conversation, replies and "done" in one transaction; nothing when another was faster."""
        now = datetime.now(UTC)
        claim = self.sender.claim(now)

        async def change(connection: AsyncConnection) -> list[Delivery]:
            if not await inbox.finish(connection, row_id, now):
                return []
            for effect in outcome.effects:
                await effect(connection)
            if conversation.forget:
                key = (message.channel, message.chat_id, message.user_id)
                await conversations.forget_person(connection, *key)
                await guides.forget_person(connection, *key)
            else:
                await conversations.save(connection, conversation, now)
            return await outbox.add(connection, message.place, outcome.replies, claim, now)

        return await self.database.write(change)

    def parts(self, channel: str, reply: Reply) -> list[Reply]:
        """A reply cut to the channel's limits."""
        return parts(reply, self.channels[channel].limits)

    # --- life ---

    async def start(self) -> None:
        """Resumes what waits, opens the channels, then begins what comes round by the clock."""
        await self.sender.start()
        await self.turns.start()
        for channel in self.channels.values():
            await channel.start(self)
        await self.jobs.start()

    async def stop(self) -> None:
        """Ends the jobs, closes the channels, lets turns and deliveries under way finish."""
        await self.jobs.stop()
        for channel in self.channels.values():
            await channel.stop()
        await self.turns.stop()
        await self.sender.stop()
        await self.dossiers.close()
        await self.database.close()

    async def tidy(self) -> None:
        """Deletes what is older than the config allows to keep."""
        hours = self.config.settings.conversations.keep_messages_hours
        before = datetime.now(UTC) - timedelta(hours=hours)
        await self.database.write(lambda c: conversations.tidy(c, before))
        now, keep = datetime.now(UTC), timedelta(days=self.config.settings.conversations.keep_guides_days)
        await self.database.write(lambda c: guides.tidy(c, now, keep))
        first = now.astimezone(self._zone).date() - timedelta(days=self.config.settings.questions.keep_days)
        await self.database.write(lambda c: unanswered.tidy(c, first))

    async def remind(self) -> None:
        """Reminds people of guides they left unfinished."""
        await self.reminders.round(datetime.now(UTC))
