"""Followers being told, in a process of its own, to be killed. Called as: FOLDER prepare | tell."""

from __future__ import annotations

import asyncio
import sys
from datetime import timedelta
from pathlib import Path

from bot.dossiers.following import Following
from bot.dossiers.state import State
from bot.messages import Place, Reply
from bot.notices import Notices
from bot.sending import Sender
from bot.store import dossiers, follows
from bot.store.database import Database
from bot.store.follows import Follow
from tests.conftest import SilentChannel
from tests.dossiers.shared import NOW, WORDS, ZONE, a_service, a_state

COUNT = 800
LATER = NOW + timedelta(hours=1)


class Numbered:
    """A notice that names its dossier."""

    def changed(self, tie: Follow, state: State) -> Reply:
        return Reply(f"{state.number} {state.status}")

    def due(self, tie: Follow, state: State) -> Reply:
        return Reply(f"{state.number} due")


def states(status: int, count: int) -> list[State]:
    """One dossier for each follower."""
    as_of = NOW if status == 4 else LATER
    return [
        a_state(f"H24.77.{at // 10000 + 10}-260915-{at % 10000:04}", status=status, as_of=as_of)
        for at in range(count)
    ]


async def prepare(database: Database, count: int) -> None:
    """So many followed dossiers, each of which then changes."""
    known, changed = states(4, count), states(5, count)

    async def change(connection) -> None:  # type: ignore[no-untyped-def]
        await dossiers.put(connection, known, NOW)
        for at, state in enumerate(known):
            place = Place("fake", f"c{at}", f"c{at}")
            await follows.save(connection, place, state, NOW, verified=True, following=True)
        await dossiers.put(connection, changed, LATER)

    await database.write(change)


def following(database: Database) -> Following:
    """As the bot builds it, with a sender that sends nothing."""
    notices = Notices(Sender(database, [SilentChannel()]), lambda channel, reply: [reply])
    notices.push = lambda deliveries: None  # type: ignore[method-assign]
    return Following(database, a_service(database), notices, Numbered(), lambda: WORDS, ZONE)


async def main(folder: Path, step: str) -> None:
    database = await Database.open(f"sqlite+aiosqlite:///{folder}/follow.db")
    if step == "prepare":
        await prepare(database, COUNT)
    else:
        (folder / "began").write_text("")
        await following(database).tell(NOW)
    await database.close()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2]))
