"""What a file is, told by its content; its name must agree.

Nothing is opened on the word of a file's name or of a string: a path must be a regular file, its first bytes must be
those of a format on the list, and only then the reader of that format gets it. GDAL, which opens whatever a file or a
string points to, never sees what a user hands in.
"""

import stat
from pathlib import Path
from typing import Final, Literal

from geodata.errors import FileError
from geodata.exchange.table import Limits

Content = Literal["text", "json", "excel", "geopackage", "shapefile", "osm", "zip"]

HEAD_BYTES: Final = 4096
SUFFIXES: Final[dict[str, Content]] = {
    ".csv": "text",
    ".tsv": "text",
    ".txt": "text",
    ".xlsx": "excel",
    ".xlsm": "excel",
    ".xlsb": "excel",
    ".xls": "excel",
    ".ods": "excel",
    ".geojson": "json",
    ".json": "json",
    ".geojsonl": "json",
    ".geojsons": "json",
    ".ndjson": "json",
    ".jsonl": "json",
    ".gpkg": "geopackage",
    ".shp": "shapefile",
    ".pbf": "osm",
    ".zip": "zip",
}
ACCEPTED: Final = (
    "CSV, Excel (xlsx, xls, ods), GeoJSON, GeoPackage, Shapefile (parts together or zipped), OpenStreetMap (pbf)"
)
_ACCEPTED_ZH: Final = (
    "CSV、Excel（xlsx、xls、ods）、GeoJSON、GeoPackage、Shapefile（各部分放在一起或打包为 zip）、OpenStreetMap（pbf）"
)
_NAMES: Final[dict[Content, tuple[str, str]]] = {
    "text": ("plain text", "纯文本"),
    "json": ("JSON", "JSON"),
    "excel": ("an Excel workbook", "Excel 工作簿"),
    "geopackage": ("a SQLite database or GeoPackage", "SQLite 数据库或 GeoPackage"),
    "shapefile": ("a Shapefile", "Shapefile"),
    "osm": ("an OpenStreetMap extract", "OpenStreetMap 数据"),
    "zip": ("a zip archive", "zip 压缩包"),
}
# What is often handed in and cannot be read as a table: a position, bytes there, and what it is.
_OTHERS: Final = (
    (0, b"%PDF", "a PDF document", "PDF 文档"),
    (0, b"\x89PNG", "a picture", "图片"),
    (0, b"\xff\xd8\xff", "a picture", "图片"),
    (0, b"GIF8", "a picture", "图片"),
    (0, b"II*\x00", "a TIFF raster", "TIFF 栅格"),
    (0, b"MM\x00*", "a TIFF raster", "TIFF 栅格"),
    (0, b"Rar!", "a RAR archive (use zip)", "RAR 压缩包（请使用 zip）"),
    (0, b"7z\xbc\xaf", "a 7z archive (use zip)", "7z 压缩包（请使用 zip）"),
    (0, b"\x1f\x8b", "a gzip archive (use zip)", "gzip 压缩包（请使用 zip）"),
    (0, b"fgb\x03", "FlatGeobuf", "FlatGeobuf"),
    (0, b"PAR1", "Parquet", "Parquet"),
    (0, b"{\\rtf", "an RTF document", "RTF 文档"),
)
_MARKUP: Final = (
    (b"<ogrvrtdatasource", "a GDAL virtual file, which points to other data", "GDAL 虚拟文件（指向其他数据）"),
    (b"<vrtdataset", "a GDAL virtual file, which points to other data", "GDAL 虚拟文件（指向其他数据）"),
    (b"<gdal", "a GDAL service description, which points to other data", "GDAL 服务描述（指向其他数据）"),
    (b"<wfs", "a service description, which points to other data", "网络服务描述（指向其他数据）"),
    (b"<ogr", "a GDAL service description, which points to other data", "GDAL 服务描述（指向其他数据）"),
    (b"<html", "a web page; open it in Excel and save it as xlsx", "网页；请用 Excel 打开后另存为 xlsx"),
    (b"<table", "a web page; open it in Excel and save it as xlsx", "网页；请用 Excel 打开后另存为 xlsx"),
    (b"<kml", "KML", "KML"),
    (b"<gml", "GML", "GML"),
    (b"<osm", "OpenStreetMap XML; convert it to pbf", "OpenStreetMap XML 数据；请转换为 pbf"),
    (b"<gpx", "GPX", "GPX"),
    (b"<svg", "a drawing", "图形"),
    (b"<?mso", "an Excel XML document; save it as xlsx", "Excel XML 文档；请另存为 xlsx"),
    (b"<workbook", "an Excel XML document; save it as xlsx", "Excel XML 文档；请另存为 xlsx"),
    (b"<!doctype", "markup", "标记语言文件"),
    (b"<?xml", "XML", "XML"),
)


