"""Settings: config.yaml for what may be public, the environment (or .env) for secrets and places."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.dossiers.settings import DossierSettings
from bot.errors import ConfigError, KnowledgeError
from bot.knowledge.yaml_lines import read
from bot.zalo.settings import ZaloBotSettings, ZaloOASettings


class Section(BaseModel):
    """A block of config.yaml; an unknown key is an error, so a typing mistake can't go unseen."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Web(Section):
    """The bot's own web server: page, socket and webhooks."""

    enabled: bool = True
    host: str = "127.0.0.1"
    port: int = Field(8080, ge=0, le=65535)
    embed_origins: str = "*"  # who may show the widget in a frame (CSP frame-ancestors)
    proxies: int = Field(0, ge=0, le=5)  # trusted proxies in front, each adding to X-Forwarded-For


class Telegram(Section):
    """Telegram; the token stands in TELEGRAM_TOKEN."""

    enabled: bool = True
    poll_timeout: int = Field(50, ge=0, le=50)


class Conversations(Section):
    """How long the bot keeps a thread in mind (minutes), messages (hours), unfinished guides (days)."""

    forget_after_minutes: int = Field(240, ge=1)
    keep_messages_hours: int = Field(72, ge=1)
    keep_guides_days: int = Field(60, ge=1)


class Search(Section):
    """Thresholds of the decision between answer, choose and none (see docs/architecture.md)."""

    answer_share: float = Field(0.95, ge=0, le=1)
    answer_near: float = Field(0.10, ge=0, le=1)
    choose_share: float = Field(0.10, ge=0, le=1)
    choose_near: float = Field(0.05, ge=0, le=1)
    talk_share: float = Field(0.50, ge=0, le=1)
    outside_share: float = Field(0.90, ge=0, le=1)


class Questions(Section):
    """Questions that got no answer, masked: how long they are kept, and what a new example may cost."""

    keep_days: int = Field(90, ge=0)  # 0 = none is kept
    known: str = ""  # JSON lines as for `motcua evaluate`; empty: only the knowledge's own questions
    sample: int = Field(2000, ge=0)  # example questions that are asked before and after
    tolerance: float = Field(0.002, ge=0, le=1)  # share of them that may get lost


class Settings(Section):
    """Everything in config.yaml."""

    knowledge: Path = Path("knowledge")
    timezone: str = "Asia/Ho_Chi_Minh"
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    catalogue: str = ""  # folder of the imported catalogue; empty: catalogue/ in the data folder
    reload_seconds: float = Field(2.0, ge=0)  # how often knowledge/ is looked at; 0 = never
    web: Web = Web()
    telegram: Telegram = Telegram()
    zalo_oa: ZaloOASettings = ZaloOASettings()
    zalo_bot: ZaloBotSettings = ZaloBotSettings()
    conversations: Conversations = Conversations()
    search: Search = Search()
    dossiers: DossierSettings = DossierSettings()
    questions: Questions = Questions()


class Environment(BaseSettings):
    """Secrets and places, from the environment or a .env file."""

    model_config = SettingsConfigDict(env_file=".env", extra="ignore")

    motcua_data: Path = Path("data")
    motcua_config: Path = Path("config.yaml")
    motcua_cache: Path | None = None
    database_url: SecretStr | None = None
    motcua_secret: SecretStr | None = None
    telegram_token: SecretStr | None = None
    telegram_base_url: str = "https://api.telegram.org"
    public_url: str = ""
    zalo_app_id: str = ""
    zalo_app_secret: SecretStr | None = None
    zalo_oa_id: str = ""
    zalo_oa_secret_key: SecretStr | None = None
    zalo_access_token: SecretStr | None = None
    zalo_refresh_token: SecretStr | None = None
    zalo_code_verifier: SecretStr | None = None
    zalo_token_key: SecretStr | None = None
    zalo_bot_token: SecretStr | None = None
    zalo_bot_secret: SecretStr | None = None
    zalo_base_url: str = "https://openapi.zalo.me"
    zalo_business_base_url: str = "https://business.openapi.zalo.me"
    zalo_oauth_base_url: str = "https://oauth.zaloapp.com"
    zalo_bot_base_url: str = "https://bot-api.zaloplatforms.com"


class Config(BaseModel):
    """The two together, with paths made absolute."""

    model_config = ConfigDict(frozen=True)

    settings: Settings
    environment: Environment
    root: Path

    @property
    def knowledge(self) -> Path:
        """The folder knowledge/."""
        return self.root / self.settings.knowledge

    @property
    def data(self) -> Path:
        """The folder for the database and caches."""
        return self.environment.motcua_data

    @property
    def catalogue(self) -> Path:
        """The folder of the imported national catalogue; in the data folder unless told otherwise."""
        return self.root / self.settings.catalogue if self.settings.catalogue else self.data / "catalogue"

    @property
    def cache(self) -> Path:
        """The folder for what can be worked out again; in the data folder unless told otherwise."""
        return self.environment.motcua_cache or self.data / "cache"

    @property
    def database_url(self) -> str:
        """The SQLAlchemy address of the database; SQLite in the data folder unless told otherwise."""
        if self.environment.database_url is None:
            return f"sqlite+aiosqlite:///{self.data / 'motcua.db'}"
        return _with_driver(self.environment.database_url.get_secret_value())

    @property
    def forget_after(self) -> timedelta:
        """After this silence a conversation starts afresh."""
        return timedelta(minutes=self.settings.conversations.forget_after_minutes)


def _with_driver(url: str) -> str:
    """Names the async driver where the address leaves it out, as most hosts write it."""
    for plain, full in (
        ("postgres://", "postgresql+asyncpg://"),
        ("postgresql://", "postgresql+asyncpg://"),
        ("sqlite://", "sqlite+aiosqlite://"),
    ):
        if url.startswith(plain):
            return full + url.removeprefix(plain)
    return url


def load_config(**overrides: Any) -> Config:
    """Reads config.yaml and the environment; raises ConfigError with file, line and key."""
    try:
        environment = Environment(**overrides)
    except ValidationError as error:
        first = error.errors()[0]
        raise ConfigError(f"environment: {'.'.join(map(str, first['loc'])).upper()}: {first['msg']}") from error
    path = environment.motcua_config
    if not path.exists():
        if "MOTCUA_CONFIG" in os.environ:
            raise ConfigError(f"{path}: no such file (set by MOTCUA_CONFIG)")
        path = Path(__file__).resolve().parent.parent / "config.yaml"
    try:
        settings = read(path, Settings)
    except KnowledgeError as error:
        raise ConfigError(str(error)) from error
    return Config(settings=settings, environment=environment, root=path.resolve().parent)
