"""All guides, and the general one that serves every other online procedure with that procedure's own facts."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import replace

from pydantic import Field

from bot.errors import Problem
from bot.guides import limits, routes
from bot.guides.building import Builder, Shelf, Source
from bot.guides.guide import Guide
from bot.guides.models import GuideFile, Secrets
from bot.knowledge.models import Line, Procedure

GENERAL = "general.yaml"
_KEPT = 200  # general guides built and kept at hand


class GeneralFile(GuideFile):
    """general.yaml: a guide whose procedure is filled in."""

    procedure: str = ""
    forms: tuple[Line, ...] = Field(min_length=1)  # first words of papers that are forms
    never_asked: Secrets  # tried on every text of every guide


class Guides:
    """The guides by id; one that is not written is made from the general guide."""

    def __init__(
        self,
        guides: Mapping[str, Guide],
        general: GeneralFile,
        source: Source,
        shelf: Shelf,
        advice: Sequence[Problem] = (),
        pictures: Mapping[str, str] | None = None,
    ) -> None:
        """``advice``: where guides lag behind their procedures, for motcua check. ``pictures``: file name → SVG."""
        self.written = dict(guides)
        self.advice = tuple(advice)
        self.pictures = dict(pictures or {})
        self._general = general
        self._source = source
        self._shelf = shelf
        offered = [guide for guide in guides.values() if not guide.by_choice]
        self._for = {id_: guide for guide in offered for id_ in (guide.procedure.id, *guide.serves)}
        self._made: OrderedDict[str, Guide | None] = OrderedDict()

    @property
    def never_asked(self) -> Secrets:
        """How a sentence sounds that asks for a secret."""
        return self._general.never_asked

    def of(self, procedure: Procedure) -> Guide | None:
        """The guide for a procedure; None when it can't be filed online."""
        if procedure.id in self._for:
            return self._for[procedure.id]
        if not procedure.has_aspects or procedure.online.level == "none":
            return None
        if procedure.id not in self._made:
            self._made[procedure.id] = self._filled(procedure, [])
            while len(self._made) > _KEPT:
                self._made.popitem(last=False)
        return self._made[procedure.id]

    def get(self, id_: str, procedure: Procedure | None) -> Guide | None:
        """The guide of that id: a written one, else the one for ``procedure``, which has the same id."""
        return self.written.get(id_) or (self.of(procedure) if procedure is not None else None)

    def _filled(self, procedure: Procedure, problems: list[Problem]) -> Guide | None:
        file = self._general.model_copy(
            update={"procedure": procedure.id, "conditions": dict.fromkeys(procedure.conditions, "maybe")}
        )
        shelf = replace(self._shelf, procedures={procedure.id: procedure})
        builder = Builder(procedure.id, file, self._source, shelf)
        guide = builder.build()
        problems.extend(builder.problems)
        return replace(guide, is_general=True) if guide is not None else None

    def problems(self) -> list[Problem]:
        """What is wrong with the general guide itself, tried on one procedure."""
        procedure = next(iter(self._shelf.procedures.values()), None)
        if procedure is None:
            return []
        found: list[Problem] = []
        guide = self._filled(procedure, found)
        if guide is not None:
            found.extend(routes.problems(guide, self._source))
            found.extend(limits.problems(guide, self._source, self._general.never_asked))
        return found
