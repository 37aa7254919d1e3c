"""What is measured of photographs: uploads, edits, previews, and reads while others upload."""

from __future__ import annotations

import functools
import json
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
import uuid
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from benchmarks.scenarios import Failed, home, send
from benchmarks.server import Node

if TYPE_CHECKING:
    from PIL import Image

AT_ONCE: Final = 10
PREVIEWS: Final = 15
READY_WITHIN: Final = 60.0
VIPS: Final = "vipsthumbnail"
SIZES: Final = ("4096x4096", "1080x1920", "400x400")
EFFECTS: Final = {
    **dict.fromkeys(("brightness", "contrast", "saturation", "warmth", "highlights", "shadows"), 0.2),
    "straighten": 3,
    "vignette": 0.4,
    "sharpen": 0.5,
    "grain": 0.3,
}
_OUR_WORK: Final = """
import sys, time
from pathlib import Path
from media.image import process_photo
began = time.perf_counter()
process_photo(Path(sys.argv[1]), Path(sys.argv[2]))
print(time.perf_counter() - began)
"""


def _noise(width: int, height: int) -> Image.Image:
    """As costly to decode as a real photograph."""
    from PIL import Image, ImageFilter

    noise = Image.effect_noise((width, height), 60).filter(ImageFilter.GaussianBlur(1))
    return Image.merge("RGB", (noise, noise.transpose(Image.Transpose.FLIP_LEFT_RIGHT), noise.rotate(180)))


@functools.cache
def jpeg() -> bytes:
    """A JPEG of 12 megapixels."""
    out = BytesIO()
    _noise(4000, 3000).save(out, "JPEG", quality=90)
    return out.getvalue()


@functools.cache
def heic() -> bytes:
    """A HEIC of 24 megapixels, in about as many bytes as a phone makes of them."""
    import pillow_heif
    from PIL import Image

    out = BytesIO()
    picture = _noise(2000, 1333).resize((6000, 4000), Image.Resampling.BICUBIC)
    pillow_heif.from_pillow(picture).save(out, quality=60, enc_params={"preset": "ultrafast"})
    return out.getvalue()


def another(picture: bytes) -> bytes:
    """The same picture in another file: what was uploaded before is not worked on again."""
    mark = uuid.uuid4().bytes
    if picture.startswith(b"\xff\xd8"):
        return picture[:2] + b"\xff\xfe\x00\x12" + mark + picture[2:]
    return picture + b"\x00\x00\x00\x18free" + mark


def upload(node: Node, picture: bytes) -> float:
    """Seconds to upload a photograph and have all its variants."""
    began = time.perf_counter()
    _uploaded(node, picture)
    return time.perf_counter() - began


def _uploaded(node: Node, picture: bytes) -> str:
    """The id of a photograph, when it is ready."""
    boundary = uuid.uuid4().hex
    head = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="a"\r\nContent-Type: image/jpeg\r\n\r\n'
    )
    body = head.encode() + another(picture) + f"\r\n--{boundary}--\r\n".encode()
    made = json.loads(send(node, "/api/v2/media", body, f"multipart/form-data; boundary={boundary}"))
    until = time.monotonic() + READY_WITHIN
    while made["url"] is None:
        if time.monotonic() > until:
            raise Failed("the photograph was not ready within a minute")
        time.sleep(0.05)
        made = json.loads(_get(node, f"/api/v1/media/{made['id']}"))
    return str(made["id"])


def _get(node: Node, path: str) -> bytes:
    request = urllib.request.Request(node.base_url + path, headers={"Authorization": f"Bearer {node.seeded.token}"})
    answer: bytes = urllib.request.urlopen(request, timeout=60).read()
    return answer


def preview(node: Node) -> Callable[[], float]:
    """Milliseconds until a preview of 1080 pixels with everything done to it is there: the median of several."""
    found: list[str] = []

    def measure() -> float:
        media_id = found[0] if found else _uploaded(node, jpeg())
        found[:] = [media_id]
        times = []
        for number in range(PREVIEWS):
            wanted = {"edits": {**EFFECTS, "filter": "Clarendon", "brightness": 0.1 + number / 1000}, "size": 1080}
            times.append(_seconds(node, "POST", f"/api/v1/media/{media_id}/preview", wanted))
        return sorted(times)[PREVIEWS // 2] * 1000

    return measure


def edit(node: Node) -> Callable[[], float]:
    """Seconds to show 12 megapixels with another tone and filter: every variant anew from the original."""
    found: list[str] = []

    def measure() -> float:
        media_id = found[0] if found else _uploaded(node, jpeg())
        found[:] = [media_id]
        wanted = {"edits": {"brightness": uuid.uuid4().int % 1000 / 4000, "contrast": 0.2, "filter": "Clarendon"}}
        return _seconds(node, "PUT", f"/api/v1/media/{media_id}/edits", wanted)

    return measure


def _seconds(node: Node, method: str, path: str, wanted: dict[str, Any]) -> float:
    began = time.perf_counter()
    send(node, path, json.dumps(wanted).encode(), "application/json", method=method)
    return time.perf_counter() - began


def reads_beside_uploads(node: Node) -> Callable[[], float]:
    """How many of a hundred home pages are left while ten people upload 12 megapixels each, one after the other."""
    read = home(node)

    def measure() -> float:
        jpeg()
        alone = read()
        enough = threading.Event()
        problems: list[Exception] = []

        def keep_uploading() -> None:
            while not enough.is_set():
                try:
                    _uploaded(node, jpeg())
                except Exception as problem:
                    problems.append(problem)
                    return

        people = [threading.Thread(target=keep_uploading) for _ in range(AT_ONCE)]
        for one in people:
            one.start()
        try:
            beside = read()
        finally:
            enough.set()
            for one in people:
                one.join()
        if problems:
            raise Failed(f"an upload failed: {problems[0]}")
        return beside / alone * 100

    return measure


def why_not_vips() -> str:
    """Why there is nothing to compare with; empty when there is."""
    return "" if shutil.which(VIPS) else f"{VIPS} is not on this machine"


def against_vips() -> float:
    """Our seconds for the three variants of 12 megapixels, by those `vipsthumbnail` takes for the same sizes."""
    with tempfile.TemporaryDirectory(prefix="heliograph-bench-") as name:
        folder = Path(name)
        source = folder / "source.jpg"
        source.write_bytes(jpeg())
        ours = float(subprocess.check_output([sys.executable, "-c", _OUR_WORK, str(source), name], text=True))
        began = time.perf_counter()
        for size in SIZES:
            subprocess.run([VIPS, str(source), "--size", size, "-o", str(folder / f"{size}.jpg[Q=85]")], check=True)
        return ours / (time.perf_counter() - began)
