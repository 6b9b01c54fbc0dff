"""Exports of a one-stop system as staff hand them in, of any size."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from openpyxl import Workbook

HEADER = (
    (
        "STT Mã hồ sơ|Chủ hồ sơ|Số điện thoại|Số CCCD|Tên thủ tục|Đơn vị xử lý|Ngày tiếp nhận|Ngày hẹn trả|"
        "Trạng thái|Nội dung bổ sung|Hạn bổ sung"
    )
    .replace("STT ", "")
    .split("|")
)
MACHINE_HEADER = [
    "MaHoSo",
    "ChuHoSo",
    "SoDienThoai",
    "MaDoiTuong",
    "TenTTHC",
    "DonViXuLy",
    "NgayTiepNhan",
    "NgayHenTra",
    "TrangThaiHoSo",
    "NoiDungBoSung",
    "NgayBoSung",
]
_STATUSES = (
    "Mới đăng ký",
    "Được tiếp nhận",
    "Đang xử lý",
    "Yêu cầu bổ sung giấy tờ",
    "Đã xử lý xong",
    "Đã trả kết quả",
)
_START = datetime(2026, 1, 5, 8, 0)


def number(at: int) -> str:
    """The reference number of row ``at``."""
    day = _START + timedelta(days=at // 1000)
    return f"H24.77.{at % 90 + 10}-{day:%y%m%d}-{at % 10000:04}"


def phone(at: int) -> str:
    return f"09{at * 7919 % 10**8:08}"


def rows(count: int, shift: int = 0) -> Iterator[list[Any]]:
    """``shift`` moves every status on by so many."""
    for at in range(count):
        received = _START + timedelta(days=at // 1000)
        status = _STATUSES[(at + shift) % len(_STATUSES)]
        needs = "bản chụp sơ đồ thửa đất" if "bổ sung" in status else ""
        yield [
            number(at),
            f"Nguyễn Văn {at}",
            phone(at),
            f"0310{at:08}",
            "Đăng ký biến động đất đai",
            "Chi nhánh Văn phòng đăng ký đất đai",
            received.strftime("%d/%m/%Y %H:%M"),
            (received + timedelta(days=20)).strftime("%d/%m/%Y"),
            status,
            needs,
            (received + timedelta(days=15)).strftime("%d/%m/%Y") if needs else "",
        ]


def write_xlsx(path: Path, lines: Iterator[list[Any]], header: list[str] = HEADER) -> Path:
    """With a title above the header row, as the system prints it."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Hồ sơ")
    sheet.append(["DANH SÁCH HỒ SƠ"])
    sheet.append([])
    sheet.append(header)
    for line in lines:
        sheet.append(line)
    book.save(path)
    return path


def write_csv(
    path: Path,
    lines: Iterator[list[Any]],
    header: list[str] = HEADER,
    delimiter: str = ";",
    encoding: str = "utf-8-sig",
) -> Path:
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.writer(file, delimiter=delimiter)
        writer.writerow(header)
        writer.writerows(lines)
    return path
