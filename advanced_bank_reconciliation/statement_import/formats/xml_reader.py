# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Reads XML within bounds: no DTD, no entities, no external references, bounded depth and count.

Built on defusedxml. An element of interest is handed over as soon as it ends, and its memory is given back.
"""

import re
import xml.etree.ElementTree as ET
from collections.abc import Callable, Collection
from itertools import islice

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser
from frappe import _

from advanced_bank_reconciliation.exceptions import refuse
from advanced_bank_reconciliation.statement_import.exceptions import DangerousFile, MalformedFile, TooLarge
from advanced_bank_reconciliation.statement_import.limits import MAX_DEPTH, MAX_ELEMENTS, MAX_RAW, MAX_TAG
from advanced_bank_reconciliation.statement_import.text import shorten

#: Elements of an entry that are shown as its original text.
MAX_RAW_ELEMENTS = 200

#: A tag that is not closed for so long: its attributes would be collected before anybody could refuse them.
LONG_TAG = re.compile(rb"<[^<>]{%d}" % MAX_TAG)


class BoundedBuilder:
	"""Target of an XML parser that builds elements without namespaces, within MAX_DEPTH and MAX_ELEMENTS.

	on_end(element) is called for each element whose tag is in `wanted`, which is emptied afterwards.
	"""

	def __init__(self, wanted: Collection[str], on_end: Callable[[ET.Element], None]) -> None:
		self._builder = ET.TreeBuilder()
		self._wanted = wanted
		self._on_end = on_end
		self._depth = self._count = 0

	def start(self, tag: str, attributes: dict[str, str]) -> None:
		self._depth += 1
		self._count += 1
		check_bounds(self._depth, self._count)
		self._builder.start(tag.rpartition("}")[2], attributes)

	def data(self, text: str) -> None:
		self._builder.data(text)

	def end(self, tag: str) -> None:
		self._depth -= 1
		element = self._builder.end(tag.rpartition("}")[2])
		if element.tag in self._wanted:
			self._on_end(element)
			element.clear()

	def close(self) -> ET.Element:
		return self._builder.close()


def check_bounds(depth: int, count: int) -> None:
	"""Raise TooLarge where a file is nested too deeply or has too many elements."""
	if depth > MAX_DEPTH:
		refuse(TooLarge, [_("The file is nested more than {0} levels deep.").format(MAX_DEPTH)])
	if count > MAX_ELEMENTS:
		refuse(TooLarge, [_("The file has more than {0} elements.").format(MAX_ELEMENTS)])


def read_xml(content: bytes, wanted: Collection[str], on_end: Callable[[ET.Element], None]) -> None:
	"""Parse and hand over the wanted elements in the order of their ends.

	Raises DangerousFile, TooLarge, or MalformedFile with the place where the XML breaks.
	"""
	if LONG_TAG.search(content):
		refuse(TooLarge, [_("The file has a tag of more than {0} characters.").format(MAX_TAG)])
	parser = DefusedXMLParser(target=BoundedBuilder(wanted, on_end), forbid_dtd=True)
	try:
		parser.feed(content)
		parser.close()
	except DefusedXmlException:
		refuse(
			DangerousFile,
			[_("The file declares a document type or entities. A bank statement has none; it is not read.")],
		)
	except (ET.ParseError, LookupError) as error:
		refuse(MalformedFile, [_("The file is not valid XML: {0}").format(str(error))])


def text_of(element: ET.Element | None, *paths: str) -> str:
	"""Return the first text that is not empty at the paths below an element, else ""."""
	if element is None:
		return ""
	for path in paths:
		text = (element.findtext(path) or "").strip()
		if text:
			return text
	return ""


def raw_of(element: ET.Element) -> str:
	"""Return the texts of an element with their tags, for people who look for it in the file."""
	parts = islice(element.iter(), MAX_RAW_ELEMENTS)
	texts = (f"{part.tag}={part.text.strip()[:MAX_RAW]}" for part in parts if (part.text or "").strip())
	return shorten(" ".join(dict.fromkeys(texts)))
