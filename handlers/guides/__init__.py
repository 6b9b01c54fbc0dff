"""Guided filing, step by step: beside a person until they hold a reference number."""

from __future__ import annotations

from bot.guides import keeping
from bot.guides import run as runs
from bot.guides.guide import Guide
from bot.guides.keeping import CODE_LENGTH, CODE_LIFE, SLIP_LENGTH, SLIP_LIFE, Kept, Slip
from bot.guides.models import CHOICES, LABEL
from bot.guides.run import Run, Stage
from bot.guides.schedule import ZONE
from bot.messages import Button, Reply
from handlers.base import Turn
from handlers.guides import papers, screens, walking
from handlers.guides.actions import ACTIONS
from handlers.guides.session import Mark, Session
from handlers.guides.words import understand


class Guides:
    """ "Nộp online từng bước", "tiếp tục", and everything said and pressed on the way."""

    name = "guides"

    def matches(self, turn: Turn) -> bool:
        """The text is an answer to the guide in front, or a code to go on here."""
        return bool(_code_in(turn)) or _typed(turn) is not None

    async def reply(self, turn: Turn) -> Reply:
        """Does what was pressed or said, and shows the next open thing."""
        if turn.message.in_group:
            return Reply(turn.texts("guides.private"))
        step, argument = turn.step
        if step == "start":
            return await self._start(turn, argument)
        if code := _code_in(turn):
            return await self._take_over(turn, code)
        kept = await self._kept(turn, argument)
        if isinstance(kept, Reply):
            return kept
        session = opened(turn, kept)
        if session is None:
            turn.effects.append(turn.services.guides.dropping(kept.run))
            Mark.clear(turn)
            return Reply(turn.texts("guides.gone"), (Button(turn.texts("menu.open"), "menu:show:"),))
        typed = None if turn.message.tapped else _typed(turn)
        action, about = typed or (step or "go", argument.partition(".")[2])
        return self._act(session, action, about)

    # --- beginning ---

    async def _start(self, turn: Turn, id_: str) -> Reply:
        """A new run of the guide of that procedure, or the one that is open."""
        procedure = turn.library.find(id_)
        guide = turn.library.guides.get(id_, procedure)
        if guide is None:
            gone = procedure is None
            return Reply(turn.texts("guides.gone" if gone else "guides.not_online"))
        open_runs = await turn.services.guides.open_runs(turn.message.place)
        kept = next((kept for kept in open_runs if kept.run.guide == guide.id), None)
        if kept is None:
            return self._show(Session(turn, guide, Kept(run := runs.begin(guide, turn.today), 0), run))
        session = opened(turn, kept)
        assert session is not None
        return self._act(session, "go", "")

    async def _take_over(self, turn: Turn, code: str) -> Reply:
        """Goes on here with a run from another chat."""
        store = turn.services.guides
        kept = await store.by_code(code, turn.now)
        session = opened(turn, kept) if kept is not None else None
        if kept is None or session is None:
            return Reply(turn.texts("guides.code_unknown"))
        session.run = session.run.seen()
        session.notes.append(session.text("code_taken"))
        turn.effects.append(store.taking(code, kept, _placed(session), turn.message.place, turn.now))
        return self._shown(session)

    async def _kept(self, turn: Turn, argument: str) -> Kept | Reply:
        """The run that is meant: the button's, the one in front, or the only one open."""
        open_runs = await turn.services.guides.open_runs(turn.message.place)
        mark = Mark.of(turn)
        key = argument.partition(".")[0] or (mark.key if mark else "")
        chosen = next((kept for kept in open_runs if kept.run.key == key), None)
        if chosen is not None:
            return chosen
        if not open_runs:
            Mark.clear(turn)
            return Reply(turn.texts("guides.nothing_open"), (Button(turn.texts("menu.open"), "menu:show:"),))
        if len(open_runs) == 1:
            return open_runs[0]
        named = [(kept, _guide(turn, kept.run)) for kept in open_runs]
        buttons = [Button(guide.name[:LABEL], f"guides:go:{kept.run.key}") for kept, guide in named if guide]
        return Reply(turn.texts("guides.which"), tuple(buttons[:CHOICES]))

    # --- going on ---

    def _act(self, session: Session, action: str, about: str) -> Reply:
        """One action, then what is to be seen."""
        special = {"code": self._code, "slip": self._slip, "dropped": self._dropped}
        if action in special:
            return special[action](session)
        if action in ("word", "said"):
            return self._said(session, session.turn.message.text if action == "said" else "")
        if action == "set" and (other := _leads_to(session, about)):
            return self._change_guide(session, other)
        if action in ACTIONS:
            ACTIONS[action](session, about)
        if action == "later" and session.position.stage is Stage.CONSENT:
            session.notes.append(session.text("consent_needed"))
        return self._show(session)

    def _show(self, session: Session) -> Reply:
        """Keeps the run and shows its screen."""
        run, turn = _placed(session), session.turn
        turn.effects.append(turn.services.guides.saving(session.kept, run, turn.message.place, turn.now))
        return self._shown(session)

    def _shown(self, session: Session) -> Reply:
        reply = screens.show(session)
        if session.run.view == "paused" or session.run.is_over:
            Mark.clear(session.turn)
        else:
            Mark.put(session)
            walking.note_context(session)
        session.turn.conversation.data["procedure"] = session.guide.procedure.id  # side questions are about it
        notes = [*([session.text("updated")] if session.updated else []), *session.notes]
        return Reply("\n".join([*notes, reply.text]), reply.buttons)

    def _change_guide(self, session: Session, guide: Guide) -> Reply:
        """An answer led to another guide: what was said already is not asked again."""
        turn = session.turn
        if session.kept.changes:
            turn.effects.append(turn.services.guides.dropping(session.run))
        run = runs.begin(guide, turn.today, session.run)
        return self._show(Session(turn, guide, Kept(run, 0), run))

    def _said(self, session: Session, words: str) -> Reply:
        """The free word at the end; the run is over."""
        turn = session.turn
        session.run = session.run.seen(is_over=True)
        if words:
            session.notes.append(session.text("word_kept"))
        effect = turn.services.guides.judging(session.guide.id, session.run.rating, words[:1000], turn.now)
        turn.effects.append(effect)
        return self._show(session)

    def _dropped(self, session: Session) -> Reply:
        session.turn.effects.append(session.turn.services.guides.dropping(session.run))
        Mark.clear(session.turn)
        return Reply(session.text("dropped"))

    def _code(self, session: Session) -> Reply:
        """A one-time code for another chat."""
        turn, code = session.turn, keeping.new_code(CODE_LENGTH)
        turn.effects.append(turn.services.guides.handing(session.run, code, turn.now + CODE_LIFE))
        shown = f"{code[:4]}-{code[4:]}"
        text = session.text("code", code=shown, minutes=int(CODE_LIFE.total_seconds() // 60))
        return Reply(text, (session.button("go", "go"),))

    def _slip(self, session: Session) -> Reply:
        """The list for the counter, under six characters."""
        turn, code = session.turn, keeping.new_code(SLIP_LENGTH)
        title = session.text("slip_title", name=session.guide.name)
        slip = Slip(code, title, papers.for_the_counter(session), turn.now + SLIP_LIFE)
        turn.effects.append(turn.services.guides.issuing(slip, session.run))
        address = turn.services.page_address(turn.message.channel, f"/checklist/{code}")
        page = [Button(session.text("b_print"), url=address)] if address else []
        until = f"{slip.until.astimezone(ZONE):%d/%m/%Y}"
        text = session.text("slip", code=code, until=until)
        return Reply(text, (*page, session.button("papers", "papers"), session.button("go", "go")))


def _guide(turn: Turn, run: Run) -> Guide | None:
    return turn.library.guides.get(run.guide, turn.library.find(run.guide))


def opened(turn: Turn, kept: Kept) -> Session | None:
    """The run in the guide as it is now; None when the guide is gone."""
    guide = _guide(turn, kept.run)
    if guide is None:
        return None
    session = Session(turn, guide, kept, kept.run, updated=kept.run.version != guide.version)
    session.run = runs.moved_on(guide, kept.run, session.world)
    return session


def _placed(session: Session) -> Run:
    """The run with the step it is at written down, for the day the guide is edited."""
    where = session.position
    if where.stage is Stage.WALK:
        session.run = session.run.with_(at=where.id)
    return session.run


def _leads_to(session: Session, about: str) -> Guide | None:
    """The other guide that an answer leads to."""
    fact, _, value = about.partition(".")
    question = session.guide.question(fact)
    choice = question.choices.get(value) if question else None
    if choice is None or choice.guide is None:
        return None
    return session.turn.library.guides.get(choice.guide, session.turn.library.find(choice.guide))


def _typed(turn: Turn) -> tuple[str, str] | None:
    mark = Mark.of(turn)
    if mark is None or turn.message.in_group:
        return None
    guide = turn.library.guides.get(mark.guide, turn.library.find(mark.guide))
    return understand(turn, mark, guide) if guide else None


def _code_in(turn: Turn) -> str:
    """The one-time code of "/tieptuc K7M2-PQ9X" or "K7M2-PQ9X"."""
    called = turn.reading.interrupts == Guides.name and turn.reading.topic
    return keeping.read_code(turn.reading.topic if called else turn.message.text, CODE_LENGTH)
