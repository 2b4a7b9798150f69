"""Bytes of a text file -> its text, whatever program saved it."""

import codecs
import re

from charset_normalizer import from_bytes

from crpd_qa.errors import QuestionFileError

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # begins with UTF-16's
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_WIDE = ["utf_16_le", "utf_16_be"]
_WINDOWS = ["kz1048", "cp1252"]
"""What Excel's "CSV" is in the languages that can be asked in. KZ-1048 is Windows-1251 with the Kazakh letters in the
place of the Serbian ones: Russian and Kazakh read alike in it."""
_MACINTOSH = ["mac_cyrillic", "mac_roman"]
_SAMPLE = 65536
_TOO_FEW = 32
"""Letters beyond ASCII: of fewer the library guesses ("пункт 8" as French). Accented ones stand alone or in pairs."""
_CYRILLIC_WORD = re.compile(rb"[\xc0-\xff]{3}")


def decode(content: bytes, name: str) -> tuple[str, str]:
    """(text, encoding). The text keeps its line ends. `name` is the file's, for the message.

    Of one question or three hundred, in each of the five languages, the right one of few encodings was found each
    time (25 files each); of all that Python knows, hardly half the time for a single question.
    Raises QuestionFileError: no text, or UTF-8 with a byte that is not.
    """
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return _strictly(content, encoding, name), encoding
    if b"\0" in content:
        return _likeliest(content, content[:_SAMPLE], _WIDE, name)
    try:
        return content.decode("utf-8"), "utf-8"
    except UnicodeDecodeError as error:
        read = content.decode("utf-8", "replace")
        damaged = read.count("\ufffd")
        if sum(not character.isascii() for character in read) > 2 * damaged:
            line = content.count(b"\n", 0, error.start) + 1
            raise QuestionFileError(f"{name}, line {line}: a byte is not UTF-8, though the rest is; mend it") from error
    # Excel for the Macintosh ends lines of its own CSV in CR alone.
    candidates = _MACINTOSH if b"\r" in content and b"\n" not in content else _WINDOWS
    high = sum(byte > 0x7F for byte in content[:_SAMPLE])
    if candidates is _WINDOWS and high < _TOO_FEW:
        encoding = _WINDOWS[0] if _CYRILLIC_WORD.search(content) else _WINDOWS[1]
        return _strictly(content, encoding, name), encoding
    telling = b"\n".join(line for line in content.splitlines() if not line.isascii())
    return _likeliest(content, telling[:_SAMPLE], candidates, name)


def _likeliest(content: bytes, sample: bytes, candidates: list[str], name: str) -> tuple[str, str]:
    match = from_bytes(sample, cp_isolation=candidates).best()
    if match is None or match.encoding not in candidates:
        raise QuestionFileError(f"{name} is no text that can be read; save it as UTF-8")
    return _strictly(content, match.encoding, name), match.encoding


def _strictly(content: bytes, encoding: str, name: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        raise QuestionFileError(f"{name} is no whole {encoding} text ({error.reason}); save it as UTF-8") from error
