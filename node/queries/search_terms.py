"""What somebody searches posts for: words, quoted phrases, what must not be there, and operators.

heron "at dawn" -zoo from:alice@far.example has:image is:reply language:de before:2026-05-01 in:library
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

from node.ids import first_id_at

MAX_CLAUSES: Final = 20
OPERATORS: Final = ("has", "is", "language", "from", "before", "after", "during", "in")
EVERYWHERE, LIBRARY, PUBLIC = "all", "library", "public"
_CLAUSE: Final = re.compile(r'([+-]?)(?:([a-zA-Z]+):)?(?:"([^"]*)"|(\S+))')
_WORD: Final = re.compile(r"[\w#:'’]+")
_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}")
_UNSPACED: Final = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")
"""Scripts that put no spaces between words."""


class Unreadable(Exception):
    """An operator has a value that makes no sense; the message names it."""


@dataclass(frozen=True, slots=True)
class Clause:
    """A word, or several that stand beside each other; `negated` when a post must not have them."""

    text: str
    negated: bool = False

    def is_in(self, text: str, words: list[str]) -> bool:
        """Whether a text (normalised, and as its words) has it: a word by its beginning, a phrase whole."""
        if " " in self.text:
            return f" {self.text} " in f" {' '.join(words)} "
        if _UNSPACED.search(self.text):
            return self.text in text
        return any(word.startswith(self.text) for word in words)


@dataclass(frozen=True, slots=True)
class Operator:
    """`from:alice` and the like."""

    name: str
    value: str
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Terms:
    """A search, read. Ids of posts are bounded by `above` and `below` (exclusive), where dates are named."""

    clauses: tuple[Clause, ...] = ()
    operators: tuple[Operator, ...] = ()
    place: str = EVERYWHERE
    above: int | None = None
    below: int | None = None

    @property
    def is_empty(self) -> bool:
        """Whether nothing is searched for."""
        return not self.clauses and not self.operators and self.above is None and self.below is None

    @property
    def required(self) -> list[str]:
        """Words every post found must have somewhere, to narrow down where to look."""
        return [clause.text.split(" ")[0] for clause in self.clauses if not clause.negated]

    def fit(self, text: str) -> bool:
        """Whether a post with this text is what is searched for."""
        normal = normalised(text)
        words = words_of(normal)
        return all(clause.is_in(normal, words) != clause.negated for clause in self.clauses)


def normalised(text: str) -> str:
    """Text in the one spelling that is compared."""
    return unicodedata.normalize("NFKC", text).lower()


def words_of(normal: str) -> list[str]:
    """The words of a normalised text, without the `#` of hashtags."""
    return [word for found in _WORD.findall(normal) if (word := found.strip("#:'’"))]


@dataclass(slots=True)
class _Draft:
    clauses: list[Clause] = field(default_factory=list)
    operators: list[Operator] = field(default_factory=list)
    place: str = EVERYWHERE
    above: int | None = None
    below: int | None = None


def parse(query: str) -> Terms:
    """Read a search. An operator that is not known is two words. Raises `Unreadable` for a date that is none."""
    draft = _Draft()
    for number, match in enumerate(_CLAUSE.finditer(query)):
        if number == MAX_CLAUSES:
            break
        sign, prefix, quoted, bare = match.groups()
        value = quoted if quoted is not None else bare
        if prefix and prefix.lower() in OPERATORS:
            _take_operator(draft, prefix.lower(), value, negated=sign == "-")
            continue
        words = words_of(normalised(f"{prefix or ''} {value}"))
        if words:
            draft.clauses.append(Clause(" ".join(words), negated=sign == "-"))
    return Terms(tuple(draft.clauses), tuple(draft.operators), draft.place, draft.above, draft.below)


def _take_operator(draft: _Draft, name: str, value: str, *, negated: bool) -> None:
    if name == "in":
        draft.place = value.lower() if value.lower() in (LIBRARY, PUBLIC) and not negated else EVERYWHERE
    elif name in ("before", "after", "during"):
        _take_day(draft, name, value)
    else:
        draft.operators.append(Operator(name, value, negated))


def _take_day(draft: _Draft, name: str, value: str) -> None:
    try:
        if not _DATE.fullmatch(value):
            raise ValueError
        day = datetime.fromisoformat(value).replace(tzinfo=UTC)
        start, end = first_id_at(day), first_id_at(day + timedelta(days=1))
    except (ValueError, OverflowError):
        raise Unreadable(f"{name}:{value[:64]}") from None
    if name in ("before", "during"):
        bound = start if name == "before" else end
        draft.below = bound if draft.below is None else min(draft.below, bound)
    if name in ("after", "during"):
        bound = end - 1 if name == "after" else start - 1
        draft.above = bound if draft.above is None else max(draft.above, bound)
