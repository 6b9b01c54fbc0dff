"""Turns rows of the portal into records and merges them into what is there already."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import date

from bot.catalogue import parsing
from bot.catalogue.cleaning import UPPER, Cleaner
from bot.catalogue.record import Record, Records
from bot.catalogue.words import portal
from bot.vietnamese import words


def record_of(row: Mapping[str, str], day: date, cleaner: Cleaner) -> Record:
    """A detailed row as a record."""
    papers, remarks = parsing.papers(row.get("thanh_phan_ho_so", ""), cleaner)
    steps = cleaner.composed(row.get("trinh_tu_thuc_hien", ""))

    def line(key: str) -> str:
        return cleaner.line(row.get(key, ""))

    return Record(
        code=row["ma_thu_tuc"],
        name=line("ten_thu_tuc"),
        ministry=row.get("bo_nganh") or "khong-ro",
        field=line("linh_vuc"),
        level=line("cap_thuc_hien"),
        audience=_several(line("doi_tuong_thuc_hien")),
        agencies=_several(line("co_quan_thuc_hien")),
        authority=line("co_quan_co_tham_quyen"),
        papers=papers,
        remarks=remarks,
        ways=parsing.ways(row.get("cach_thuc_thuc_hien", ""), cleaner),
        result=parsing.results(row.get("ket_qua_xu_ly", ""), cleaner),
        laws=parsing.laws(row.get("can_cu_phap_ly", ""), cleaner),
        decision=line("so_quyet_dinh"),
        link=row.get("detail_url", ""),
        steps=len([part for part in steps.splitlines() if part.strip() and part.strip() not in portal().nothing]),
        read=day,
    )


def _several(text: str) -> tuple[str, ...]:
    """The members of a list; a comma before a small letter or inside brackets belongs to a name."""
    parts = re.split(rf", (?=[{UPPER}])(?![^()]*\))", text)
    return tuple(dict.fromkeys(part.strip() for part in parts if part.strip()))


def merge_details(old: Records, rows: Iterable[Mapping[str, str]], day: date, cleaner: Cleaner) -> Records:
    """The records with these details. A code given twice: the later row wins, and is counted."""
    new, seen = dict(old), set()
    for row in rows:
        record = record_of(row, day, cleaner)
        if record.code in seen:
            cleaner.done["code given twice, the later row kept"] += 1
        seen.add(record.code)
        known = old.get(record.code)
        if known:
            kept = {"listed": known.listed, "gone": known.gone, "field": record.field or known.field}
            record = record.model_copy(update=kept | {"agencies": record.agencies or known.agencies})
        new[record.code] = record
    return _with_twins(new)


def merge_list(old: Records, rows: Iterable[Mapping[str, str]], day: date, cleaner: Cleaner) -> Records:
    """The records as an official list has them: new codes come in, codes of the listed ministries
    that it lacks are marked gone from that day, none is deleted."""
    new, ministries = dict(old), Counter[str]()
    listed = set()
    for row in rows:
        code, ministry = row["code"], portal().ministry(row["issuer"])
        ministries[ministry] += 1
        if code in listed:
            cleaner.done["code given twice, the later row kept"] += 1
        listed.add(code)
        known = old.get(code) or Record(code=code, name=cleaner.line(row["name"]), ministry=ministry)
        update = {
            "field": known.field or cleaner.line(row["field"]),
            "agencies": known.agencies
            or tuple(a for line in row["agency"].splitlines() if (a := cleaner.line(line))),
            "listed": max(day, known.listed or day),
            "gone": None,
        }
        new[code] = known.model_copy(update=update)
    for code, record in old.items():
        if (
            record.ministry in ministries
            and code not in listed
            and record.gone is None
            and (record.day or day) <= day
        ):
            new[code] = record.model_copy(update={"gone": day})
    return _with_twins(new)


def _with_twins(records: Records) -> Records:
    """The records, each knowing the other codes under its very name."""
    by_name: dict[str, list[str]] = defaultdict(list)
    for code, record in records.items():
        by_name[" ".join(words(record.name))].append(code)
    twins = {code: tuple(c for c in codes if c != code) for codes in by_name.values() for code in codes}
    return {
        code: record if record.same_name == twins[code] else record.model_copy(update={"same_name": twins[code]})
        for code, record in sorted(records.items())
    }
