"""Builders of pictures good and bad, and readers of what was made of them; none needs the samples."""

from __future__ import annotations

import io
import math
import struct
import zlib
from pathlib import Path
from typing import Any

from PIL import Image, ImageChops, ImageStat
from PIL.TiffImagePlugin import IFDRational

from media.drawn import draw_landscape
from media.variants import ProcessedPhoto, Variant

EXIF_ORIENTATION = 274
GPS_DIRECTORY = 0x8825

# How a camera stores an upright picture so that turning it by the orientation gives it back.
STORED_AS = {
    1: None,
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


def quadrants(width: int = 96, height: int = 64, mode: str = "RGB") -> Image.Image:
    """Red, green, blue and white quarters (clockwise from the top left): shows every turn and mirror."""
    image = Image.new("RGB", (width, height), "white")
    half_width, half_height = width // 2, height // 2
    image.paste((220, 20, 20), (0, 0, half_width, half_height))
    image.paste((20, 200, 20), (half_width, 0, width, half_height))
    image.paste((20, 20, 220), (half_width, half_height, width, height))
    return image.convert(mode)


def landscape(width: int = 640, height: int = 480, seed: int = 1) -> Image.Image:
    return draw_landscape(seed, width, height)


def encoded(image: Image.Image, format: str = "JPEG", **options: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, format, **options)
    return buffer.getvalue()


def stored(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def camera_exif(orientation: int = 1) -> Image.Exif:
    """EXIF as a phone writes it, with a position, a serial number and a camera."""
    exif = Image.Exif()
    exif[EXIF_ORIENTATION] = orientation
    exif[0x010F] = "Heliocam"
    exif[0x0110] = "Mark II\0"
    exif[0x013B] = "SECRET-ARTIST"
    details = exif.get_ifd(0x8769)
    details[0x9003] = "2024:05:06 07:08:09"
    details[0x9011] = "+02:00"
    details[0x829A] = IFDRational(1, 250)
    details[0x829D] = IFDRational(28, 10)
    details[0x8827] = 400
    details[0x920A] = IFDRational(50, 1)
    details[0xA434] = "Sunlens 50mm"
    details[0xA431] = "SECRET-SERIAL"
    gps = exif.get_ifd(GPS_DIRECTORY)
    gps[1], gps[2], gps[3], gps[4] = "S", (33.0, 51.0, 36.0), "E", (151.0, 12.0, 36.0)
    return exif


def png_header_only(width: int, height: int, bit_depth: int = 8, colour_type: int = 2) -> bytes:
    """A PNG that declares a size and holds next to nothing: a decompression bomb's outside."""
    header = struct.pack(">IIBBBBB", width, height, bit_depth, colour_type, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        png_chunk(kind, data)
        for kind, data in ((b"IHDR", header), (b"IDAT", zlib.compress(bytes(4096))), (b"IEND", b""))
    )


def png_chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def turned_heic(image: Image.Image, quarter_turns: int, exif_orientation: int) -> bytes:
    """A HEIC file whose `irot` property says to turn it anticlockwise by quarters (ISO 23008-12 §6.5.10), and
    whose EXIF says something of its own."""
    data = bytearray(encoded(image, "HEIF", quality=90, exif=camera_exif(1)))
    entry = struct.pack("<HHIH", EXIF_ORIENTATION, 3, 1, 1)
    entry = entry if entry in data else struct.pack(">HHIH", EXIF_ORIENTATION, 3, 1, 1)
    at = data.find(entry)
    assert at > 0
    data[at + 8 : at + 10] = struct.pack("<H" if entry[0] == 0x12 else ">H", exif_orientation)
    irot = struct.pack(">I4sB", 9, b"irot", quarter_turns)
    ipco, ipma, iloc = data.find(b"ipco") - 4, data.find(b"ipma") - 4, data.find(b"iloc") - 4
    ipco_length = int.from_bytes(data[ipco : ipco + 4], "big")
    properties, at = 0, ipco + 8
    while at < ipco + ipco_length:
        properties += 1
        at += int.from_bytes(data[at : at + 4], "big")
    assert iloc < ipco, "the builder expects the usual order of boxes"
    associations = ipma + 4 + 4 + 4 + 4 + 2  # length, type, flags, entry count, item id of 16 bits
    ipma_length = int.from_bytes(data[ipma : ipma + 4], "big")
    assert int.from_bytes(data[ipma + 12 : ipma + 16], "big") == 1, "one item with properties only"
    data[associations] += 1
    data[ipma + ipma_length : ipma + ipma_length] = bytes([0x80 | (properties + 1)])
    data[ipma : ipma + 4] = struct.pack(">I", ipma_length + 1)
    data[ipco + ipco_length : ipco + ipco_length] = irot
    grown = len(irot) + 1
    for kind, growth in ((b"meta", grown), (b"iprp", grown), (b"ipco", len(irot))):
        at = data.find(kind) - 4
        data[at : at + 4] = struct.pack(">I", int.from_bytes(data[at : at + 4], "big") + growth)
    media_start = data.find(b"mdat") + 4
    iloc_end = iloc + int.from_bytes(data[iloc : iloc + 4], "big")
    for old in range(len(data) - grown, media_start - grown - 1, -1):
        at = data.find(struct.pack(">I", old), iloc + 16, iloc_end)
        if at > 0:
            data[at : at + 4] = struct.pack(">I", old + grown)
    return bytes(data)


DISPLAY_P3_D50 = ((0.51512, 0.24120, -0.00105), (0.29198, 0.69225, 0.04189), (0.15710, 0.06657, 0.78407))
ADOBE_RGB_D50 = ((0.60974, 0.31111, 0.01947), (0.20528, 0.62567, 0.06087), (0.14919, 0.06322, 0.74457))


def rgb_profile(colorants: tuple[tuple[float, float, float], ...], gamma: float = 2.2) -> bytes:
    """A matrix ICC profile (ICC.1:2001-04 §6.3.1.2) with the given D50 colorants and one gamma."""

    def xyz(values: tuple[float, float, float]) -> bytes:
        return b"XYZ " + bytes(4) + struct.pack(">3i", *(round(value * 65536) for value in values))

    curve = b"curv" + bytes(4) + struct.pack(">IHxx", 1, round(gamma * 256))
    description = b"desc" + bytes(4) + struct.pack(">I", 5) + b"Test\0" + bytes(8 + 2 + 1 + 67 + 4)
    tags = [(b"desc", description), (b"cprt", b"text" + bytes(4) + b"None\0"), (b"wtpt", xyz((0.9642, 1.0, 0.8249)))]
    tags += [(name, xyz(values)) for name, values in zip((b"rXYZ", b"gXYZ", b"bXYZ"), colorants, strict=True)]
    tags += [(name, curve) for name in (b"rTRC", b"gTRC", b"bTRC")]
    table, body, at = b"", b"", 128 + 4 + 12 * len(tags)
    for name, data in tags:
        data += bytes(-len(data) % 4)
        table += name + struct.pack(">II", at + len(body), len(data))
        body += data
    header = bytearray(128)
    struct.pack_into(">I4sI4s4s4s", header, 0, at + len(body), bytes(4), 0x02100000, b"mntr", b"RGB ", b"XYZ ")
    struct.pack_into(">6H4s", header, 24, 2024, 1, 1, 0, 0, 0, b"acsp")
    struct.pack_into(">3i", header, 68, *(round(value * 65536) for value in (0.9642, 1.0, 0.8249)))
    return bytes(header) + struct.pack(">I", len(tags)) + table + body


_XYZ_D50_TO_SRGB = (
    (3.1338561, -1.6168667, -0.4906146),
    (-0.9787684, 1.9161415, 0.0334540),
    (0.0719453, -0.2289914, 1.4052427),
)


def _light(value: float) -> float:
    """sRGB's curve: of 0 to 255, linear light."""
    return value / 255 / 12.92 if value / 255 <= 0.04045 else float(((value / 255 + 0.055) / 1.055) ** 2.4)


def delta_e(one: tuple[int, ...], other: tuple[int, ...]) -> float:
    """CIE 1976 between two colours of sRGB."""
    return math.dist(_lab(one), _lab(other))


def _lab(colour: tuple[int, ...]) -> tuple[float, float, float]:
    red, green, blue = map(_light, colour)
    x = (0.4124 * red + 0.3576 * green + 0.1805 * blue) / 0.9505
    y = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    z = (0.0193 * red + 0.1192 * green + 0.9505 * blue) / 1.089
    fx, fy, fz = (part ** (1 / 3) if part > 0.008856 else 7.787 * part + 16 / 116 for part in (x, y, z))
    return 116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)


def as_srgb(
    colour: tuple[int, int, int], colorants: tuple[tuple[float, float, float], ...], gamma: float | None = 2.2
) -> tuple[int, ...]:
    """What a colour of a matrix space is in sRGB, by the textbook and not by the library under test. Without
    `gamma`, the space has sRGB's curve."""
    linear = [_light(value) if gamma is None else (value / 255) ** gamma for value in colour]
    xyz = [sum(linear[channel] * colorants[channel][axis] for channel in range(3)) for axis in range(3)]
    result = []
    for row in _XYZ_D50_TO_SRGB:
        value = min(1.0, max(0.0, sum(factor * part for factor, part in zip(row, xyz, strict=True))))
        value = value * 12.92 if value <= 0.0031308 else 1.055 * value ** (1 / 2.4) - 0.055
        result.append(round(value * 255))
    return tuple(result)


def opened(folder: Path, variant: Variant) -> Image.Image:
    image = Image.open(folder / variant.file_name)
    image.load()
    return image


def difference(one: Image.Image, other: Image.Image) -> float:
    """The mean difference per channel, 0 to 255."""
    assert one.size == other.size
    mean: list[float] = ImageStat.Stat(ImageChops.difference(one.convert("RGB"), other.convert("RGB"))).mean
    return max(mean)


def colour_at(image: Image.Image, across: float, down: float) -> tuple[int, int, int]:
    """The mean colour of a small patch around a point given as shares of width and height."""
    x, y = int(image.width * across), int(image.height * down)
    patch = image.convert("RGB").crop((x - 2, y - 2, x + 3, y + 3))
    red, green, blue = (round(value) for value in ImageStat.Stat(patch).mean)
    return red, green, blue


def assert_bare(data: bytes) -> None:
    """The file holds pixels and nothing else: every segment or chunk is one that decoding needs."""
    if data.startswith(b"\x89PNG"):
        assert set(png_chunks(data)) <= {b"IHDR", b"IDAT", b"IEND"}
        return
    markers = jpeg_markers(data)
    needed = {0xC0, 0xC2, 0xC4, 0xDA, 0xDB, 0xDD, 0xE0}
    assert set(markers) <= needed, [hex(marker) for marker in markers]
    assert data[4 + 2 : 4 + 2 + 5] == b"JFIF\0"
    assert data[4 + 2 + 12 : 4 + 2 + 14] == b"\0\0", "a JFIF thumbnail"


def png_chunks(data: bytes) -> list[bytes]:
    kinds, at = [], 8
    while at < len(data):
        length, kind = struct.unpack_from(">I4s", data, at)
        kinds.append(kind)
        at += 12 + length
    assert at == len(data)
    assert kinds[-1] == b"IEND"
    return kinds


def jpeg_markers(data: bytes) -> list[int]:
    """Every marker between start and end of image; fails when anything follows the end."""
    assert data[:2] == b"\xff\xd8"
    markers, at = [], 2
    while True:
        assert data[at] == 0xFF, at
        marker = data[at + 1]
        at += 2
        if marker == 0xD9:
            break
        markers.append(marker)
        at += int.from_bytes(data[at : at + 2], "big")
        if marker == 0xDA:
            while data[at] != 0xFF or data[at + 1] == 0 or 0xD0 <= data[at + 1] <= 0xD7:
                at += 1
    assert at == len(data), "bytes after the end of the picture"
    return markers


def assert_all_bare(folder: Path, photo: ProcessedPhoto) -> None:
    for variant in photo.variants:
        data = (folder / variant.file_name).read_bytes()
        assert len(data) == variant.size
        assert_bare(data)
