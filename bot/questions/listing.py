"""Shows what was asked in vain, and finds the question that somebody means by a number of that list."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from bot.config import Config
from bot.errors import QuestionError
from bot.questions.attaching import shelf_of
from bot.questions.clusters import Cluster, Meaning, by_weight, clusters
from bot.questions.masking import Masking
from bot.questions.noticing import NONE, NONE_OF_THESE, WRONG, key_of
from bot.reload import Shelf
from bot.search.compiled import compiled
from bot.search.reading import Hit
from bot.store.unanswered import Unanswered

_TEXTS = 8  # texts of a cluster that are learnt from
_SHOWN = 3  # texts of a cluster in the table
_WORDS = {NONE: "not understood", NONE_OF_THESE: "none of the choices", WRONG: "wrong answer"}


def _clusters(config: Config, shelf: Shelf, rows: Iterable[Unanswered]) -> list[Cluster]:
    mask = Masking(shelf.library.vocabulary, shelf.library.places)
    meaning = Meaning(shelf.library, compiled(shelf.library, config.cache))
    return clusters(rows, lambda text: meaning(mask.bare(text)))


@dataclass(frozen=True, slots=True)
class Listing:
    """The clusters, each with the procedure that is nearest and was not offered in vain."""

    lines: tuple[tuple[Cluster, Hit | None], ...]

    @classmethod
    def of(cls, config: Config, rows: Iterable[Unanswered], first: date) -> Listing:
        """Gathers all kept rows, so that a number means the same later, and shows those from ``first`` on."""
        shelf = shelf_of(config, config.knowledge)
        recent = (cluster.since(first) for cluster in _clusters(config, shelf, rows))
        found = by_weight(cluster for cluster in recent if cluster is not None)
        return cls(tuple((cluster, _nearest(shelf, cluster)) for cluster in found))

    def objects(self) -> list[dict[str, Any]]:
        """The list for other programs."""
        return [
            {
                "number": cluster.number,
                "count": cluster.count,
                "last_day": cluster.last_day.isoformat(),
                "question": cluster.questions[0].text,
                "questions": [{"text": one.text, "count": one.count} for one in cluster.questions],
                "why": dict(cluster.why),
                "channels": sorted({row.channel for row in cluster.rows}),
                "offered": sorted(cluster.offered),
                "suggestion": hit.procedure.id if hit else None,
            }
            for cluster, hit in self.lines
        ]

    def show(self, days: int) -> None:
        """The list for people, as a table in the terminal."""
        console = Console()
        if not self.lines:
            console.print(f"In the last {days} days every question found an answer.")
            return
        table = Table("no.", "times", "last", "question", "why", "nearest")
        for at in (0, 1):
            table.columns[at].justify = "right"
        for cluster, hit in self.lines:
            texts = [one.text for one in cluster.questions[:_SHOWN]]
            if len(cluster.questions) > _SHOWN:
                texts.append(f"… and {len(cluster.questions) - _SHOWN} more")
            why = "\n".join(_WORDS.get(why, why) for why, _ in cluster.why.most_common())
            cells = (f"{cluster.number}", f"{cluster.count}", f"{cluster.last_day:%d/%m}", "\n".join(texts), why)
            table.add_row(
                *map(Text, cells), Text(hit.procedure.id if hit else "-")
            )  # no markup in what people type
        console.print(table)
        console.print(
            "Learn from one:  motcua questions attach NO. PROCEDURE     Delete one:  motcua questions drop NO."
        )


def _nearest(shelf: Shelf, cluster: Cluster) -> Hit | None:
    hits = shelf.reader.read(cluster.questions[0].key).hits
    return next((hit for hit in hits if hit.procedure.id not in cluster.offered and hit.near > 0), None)


@dataclass(frozen=True, slots=True)
class Meant:
    """What somebody means: texts without anything personal, and the keys of the kept rows they come from."""

    texts: tuple[str, ...]
    keys: list[str]


def meant(
    config: Config, shelf: Shelf, said: str, rows: Callable[[], list[Unanswered]], must_be_kept: bool = False
) -> Meant:
    """By a number of the list, or by the words; QuestionError when there is no such question."""
    mask = Masking(shelf.library.vocabulary, shelf.library.places)
    if not said.strip().isdecimal():
        text = mask.bare(mask(said))
        key = key_of(text)
        if must_be_kept and key not in {row.key for row in rows()}:
            raise QuestionError(f'no kept question "{said}": see motcua questions unanswered')
        return Meant((text,), [key])
    number = int(said)
    for cluster in _clusters(config, shelf, rows()):
        if number in {row.id for row in cluster.rows}:
            texts = [mask.bare(one.text) for one in cluster.questions]
            return Meant(tuple(texts[:_TEXTS]), [one.key for one in cluster.questions])
    raise QuestionError(f"no number {number} in the list: see motcua questions unanswered")
