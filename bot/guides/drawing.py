"""Draws a guide as SVG for review: questions, papers, checks and steps from top to bottom.

A box is what one message says; its grey line is the condition under which it comes. Boxes to the
right are the troubles of a step, an arrow at the left leads back to an earlier step.
"""

from __future__ import annotations

import textwrap
from dataclasses import dataclass, field
from xml.sax.saxutils import escape

from bot.guides.expressions import ALWAYS, UNSURE, YES, Expression
from bot.guides.guide import Guide
from bot.guides.models import Choice, Question
from bot.guides.routes import answers
from bot.texts import Texts

_WIDTH, _LEFT, _LINE, _GAP, _PAD = 460, 70, 18, 26, 10
_SIDE, _SIDE_WIDTH = _LEFT + _WIDTH + 40, 300
_COLUMNS = 58  # characters of a line in a box
_COLOURS = {"ask": "#e3f2fd", "list": "#fff8e1", "check": "#fce4ec", "step": "#e8f5e9", "end": "#eeeeee"}


@dataclass(slots=True)
class _Box:
    """One message: its kind, lines, condition, and what stands beside it."""

    kind: str
    title: str
    lines: list[str]
    when: str = ""
    aside: list[str] = field(default_factory=list)
    id: str = ""
    back: list[str] = field(default_factory=list)  # ids of steps it may lead back to
    top: int = 0

    def rows(self) -> list[tuple[str, str]]:
        """(style, text) of every line in the box."""
        rows = [("t", line) for line in textwrap.wrap(self.title, _COLUMNS - 4)]
        rows += [("w", line) for line in textwrap.wrap(self.when, _COLUMNS)]
        return rows + [("", line) for text in self.lines for line in textwrap.wrap(text, _COLUMNS)]

    @property
    def height(self) -> int:
        """In pixels."""
        return _LINE * max(len(self.rows()), len(self.aside)) + 2 * _PAD


def draw(guide: Guide, texts: Texts) -> str:
    """The guide as an SVG document."""
    boxes = _boxes(guide, texts)
    at = 50
    for box in boxes:
        box.top = at
        at += box.height + _GAP
    width = _SIDE + _SIDE_WIDTH
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {at}" width="{width}" height="{at}" '
        'font-family="sans-serif" font-size="13">',
        f"<title>{escape(guide.name)}</title>",
        '<defs><marker id="a" markerWidth="8" markerHeight="8" refX="7" refY="4" orient="auto">'
        '<path d="M0,0 L8,4 L0,8 z" fill="#555"/></marker></defs>',
        f'<rect width="{width}" height="{at}" fill="#fff"/>',
        f'<text x="{_LEFT}" y="30" font-size="18" font-weight="bold">{escape(guide.name)} '
        f"({escape(guide.id)}, {guide.version})</text>",
    ]
    for number, box in enumerate(boxes):
        parts += _drawn(box)
        if number + 1 < len(boxes):
            middle, bottom = _LEFT + _WIDTH // 2, box.top + box.height
            parts.append(_arrow(f"M{middle},{bottom} V{bottom + _GAP - 1}"))
    places = {box.id: box for box in boxes if box.id}
    for box in boxes:
        for target in box.back:
            start, end = box.top + box.height // 2, places[target].top + places[target].height // 2
            parts.append(_arrow(f"M{_LEFT},{start} H{_LEFT - 36} V{end} H{_LEFT - 1}"))
    return "\n".join([*parts, "</svg>", ""])


def _boxes(guide: Guide, texts: Texts) -> list[_Box]:
    boxes = [_Box("end", texts("guides.graph_start"), [])]
    for timed in guide.questions:
        question = timed.item
        lines = [_choice(texts, question, value) for value in answers(guide, question)]
        boxes.append(_Box("ask", f"{question.fact}: {question.ask}", lines, _when(texts, timed.when)))
    papers = [_if(texts, paper.document.name, paper.when) for paper in guide.papers if paper.skip is None]
    boxes.append(_Box("list", texts("guides.graph_papers"), papers))
    for check in guide.checks:
        labels = check.item.labels or (texts("guides.b_yes"), texts("guides.b_no"))
        good = texts("guides.graph_good", answer=labels[0 if check.item.good else 1])
        lines = [good, check.item.fix]
        boxes.append(_Box("check", f"{check.item.id}: {check.item.ask}", lines, _when(texts, check.when)))
    for number, step in enumerate(guide.steps, 1):
        item = step.item
        lines = [item.do, *([guide.added[item.id]] if item.id in guide.added else []), *filter(None, [item.see])]
        lines += [texts("guides.graph_each")] if item.each else []
        lines += [_said(texts, choice) for choice in item.choices.values()]
        aside = [texts("guides.graph_trouble", label=t.label) for t in guide.troubles.values() if item.id in t.at]
        back = [choice.go for choice in item.choices.values() if choice.go]
        title = f"{number}. {item.title} [{item.id}]"
        boxes.append(_Box("step", title, lines, _when(texts, step.when), aside, item.id, back))
    return [*boxes, _Box("end", texts("guides.graph_end"), [])]


def _when(texts: Texts, when: Expression) -> str:
    plain = _plain(when)
    return texts("guides.graph_if", when=plain) if plain else ""


def _plain(when: Expression) -> str:
    return "" if when.text == ALWAYS else when.text


def _if(texts: Texts, name: str, when: Expression) -> str:
    plain = _plain(when)
    return f"• {name} [{plain}]" if plain else f"• {name}"


def _choice(texts: Texts, question: Question, value: str) -> str:
    if value in question.choices:
        return _said(texts, question.choices[value])
    if value == UNSURE:
        return texts("guides.graph_unsure")
    labels = question.labels or (texts("guides.b_yes"), texts("guides.b_no"))
    return texts("guides.graph_choice", label=labels[0 if value == YES else 1])


def _said(texts: Texts, choice: Choice) -> str:
    if choice.guide:
        return texts("guides.graph_guide", label=choice.label, guide=choice.guide)
    if choice.stop:
        return texts("guides.graph_stop", label=choice.label, text=choice.stop)
    if choice.go:
        return texts("guides.graph_go", label=choice.label, step=choice.go)
    return texts("guides.graph_choice", label=choice.label)


def _drawn(box: _Box) -> list[str]:
    parts = [
        f'<rect x="{_LEFT}" y="{box.top}" width="{_WIDTH}" height="{box.height}" rx="8" '
        f'fill="{_COLOURS[box.kind]}" stroke="#777"/>'
    ]
    styles = {"t": ' font-weight="bold"', "w": ' fill="#666" font-style="italic"', "": ""}
    for row, (style, text) in enumerate(box.rows()):
        y = box.top + _PAD + _LINE * row + 13
        parts.append(f'<text x="{_LEFT + 10}" y="{y}"{styles[style]}>{escape(text)}</text>')
    for row, text in enumerate(box.aside):
        y = box.top + _PAD + _LINE * row + 13
        parts.append(f'<text x="{_SIDE}" y="{y}" fill="#a33">{escape(text)}</text>')
    return parts


def _arrow(path: str) -> str:
    return f'<path d="{path}" fill="none" stroke="#555" stroke-width="1.4" marker-end="url(#a)"/>'
