"""Photos of receipts as people take them: tilted, in shadow, blurred, creased, small, squeezed by JPEG."""

from __future__ import annotations

import io
import random
from dataclasses import dataclass

import zxingcpp
from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageFont

PAGE = (1240, 1754)  # A4 at 150 dots an inch


@dataclass(frozen=True)
class Shot:
    """How a photo was taken. ``codes``: which are printed; ``holds``: what the QR code says."""

    number: str
    codes: str = "both"  # both | qr | bar
    holds: str = "{number}"
    tilt: float = 0.0
    shadow: float = 0.0  # 0 none, 1 black
    blur: float = 0.0  # radius in pixels of the final photo
    crease: bool = False
    width: int = 1280
    quality: int = 80
    seed: int = 0


def random_shot(chance: random.Random, number: str, at: int) -> Shot:
    """One of the photos a ward gets. Who has only a bar code must come nearer: it is read by hair's breadths."""
    codes = ("both", "qr", "both", "bar")[at % 4]
    holds = (
        "{number}",
        "Ma ho so: {number}",
        "https://dichvucong.haiphong.gov.vn/tra-cuu?ma={number}",
    )[at % 3]
    width = 1280 if codes == "bar" else chance.choice((640, 800, 960, 1280))
    return Shot(
        number,
        codes,
        holds,
        tilt=chance.uniform(-25, 25),
        shadow=chance.uniform(0, 0.65),
        blur=chance.uniform(0, 0.6 if width < 800 else 1.1),
        crease=chance.random() < 0.5,
        width=width,
        quality=chance.choice((40, 40, 60, 85)),
        seed=chance.randrange(10**6),
    )


def photo(shot: Shot) -> bytes:
    """The photo as JPEG."""
    chance = random.Random(shot.seed)
    paper = _paper(shot)
    if shot.codes == "bar":
        paper = paper.crop((0, 0, PAGE[0], 560))  # the head of the receipt only
    if shot.crease:
        paper = _creased(paper, chance)
    table = Image.new("L", (round(paper.width * 1.16), round(paper.height * 1.12)), chance.randrange(60, 130))
    table.paste(paper, ((table.width - paper.width) // 2, (table.height - paper.height) // 2))
    table = table.rotate(shot.tilt, Image.Resampling.BICUBIC, expand=True, fillcolor=90)
    if shot.shadow:
        table = _shaded(table, shot.shadow, chance)
    table = table.resize((shot.width, round(table.height * shot.width / table.width)), Image.Resampling.LANCZOS)
    if shot.blur:
        table = table.filter(ImageFilter.GaussianBlur(shot.blur))
    noise = Image.effect_noise(table.size, 14)
    table = ImageChops.add(table, noise, scale=1, offset=-128)
    out = io.BytesIO()
    table.convert("RGB").save(out, "JPEG", quality=shot.quality)
    return out.getvalue()


def picture_of(text: str, format_: str = "QRCode") -> bytes:
    """A clean picture of one code."""
    image = _code(text, getattr(zxingcpp.BarcodeFormat, format_), 6)
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def _code(text: str, format_: zxingcpp.BarcodeFormat, scale: int) -> Image.Image:
    made = zxingcpp.create_barcode(text, format_).to_image(scale=scale, add_quiet_zones=True)
    view = memoryview(made)
    height, width = view.shape[:2]
    return Image.frombytes("L", (width, height), view.tobytes())


def _paper(shot: Shot) -> Image.Image:
    paper = Image.new("L", PAGE, 250)
    draw = ImageDraw.Draw(paper)
    font, small = ImageFont.load_default(34), ImageFont.load_default(24)
    draw.text((90, 60), "TRUNG TAM PHUC VU HANH CHINH CONG", 20, font)
    draw.text((90, 120), "GIAY TIEP NHAN HO SO VA HEN TRA KET QUA", 20, font)
    draw.text((90, 190), f"Ma ho so: {shot.number}", 20, font)
    if shot.codes != "bar":
        code = _code(shot.holds.format(number=shot.number), zxingcpp.BarcodeFormat.QRCode, 7)
        paper.paste(code.resize((270, 270), Image.Resampling.LANCZOS), (900, 230))
    if shot.codes != "qr":
        code = _code(shot.number, zxingcpp.BarcodeFormat.Code128, 3)
        paper.paste(code.resize((780, 150), Image.Resampling.LANCZOS), (80, 330))
    for line in range(30):
        draw.text((90, 560 + line * 36), "Thanh phan ho so, so luong, thoi han giai quyet " * 2, 60, small)
    return paper


def _creased(paper: Image.Image, chance: random.Random) -> Image.Image:
    """Folded once: the lower part leans back, darker and narrower towards its end; the fold itself shines."""
    fold = round(paper.height * chance.uniform(0.12, 0.75))
    lower = paper.crop((0, fold, paper.width, paper.height)).point([round(v * 0.85) for v in range(256)])
    lean = chance.randrange(10, 60)
    corners = (0, 0, -lean, lower.height, lower.width + lean, lower.height, lower.width, 0)
    leaning = lower.transform(lower.size, Image.Transform.QUAD, corners, Image.Resampling.BICUBIC, fillcolor=90)
    paper.paste(leaning, (0, fold))
    ImageDraw.Draw(paper).line((0, fold, paper.width, fold), fill=chance.choice((150, 255)), width=3)
    return paper


def _shaded(table: Image.Image, depth: float, chance: random.Random) -> Image.Image:
    """A hand's shadow with a soft edge over part of the photo."""
    mask = Image.new("L", table.size, 255)
    edge = round(table.width * chance.uniform(0.2, 0.8))
    dark = round(255 * (1 - depth))
    ImageDraw.Draw(mask).polygon(
        [(edge, 0), (table.width, 0), (table.width, table.height), (edge - table.width // 4, table.height)],
        fill=dark,
    )
    return ImageChops.multiply(table, mask.filter(ImageFilter.GaussianBlur(30)))
