"""What an import did: what was cleaned, what is missing per record, what is new, changed or gone."""

from __future__ import annotations

from bot.catalogue.cleaning import Cleaner
from bot.catalogue.record import Record, Records


def missing(record: Record) -> list[str]:
    """What a citizen needs and the record lacks, the gravest first."""
    lacks = {
        "details": record.read is None,
        "papers": not record.papers,
        "ways of filing": not record.ways,
        "fee": not any(way.fee or way.note for way in record.ways),
        "time": not any(way.time for way in record.ways),
        "steps": not record.steps,
        "result": not record.result,
        "link": not record.link,
    }
    return ["details"] if lacks["details"] else [name for name, is_missing in lacks.items() if is_missing]


def report(old: Records, new: Records, cleaner: Cleaner) -> str:
    """The whole report; the records that lack most come first."""
    added = sorted(new.keys() - old.keys())
    changed = [code for code in old if new[code] != old[code]]
    gone = [code for code, record in new.items() if record.gone]
    twins = {tuple(sorted((code, *record.same_name))) for code, record in new.items() if record.same_name}
    lacking = sorted(
        ((missing(r), r) for r in new.values() if missing(r)), key=lambda pair: (-len(pair[0]), pair[1].code)
    )
    lines = [
        f"records: {len(new)}, new: {len(added)}, changed: {len(changed)}, no longer listed: {len(gone)}",
        "",
        "cleaned:",
        *(f"  {count:6} {what}" for what, count in cleaner.done.most_common()),
        "",
        f"one name, several codes: {len(twins)}",
        *(f"  {', '.join(codes)}" for codes in sorted(twins)),
        "",
        f"no longer listed: {len(gone)}",
        *(f"  {code} since {new[code].gone}: {new[code].name[:90]}" for code in gone),
        "",
        f"something missing: {len(lacking)} records",
        *(f"  {r.code} lacks {', '.join(lacks)}: {r.name[:80]}" for lacks, r in lacking),
        "",
        "not kept: the text of the steps and of the conditions (the portal's page shows them; see each link)",
    ]
    return "\n".join(lines) + "\n"
