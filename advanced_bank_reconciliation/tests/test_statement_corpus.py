# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Every statement file under data/statements is read as its NAME.expected.json says. No database.

The JSON names the source of the layout, the options, and the format with the whole statement, or the error.
"""

import json
import unittest
from pathlib import Path
from typing import Any

import frappe

from advanced_bank_reconciliation.statement_import import exceptions
from advanced_bank_reconciliation.statement_import.balance import prove
from advanced_bank_reconciliation.statement_import.duplicates import (
	DUPLICATE,
	NEW,
	classify,
	fingerprints_of,
)
from advanced_bank_reconciliation.statement_import.mapping.mapping import Mapping
from advanced_bank_reconciliation.statement_import.registry import find_format, parse_with
from advanced_bank_reconciliation.statement_import.statement import Options, Statement

CORPUS = Path(__file__).parent / "data" / "statements"
ENDING = ".expected.json"


def corpus() -> list[tuple[str, bytes, dict[str, Any]]]:
	"""Return (name, content, expected) of every file."""
	return [
		(
			path.name,
			path.read_bytes(),
			json.loads((CORPUS / (path.name + ENDING)).read_text(encoding="utf-8")),
		)
		for path in sorted(CORPUS.iterdir())
		if not path.name.endswith(ENDING)
	]


def options_of(expected: dict[str, Any]) -> Options:
	values = dict(expected.get("options", {}))
	if "mapping" in values:
		values["mapping"] = Mapping.from_dict(values["mapping"])
	return Options(**values)


def compact(statement: Statement) -> dict[str, Any]:
	"""Return the statement as the JSON files have it: without what is empty, and without the raw rows."""
	values = {key: value for key, value in statement.as_dict().items() if value not in (None, "", [])}
	for name in ("lines", "problems"):
		for row in values.get(name, []):
			row.pop("raw", None)
	if "lines" in values:
		values["lines"] = [
			{key: value for key, value in line.items() if value not in (None, "")} for line in values["lines"]
		]
	return values


class TestCorpus(unittest.TestCase):
	def setUp(self) -> None:
		self.addCleanup(frappe.clear_messages)

	def test_there_are_enough_of_each_kind(self):
		"""At least forty files, several of each format, and broken ones among them; each with its source."""
		files = corpus()
		self.assertGreaterEqual(len(files), 40)
		formats = [expected.get("format") for _name, _content, expected in files]
		for name in ("csv", "xlsx", "camt", "mt940", "ofx"):
			self.assertGreaterEqual(formats.count(name), 5, name)
		self.assertGreaterEqual(sum("error" in expected for _name, _content, expected in files), 10)
		for name, _content, expected in files:
			self.assertGreater(len(expected["source"]), 10, name)

	def test_each_file_becomes_what_is_expected(self):
		for name, content, expected in corpus():
			with self.subTest(name):
				if "error" in expected:
					with self.assertRaises(getattr(exceptions, expected["error"])) as caught:
						self.read(name, content, expected)
					self.assertGreater(len(str(caught.exception)), 15, "the error says what is wrong")
				else:
					self.assertEqual(compact(self.read(name, content, expected)), expected["statement"])

	def read(self, name: str, content: bytes, expected: dict[str, Any]) -> Statement:
		found = find_format(content, name)
		self.assertEqual(found.format.name, expected.get("format", found.format.name))
		return parse_with(found.format, content, options_of(expected))

	def test_the_name_of_a_file_does_not_decide(self):
		"""A bank's .csv may be tab separated and its .xls may be text: the content tells the format."""
		for name, content, expected in corpus():
			if "statement" in expected:
				with self.subTest(name):
					self.assertEqual(find_format(content, "").format.name, expected["format"])
					self.assertEqual(find_format(content, "x.pdf").format.name, expected["format"])

	def test_balances_are_proven_where_the_file_has_them(self):
		for name, content, expected in corpus():
			if "proof" not in expected:
				continue
			with self.subTest(name):
				proof, wanted = prove(self.read(name, content, expected)), expected["proof"]
				self.assertEqual((proof.proven, proof.order), (wanted["proven"], wanted["order"]))
				self.assertEqual(proof.fees, wanted.get("fees", "included"))
				broken = proof.first_break
				found = [broken.line, str(broken.expected), str(broken.found)] if broken else None
				self.assertEqual(found, wanted.get("first_break"))

	def test_p67_the_same_file_twice_adds_nothing(self):
		"""Of every file: all lines are new at first, and duplicates when the file comes again."""
		for name, content, expected in corpus():
			if not expected.get("statement", {}).get("lines"):
				continue
			with self.subTest(name):
				found = [fingerprints_of(line) for line in self.read(name, content, expected).lines]
				self.assertEqual(set(classify(found, [])), {NEW})
				self.assertEqual(set(classify(found, found)), {DUPLICATE})

	def test_a_line_is_kept_as_the_bank_wrote_it(self):
		"""Every line and problem of a row has its original text, to be shown beside the reason."""
		for name, content, expected in corpus():
			if "statement" not in expected:
				continue
			with self.subTest(name):
				statement = self.read(name, content, expected)
				self.assertTrue(all(line.raw for line in statement.lines))
				self.assertTrue(all(problem.raw and problem.reason for problem in statement.problems))
