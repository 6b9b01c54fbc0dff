"""Replies a second through python-telegram-bot: our aiohttp transport against its own on httpx.

Both send to the same stub on this machine, in a process of its own, so that only the client is measured.
"""

from __future__ import annotations

import asyncio
import logging
import multiprocessing
import socket
import time
from multiprocessing.connection import Connection

import telegram
from aiohttp import web
from telegram.request import BaseRequest, HTTPXRequest

from bot.channels.telegram.transport import AiohttpTransport

CALLS = 1500
IN_FLIGHT = 64
_ANSWER = b'{"ok":true,"result":{"message_id":1,"date":1764000000,"chat":{"id":1,"type":"private"},"text":"x"}}'


def _serve(ready: Connection) -> None:
    async def answer(request: web.Request) -> web.Response:
        await request.read()
        return web.Response(body=_ANSWER, content_type="application/json")

    async def main() -> None:
        app = web.Application()
        app.router.add_post("/{rest:.*}", answer)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        listener = socket.create_server(("127.0.0.1", 0), backlog=512)
        await web.SockSite(runner, listener).start()
        ready.send(listener.getsockname()[1])
        await asyncio.Event().wait()

    asyncio.run(main())


async def _sends_per_second(url: str, transport: BaseRequest) -> float:
    bot = telegram.Bot("42:benchmark", f"{url}/bot", request=transport, get_updates_request=transport)
    await transport.initialize()
    left = iter(range(CALLS))

    async def work() -> None:
        for number in left:
            await bot.send_message("1", f"Lệ phí là <b>{number}</b> đồng.", parse_mode="HTML")

    await bot.send_message("1", "warm")
    began = time.perf_counter()
    await asyncio.gather(*(work() for _ in range(IN_FLIGHT)))
    took = time.perf_counter() - began
    await transport.shutdown()
    return CALLS / took


def measure() -> dict[str, float]:
    """Sends a second of both transports, 64 in flight; the better of two rounds each."""
    logging.getLogger("httpx").setLevel(logging.WARNING)
    context = multiprocessing.get_context("spawn")
    ready, child = context.Pipe()
    server = context.Process(target=_serve, args=(child,), daemon=True)
    server.start()
    url = f"http://127.0.0.1:{ready.recv()}"
    try:
        ours = max(asyncio.run(_sends_per_second(url, AiohttpTransport())) for _ in range(2))
        theirs = max(asyncio.run(_sends_per_second(url, HTTPXRequest(connection_pool_size=256))) for _ in range(2))
    finally:
        server.terminate()
        server.join()
    return {"telegram_sends_per_s_aiohttp": round(ours, 1), "telegram_sends_per_s_httpx": round(theirs, 1)}


if __name__ == "__main__":
    for name, value in measure().items():
        print(f"{name:32}{value:10.1f}")
