"""A folder knowledge/ of three procedures, to be learnt from in a moment, and a motcua that uses it."""

from __future__ import annotations

import shutil
from pathlib import Path

from bot.knowledge.sheets import yaml_writer
from tests.conftest import ROOT
from tests.search.small import TEXTS

CONFIG = """\
knowledge: knowledge
questions: {{sample: 100, tolerance: {tolerance}}}
"""


def small_knowledge(place: Path, tolerance: float = 0.1) -> Path:
    """The real files of those procedures with a few questions each, and a config.yaml beside the folder."""
    folder = place / "knowledge"
    ignored = shutil.ignore_patterns("examples", "procedures", "template")
    shutil.copytree(ROOT / "knowledge", folder, ignore=ignored)
    (folder / "examples").mkdir()
    for guide in (folder / "guides").glob("*.yaml"):
        if guide.stem != "general":  # it leads to procedures that are not here
            guide.unlink()
    for id_, texts in TEXTS.items():
        source = next((ROOT / "knowledge" / "procedures").glob(f"*/{id_}.yaml"))
        target = folder / "procedures" / source.parent.name / source.name
        target.parent.mkdir(parents=True, exist_ok=True)
        data = yaml_writer().load(source)
        data.pop("related", None)
        data.pop("covers", None)
        yaml_writer().dump(data, target)
        lines = "\n".join(f"- {text}" for text in texts)
        (folder / "examples" / source.name).write_text(f"# câu hỏi mẫu\nquestions:\n{lines}\n", encoding="utf-8")
    _cut(folder / "menu.yaml", "sections", 1, {"procedures": list(TEXTS), "sectors": []})
    _cut(folder / "common.yaml", "questions", 2, {})
    outside = {"kinds": {"price": ["giá vàng hôm nay", "sổ đỏ giá bao nhiêu một mét"]}}
    yaml_writer().dump(outside, folder / "outside.yaml")
    yaml_writer().dump({"groups": []}, folder / "choices.yaml")
    (place / "config.yaml").write_text(CONFIG.format(tolerance=tolerance), encoding="utf-8")
    return folder


def _cut(path: Path, key: str, size: int, changes: dict[str, object]) -> None:
    """The first entries of a list only, the very first with these changes."""
    data = yaml_writer().load(path)
    del data[key][size:]
    data[key][0].update(changes)
    yaml_writer().dump(data, path)
