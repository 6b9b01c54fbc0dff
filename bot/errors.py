"""Our exceptions, and what each means for the one who catches it.

BotError
├── ConfigError            config.yaml or the environment is wrong: stop with one line
├── KnowledgeError         a file in knowledge/ is wrong: file, line, key, reason
├── CatalogueError         an export of the national portal is no such export, or broken
├── SheetError             a workbook handed to ``motcua knowledge`` can't be used
├── DossierError           a table of dossiers can't be used; the message says what to do
├── DossierUnavailable     a source of status can't be reached or does not answer properly
├── QuestionError          ``motcua questions`` is asked for something that is not there, or would do harm
├── StoreError             the database can't be opened or written: stop with one line
└── ChannelError           a call to a platform failed
    ├── ChannelUnavailable    network or server trouble: try again later
    ├── ChannelThrottled      too fast: try again after ``retry_after`` seconds
    ├── ChannelMoved          the chat has a new id: repeat there
    ├── ChannelLater          not now: try again at ``until``
    │   └── QuotaUsedUp           an allowance is used up or money is missing: as above, and alarm
    ├── WindowClosed          the person has not written lately, so nothing may go: give up, no alarm
    ├── ReplyRejected         the platform will never take this reply: give up, our fault
    ├── CitizenUnreachable    the person blocked the bot or left: give up, mark the chat
    └── ChannelRefused        the token is wrong or revoked: stop this channel, alarm
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


class BotError(Exception):
    """The root of everything we raise on purpose."""


class ConfigError(BotError):
    """config.yaml or an environment variable is wrong; the message says which and why."""


class StoreError(BotError):
    """The database can't be opened, migrated or written."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong in a YAML file: where it is (path, line from 1, key) and why.

    ``kind`` and ``context`` let ``motcua check`` say it in the words of knowledge/check.yaml.
    """

    file: str
    line: int
    key: str
    reason: str
    kind: str = ""
    context: tuple[tuple[str, object], ...] = ()

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}"
        return f"{place}: {self.key}: {self.reason}" if self.key else f"{place}: {self.reason}"


class KnowledgeError(BotError):
    """knowledge/ can't be used; ``problems`` lists every place to mend."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems


class CatalogueError(BotError):
    """A file handed to ``motcua import`` can't be used; the message names file, place and reason."""


class SheetError(BotError):
    """A workbook or a name handed to ``motcua knowledge`` can't be used; the message says which and where."""


class DossierError(BotError):
    """A table handed to ``motcua dossiers`` can't be used; the message names file, place and what to do."""


class DossierUnavailable(BotError):
    """A source of status is out of reach, refuses us, or answers nonsense; asked again later."""


class QuestionError(BotError):
    """A question handed to ``motcua questions`` can't be found, or must not go live; the message says why."""


class ChannelError(BotError):
    """A call to a platform failed."""


class ChannelUnavailable(ChannelError):
    """Network or server trouble; the same call may succeed later."""


class ChannelThrottled(ChannelError):
    """The platform asks for a pause of ``retry_after`` seconds."""

    def __init__(self, retry_after: float) -> None:
        super().__init__(f"retry after {retry_after} s")
        self.retry_after = retry_after


class ChannelMoved(ChannelError):
    """The chat goes on under another id."""

    def __init__(self, new_chat_id: str) -> None:
        super().__init__("the chat has a new id")
        self.new_chat_id = new_chat_id


class ChannelLater(ChannelError):
    """The platform takes this only at a later time, ``until``: at night, or on another day."""

    def __init__(self, until: datetime, reason: str) -> None:
        super().__init__(reason)
        self.until = until


class QuotaUsedUp(ChannelLater):
    """The allowance is used up or the account is empty; a person must act or a day must pass."""


class WindowClosed(ChannelError):
    """The platform lets us write only to people who wrote lately, and this one did not."""


class ReplyRejected(ChannelError):
    """The platform refuses this reply for good."""


class CitizenUnreachable(ChannelError):
    """The person blocked the bot, left, or does not exist any more."""


class ChannelRefused(ChannelError):
    """The platform refuses our credentials."""
