"""Captions: WebVTT (W3C) or SubRip, read strictly and written anew, so that nothing but words and times gets out."""

from __future__ import annotations

import re
from typing import Final

from media.errors import MediaError

MAX_BYTES: Final = 512 * 1024
MAX_CUES: Final = 10_000
_MAX_LINE: Final = 1_000
_MAX_LINES: Final = 12
_TIME: Final = r"(?:(\d{1,3}):)?([0-5]\d):([0-5]\d)[.,](\d{3})"
_TIMES: Final = re.compile(rf"{_TIME}[ \t]+-->[ \t]+{_TIME}(?:[ \t]+([^\n]*))?")
_SETTING: Final = re.compile(
    r"(?:align:(?:start|center|end|left|right)|vertical:(?:rl|lr)|size:\d{1,3}(?:\.\d{1,3})?%"
    r"|(?:line|position):-?\d{1,3}(?:\.\d{1,3})?%?(?:,(?:start|center|end|line-left|line-right))?)"
)
_TAG: Final = re.compile(r"<[^<>]{0,200}>")
_KEPT_TAG: Final = re.compile(r"</?[biu]>|</?v>|<v[ \t][^<>&]{1,100}>")
_NAMES: Final = ("NOTE", "STYLE", "REGION", "WEBVTT")
_NOT_CAPTIONS: Final = "The file is not captions we can read. Please send WebVTT or SubRip."


def clean_captions(data: bytes) -> str:
    """The captions in `data` as WebVTT of our own writing: cues in their order, with times, place and bold, italic,
    underlined text and voices; without styles, regions, notes and names. Raises MediaError."""
    if len(data) > MAX_BYTES:
        raise MediaError(f"The captions are larger than {MAX_BYTES // 1024} kB.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise MediaError("The captions are not in UTF-8.") from None
    blocks = re.split(r"\n{2,}", text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "\ufffd").strip("\n"))
    cues = [cue for block in blocks if (cue := _cue(block)) is not None]
    if not cues:
        raise MediaError(_NOT_CAPTIONS)
    if len(cues) > MAX_CUES:
        raise MediaError(f"There are more than {MAX_CUES} captions.")
    return "\n\n".join(["WEBVTT", *cues]) + "\n"


def _cue(block: str) -> str | None:
    lines = block.split("\n")
    if lines[0].split(maxsplit=1)[:1] and lines[0].split(maxsplit=1)[0] in _NAMES:
        return None
    for number, line in enumerate(lines[:2]):
        if (times := _TIMES.fullmatch(line.strip())) is not None:
            words = [_words(spoken) for spoken in lines[number + 1 : number + 1 + _MAX_LINES]]
            return "\n".join([_times(times), *(spoken for spoken in words if spoken)])
    return None


def _times(found: re.Match[str]) -> str:
    hours, minutes, seconds, rest = found.group(1, 2, 3, 4)
    until = found.group(5, 6, 7, 8)
    settings = [word for word in (found[9] or "").split()[:8] if _SETTING.fullmatch(word)]
    start = f"{int(hours or 0):02}:{minutes}:{seconds}.{rest}"
    end = f"{int(until[0] or 0):02}:{until[1]}:{until[2]}.{until[3]}"
    return " ".join([start, "-->", end, *settings])


def _words(line: str) -> str:
    """One line of a cue; what looks like a tag and is none of the few that are kept goes, what is left of `<` is text."""
    line = "".join(char for char in line[:_MAX_LINE] if char.isprintable() or char == "\u200f")
    kept = []
    at = 0
    for tag in _TAG.finditer(line):
        kept.append(_text(line[at : tag.start()]))
        if _KEPT_TAG.fullmatch(tag[0]):
            kept.append(tag[0])
        at = tag.end()
    return "".join([*kept, _text(line[at:])]).strip()


def _text(words: str) -> str:
    return words.replace("<", "&lt;").replace("-->", "--&gt;")
