"""A bot in a process of its own, to be killed: feeds itself messages and writes down what it sent.

Called as: python -m tests.faults.child FOLDER COUNT. ``accepted`` lists messages whose ``receive``
returned (the platform has its 200), ``sent`` lists what reached the "platform".
"""

from __future__ import annotations

import asyncio
import os
import sys
from datetime import UTC, datetime
from pathlib import Path

from bot.app import App
from bot.config import Config, Environment, Settings
from bot.messages import Delivery, Message
from bot.reload import Shelf
from bot.store.database import Database
from tests.conftest import SilentChannel

ROOT = Path(__file__).resolve().parent.parent.parent
CHATS = 40


class Notebook(SilentChannel):
    """A platform that writes each call to a file before it answers."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_APPEND | os.O_CREAT | os.O_WRONLY)

    async def send(self, delivery: Delivery) -> None:
        await asyncio.sleep(0)
        os.write(self._file, f"{delivery.id} {delivery.chat_id}\n".encode())


def a_config() -> Config:
    """The real knowledge, quiet, without web server."""
    environment = Environment(_env_file=None, motcua_secret="a secret for tests")  # type: ignore[call-arg, arg-type]
    return Config(settings=Settings(), environment=environment, root=ROOT)


async def main(folder: Path, count: int) -> None:
    config = a_config()
    url = os.environ.get("TEST_DATABASE_URL") or f"sqlite+aiosqlite:///{folder}/bot.db"
    database = await Database.open(url)
    app = App(
        config,
        Shelf(config.knowledge, config.settings.search, cache=config.cache),
        database,
        [Notebook(folder / "sent")],
    )
    await app.start()
    accepted = os.open(folder / "accepted", os.O_APPEND | os.O_CREAT | os.O_WRONLY)
    known = {int(line) for line in (folder / "accepted").read_text().split()}

    async def feed(number: int) -> None:
        text = "làm giấy khai sinh cần gì" if number % 2 else f"câu số {number}"
        chat = f"c{number % CHATS}"
        await app.receive(Message("fake", chat, chat, f"m{number}", text, datetime.now(UTC)))
        os.write(accepted, f"{number}\n".encode())

    waiting = [number for number in range(count) if number not in known]
    for at in range(0, len(waiting), 50):
        await asyncio.gather(*(feed(number) for number in waiting[at : at + 50]))
    while not app.turns.is_idle or app.sender.waiting:
        await asyncio.sleep(0.01)
    await app.stop()


if __name__ == "__main__":
    import structlog

    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2])))
