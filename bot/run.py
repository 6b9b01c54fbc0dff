"""Starts the parts together and stops them in order: what ``motcua run`` and ``motcua chat`` do."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import logging
import signal
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import structlog
from aiohttp import web

from bot.app import App
from bot.channels.base import Channel
from bot.channels.terminal import Terminal
from bot.channels.web import Web
from bot.config import Config
from bot.dossiers.building import keys_of
from bot.errors import ConfigError, StoreError
from bot.history import HistoryOf
from bot.jobs import Job
from bot.networks import Networks
from bot.pages import Pages
from bot.reload import Shelf
from bot.store.database import Database
from bot.texts import Texts
from bot.zalo import keeping
from bot.zalo.building import keep_sent, zalo_channels

log = structlog.get_logger()
# Telegram's menu
_COMMANDS = ("start", "menu", "trogiup", "xaphuong", "theodoi", "tieptuc", "quyenriengtu", "xoadulieu", "huy")


def set_up_logs(level: str) -> None:
    """One line per event on stderr; libraries only speak up when something is wrong."""
    number = getattr(logging, level.upper())
    logging.basicConfig(
        level=max(number, logging.WARNING), stream=sys.stderr, format="%(levelname)s %(name)s: %(message)s"
    )
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.LogfmtRenderer(key_order=["timestamp", "level", "event"]),
        ],
    )


@contextlib.contextmanager
def only_one(data: Path, is_sqlite: bool) -> Iterator[None]:
    """Two bots on one SQLite file would answer twice: the second is refused with ConfigError."""
    try:
        data.mkdir(parents=True, exist_ok=True)
        lock = (data / "run.lock").open("w")
    except OSError as error:
        raise StoreError(f"data folder {data} can't be written: {error.strerror}") from error
    with lock:
        if is_sqlite:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                raise ConfigError(f"another motcua is running with the data folder {data}") from error
        yield


def build_channels(config: Config, database: Database, texts: Texts) -> list[Channel]:
    """The channels that config and environment switch on."""
    channels: list[Channel] = []
    if config.settings.web.enabled:
        web_settings = config.settings.web
        network = Networks(keys_of(config), web_settings.proxies)
        channels.append(Web(HistoryOf(database), frame_ancestors=web_settings.embed_origins, network=network.of))
    token = config.environment.telegram_token
    if config.settings.telegram.enabled and token is not None and token.get_secret_value():
        from bot.channels.telegram import TelegramChannel  # the library is slow to import

        environment = config.environment
        channels.append(
            TelegramChannel(
                token.get_secret_value(),
                base_url=environment.telegram_base_url,
                public_url=environment.public_url,
                poll_timeout=config.settings.telegram.poll_timeout,
                commands=[(name, texts(f"commands.{name}")) for name in _COMMANDS],
            )
        )
    channels += zalo_channels(config, database, texts)
    if not channels:
        raise ConfigError("no channel is on: switch on web in config.yaml or set TELEGRAM_TOKEN or ZALO_…")
    return channels


async def serve(config: Config) -> None:
    """Runs the bot until SIGINT or SIGTERM."""
    shelf = Shelf(config.knowledge, config.settings.search, config.catalogue, config.cache)
    with only_one(config.data, config.database_url.startswith("sqlite")):
        database = await Database.open(config.database_url)
        app = App(config, shelf, database, build_channels(config, database, shelf.library.texts))
        app.jobs.add(Job("zalo-tidy", 3600.0, lambda: keeping.tidy(database, keep_sent(config))))
        stop = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        async with _web_server(app), _watching(app):
            await app.start()
            where = f"http://{config.settings.web.host}:{config.settings.web.port}/"
            log.info("ready", channels=",".join(app.channels), page=where, procedures=len(shelf.library.procedures))
            await stop.wait()
            log.info("stopping")
            await app.stop()


@contextlib.asynccontextmanager
async def _web_server(app: App) -> AsyncIterator[None]:
    settings = app.config.settings.web
    server = web.Application(client_max_size=2 * 1024 * 1024)
    server.router.add_get("/health", lambda _request: _health(app))
    for channel in app.channels.values():
        server.add_routes(channel.routes())
    server.add_routes(Pages(app.shelf, app.services.guides).routes())
    runner = web.AppRunner(server, access_log=None, shutdown_timeout=2)
    await runner.setup()
    try:
        await web.TCPSite(runner, settings.host, settings.port).start()
    except OSError as error:
        await runner.cleanup()
        await app.database.close()
        reason = "is in use" if error.errno == 98 else error.strerror
        raise ConfigError(
            f"port {settings.port} on {settings.host} {reason}: change web.port in config.yaml"
        ) from error
    try:
        yield
    finally:
        await runner.cleanup()


async def _health(app: App) -> web.Response:
    return web.json_response(
        {
            "status": "ok",
            "knowledge_problem": app.shelf.problem,
            "sending": app.sender.waiting,
            "last_message_s": app.silent_for(),
        }
    )


@contextlib.asynccontextmanager
async def _watching(app: App) -> AsyncIterator[None]:
    seconds = app.config.settings.reload_seconds
    watching = [asyncio.create_task(app.shelf.watch(seconds))] if seconds else []
    try:
        yield
    finally:
        for task in watching:
            task.cancel()
        await asyncio.gather(*watching, return_exceptions=True)


async def talk(config: Config, lines: Iterator[str]) -> None:
    """A conversation in the terminal, on a database that is thrown away afterwards."""
    shelf = Shelf(config.knowledge, config.settings.search, config.catalogue, config.cache)
    with tempfile.TemporaryDirectory(prefix="motcua-") as folder:
        database = await Database.open(f"sqlite+aiosqlite:///{folder}/chat.db")
        terminal = Terminal()
        app = App(config, shelf, database, [terminal])
        await app.start()
        try:
            while (line := await asyncio.to_thread(next, lines, None)) is not None:
                await terminal.say(line)
        finally:
            await app.stop()
