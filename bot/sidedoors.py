"""What some channels can do beside sending: fetch a picture, lead to the private chat, take a message away."""

from __future__ import annotations

from collections.abc import Mapping

import structlog

from bot.channels.base import Channel, Removes
from bot.errors import ChannelError
from bot.messages import Message

log = structlog.get_logger(__name__)


class SideDoors:
    """The channels, by name, as handlers may use them."""

    def __init__(self, channels: Mapping[str, Channel]) -> None:
        self._channels = channels

    async def photo(self, message: Message) -> bytes:
        """The picture of a message; raises ChannelError."""
        return await self._channels[message.channel].photo(message.photo)

    def private_link(self, message: Message) -> str:
        """The address of the bot's private chat on the same platform; empty when it has none."""
        channel = self._channels[message.channel]
        return channel.private_link if isinstance(channel, Removes) else ""

    async def remove(self, message: Message) -> None:
        """Takes a message out of a group, where the platform and our rights allow it; never fails."""
        channel = self._channels[message.channel]
        if not isinstance(channel, Removes):
            return
        try:
            await channel.remove(message)
        except ChannelError as error:
            log.info("message not removed", channel=message.channel, reason=type(error).__name__)
