"""What a person can do here: one file = one thing. The order of the list is behaviour."""

from __future__ import annotations

from handlers.base import Handler
from handlers.dossiers import Dossier, FollowingList
from handlers.guides import Guides
from handlers.menu import MenuHandler
from handlers.person import Person
from handlers.privacy import Forget, Privacy
from handlers.procedures import Procedures
from handlers.slips import Slips
from handlers.start import Cancel, Help, Start
from handlers.talk import Emergency, Fallback, Media, Talk
from handlers.ward import Ward


def all_handlers(keep_hours: int, keep_guides_days: int = 60, keep_questions_days: int = 0) -> list[Handler]:
    """The handlers, in the order in which they are asked; the last one takes everything."""
    procedures = Procedures()
    return [
        Emergency(),
        Dossier(),
        FollowingList(),
        Media(),
        Start(procedures),
        Help(),
        MenuHandler(),
        Privacy(keep_hours, keep_guides_days, keep_questions_days),
        Forget(),
        Cancel(),
        Person(),
        Guides(),
        Slips(),
        Ward(),
        procedures,
        Talk(),
        Fallback(),
    ]
