"""Photos of receipts: the right number or none; what else a code holds is named; bombs are refused."""

from __future__ import annotations

import io
import random
import zlib
from datetime import date

import pytest
from PIL import Image

from bot.dossiers import images
from bot.dossiers.images import Content, PictureError, read_picture
from tests.dossiers.receipts import Shot, photo, picture_of, random_shot

NUMBER = "H24.77.20-260915-0012"
TODAY = date(2026, 11, 25)


@pytest.mark.parametrize(
    "shot",
    [
        Shot(NUMBER),
        Shot(NUMBER, tilt=25, width=640, quality=40),
        Shot(NUMBER, "qr", shadow=0.6, blur=0.5, width=640, quality=40),
        Shot(NUMBER, "qr", "Ma ho so: {number}", tilt=-17, crease=True, width=800),
        Shot(NUMBER, "qr", "https://dichvucong.haiphong.gov.vn/tra-cuu?ma={number}", tilt=9),
        Shot(NUMBER, "bar", tilt=12, quality=40),
        Shot(NUMBER, "bar", tilt=-24, shadow=0.3),
        Shot(NUMBER, "bar", tilt=22, shadow=0.5, blur=0.8, crease=True, quality=40),
    ],
    ids=str,
)
def test_the_number_on_a_photo(shot: Shot) -> None:
    assert [number.text for number in read_picture(photo(shot), TODAY).numbers] == [NUMBER]


def test_photos_taken_at_random_never_give_a_wrong_number() -> None:
    chance = random.Random(11)
    right = 0
    for at in range(8):
        number = f"H24.77.{chance.randrange(10, 99)}-260915-{chance.randrange(10000):04}"
        read = [one.text for one in read_picture(photo(random_shot(chance, number, at)), TODAY).numbers]
        assert read in ([number], [])
        right += read == [number]
    assert right >= 7


@pytest.mark.parametrize(
    ("text", "content", "shown"),
    [
        ("https://dichvucong.gov.vn/p/home", Content.LINK, "dichvucong.gov.vn"),
        ("https://dichvucong-gov.vn/dang-nhap", Content.STRANGE_LINK, "dichvucong-gov.vn"),
        ("http://dichvucong.gov.vn@lua-dao.com/", Content.STRANGE_LINK, "lua-dao.com"),
        ("www.gov.vn.lua-dao.com", Content.STRANGE_LINK, "www.gov.vn.lua-dao.com"),
        ("031093001234||Nguyễn Văn A|01011993|Nam|Hải Phòng|01012021", Content.ID_CARD, ""),
        ("00020101021138570010A000000727", Content.PAYMENT, ""),
        ("Phòng một cửa, quầy số 3", Content.TEXT, "Phòng một cửa, quầy số 3"),
        ("H24.77.20-991315-0012", Content.TEXT, "H24.77.20-991315-0012"),
    ],
)
def test_a_code_without_a_number_is_shown_for_what_it_is(text: str, content: Content, shown: str) -> None:
    picture = read_picture(picture_of(text), TODAY)
    assert picture.numbers == ()
    [other] = picture.others
    assert (other.content, other.shown) == (content, shown)


def test_a_picture_without_codes_says_nothing() -> None:
    out = io.BytesIO()
    Image.effect_noise((400, 300), 80).convert("RGB").save(out, "JPEG")
    assert read_picture(out.getvalue()) == images.Picture()


def _bomb(side: int) -> bytes:
    """A PNG of few bytes that claims to be enormous."""
    header = side.to_bytes(4, "big") * 2 + b"\x08\x00\x00\x00\x00"
    chunk = b"IHDR" + header
    body = zlib.compress(b"\x00" * 1000)
    return (
        b"\x89PNG\r\n\x1a\n"
        + (13).to_bytes(4, "big") + chunk + zlib.crc32(chunk).to_bytes(4, "big")
        + len(body).to_bytes(4, "big") + b"IDAT" + body + zlib.crc32(b"IDAT" + body).to_bytes(4, "big")
    )  # fmt: skip


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"not a picture",
        _bomb(8_000),
        _bomb(12_000),
        _bomb(60_000),
        b"\xff\xd8\xff" + b"0" * 500,
        b"x" * (images.MOST_BYTES + 1),
    ],
    ids=["empty", "text", "64 megapixels", "144 megapixels", "3600 megapixels", "broken JPEG", "too many bytes"],
)
def test_broken_and_dangerous_pictures_are_refused(data: bytes) -> None:
    with pytest.raises(PictureError):
        read_picture(data)
