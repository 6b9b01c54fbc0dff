"""Puts the parts of this room together from the config: the service, and its jobs by the clock."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from zoneinfo import ZoneInfo

from dotenv import dotenv_values

from bot.config import Config
from bot.dossiers.following import Following, Teller, Wording
from bot.dossiers.importing import Importer
from bot.dossiers.secret import load_secret
from bot.dossiers.service import Dossiers
from bot.dossiers.settings import TableSource
from bot.dossiers.state import Keys
from bot.dossiers.watching import Watch
from bot.errors import ConfigError
from bot.jobs import Job
from bot.knowledge.dossiers import Dossiers as Words
from bot.store.database import Database

_TIDY = 3600.0


def keys_of(config: Config) -> Keys:
    """The keyed hashes of this installation; raises ConfigError."""
    given = config.environment.motcua_secret
    return Keys(load_secret(config.data, given.get_secret_value() if given else None))


def build_dossiers(config: Config, words: Callable[[], Words], database: Database) -> Dossiers:
    """The service that handlers ask."""
    zone = ZoneInfo(config.settings.timezone)
    return Dossiers(database, config.settings.dossiers, words, keys_of(config), zone, environment())


def build_importer(config: Config, words: Words, database: Database, source: str = "") -> Importer:
    """Takes tables of a source in; of the first table source when none is named. Raises ConfigError."""
    tables = [one for one in config.settings.dossiers.sources if isinstance(one, TableSource)]
    chosen = next((one for one in tables if not source or one.name == source), None)
    if chosen is None:
        names = ", ".join(one.name for one in tables) or "none"
        raise ConfigError(f"no such table source; config.yaml has under dossiers.sources: {names}")
    return Importer(database, chosen, words, keys_of(config), ZoneInfo(config.settings.timezone))


def dossier_jobs(
    config: Config, service: Dossiers, database: Database, teller: Teller, wording: Wording
) -> list[Job]:
    """Telling, polling, tidying, and looking into the watched folder."""
    settings, zone = config.settings.dossiers, ZoneInfo(config.settings.timezone)
    following = Following(database, service, teller, wording, service.words, zone)
    jobs = [
        Job("dossier-changes", settings.change_seconds, following.changes_round),
        Job("dossier-tidy", _TIDY, following.tidy),
    ]
    if service.askers:
        jobs.append(Job("dossier-polls", 1.0, following.poll_round))
    if settings.watch_folder:
        watch = Watch(
            config.root / settings.watch_folder, lambda: build_importer(config, service.words(), database)
        )
        jobs.append(Job("dossier-watch", settings.watch_seconds, watch.round))
    return jobs


def environment() -> Mapping[str, str]:
    """What {env:NAME} may name: the environment, and .env behind it."""
    return {name: value for name, value in dotenv_values(".env").items() if value} | dict(os.environ)
