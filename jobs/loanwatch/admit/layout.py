"""How a delivered CSV file is written: encoding, delimiter, names of its columns; found by looking, never guessed from a name.

UTF-8 (with or without a byte order mark) or GB18030, any of `, ; | tab`, plain or gzip. Nothing is read whole.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

import pyarrow as pa

HEADER_BYTES = 64 * 1024
CHUNK_BYTES = 4 * 1024 * 1024
DELIMITERS = ",;|\t"
HEXADECIMAL = re.compile(rb'[,;|\t"\n\r+ -]0[xX]')
MOST_EXPANSION = 200  # of a compressed file; text of a ledger shrinks to a tenth
Encoding = Literal["utf8", "gb18030"]


class Unreadable(Exception):
    """The file as a whole is not what it should be; the message is fit for a ledger."""


@dataclass(frozen=True)
class Layout:
    """What a reader has to know of a file; `hexadecimal`: it may hold 0x10, which Arrow takes for the number 16."""

    encoding: Encoding
    delimiter: str
    names: tuple[str, ...]
    hexadecimal: bool


def layout(path: Path, known: Iterable[str]) -> Layout:
    """The layout of a file whose columns should be among the known ones; Unreadable says why there is none.

    The file is looked through once, however often it is then read: for its columns, with its types, as text.
    """
    stat = path.stat()
    return _layout(path, tuple(known), stat.st_size, stat.st_mtime_ns)


@lru_cache(maxsize=256)
def _layout(path: Path, known: tuple[str, ...], _size: int, _time: int) -> Layout:
    encoding = _encoding(path)
    head = next(_chunks(path, HEADER_BYTES), b"")
    line, newline, _ = head.partition(b"\n")
    if not newline and len(head) == HEADER_BYTES:
        raise Unreadable(f"{path.name}: no end of the first line within {HEADER_BYTES} bytes")
    text = line.decode("utf-8-sig" if encoding == "utf8" else encoding, errors="replace").rstrip("\r")
    split = {d: tuple(name.strip().strip('"') for name in text.split(d)) for d in DELIMITERS}
    wanted = set(known)
    delimiter = max(DELIMITERS, key=lambda d: len(wanted.intersection(split[d])))
    return Layout(encoding, delimiter, split[delimiter], _holds_hexadecimal(path))


def _encoding(path: Path) -> Encoding:
    """UTF-8 where all of the file is; else GB18030 where all of it is and hardly any of it looks like UTF-8."""
    fault = _first_fault(path, "utf-8")
    if fault is None:
        return "utf8"
    if _looks_like_utf8(fault):
        raise Unreadable(f"{path.name}: UTF-8 text with broken characters; send it again")
    if _first_fault(path, "gb18030") is not None or not _looks_chinese(fault):
        raise Unreadable(f"{path.name}: neither UTF-8 nor GB18030 text")
    return "gb18030"


def _first_fault(path: Path, encoding: str) -> bytes | None:
    """The first chunk that is not of an encoding; None where all are."""
    decoder = codecs.getincrementaldecoder(encoding)()
    chunk = b""
    try:
        for chunk in _chunks(path, CHUNK_BYTES):
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return chunk
    return None


def _holds_hexadecimal(path: Path) -> bool:
    """Whether a cell of the file begins like one; an identity number may well end in 0X."""
    end = b"\n"
    for chunk in _chunks(path, CHUNK_BYTES):
        if (b"0x" in chunk or b"0X" in chunk or end[-1:] == b"0") and HEXADECIMAL.search(end + chunk):
            return True
        end = chunk[-3:]
    return False


def _looks_like_utf8(chunk: bytes) -> bool:
    """Whether most of its characters beyond ASCII are whole in UTF-8: hardly any are in a file of GB18030."""
    beyond = [letter for letter in chunk.decode("utf-8", errors="replace") if letter > "\x7f"]
    return beyond.count("\ufffd") * 2 < len(beyond)


def _looks_chinese(chunk: bytes) -> bool:
    """Whether most of its characters beyond ASCII are everyday ones: Western letters read so give rare ones only."""
    beyond = [letter for letter in chunk.decode("gb18030", errors="ignore") if letter > "\x7f"]
    everyday = [letter for letter in beyond if letter.encode("gb2312", errors="ignore")]
    return len(everyday) * 10 >= len(beyond) * 8


def _chunks(path: Path, size: int) -> Iterator[bytes]:
    """The file's bytes, uncompressed; Unreadable where it is no gzip file, or swells beyond reason."""
    most = path.stat().st_size * MOST_EXPANSION + CHUNK_BYTES
    read = 0
    try:
        with pa.input_stream(str(path), compression="gzip" if path.suffix == ".gz" else None) as stream:
            while chunk := stream.read(size):
                read += len(chunk)
                if read > most:
                    raise Unreadable(f"{path.name}: swells to more than {MOST_EXPANSION} times its size; not read")
                yield chunk
    except OSError:
        if path.suffix != ".gz":
            raise
        raise Unreadable(f"{path.name}: not readable as gzip") from None
