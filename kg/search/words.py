"""Words as the search compares them: folded, cut to their stem, alike, and found again in a text to be marked. Pure."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Collection, Iterator, Sequence

_WORD = re.compile(r"[0-9]{1,4}(?:\.[0-9]{1,3})?[km]\b|\d{1,3}(?:,\d{3})+(?!\d)|[^\W_]+(?:'[^\W_]+)*")
_SHORT_FIGURE = re.compile(r"[0-9]{1,4}(?:\.[0-9]{1,3})?[km]")
_TOKEN = re.compile(
    r"[0-9]{1,4}(?:\.[0-9]{1,3})?[km]\b|\d{1,3}(?:,\d{3})+(?!\d)|[^\W_]+(?:['’‘ʼ′`´＇][^\W_]+)*"
)
_APOSTROPHES = str.maketrans(dict.fromkeys("’‘ʼ′`´＇", "'"))

_SMALL = """
a about after all also am an and any are as at be been before but by can concerning could did do does done for from
get give had has have he her him his how i if in into is it its me my of on or our regarding she should so some tell
than that the their them then there these they this to up us was we were what when where which who whom whose why will
with would you your pound pounds gbp
"""
SMALL_WORDS = frozenset(_SMALL.split())
"""Words that stand in almost every sentence, or that the data writes as a sign (£); in a query they do not count."""

_ENDINGS = (
    "ations", "ation", "ements", "ement", "ments", "ment", "ships", "ship", "ising", "ised", "ises", "isms", "ism",
    "ions", "ion", "ings", "ing", "ors", "ers", "ies", "or", "er", "es", "ed", "ly", "s", "e", "y", "i",
)  # fmt: skip
_SHORTEST_STEM = 3

STEM, PART, TYPO = 0.8, 0.7, 0.75
"""How much a word of the same stem, a word that it begins, and a word that is spelt nearly so can be worth at most."""


def fold(text: str) -> str:
    """Return a text for comparison: no case, no accents, one kind of apostrophe, single spaces. Folding twice is once.

    >>> fold("Children’s  SERVICES, Zoë")
    "children's services, zoe"
    """
    for _ in range(4):
        plain = unicodedata.normalize("NFKD", text.translate(_APOSTROPHES))
        plain = "".join(char for char in plain if not unicodedata.combining(char)).casefold()
        plain = " ".join(plain.translate(_APOSTROPHES).split())
        if plain == text:
            break
        text = plain
    return text


def words(text: str) -> tuple[str, ...]:
    """Return the words of a text, folded, without the 's of a possessive, in its order.

    >>> words("Somerset’s re-inspection, £741,000, O'Brien")
    ('somerset', 're', 'inspection', '741000', 'obrien')
    >>> words("£741k"), words("1.5m")
    (('741000',), ('1500000',))
    """
    return tuple(
        _figure(word) or word.removesuffix("'s").replace("'", "").replace(",", "")
        for word in _WORD.findall(fold(text))
    )


def _figure(word: str) -> str:
    """Return a number with k or m as people write it in full, the empty text for any other word."""
    if not _SHORT_FIGURE.fullmatch(word):
        return ""
    return str(round(float(word[:-1]) * (1_000 if word[-1] == "k" else 1_000_000)))


def stem(word: str) -> str:
    """Return what a word shares with others made from it, at least three letters: rough, for English.

    >>> {stem(word) for word in ("inspect", "inspected", "inspection", "inspectors")}
    {'inspect'}
    >>> stem("board"), stem("2015")
    ('board', '2015')
    """
    for _ in range(3):
        for ending in _ENDINGS:
            if word.endswith(ending) and len(word) - len(ending) >= _SHORTEST_STEM:
                word = word[: -len(ending)]
                break
        else:
            break
    return word


def starting_with(known: Sequence[str], start: str) -> Iterator[str]:
    """Return the words of a sorted list that begin with `start`.

    >>> list(starting_with(["board", "boards", "bored"], "boa"))
    ['board', 'boards']
    """
    for n in range(bisect_left(known, start), len(known)):
        if not known[n].startswith(start):
            return
        yield known[n]


def misspellings(known: Sequence[str], word: str) -> dict[str, float]:
    """Return the known words for which `word` may be a typing error, each with how likely up to `TYPO`.

    One letter wrong, missing, too many or two changed places in a word of four or five letters, two from six, three
    from eleven; none in what has a digit: 2014 is not a slip for 2015. The first letter is seldom mistaken for another,
    and nobody means a small word.

    >>> sorted(misspellings(["ofsted", "wooster", "west"], "ofstead")), misspellings(["2015"], "2014")
    (['ofsted'], {})
    >>> misspellings(["post", "there"], "wost"), misspellings(["there"], "theer")
    ({}, {})
    """
    from rapidfuzz import process
    from rapidfuzz.distance import OSA

    if len(word) < 4 or any(char.isdigit() for char in word):
        return {}
    most = 1 if len(word) < 6 else 2 if len(word) < 11 else 3
    near = process.extract(word, known, scorer=OSA.distance, score_cutoff=most, limit=40)
    likely = [
        (other, distance)
        for other, distance, _ in near
        if other not in SMALL_WORDS
        and 0.3 * max(len(word), len(other)) >= distance
        and (other[:1] == word[:1] or len(word) >= 8 or (distance == 1 and _slipped(word, other)))
    ]
    closest = min((distance for _, distance in likely), default=0)
    return {
        other: TYPO * (1 - distance / max(len(word), len(other)))
        for other, distance in likely
        if distance == closest
    }


def _slipped(word: str, other: str) -> bool:
    """Whether a word lacks the first letter of another, has one more before it, or its first two in the other order."""
    return word[1:] == other or word == other[1:] or sorted(word[:2]) == sorted(other[:2])


def beginnings(known: Sequence[str], word: str, shortest: int = 4) -> list[str]:
    """Return the known words that begin nearly as `word` is spelt: with one letter wrong, missing or too many.

    The word has `shortest` letters or more; in one of the shortest none may be wrong.

    >>> beginnings(["post", "wooster"], "wost"), beginnings(["wooster"], "wuost"), beginnings(["wooster"], "wuos")
    (['wooster'], ['wooster'], [])
    """
    from rapidfuzz.distance import OSA

    n = len(word)
    if n < shortest or any(char.isdigit() for char in word):
        return []
    sizes = (n - 1, n, n + 1) if n > shortest else (n - 1, n + 1)
    return [
        other
        for other in starting_with(known, word[0])
        if len(other) > n
        and other not in SMALL_WORDS
        and any(OSA.distance(word, other[:size], score_cutoff=1) <= 1 for size in sizes)
    ]


def cut_in_two(known: Collection[str], word: str) -> tuple[str, str] | None:
    """Return the two known words that were run together; the longer the shorter of the two, the better.

    >>> cut_in_two({"peter", "lewis"}, "peterlewis"), cut_in_two({"peter"}, "peterlewis")
    (('peter', 'lewis'), None)
    """
    cuts = [(word[:n], word[n:]) for n in range(3, len(word) - 2)]
    found = [pair for pair in cuts if pair[0] in known and pair[1] in known]
    return max(found, key=lambda pair: (min(map(len, pair)), pair), default=None)


def pieces(text: str, found: Collection[str]) -> tuple[tuple[str, bool], ...]:
    """Cut a text into pieces, each with whether it is one of the found words; together they are the text.

    >>> pieces("Ofsted’s report", {"ofsted"})
    (('Ofsted’s', True), (' report', False))
    """
    cut: list[tuple[str, bool]] = []
    end = 0
    for token in _TOKEN.finditer(text):
        if any(word in found for word in words(token[0])):
            cut += [(text[end : token.start()], False), (token[0], True)]
            end = token.end()
    cut.append((text[end:], False))
    return tuple(piece for piece in cut if piece[0])
