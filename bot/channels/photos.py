"""Pictures sent through a channel of our own: in memory only, until their turn has read them, minutes at most."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable

from bot.errors import ReplyRejected

PHOTO_BYTES = 4 * 1024 * 1024  # the page makes pictures smaller before it sends them
_KEEP_SECONDS = 120.0
_MOST_BYTES = 64 * 1024 * 1024  # of all pictures together; beyond, the oldest go


class Photos:
    """Keeps pictures by reference; ``take`` gives one away and forgets it."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._kept: OrderedDict[str, tuple[float, bytes]] = OrderedDict()

    def keep(self, reference: str, data: bytes) -> str:
        """Keeps a picture and returns its reference."""
        self._kept.pop(reference, None)
        self._kept[reference] = (self._clock(), data)
        self._tidy()
        return reference

    def take(self, reference: str) -> bytes:
        """The picture; raises ReplyRejected when it is gone."""
        self._tidy()
        if reference not in self._kept:
            raise ReplyRejected("the picture is gone")
        return self._kept.pop(reference)[1]

    def drop(self, reference: str) -> None:
        """Forgets it, if it is here."""
        self._kept.pop(reference, None)

    def _tidy(self) -> None:
        before = self._clock() - _KEEP_SECONDS
        size = sum(len(data) for _, data in self._kept.values())
        while self._kept:
            reference, (since, data) = next(iter(self._kept.items()))
            if since > before and size <= _MOST_BYTES:
                return
            del self._kept[reference]
            size -= len(data)