def checked_file(path: Path, limits: Limits) -> None:
    """Refuse what is no regular file of sensible size.

    Parameters
    ----------
    path
        Where it should be. Never interpreted otherwise: no URL, no ``/vsi…``, no connection string.
    limits
        ``file_bytes`` is looked at.

    Raises
    ------
    FileError
        Nothing there, a folder, a device, no permission, empty, or too large.
    """
    shown = path.name[:100]
    try:
        state = path.stat()
    except (OSError, ValueError) as error:
        raise FileError(f"There is no file “{shown}” that can be read.", f"找不到可读取的文件“{shown}”。") from error
    if not stat.S_ISREG(state.st_mode):
        raise FileError(f"“{shown}” is no file: name the file itself.", f"“{shown}”不是文件，请指定文件本身。")
    if state.st_size == 0:
        raise FileError(f"“{shown}” is empty.", f"“{shown}”是空文件。")
    if state.st_size > limits.file_bytes:
        allowed = f"{limits.file_bytes / 2**20:,.0f} MiB"
        raise FileError(
            f"“{shown}” is larger than {allowed}. Split it into several files.",
            f"“{shown}”超过 {allowed}，请拆分成多个文件。",
            limit=limits.file_bytes,
        )


def content_of(path: Path) -> Content:
    """Kind of content of a file, which its suffix must agree with.

    Parameters
    ----------
    path
        A regular file.

    Raises
    ------
    FileError
        A format that is not on the list (named where it is known), or one that the suffix does not promise.
    """
    try:
        with path.open("rb") as stream:
            head = stream.read(HEAD_BYTES)
    except OSError as error:
        raise FileError(f"“{path.name[:100]}” cannot be read.", f"无法读取“{path.name[:100]}”。") from error
    suffix = path.suffix.lower()
    promised = SUFFIXES.get(suffix)
    content = _binary(head, path) or _textual(head, promised)
    if promised is not None and promised != content:
        name, name_zh = _NAMES[content]
        raise FileError(
            f"The file is named {suffix} but holds {name}. Give it the right suffix, or export it again.",
            f"文件后缀为 {suffix}，内容却是{name_zh}。请改正后缀或重新导出。",
            holds=content,
        )
    if promised is None and suffix and content == "text":
        raise not_accepted(f"a {suffix[:20]} file", f"{suffix[:20]} 文件")
    return content


def is_zip(path: Path) -> bool:
    """Whether a file begins as a zip archive."""
    with path.open("rb") as stream:
        return stream.read(2) == b"PK"


def not_accepted(what: str, what_zh: str) -> FileError:
    """Error for a format that is known but not read.

    Parameters
    ----------
    what, what_zh
        What the file holds.
    """
    return FileError(
        f"This is {what}. Accepted are: {ACCEPTED}.",
        f"该文件是{what_zh}，无法读取。可用格式：{_ACCEPTED_ZH}。",
        accepted=ACCEPTED,
    )


def _binary(head: bytes, path: Path) -> Content | None:
    for position, magic, what, what_zh in _OTHERS:
        if head.startswith(magic, position):
            raise not_accepted(what, what_zh)
    if head.startswith(b"SQLite format 3\x00"):
        return "geopackage"
    if head.startswith(b"\x00\x00\x27\x0a"):
        return "shapefile"
    if head.startswith(b"OSMHeader", 6):
        return "osm"
    if head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return "excel"
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        # xlsx and ods are zip archives too; `zipped.py` looks at what is inside before either is opened.
        return "excel" if path.suffix.lower() in (".xlsx", ".xlsm", ".xlsb", ".ods") else "zip"
    return None


def _textual(head: bytes, promised: Content | None) -> Content:
    plain = head.removeprefix(b"\xef\xbb\xbf").lstrip(b"\x1e \t\r\n")
    lowered = plain[:1024].replace(b"\x00", b"").lower()
    # The first name of a CSV column may begin with < too.
    if lowered.startswith(b"<") and (promised != "text" or lowered.startswith(tuple(start for start, _, _ in _MARKUP))):
        for start, what, what_zh in _MARKUP:
            if start in lowered:
                raise not_accepted(what, what_zh)
        raise not_accepted("markup", "标记语言文件")
    if promised != "text" and plain[:1] in (b"{", b"["):
        return "json"
    return "text"
