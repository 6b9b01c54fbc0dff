"""``motcua zalo …``: the consent of an OA admin, tokens by hand, groups, templates, articles.

What needs the database and the network is imported only when a command runs: other commands start fast.
"""

from __future__ import annotations

import json
import sys
from typing import Annotated

import typer

commands = typer.Typer(help="Zalo: consent, tokens, groups, templates, articles.", no_args_is_help=True)


@commands.command()
def login(
    code: Annotated[str, typer.Option(help="The code, or the whole address Zalo led back to.")] = "",
    minutes: Annotated[float, typer.Option(help="How long to wait for the consent.")] = 10.0,
) -> None:
    """Let an OA admin consent: prints the page to open; the running bot takes the answer, or paste it."""
    from bot.zalo import desk

    print(desk.run(lambda at: desk.log_in(at, code, minutes)))


@commands.command()
def token() -> None:
    """Take a token pair made in Zalo's console (API Explorer): two lines on standard input."""
    from bot.zalo import desk

    if sys.stdin.isatty():
        print("Access token, Enter, refresh token, Enter:", flush=True)
    access, refresh = sys.stdin.readline().strip(), sys.stdin.readline().strip()
    if not access or not refresh:
        raise typer.BadParameter("two lines are needed: the access token, then the refresh token")
    print(desk.run(lambda at: desk.take_pair(at, access, refresh)))


@commands.command()
def groups() -> None:
    """List the groups of the OA with the chat ids by which notices reach them."""
    from bot.zalo import desk

    print("\n".join(desk.run(desk.list_groups)) or "no groups: an OA makes them itself (docs/operations.md)")


@commands.command()
def notify(
    template: Annotated[str, typer.Argument(help="Its name in config.yaml (zalo_oa.templates).")],
    phone: Annotated[str, typer.Option(help="A Vietnamese mobile number; it is not kept.")] = "",
    user: Annotated[str, typer.Option(help="A user id of this OA.")] = "",
    value: Annotated[list[str] | None, typer.Option(help="name=value, once for each blank.")] = None,
    tracking: Annotated[str, typer.Option(help="Sends once under this id; empty: once a day.")] = "",
) -> None:
    """Send one approved template message, by phone number or user id."""
    from bot.messages import Form
    from bot.zalo import desk

    if bool(phone) == bool(user):
        raise typer.BadParameter("give either --phone or --user")
    pairs = tuple((name, text) for name, _, text in (one.partition("=") for one in value or []))
    desk.run(lambda at: desk.send_template(at, Form(template, pairs), phone, user, tracking))
    print("sent; the same notice to the same person goes again only tomorrow, or with another --tracking")


@commands.command()
def broadcast(
    article: Annotated[str, typer.Argument(help="Id of an article written in the OA's console.")],
    target: Annotated[str, typer.Option(help='JSON such as {"cities": [31]}; empty: all followers.')] = "{}",
    again: Annotated[bool, typer.Option(help="Although it went within a day.")] = False,
) -> None:
    """Send an article to all followers, 06:00 to 21:59, within the monthly cap."""
    from bot.zalo import desk

    try:
        wanted = json.loads(target)
    except ValueError:
        wanted = None
    if not isinstance(wanted, dict) or not all(isinstance(numbers, list) for numbers in wanted.values()):
        raise typer.BadParameter('--target is JSON: {"cities": [31], "platform": [1, 2]}')
    print(f"sent, message {desk.run(lambda at: desk.send_article(at, article, wanted, again))}")
