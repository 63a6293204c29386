"""Packed bodies (gzip, deflate, br): unpacked by what the bytes are, within a limit. The header is only a hint.

Servers forget the header, send it for a body that is plain, or pack what is packed already. Crawler and
wire both unpack here, so that a page reads the same whichever of them fetched it.
"""

import zlib
from collections.abc import Iterator
from typing import Final

import brotli

from channels import errors
from channels.contract import Text

ACCEPTED: Final = "gzip, deflate, br"
"""What we ask sites for; all of it can be unpacked in pieces, and so within a limit."""
_MAX_LAYERS: Final = 3
_MAX_MEMBERS: Final = 1_000
"""A gzip file may hold many small ones; every further one costs a start, so their number is bounded."""
_PIECE: Final = 65_536
_GZIP_MAGIC: Final = b"\x1f\x8b\x08"
_ZLIB_MAGIC: Final = (b"\x78\x01", b"\x78\x5e", b"\x78\x9c", b"\x78\xda")
_CONTROLS: Final = bytes({*range(32), 0x7F} - {0x09, 0x0A, 0x0B, 0x0C, 0x0D, 0x1B})


def unpack(body: bytes, content_encoding: str, max_bytes: int) -> bytes:
    """The body as its author wrote it; a body that breaks off gives what came of it.

    Raises TooLarge as soon as any layer is longer than `max_bytes`.
    """
    announced = [name.strip().lower().removeprefix("x-") for name in content_encoding.split(",")]
    for _ in range(_MAX_LAYERS):
        name = announced.pop() if announced else ""
        inner = _layer(body, name, max_bytes)
        if inner is None and not announced:
            break
        body = inner or body
    return body


def _layer(body: bytes, announced: str, max_bytes: int) -> bytes | None:
    """What is packed in the body, or None where it is not packed."""
    if body.startswith(_GZIP_MAGIC):
        return _bounded(_streamed(body, 31), max_bytes)[0]
    if body.startswith(_ZLIB_MAGIC):
        return _bounded(_streamed(body, 15), max_bytes)[0]
    if not _is_binary(body):
        return None
    # These two have no sign of their own: what they give must be text, and whole unless they were announced.
    for name, pieces in (("br", _unbrotlied(body)), ("deflate", _streamed(body, -15))):
        found, is_whole = _bounded(pieces, max_bytes)
        if found and (is_whole or name == announced) and not _is_binary(found):
            return found
    return None


def _is_binary(body: bytes) -> bool:
    """Whether the body cannot be text. Zero bytes alone make it UTF-16 perhaps, which is text."""
    start = body[:512].replace(b"\x00", b"")
    return start != start.translate(None, _CONTROLS)


def _bounded(pieces: Iterator[bytes], max_bytes: int) -> tuple[bytes | None, bool]:
    """All pieces in one, and whether they came to their end; None when not even the first one did. Raises TooLarge."""
    out: list[bytes] = []
    size, is_whole = 0, True
    try:
        for piece in pieces:
            size += len(piece)
            if size > max_bytes:
                raise errors.TooLarge(
                    Text(
                        f"The page is longer than {max_bytes // 1_000_000} MB when it is unpacked.",
                        f"В распакованном виде страница больше {max_bytes // 1_000_000} МБ.",
                    )
                )
            out.append(piece)
    except (zlib.error, brotli.error, EOFError):
        is_whole = False
    return (b"".join(out) if size else None), is_whole


def _streamed(body: bytes, wbits: int) -> Iterator[bytes]:
    """Deflate in the wrapping that `wbits` means to zlib, in small pieces; gzip files may follow one another."""
    start = 0
    for _ in range(_MAX_MEMBERS):
        unpacker = zlib.decompressobj(wbits)
        while not unpacker.eof:
            packed = unpacker.unconsumed_tail or body[start : start + _PIECE]
            start += 0 if unpacker.unconsumed_tail else len(packed)
            if not packed:
                raise EOFError
            yield unpacker.decompress(packed, _PIECE)
        start -= len(unpacker.unused_data)
        if not body.startswith(_GZIP_MAGIC, start):
            return


def _unbrotlied(body: bytes) -> Iterator[bytes]:
    unpacker = brotli.Decompressor()
    piece = unpacker.process(body, output_buffer_limit=_PIECE)
    while piece:
        yield piece
        piece = b"" if unpacker.is_finished() else unpacker.process(b"", output_buffer_limit=_PIECE)
    if not unpacker.is_finished():
        raise EOFError
