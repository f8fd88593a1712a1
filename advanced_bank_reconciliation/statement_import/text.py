# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Bytes to text, and text to what is kept of it."""

import codecs
import re

from charset_normalizer import from_bytes
from frappe import _

from advanced_bank_reconciliation.exceptions import refuse
from advanced_bank_reconciliation.statement_import.exceptions import NotText, TooLarge
from advanced_bank_reconciliation.statement_import.limits import (
	MAX_BYTES,
	MAX_LINE_LENGTH,
	MAX_RAW,
	MAX_TEXT,
	MAX_TEXT_LINES,
)

#: Byte order marks, the longer first: that of UTF-32-LE begins with that of UTF-16-LE.
MARKS = (
	(codecs.BOM_UTF8, "utf-8-sig"),
	(codecs.BOM_UTF32_LE, "utf-32"),
	(codecs.BOM_UTF32_BE, "utf-32"),
	(codecs.BOM_UTF16_LE, "utf-16"),
	(codecs.BOM_UTF16_BE, "utf-16"),
)

#: The encodings besides Unicode that banks use, the likelier first.
BYTE_ENCODINGS = ("cp1252", "latin_1", "iso8859_15", "cp1250", "iso8859_2", "cp850")

#: What is left of the file for the detection of its encoding: it reads this several times.
SAMPLE = 64 * 1024

#: What banks write where they have no reference.
NO_REFERENCE = frozenset(
	("NOTPROVIDED", "NONREF", "NOTAVAILABLE", "NOREF", "NONE", "EREF", "PREF", "MARF", "-", "/")
)

#: Characters that are no text and that databases and screens choke on, tab and line break excepted.
CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]")
SPACES = re.compile(r"\s+")


def check_size(content: bytes) -> None:
	"""Refuse an empty file, and one beyond MAX_BYTES (TooLarge)."""
	if not content.strip(b" \t\r\n\x00\x1a"):
		refuse(NotText, [_("The file is empty.")])
	if len(content) > MAX_BYTES:
		refuse(
			TooLarge,
			[
				_("The file has {0} MB, at most {1} MB can be read. Export a shorter period.").format(
					round(len(content) / 1024 / 1024), MAX_BYTES // 1024 // 1024
				)
			],
		)


def decode(content: bytes, encoding: str = "") -> tuple[str, str, tuple[int, ...]]:
	"""Return the text, the encoding that was found, and the lines that were in another one.

	encoding: what to use instead of the detection. A file of UTF-8 with some lines in another encoding is
	read line by line. Raises NotText for NUL bytes and for what is in no encoding.
	"""
	found, bad_lines = encoding, ()
	try:
		if encoding:
			text = content.decode(encoding)
		elif found := _marked(content) or _unmarked_utf16(content):
			text = content.decode(found)
		else:
			text, found, bad_lines = _bytes_to_text(content)
	except (UnicodeError, LookupError):
		refuse(NotText, [_("The file is not text in the encoding {0}.").format(found)])
	text = text.removeprefix("\ufeff").rstrip("\x00\x1a")
	if "\x00" in text:
		refuse(NotText, [_("The file has NUL bytes, so it is not a text file.")])
	return text, found, bad_lines


def _marked(content: bytes) -> str:
	return next((encoding for mark, encoding in MARKS if content.startswith(mark)), "")


def _unmarked_utf16(content: bytes) -> str:
	"""UTF-16 without a mark: every second byte of Latin text is zero."""
	sample = content[:2000]
	half = len(sample) // 2
	if half < 4:
		return ""
	even, odd = sample[0::2].count(0), sample[1::2].count(0)
	if odd > half * 0.7 and even < half * 0.1:
		return "utf-16-le"
	if even > half * 0.7 and odd < half * 0.1:
		return "utf-16-be"
	return ""


def _bytes_to_text(content: bytes) -> tuple[str, str, tuple[int, ...]]:
	try:
		return content.decode("utf-8"), "utf-8", ()
	except UnicodeDecodeError:
		pass
	_check_line_count(content.count(b"\n"))
	lines = content.split(b"\n")
	beyond_ascii = [(number, line) for number, line in enumerate(lines, 1) if not line.isascii()]
	others = [number for number, line in beyond_ascii if not _is_utf8(line)]
	encoding = _byte_encoding(b"\n".join(line for _number, line in beyond_ascii if not _is_utf8(line)))
	if len(others) * 2 > len(beyond_ascii):
		return content.decode(encoding), encoding, ()
	for number in others:
		lines[number - 1] = lines[number - 1].decode(encoding).encode("utf-8")
	return b"\n".join(lines).decode("utf-8"), "utf-8", tuple(others)


def _is_utf8(line: bytes) -> bool:
	try:
		line.decode("utf-8")
	except UnicodeDecodeError:
		return False
	return True


def _byte_encoding(content: bytes) -> str:
	"""Detect which of BYTE_ENCODINGS it is; the likeliest one that can decode the whole where it is open."""
	able = [encoding for encoding in BYTE_ENCODINGS if _decodes(content, encoding)]
	if able[0] == "cp1252" and not re.search(rb"[\x80-\x9f]", content):
		return "cp1252"
	best = from_bytes(content[:SAMPLE], cp_isolation=able, enable_fallback=False).best()
	return best.encoding if best and best.encoding in able else able[0]


def _decodes(content: bytes, encoding: str) -> bool:
	try:
		content.decode(encoding)
	except UnicodeDecodeError:
		return False
	return True


def split_lines(text: str) -> list[str]:
	"""Return the physical lines without their ends. Raises TooLarge for too many, or too long ones.

	Only CR, LF and CR LF end a line; str.splitlines would also break at characters that occur in texts.
	"""
	text = text.replace("\r\n", "\n").replace("\r", "\n")
	_check_line_count(text.count("\n"))
	lines = text.split("\n")
	for number, line in enumerate(lines, 1):
		if len(line) > MAX_LINE_LENGTH:
			refuse(
				TooLarge,
				[
					_("Line {0} has {1} characters, at most {2} can be read.").format(
						number, len(line), MAX_LINE_LENGTH
					)
				],
			)
	return lines


def _check_line_count(count: int) -> None:
	if count > MAX_TEXT_LINES:
		refuse(TooLarge, [_("The file has more than {0} lines.").format(MAX_TEXT_LINES)])


def clean(text: str) -> str:
	"""Return a text as one line without control characters, at most MAX_TEXT long."""
	if not text.isprintable() or "  " in text:
		text = SPACES.sub(" ", CONTROL.sub("", text))
	return shorten(text.strip(), MAX_TEXT)


def known(reference: str | None) -> str:
	"""Return a reference, cleaned, or "" where the bank says that there is none."""
	reference = clean(reference or "")
	return "" if reference.upper() in NO_REFERENCE else reference


def shorten(text: str, length: int = MAX_RAW) -> str:
	"""Return the text, or its beginning and an ellipsis where it is longer than `length`."""
	return text if len(text) <= length else text[: length - 1] + "…"


def join(*texts: str, by: str = " ") -> str:
	"""Return the cleaned texts in their order, without empty ones and repetitions."""
	return clean(by.join(dict.fromkeys(cleaned for text in texts if (cleaned := clean(text)))))
