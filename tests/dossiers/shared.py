"""What the tests of dossiers share: a service on a database, and dossiers in it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from bot.dossiers.numbers import Number, exact
from bot.dossiers.service import Dossiers
from bot.dossiers.settings import DossierSettings, TableSource
from bot.dossiers.state import Keys, State
from bot.knowledge.dossiers import Dossiers as Words
from bot.knowledge.yaml_lines import read
from bot.store import dossiers
from bot.store.database import Database
from tests.conftest import ROOT

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
WORDS = read(ROOT / "knowledge" / "dossiers.yaml", Words)
KEYS = Keys(b"a secret for tests")
NOW = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)  # ten in the morning in Hải Phòng
NUMBER = "H24.77.20-260915-0012"
TABLE = TableSource(kind="table", name="mot-cua")


def number(text: str = NUMBER) -> Number:
    found = exact(text)
    assert found is not None
    return found


def a_service(database: Database, **settings: Any) -> Dossiers:
    """With one table source unless told otherwise."""
    return Dossiers(database, DossierSettings(**settings), lambda: WORDS, KEYS, ZONE, {})


def a_state(text: str = NUMBER, **changes: Any) -> State:
    """In work, filed with a phone ending in 678 and an ID ending in 234."""
    fields: dict[str, Any] = {
        "number": text,
        "source": "mot-cua",
        "status": 4,
        "as_of": NOW,
        "procedure": "Đăng ký biến động đất đai",
        "unit": "Chi nhánh Văn phòng đăng ký đất đai",
        "received": date(2026, 9, 15),
        "due": date(2026, 12, 2),
        "phone_key": KEYS.sign(text, "0912345678"),
        "id_key": KEYS.sign(text, "031093001234"),
    }
    return State(**{**fields, **changes})


async def put(database: Database, *states: State, now: datetime = NOW) -> None:
    await database.write(lambda c: dossiers.put(c, states, now))
