"""Builds the Zalo channels from config and environment; None where their secrets are not set."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from pydantic import SecretStr

from bot.channels.base import Channel
from bot.channels.zalo_bot import Options as BotOptions
from bot.channels.zalo_bot import ZaloBot
from bot.channels.zalo_oa import Options, ZaloOA
from bot.channels.zalo_oa.api import Places
from bot.channels.zalo_oa.login import Callback, Consent
from bot.channels.zalo_oa.policy import Policy
from bot.channels.zalo_oa.signature import Signature
from bot.channels.zalo_oa.templates import Parameter, Template
from bot.channels.zalo_oa.tokens import AppKeys
from bot.config import Config
from bot.errors import ConfigError
from bot.store.database import Database
from bot.texts import Texts
from bot.zalo.keeping import AttemptsOf, CountOf, FirstPair, TokensOf, keeping
from bot.zalo.sealing import Seal, key_in
from bot.zalo.settings import Template as TemplateSettings

_MEGABYTE = 1024 * 1024


def secret(value: SecretStr | None) -> str:
    """The text behind a secret; empty when it is not set."""
    return value.get_secret_value().strip() if value is not None else ""


def oa_is_on(config: Config) -> bool:
    """Whether an OA is meant to run; ConfigError names what its environment lacks."""
    environment = config.environment
    wanted = {
        "ZALO_APP_ID": environment.zalo_app_id,
        "ZALO_APP_SECRET": secret(environment.zalo_app_secret),
        "ZALO_OA_ID": environment.zalo_oa_id,
        "ZALO_OA_SECRET_KEY": secret(environment.zalo_oa_secret_key),
    }
    if config.settings.zalo_oa.signature_key == "app_secret":
        del wanted["ZALO_OA_SECRET_KEY"]
    missing = [name for name, value in wanted.items() if not value.strip()]
    if not config.settings.zalo_oa.enabled or len(missing) == len(wanted):
        return False
    if missing:
        raise ConfigError(f"the Zalo OA is half set up: {', '.join(missing)} must be set too (docs/operations.md)")
    return True


def seal_of(config: Config) -> Seal:
    """The key of the token pair: from the environment, or on one machine from a file of the data folder."""
    key = secret(config.environment.zalo_token_key)
    if not key and not config.database_url.startswith("sqlite"):
        raise ConfigError("ZALO_TOKEN_KEY must be set with PostgreSQL: all replicas need the same key")
    return Seal(key or key_in(config.data))


def tokens_of(config: Config, database: Database) -> TokensOf:
    """Where the OA's token pair lies."""
    environment = config.environment
    refresh = secret(environment.zalo_refresh_token)
    first = FirstPair(secret(environment.zalo_access_token), refresh) if refresh else None
    return TokensOf(database, seal_of(config), environment.zalo_oa_id, first)


def oa_channel(config: Config, database: Database, texts: Texts) -> ZaloOA | None:
    """The channel of the OA."""
    if not oa_is_on(config):
        return None
    tokens, oa_id = tokens_of(config, database), config.environment.zalo_oa_id
    channel = ZaloOA(options_of(config), keeping(database, tokens, oa_id))
    consent = consent_of(config, database, channel)

    def failed(reason: str) -> str:
        return texts("zalo.consent_failed", reason=reason)

    channel.callback = Callback(consent, texts("zalo.consent_done"), failed)
    return channel


def consent_of(config: Config, database: Database, channel: ZaloOA) -> Consent:
    """Begins and finishes the consent of an OA admin."""
    fixed = secret(config.environment.zalo_code_verifier)
    if not config.settings.zalo_oa.challenge_in_url and not fixed:
        raise ConfigError("zalo_oa.challenge_in_url is false: set ZALO_CODE_VERIFIER, the verifier of the console")
    return Consent(
        channel.oauth,
        AttemptsOf(database, seal_of(config)),
        tokens_of(config, database),
        config.environment.zalo_oa_id,
        "" if config.settings.zalo_oa.challenge_in_url else fixed,
    )


def options_of(config: Config) -> Options:
    """The OA's settings in the channel's own words."""
    settings, environment = config.settings.zalo_oa, config.environment
    app_secret = secret(environment.zalo_app_secret)
    by_app = settings.signature_key == "app_secret"
    return Options(
        keys=AppKeys(environment.zalo_app_id, app_secret, environment.zalo_oauth_base_url),
        oa_id=environment.zalo_oa_id,
        signature=Signature(
            environment.zalo_app_id,
            environment.zalo_oa_id,
            app_secret if by_app else secret(environment.zalo_oa_secret_key),
            settings.signature_first_term,
        ),
        places=Places(environment.zalo_base_url, environment.zalo_business_base_url),
        policy=Policy(settings.window_days, settings.quiet_from, settings.quiet_until),
        per_minute=min(settings.per_minute, settings.app_per_minute),
        button_type=settings.buttons,
        staff_pause=timedelta(minutes=settings.staff_pause_minutes),
        group_names=settings.group_names,
        photo_hosts=settings.photo_hosts,
        photo_bytes=int(settings.photo_megabytes * _MEGABYTE),
        verification=_verification(config),
        templates={name: _template(template) for name, template in settings.templates.items()},
    )


def _template(settings: TemplateSettings) -> Template:
    blanks = {name: Parameter(p.value, p.longest, p.cut, p.default) for name, p in settings.parameters.items()}
    return Template(settings.id, settings.by, blanks)


def _verification(config: Config) -> tuple[str, bytes] | None:
    """The file by which Zalo knows that the domain is ours."""
    if not config.settings.zalo_oa.verification_file:
        return None
    path: Path = config.root / config.settings.zalo_oa.verification_file
    try:
        return path.name, path.read_bytes()
    except OSError as error:
        raise ConfigError(f"zalo_oa.verification_file: {path} can't be read: {error.strerror}") from error


def bot_channel(config: Config, database: Database) -> ZaloBot | None:
    """The channel of the Bot Platform."""
    settings, environment = config.settings.zalo_bot, config.environment
    token = secret(environment.zalo_bot_token)
    if not settings.enabled or not token:
        return None
    options = BotOptions(
        token=token,
        secret=secret(environment.zalo_bot_secret),
        base_url=environment.zalo_bot_base_url,
        public_url=environment.public_url,
        poll_timeout=settings.poll_timeout,
        name=settings.name,
        messages_a_month=settings.messages_a_month,
        per_second=settings.per_second,
        typing=settings.typing,
        markdown=settings.markdown,
        photo_hosts=settings.photo_hosts,
        photo_bytes=int(settings.photo_megabytes * _MEGABYTE),
    )
    return ZaloBot(options, CountOf(database, token.partition(":")[0]))


def zalo_channels(config: Config, database: Database, texts: Texts) -> list[Channel]:
    """Those that are switched on."""
    built: list[Channel | None] = [oa_channel(config, database, texts), bot_channel(config, database)]
    return [channel for channel in built if channel is not None]


def keep_sent(config: Config) -> timedelta:
    """How long ids of sent messages are kept."""
    return timedelta(hours=config.settings.conversations.keep_messages_hours)
