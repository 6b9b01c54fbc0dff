"""One line of text per fact: papers, money, places."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from bot.knowledge.models import Document, Fee, Place
from bot.knowledge.places import Places
from bot.texts import Texts


def document_line(texts: Texts, document: Document) -> str:
    """A paper with how many, which form, and its remark."""
    counts = []
    if document.show:
        counts.append(texts("procedures.show"))
    if document.originals:
        counts.append(texts("procedures.originals", count=document.originals))
    if document.copies:
        key = "procedures.certified_copies" if document.certified else "procedures.copies"
        counts.append(texts(key, count=document.copies))
    if document.form:
        counts.append(texts("procedures.form", form=document.form))
    line = f"{document.name} ({', '.join(counts)})" if counts else document.name
    if document.note:
        line += f". {document.note}"
    return f"{line} ({texts('procedures.unsure', reason=document.unsure)})" if document.unsure else line


def money(texts: Texts, fee: Fee) -> str:
    """ "8.000 đồng một bản", "không mất phí", or that the amount is not known."""
    if fee.amount is None:
        return texts("procedures.unknown_amount")
    if fee.amount == 0:
        return texts("procedures.free")
    amount = texts("procedures.amount", amount=f"{fee.amount:,}".replace(",", "."))
    return amount + texts("procedures.per", unit=fee.unit) if fee.unit else amount


def fee_lines(texts: Texts, fees: Sequence[Fee]) -> list[str]:
    """A line per thing paid for, its ways of filing side by side; remarks below."""
    groups: dict[str, list[Fee]] = {}
    for fee in fees:
        groups.setdefault(fee.label, []).append(fee)
    lines = []
    for label, same in groups.items():
        lines.append(f"• {label}: " + "; ".join(_way(texts, fee) for fee in same))
        for remark in dict.fromkeys(_remark(texts, fee) for fee in same):
            if remark:
                lines.append(f"  {remark}")
    return lines


def _way(texts: Texts, fee: Fee) -> str:
    text = money(texts, fee)
    if fee.way != "any":
        text = f"{texts(f'procedures.way_{fee.way}')} {text}"
    days = [texts("procedures.from_day", day=_day(fee.valid_from))] if fee.valid_from else []
    days += [texts("procedures.until_day", day=_day(fee.valid_until))] if fee.valid_until else []
    basis = [fee.basis] if fee.basis else []
    return f"{text} ({', '.join(days + basis)})" if days or basis else text


def _remark(texts: Texts, fee: Fee) -> str:
    parts = [fee.note or "", texts("procedures.unsure", reason=fee.unsure) if fee.unsure else ""]
    return " ".join(part for part in parts if part)


def _day(day: date) -> str:
    return f"{day:%d/%m/%Y}"


def place_lines(texts: Texts, place: Place, places: Places, ward: str) -> list[str]:
    """The office (of the saved ward where there is one), then address and phone where known."""
    if place.office is None:
        return [place.text or ""]
    office = places.offices[place.office]
    commune = places.communes.get(ward)
    name = f"{office.name} ({place.text})" if place.text else office.name
    if commune is None or not office.ward:
        return [name, *_contact(texts, office.address, office.phone)]
    known = places.wards.get(ward)
    own = texts("procedures.your_ward", ward=commune.full_name, office=name)
    if known is None or place.office != "ward-centre":
        return [own]
    return [own, *_contact(texts, known.address, known.phone)]


def _contact(texts: Texts, address: str | None, phone: str | None) -> list[str]:
    lines = [f"  {texts('procedures.address', address=address)}"] if address else []
    return lines + ([f"  {texts('procedures.phone', phone=phone)}"] if phone else [])
