"""The file of a form as its receiver wants it: delimited text, CSV or XML, in the encoding that he names."""

from __future__ import annotations

import io
from xml.etree import ElementTree

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv

from loanwatch.errors import DataError
from loanwatch.extract.filing import DEMONSTRATION, FileText
from loanwatch.extract.layout import Layout
from loanwatch.extract.records import LINE, Records

NOTICE = f"{DEMONSTRATION}: not to be filed"
_XML_KEEPS = r"^[\t\n\x{20}-\x{D7FF}\x{E000}-\x{FFFD}\x{10000}-\x{10FFFF}]*$"


def content(layout: Layout, records: Records, file: FileText, *, demonstration: bool) -> bytes:
    """The bytes of the file, records in their order; DataError names the field and the record that the file cannot hold."""
    rows = _by_cell(layout, records) if layout.cells else records.rows.select(list(layout.by_code))
    if file.kind == "xml":
        return _xml(layout, records, file, demonstration=demonstration)
    body = _csv(rows, file) if file.kind == "csv" else _text(layout, records, file)
    notice = f"{NOTICE}\n" if demonstration else ""
    return notice.encode(file.encoding) + body.decode().encode(file.encoding)


def _by_cell(layout: Layout, records: Records) -> pa.Table:
    """A line a cell: its code, its name, what stands in it."""
    names = {code: field.name for code, field in layout.by_code.items()}
    given = [records.rows[code][0].as_py() for code in names]
    return pa.table({"cell": list(names), "item": list(names.values()), layout.unit: pa.array(given, pa.string())})


def _csv(rows: pa.Table, file: FileText) -> bytes:
    made = io.BytesIO()
    pa_csv.write_csv(rows, made, pa_csv.WriteOptions(include_header=file.header, delimiter=file.delimiter, quoting_style="needed"))
    return made.getvalue()


def _text(layout: Layout, records: Records, file: FileText) -> bytes:
    for code in layout.by_code:
        for within in (file.delimiter, "\n", "\r"):
            _none(layout, code, records, pc.match_substring(records.rows[code], within), f"{within!r} in a field")
    cells = [records.rows[code] for code in layout.by_code]
    lines = pc.binary_join_element_wise(*cells, file.delimiter)
    head = [file.delimiter.join(layout.by_code)] if file.header else []
    return "".join(f"{line}\n" for line in [*head, *lines.to_pylist()]).encode()


def _xml(layout: Layout, records: Records, file: FileText, *, demonstration: bool) -> bytes:
    for code in layout.by_code:
        strange = pc.invert(pc.match_substring_regex(records.rows[code], _XML_KEEPS))
        _none(layout, code, records, strange, "a character that XML does not keep")
    root = ElementTree.Element(layout.code, {"demonstration": NOTICE} if demonstration else {})
    for row in records.rows.select(list(layout.by_code)).to_pylist():
        record = ElementTree.SubElement(root, "record")
        for code, value in row.items():
            ElementTree.SubElement(record, code).text = value
    return bytes(ElementTree.tostring(root, encoding=file.encoding, xml_declaration=True))


def _none(layout: Layout, code: str, records: Records, broken: pa.ChunkedArray, says: str) -> None:
    lines = records.rows[LINE].filter(broken).to_pylist()
    if lines:
        of = f"{code} {layout.by_code[code].name}"
        raise DataError(f"{layout.form}: {of}: {says}, which its file cannot hold; records: {', '.join(map(str, lines[:3]))}")
