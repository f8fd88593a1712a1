# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Every file of the corpus, mutated: no crash, no hang, bounded memory. No database.

Whatever comes out is a Statement that keeps its promises, or a StatementError. ABR_FUZZ_SECONDS (default 20)
is the time for the whole module; with more of it, hypothesis tries more mutations.
"""

import os
import time
import unittest
from dataclasses import replace
from datetime import date
from decimal import Decimal

import frappe

from advanced_bank_reconciliation.statement_import.balance import prove
from advanced_bank_reconciliation.statement_import.duplicates import classify, fingerprints_of
from advanced_bank_reconciliation.statement_import.exceptions import StatementError
from advanced_bank_reconciliation.statement_import.registry import FORMATS, parse_with, read_statement
from advanced_bank_reconciliation.statement_import.statement import Options, Statement
from advanced_bank_reconciliation.tests.statement_bounds import measured
from advanced_bank_reconciliation.tests.test_statement_corpus import corpus, options_of

try:
	from hypothesis import HealthCheck, given, settings
	from hypothesis import strategies as st
except ImportError:
	given = None

SECONDS = float(os.environ.get("ABR_FUZZ_SECONDS", 20))

#: For one mutated file; the largest of the corpus has 10 KB, and one takes some milliseconds.
MAX_SECONDS = 5

#: MB beyond the beginning, over all mutations.
MAX_MEMORY = 120

#: Bytes that mean something to one of the formats.
TOKENS = (
	b'"', b";", b",", b"\t", b"\n", b"\r", b"\x00", b"\xff\xfe", b"\xef\xbb\xbf", b"\xe4", b"<", b">", b"&", b"&amp;",
	b"<![CDATA[", b"]]>", b"<!DOCTYPE a [", b"<!ENTITY a 'b'>", b":20:", b":61:", b":86:", b":62F:C260101EUR1,",
	b"?20", b"</Ntry>", b"<Ntry>", b"<STMTTRN>", b"</STMTTRN>", b"PK\x03\x04", b"-", b"9" * 40, b"1E9", b"31.02.2026",
	b"Date;Amount\n", b"Opening balance", b"\xf0\x9f\x92\xb6", b"\xe2\x80\xa8", b"{4:", b"sep=;\n",
)  # fmt: skip

FILES = corpus()


def mutated(content: bytes, steps: list[tuple[str, float, float, bytes]]) -> bytes:
	"""Apply the steps: (what, from where, how far, which bytes), places as fractions of the length."""
	for what, start, length, token in steps:
		begin = int(start * len(content))
		end = min(begin + 1 + int(length * 80), len(content))
		if what == "insert":
			content = content[:begin] + token + content[begin:]
		elif what == "overwrite":
			content = content[:begin] + token + content[begin + len(token) :]
		elif what == "delete":
			content = content[:begin] + content[end:]
		elif what == "repeat":
			content = content[:end] + content[begin:end] * 20 + content[end:]
		elif what == "truncate":
			content = content[:begin]
		elif what == "flip" and begin < len(content):
			content = content[:begin] + bytes([content[begin] ^ (1 << len(token) % 8)]) + content[begin + 1 :]
	return content


def check(case: unittest.TestCase, statement: Statement) -> None:
	"""What every statement promises, whatever it was made of."""
	for line in statement.lines:
		case.assertIs(type(line.date), date)
		case.assertIsInstance(line.amount, Decimal)
		case.assertTrue(line.amount.is_finite() and line.amount and abs(line.amount) < 10**12)
		case.assertNotIn("\x00", line.description + line.reference + line.party_name + line.transaction_id)
		case.assertLessEqual(len(line.description), 10_000)
		case.assertLessEqual(len(line.raw), 2_000)
	case.assertTrue(all(problem.reason for problem in statement.problems))
	case.assertTrue(all(question.choices for question in statement.questions))
	case.assertFalse(statement.questions and statement.lines, "no lines while something is open")
	statement.as_dict()
	prove(statement)
	case.assertEqual(len(classify([*map(fingerprints_of, statement.lines)], [])), len(statement.lines))


@unittest.skipUnless(given, "hypothesis is not installed")
class TestMutations(unittest.TestCase):
	if given:
		steps = st.lists(
			st.tuples(
				st.sampled_from(["insert", "overwrite", "delete", "repeat", "truncate", "flip"]),
				st.floats(0, 1),
				st.floats(0, 1),
				st.sampled_from(TOKENS) | st.binary(min_size=1, max_size=6),
			),
			min_size=1,
			max_size=5,
		)

		def test_mutated_files(self):
			"""Each file in its turn, until the time is over."""
			self.addCleanup(frappe.clear_messages)
			share = SECONDS / 2 / len(FILES)
			with measured() as used:
				for name, content, expected in FILES:
					with self.subTest(name):
						self.fuzz(content, options_of(expected), share)
			if used.memory is not None:
				self.assertLess(used.memory, MAX_MEMORY)

		def fuzz(self, content: bytes, options: Options, seconds: float) -> None:
			until = time.monotonic() + seconds

			@settings(
				max_examples=max(10, int(SECONDS * 2)),
				deadline=None,
				database=None,
				derandomize=SECONDS <= 20,
				suppress_health_check=list(HealthCheck),
			)
			@given(self.steps)
			def once(steps):
				if time.monotonic() < until:
					self.read(mutated(content, steps), options)

			once()

		@settings(max_examples=60, deadline=None, database=None, suppress_health_check=list(HealthCheck))
		@given(st.sampled_from(FILES), st.sampled_from(FORMATS), steps)
		def test_every_parser_with_every_file(self, file, chosen, steps):
			"""A parser is also given what is not meant for it: no format relies on having been identified."""
			self.addCleanup(frappe.clear_messages)
			_name, content, expected = file
			options = replace(options_of(expected), mapping=None)
			self.read(mutated(content, steps[:2]), options, chosen)

		@settings(max_examples=60, deadline=None, database=None, suppress_health_check=list(HealthCheck))
		@given(
			st.binary(max_size=2000) | st.text(max_size=800).map(str.encode),
			st.sampled_from([*FORMATS, None]),
		)
		def test_any_bytes(self, content, chosen):
			self.addCleanup(frappe.clear_messages)
			self.read(content, Options(), chosen)

	def read(self, content: bytes, options: Options, chosen=None) -> None:
		started = time.process_time()
		try:
			statement = (
				parse_with(chosen, content, options) if chosen else read_statement(content, "x", options)
			)
			check(self, statement)
		except StatementError as error:
			self.assertTrue(str(error))
		self.assertLess(time.process_time() - started, MAX_SECONDS)
		frappe.clear_messages()
