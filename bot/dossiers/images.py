"""Reads the QR and bar codes on a photo of a receipt. Keeps nothing, opens no link; works on bytes only.

What a receipt's code holds is not fixed (Circular 01/2018/TT-VPCP lets each agency choose), so it may be the
number, a text or a link around it, or something else altogether. Only codes with a check of their own are read
(no Code 39, no ITF), and a number counts only in its official shape: a wrong one must never pass for right.
"""

from __future__ import annotations

import io
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from urllib.parse import urlsplit

import zxingcpp
from PIL import Image, ImageChops, ImageFilter, ImageOps, UnidentifiedImageError

from bot.dossiers.numbers import Number, find
from bot.errors import BotError

MOST_BYTES = 10 * 1024 * 1024
MOST_PIXELS = 50_000_000  # a phone's largest photo; more is a bomb
_WORKING_SIDE = 1800  # pixels of the longer side that codes are searched in
_SECONDS = 1.2  # of work, after which nothing new is tried: a person would rather type
_FORMATS = ("JPEG", "PNG", "WEBP")
_CODES = zxingcpp.barcode_formats_from_str("QRCode,Code128,DataMatrix")
_BARS = zxingcpp.barcode_formats_from_str("Code128")
_TILTS = (8, -8, 17, -17)  # bar codes are read along straight lines, which forgive about ten degrees
_BAR_TILTS = (0, 7, -7, 14, -14, 21, -21, 28, -28)  # pressed ones forgive four
_GREY = 150  # of a spot as bright as what is around it
_ROWS = 8  # of a pressed bar code that become one


class PictureError(BotError):
    """The bytes are no picture we read: damaged, of another kind, or too large."""


class Content(StrEnum):
    """What a code holds that is no number."""

    LINK = "link"  # to a government site
    STRANGE_LINK = "strange_link"
    ID_CARD = "id_card"  # the code on the back of a citizen's card: never shown, never kept
    PAYMENT = "payment"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class Other:
    """A code without a number; ``shown`` is a part of it that is safe to show (a host, the first words)."""

    content: Content
    shown: str = ""


@dataclass(frozen=True, slots=True)
class Picture:
    """What the codes on a picture say."""

    numbers: tuple[Number, ...] = ()
    others: tuple[Other, ...] = ()


def read_picture(data: bytes, today: date | None = None) -> Picture:
    """Reads the codes; slow (up to seconds), so call it in a thread. Raises PictureError."""
    image = _open(data)
    began = time.thread_time()
    others: dict[Other, None] = {}
    for texts in _readings(image):
        numbers = [number for text in sorted(texts) for number in _numbers(text, today)]
        others |= dict.fromkeys(_other(text) for text in sorted(texts) if not _numbers(text, today))
        if numbers:
            return Picture(tuple(dict.fromkeys(numbers)), tuple(others))
        if time.thread_time() - began > _SECONDS:
            break
    return Picture((), tuple(others))


def _open(data: bytes) -> Image.Image:
    if len(data) > MOST_BYTES:
        raise PictureError("too many bytes")
    try:
        file = Image.open(io.BytesIO(data), formats=_FORMATS)
        if file.width * file.height > MOST_PIXELS:
            raise PictureError("too many pixels")
        file.draft("L", (2 * _WORKING_SIDE, 2 * _WORKING_SIDE))  # a large JPEG is decoded smaller
        image = ImageOps.exif_transpose(file).convert("L")
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise PictureError("too many pixels") from error
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError, MemoryError) as error:
        raise PictureError("no picture we read") from error
    image.thumbnail((_WORKING_SIDE, _WORKING_SIDE), Image.Resampling.LANCZOS)
    return image


def _readings(image: Image.Image) -> Iterator[set[str]]:
    """What the codes say on the picture as it is, then mended in ways that each rescue some photos."""
    yield _read(image)
    even = _evened(image)
    for tilt in _BAR_TILTS:
        yield _read_bars(_pressed(even, tilt))
    yield _read(_scaled(image, 2.0))
    yield _read(even)
    yield _read(_scaled(even, 2.0))
    yield _read(_scaled(image, 0.7))
    soft = image.filter(ImageFilter.GaussianBlur(1))  # against the noise of a dark room
    for tilt in _TILTS:
        yield _read(_tilted(soft, tilt))


def _read(image: Image.Image) -> set[str]:
    return {code.text for code in zxingcpp.read_barcodes(image, formats=_CODES) if code.valid}


def _read_bars(image: Image.Image) -> set[str]:
    """Only bar codes that stand upright, which takes a third of the time."""
    found = zxingcpp.read_barcodes(image, _BARS, try_rotate=False, try_downscale=False, try_invert=False)
    return {code.text for code in found if code.valid}


def _tilted(image: Image.Image, degrees: int, around: int = 255) -> Image.Image:
    return image.rotate(degrees, Image.Resampling.BICUBIC, expand=True, fillcolor=around)


def _pressed(image: Image.Image, degrees: int) -> Image.Image:
    """Turned so that bars may stand upright, then pressed flat: along a bar all rows say the same, so that their
    mean has a fraction of the noise; stretched sideways and sharpened for the thin bars. White corners would
    shift the threshold of a row, so they are filled with the even grey."""
    upright = _tilted(image, degrees, _GREY)
    flat = upright.resize((upright.width * 2, max(1, upright.height // _ROWS)), Image.Resampling.BICUBIC)
    return flat.filter(ImageFilter.UnsharpMask(3, 150, 0))


def _evened(image: Image.Image) -> Image.Image:
    """Without shadows: each spot against the brightness around it."""
    around = image.filter(ImageFilter.BoxBlur(max(8, max(image.size) // 24)))
    return ImageOps.autocontrast(ImageChops.subtract(image, around, scale=0.7, offset=_GREY), cutoff=1)


def _scaled(image: Image.Image, wished: float) -> Image.Image:
    factor = min(wished, 1.4 * _WORKING_SIDE / max(image.size))
    size = (round(image.width * factor), round(image.height * factor))
    return image.resize(size, Image.Resampling.BICUBIC)


def _numbers(text: str, today: date | None) -> list[Number]:
    """The numbers in a code's text that stand there letter by letter."""
    return [number for number in find(text, today).numbers if number.text in text.upper()]


_ID_CARD = re.compile(r"^\d{9,12}\|")  # the QR code on the back of a citizen's card
_PAYMENT = re.compile(r"^0002010102(?:11|12)")  # EMVCo, which VietQR follows
_LINK = re.compile(r"^\s*(?:[a-z][a-z0-9+.-]*://|www\.)", re.IGNORECASE)


def _other(text: str) -> Other:
    if _ID_CARD.match(text):
        return Other(Content.ID_CARD)
    if _PAYMENT.match(text):
        return Other(Content.PAYMENT)
    if _LINK.match(text):
        host = _host(text.strip())
        is_known = host == "gov.vn" or host.endswith(".gov.vn")
        return Other(Content.LINK if is_known else Content.STRANGE_LINK, host)
    return Other(Content.TEXT, " ".join(text.split())[:60])


def _host(link: str) -> str:
    try:
        return urlsplit(link if "://" in link else f"//{link}").hostname or ""
    except ValueError:
        return ""
