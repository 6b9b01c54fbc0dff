"""Rows in the shape of the portal's exports, with its mess; the procedures are made up."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import openpyxl

WAYS = (
    "Hình thức nộpThời gianPhí, lệ phíMô tảTrực tuyến3 Ngày làm việc40,000 Việt Nam Đồng(40.000đ/giấy)"
    "Trực tiếp1Miễn phí(Theo Thông tư số 60/2023/TT-BTC)"
    "Dịch vụ bưu chínhKhông có thông tinMiễn phíTrực tiếp: nộp tại quầy"
)
PAPERS = (
    "Hồ sơ của cá nhânTên giấy tờMẫu đơn, tờ khaiSố lượngĐơn đề nghị (mẫu 01).Mau 01 don.docx1 bản chính"
    "Bản sao giấy phép, 01 bản sao có chứng thực, để đối chiếu0 bản chính,2 bản saoLưu ý: ghi rõ họ tên0 bản chính"
    "Hồ sơ của tổ chức:Tên giấy tờMẫu đơn, tờ khaiSố lượng"
    "Văn bản của đơn vịQuyết định thành lập1 bản chính,1 bản sao"
)
LAWS = (
    "Tên văn bản pháp lýMã văn bảnLuật Nuôi ong31/2024/QH15Nghị định 15/2025/NĐ-CPNghị định về ong15/2025/NĐ-CP"
    "Thông tư 60/2023/TT-BTCThông tư ngày 29/6/202344/2023/TT-BTC"
)
RESULT = "Giấy phép nuôi ongMã: KQ.G01.000014Sổ theo dõiMã: KQ.G01.000015Từ khóaKhông có thông tinNộp hồ sơ"


def row(code: str = "1.999001", name: str = "Cấp giấy phép nuôi ong", **changes: str) -> dict[str, str]:
    """A detailed record."""
    return {
        "ma_thu_tuc": code,
        "ten_thu_tuc": name,
        "bo_nganh": "bo-nuoi-ong",
        "linh_vuc": "Nuôi ong",
        "cap_thuc_hien": "Cấp xã",
        "doi_tuong_thuc_hien": "Công dân Việt Nam, Doanh nghiệp",
        "co_quan_thuc_hien": "Trạm ong",
        "co_quan_co_tham_quyen": "Không có thông tin",
        "trinh_tu_thuc_hien": "Bước 1: nộp.\nBước 2: nhận.",
        "cach_thuc_thuc_hien": WAYS,
        "thanh_phan_ho_so": PAPERS,
        "can_cu_phap_ly": LAWS,
        "ket_qua_xu_ly": RESULT,
        "detail_url": "https://dichvucong.gov.vn/ong",
    } | changes


def write_details(path: Path, *rows: dict[str, str]) -> Path:
    """A JSON lines file, gzipped when its name says so."""
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    path.write_bytes(gzip.compress(text.encode()) if path.suffix == ".gz" else text.encode())
    return path


def write_list(path: Path, *rows: tuple[str, str], heads: tuple[str, ...] = ()) -> Path:
    """An official list of the (made up) ministry, as the portal exports it."""
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.append(["DANH SÁCH THỦ TỤC HÀNH CHÍNH"])
    sheet.append(heads or ("Mã số", "Tên", "Cơ quan ban hành", "Cơ quan thực hiện", "Lĩnh vực"))
    for code, name in rows:
        sheet.append([code, name, "Bộ Nuôi ong", "Trạm ong\nTrại ong", "Nuôi ong"])
    book.save(path)
    return path
