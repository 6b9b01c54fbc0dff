"""``motcua knowledge``: for staff who keep the facts current."""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from bot.config import load_config
from bot.errors import SheetError

commands = typer.Typer(help="For staff: show, start, edit procedures.", no_args_is_help=True)
Sheet = Annotated[Path, typer.Argument(help="The workbook (xlsx).")]


@commands.command()
def show(code: Annotated[str, typer.Argument(help="A code, an old code, or a file name.")]) -> None:
    """Show a procedure with every aspect as a person would read it."""
    from bot.asking import Asker

    print(Asker(load_config()).shown(code))


@commands.command()
def new(
    name: Annotated[str, typer.Argument(help="File name: small letters and dashes, such as nuoi-ong.")],
    sector: Annotated[str, typer.Option(help="The folder under procedures/.")],
) -> None:
    """Start a procedure: an annotated file to fill in, and one for its example questions."""
    folder = load_config().knowledge
    target = folder / "procedures" / sector / f"{name}.yaml"
    if next((folder / "procedures").glob(f"*/{name}.yaml"), None):
        raise SheetError(f"{name} exists already: edit its file, or choose another name")
    text = (folder / "template" / "procedure.yaml").read_text(encoding="utf-8")
    target.parent.mkdir(exist_ok=True)
    target.write_text(text.replace("SECTOR", sector), encoding="utf-8")
    shutil.copyfile(folder / "template" / "examples.yaml", folder / "examples" / f"{name}.yaml")
    print(f"{target}\n{folder / 'examples' / name}.yaml")


@commands.command("to-sheet")
def to_sheet(
    sheet: Sheet,
    only: Annotated[list[str] | None, typer.Option(help="File name of a procedure; may be repeated.")] = None,
) -> None:
    """Write procedures into a workbook."""
    from bot.knowledge import sheets
    from bot.knowledge.yaml_lines import read

    folder = load_config().knowledge
    ids = only or sorted(path.stem for path in (folder / "procedures").glob("*/*.yaml"))
    sheets.to_sheet(folder, ids, read(folder / "sheet.yaml", sheets.Layout), sheet)
    print(f"{sheet}: {len(ids)} procedures")


@commands.command("from-sheet")
def from_sheet(sheet: Sheet) -> None:
    """Take a workbook's changes over into the files; nothing when one of them would be wrong."""
    from bot.knowledge import checking, sheets
    from bot.knowledge.yaml_lines import read

    folder = load_config().knowledge
    changed = sheets.from_sheet(folder, read(folder / "sheet.yaml", sheets.Layout), sheet)
    with tempfile.TemporaryDirectory() as place:
        trial = shutil.copytree(folder, Path(place) / "knowledge")
        for path, text in changed.items():
            (trial / path.relative_to(folder)).write_text(text, encoding="utf-8")
        lines, is_valid = checking.check(trial, quiet=True)
    if not is_valid:
        print("\n".join(lines), file=sys.stderr)
        raise typer.Exit(2)
    for path, text in changed.items():
        path.write_text(text, encoding="utf-8")
        print(path)
    print(f"{len(changed)} files changed")


@commands.command()
def schema() -> None:
    """Write the JSON Schemas of the files into knowledge/schema/, for editors that complete keys."""
    from bot.knowledge.schemas import schemas

    folder = load_config().knowledge / "schema"
    folder.mkdir(exist_ok=True)
    for name, text in schemas().items():
        (folder / name).write_text(json.dumps(text, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        print(folder / name)
