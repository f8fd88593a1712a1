# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""What is in the books already: by earlier files, by hand, by other importers; ids that clash; races."""

from unittest.mock import patch

import frappe

from advanced_bank_reconciliation import permissions
from advanced_bank_reconciliation.advanced_bank_reconciliation.doctype.bank_statement_importer import (
	bank_statement_importer as importer,
)
from advanced_bank_reconciliation.statement_import import stored, transactions
from advanced_bank_reconciliation.statement_import.job import JOB, ROW
from advanced_bank_reconciliation.tests import factories
from advanced_bank_reconciliation.tests.statement_case import Row, StatementTestCase, csv_of, rows_of_days

TWINS: list[Row] = [
	("2026-03-05", "-4.50", "Coffee", "", ""),
	("2026-03-05", "-4.50", "Coffee", "", ""),
	("2026-03-05", "9.00", "Sale", "", ""),
]


def camt_of(kind: str, total: str, payments: tuple[str, ...] = ()) -> bytes:
	"""Return CAMT with one collective entry of 28 January. kind: Stmt (053), without payments, or Ntfctn (054)."""
	message = {"Stmt": "BkToCstmrStmt", "Ntfctn": "BkToCstmrDbtCdtNtfctn"}[kind]
	version = {"Stmt": "053", "Ntfctn": "054"}[kind]
	details = "".join(
		f"<TxDtls><Refs><AcctSvcrRef>{kind}-{total}-{position}</AcctSvcrRef></Refs>"
		f'<Amt Ccy="EUR">{amount}</Amt><CdtDbtInd>CRDT</CdtDbtInd></TxDtls>'
		for position, amount in enumerate(payments)
	)
	return (
		f'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.{version}.001.04"><{message}><GrpHdr/>'
		f"<{kind}><Id>1</Id><Acct><Ccy>EUR</Ccy></Acct>"
		f'<Ntry><Amt Ccy="EUR">{total}</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>BOOK</Sts>'
		f"<BookgDt><Dt>2026-01-28</Dt></BookgDt><NtryDtls>{details}</NtryDtls></Ntry></{kind}></{message}></Document>"
	).encode()


class TestCollectiveEntries(StatementTestCase):
	def about_batches(self, content: bytes) -> list[str]:
		state = self.upload(content, name="notification.xml", account=self.euro_account)
		return [warning for warning in state["warnings"] if "collective" in warning]

	def test_payments_of_a_booked_entry_are_warned_of(self) -> None:
		"""CAMT.053 has 175.00 as one entry, CAMT.054 its payments of 75.00 and 100.00: the entry is named."""
		notification = camt_of("Ntfctn", "175.00", ("75.00", "100.00"))
		self.assertEqual(self.about_batches(notification), [])
		self.import_file(camt_of("Stmt", "175.00"), name="statement.xml", account=self.euro_account)
		(warning,) = self.about_batches(notification.replace(b"<Id>1<", b"<Id>2<"))
		booked = frappe.get_all("Bank Transaction", {"bank_account": self.euro_account}, pluck="name")
		self.assertIn(booked[0], warning)
		self.assertIn("175.00", warning)
		self.assertIn("2 ", warning)

	def test_other_amounts_and_cancelled_entries_are_none(self) -> None:
		self.import_file(camt_of("Stmt", "175.00"), name="statement.xml", account=self.euro_account)
		self.assertEqual(self.about_batches(camt_of("Ntfctn", "175.01", ("75.00", "100.01"))), [])
		(name,) = frappe.get_all("Bank Transaction", {"bank_account": self.euro_account}, pluck="name")
		frappe.get_doc("Bank Transaction", name).cancel()
		self.assertEqual(self.about_batches(camt_of("Ntfctn", "175.00", ("75.00", "100.00"))), [])


class TestEarlierFiles(StatementTestCase):
	def test_p67_same_file_twice_adds_nothing(self) -> None:
		for ids in (True, False):
			account = self.account if ids else self.euro_account
			content = csv_of(rows_of_days(1, 10), ids=ids)
			self.import_file(content, account=account)
			state = self.upload(content, account=account)
			self.assert_counts(state, duplicate=20)
			self.assertTrue(state["can"]["start"], "it is put away by starting it")
			self.assertTrue(any("very file" in warning for warning in state["warnings"]))
			self.assert_books(rows_of_days(1, 10), account)

	def test_p66_duplicates_are_found_behind_the_first_new_row(self) -> None:
		"""New rows first, known ones after: each is judged by itself."""
		self.import_file(csv_of(rows_of_days(1, 3)))
		state = self.upload(csv_of([*rows_of_days(4, 5), *rows_of_days(1, 3)]))
		self.assert_counts(state, new=4, duplicate=6)

	def test_overlapping_files_add_each_line_once(self) -> None:
		for ids, account in ((True, self.account), (False, self.euro_account)):
			for first, last in ((1, 10), (6, 15), (3, 20)):
				self.import_file(csv_of(rows_of_days(first, last), ids=ids), account=account)
			self.assert_books(rows_of_days(1, 20), account)

	def test_two_equal_purchases_on_a_day_stay_two(self) -> None:
		self.import_file(csv_of(TWINS, ids=False))
		self.assert_books(TWINS)
		self.assert_counts(self.upload(csv_of(TWINS, ids=False)), duplicate=3)

	def test_third_twin_of_a_later_file_is_new(self) -> None:
		self.import_file(csv_of(TWINS, ids=False))
		state = self.import_file(csv_of([TWINS[0], *TWINS], ids=False))
		self.assert_counts(state, imported=1, duplicate=3)
		self.assertEqual(len(self.books()), 4)

	def test_text_is_known_whatever_was_edited_in_the_bank_transaction(self) -> None:
		state = self.import_file(csv_of(rows_of_days(1, 1), ids=False))
		line = frappe.get_doc("Bank Transaction", state["lines"][0]["bank_transaction"])
		line.reference_number = "edited by hand"
		line.save()
		self.assert_counts(self.upload(csv_of(rows_of_days(1, 1), ids=False)), duplicate=2)

	def test_cancelled_line_comes_in_again(self) -> None:
		"""Not reverted, cancelled by hand: it is not in the books, so the file brings it back."""
		state = self.import_file(csv_of(rows_of_days(1, 1)))
		frappe.get_doc("Bank Transaction", state["lines"][0]["bank_transaction"]).cancel()
		again = self.import_file(csv_of(rows_of_days(1, 1)))
		self.assert_counts(again, imported=1, duplicate=1)
		self.assert_books(rows_of_days(1, 1))

	def test_amended_line_is_known_by_its_fields(self) -> None:
		state = self.import_file(csv_of(rows_of_days(1, 1), ids=False))
		line = frappe.get_doc("Bank Transaction", state["lines"][0]["bank_transaction"])
		line.cancel()
		amended = frappe.copy_doc(line)
		amended.amended_from = line.name
		amended.docstatus = 1
		amended.insert()
		self.assert_counts(self.upload(csv_of(rows_of_days(1, 1), ids=False)), duplicate=2)

	def test_lines_are_known_after_their_record_was_deleted(self) -> None:
		for ids, account in ((True, self.account), (False, self.euro_account)):
			state = self.import_file(csv_of(rows_of_days(1, 4), ids=ids), account=account)
			frappe.delete_doc(JOB, state["name"])
			again = self.upload(csv_of(rows_of_days(1, 4), ids=ids), account=account)
			self.assert_counts(again, duplicate=8)

	def test_other_accounts_lines_do_not_count(self) -> None:
		self.import_file(csv_of(rows_of_days(1, 3), ids=False))
		self.assert_counts(
			self.upload(csv_of(rows_of_days(1, 3), ids=False), account=self.euro_account), new=6
		)

	def test_id_is_known_far_from_its_date_and_asked_for(self) -> None:
		"""The same id and amount two months later: the same booking, or ids that begin anew in every file."""
		self.import_file(
			csv_of([("2026-03-01", "-5.00", "a", "", "TX-1"), ("2026-03-01", "1.00", "b", "", "TX-2")])
		)
		state = self.upload(
			csv_of([("2026-05-01", "-5.00", "a", "", "TX-1"), ("2026-05-01", "1.00", "b", "", "TX-3")])
		)
		self.assert_counts(state, possible_duplicate=1, new=1)

	def test_id_is_known_on_another_day_by_its_text(self) -> None:
		"""The bank exports a booking with its value date a few days later; here the text was edited by hand, too."""
		state = self.import_file(csv_of([("2026-03-01", "-5.00", "Some text", "", "TX-1")]))
		line = frappe.get_doc("Bank Transaction", state["lines"][0]["bank_transaction"])
		line.reference_number = "edited by hand"
		line.save()
		self.assert_counts(
			self.upload(csv_of([("2026-03-03", "-5.00", "some TEXT", "", "TX-1")])), duplicate=1
		)

	def test_judged_again_when_the_import_starts(self) -> None:
		"""Two users upload the same file; the second starts after the first: it finds nothing to do."""
		one, other = self.upload(csv_of(rows_of_days(1, 3))), self.upload(csv_of(rows_of_days(1, 3)))
		self.assert_counts(other, new=6)
		importer.start_import(one["name"])
		state = importer.start_import(other["name"])
		self.assertEqual(state["status"], "Completed")
		self.assert_counts(state, duplicate=6)
		self.assert_books(rows_of_days(1, 3))

	def test_importing_was_only_decided_for_what_the_user_has_seen(self) -> None:
		"""Import a possible duplicate, said the user; meanwhile it is certain: left out. Skip stays Skip."""
		factories.make_bank_transaction(
			withdrawal=4.5, date="2026-03-05", bank_account=self.account, description="Something else"
		)
		content = csv_of(
			[("2026-03-05", "-4.50", "Coffee", "", ""), ("2026-03-06", "7.00", "b", "", "")], ids=False
		)
		state = self.upload(content)
		self.assert_counts(state, possible_duplicate=1, new=1)
		coffee, other = self.rows(state["name"])
		importer.set_decision(state["name"], [coffee["row"]], "Import")
		importer.set_decision(state["name"], [other["row"]], "Skip")
		first = self.upload(content)
		importer.set_decision(first["name"], [self.rows(first["name"])[0]["row"]], "Import")
		importer.start_import(first["name"])
		with self.assertRaises(frappe.ValidationError):
			importer.set_decision(state["name"], ["x"], "Import")
		state = importer.start_import(state["name"])
		self.assertEqual(self.row(state["name"], 2)["outcome"], "Duplicate")
		self.assertEqual(self.row(state["name"], 3)["decision"], "Skip")

	def test_p66_user_may_import_a_duplicate_anyway(self) -> None:
		self.import_file(csv_of(TWINS, ids=False))
		state = self.upload(csv_of(TWINS, ids=False))
		row = self.rows(state["name"])[2]["row"]
		importer.set_decision(state["name"], [row], "Import")
		state = importer.start_import(state["name"])
		self.assert_counts(state, imported=1, duplicate=2)
		self.assert_books([*TWINS, TWINS[2]])


class TestOtherSources(StatementTestCase):
	def test_made_by_hand_or_by_another_importer(self) -> None:
		"""Same id or same texts: a duplicate. Only date and amount the same: a possible one, asked."""
		values = {"bank_account": self.account, "date": "2026-03-05"}
		factories.make_bank_transaction(
			withdrawal=1, transaction_id="PLAID-1", description="whatever", **values
		)
		factories.make_bank_transaction(
			withdrawal=2, description="Tea  and cake", reference_number="R-2", **values
		)
		factories.make_bank_transaction(withdrawal=3, description="Something else", **values)
		rows = [
			("2026-03-05", "-1.00", "A", "", "PLAID-1"),
			("2026-03-05", "-2.00", "Tea and cake", "R2", ""),
			("2026-03-05", "-3.00", "C", "", ""),
			("2026-03-05", "4.00", "D", "", ""),
		]
		state = self.upload(csv_of(rows))
		self.assertEqual(
			[line["outcome"] for line in state["lines"]],
			["Duplicate", "Duplicate", "Possible Duplicate", "New"],
		)
		self.assertEqual([line["decision"] for line in state["lines"]], ["Skip", "Skip", "Skip", "Import"])

	def test_line_says_what_it_resembles(self) -> None:
		"""Whoever decides about a possible duplicate sees the Bank Transaction, and so does a form."""
		known = factories.make_bank_transaction(
			bank_account=self.account,
			date="2026-03-05",
			withdrawal=3,
			description="Something else",
			reference_number="R-3",
		)
		state = self.upload(
			csv_of([("2026-03-05", "-3.00", "Coal", "", ""), ("2026-03-06", "4.00", "Deal", "", "")])
		)
		possible, new = state["lines"]
		self.assertEqual(possible["outcome"], "Possible Duplicate")
		found = possible["resembles"]
		self.assertEqual(
			(found["name"], str(found["date"]), found["deposit"], found["withdrawal"], found["currency"]),
			(known.name, "2026-03-05", 0, 3, "USD"),
		)
		self.assertEqual(
			(found["description"], found["reference"], found["status"]),
			("Something else", "R-3", "Unreconciled"),
		)
		self.assertIsNone(new["resembles"])
		self.assertEqual(frappe.db.get_value(ROW, possible["row"], "resembles"), known.name)

	def test_each_twin_resembles_another_bank_transaction(self) -> None:
		"""Two coffees are two bookings: the first is not named for both, and a third resembles none of them."""
		values = {
			"bank_account": self.account,
			"date": "2026-03-05",
			"withdrawal": 4.5,
			"reference_number": "",
		}
		same = factories.make_bank_transaction(description="Coffee", **values)
		like = factories.make_bank_transaction(description="Bakery", **values)
		state = self.upload(csv_of([TWINS[0], TWINS[0], TWINS[0]], ids=False))
		self.assertEqual(
			[(line["outcome"], (line["resembles"] or {}).get("name")) for line in state["lines"]],
			[("Duplicate", same.name), ("Possible Duplicate", like.name), ("New", None)],
		)

	def test_id_comes_before_date_and_amount(self) -> None:
		values = {"bank_account": self.account, "date": "2026-03-05"}
		factories.make_bank_transaction(withdrawal=3, description="Same day", **values)
		other_amount = factories.make_bank_transaction(withdrawal=7, transaction_id="ID-7", **values)
		state = self.upload(csv_of([("2026-03-05", "-3.00", "Coal", "", "ID-7")]))
		line = state["lines"][0]
		self.assertEqual(
			(line["outcome"], line["resembles"]["name"]), ("Possible Duplicate", other_amount.name)
		)

	def test_what_a_line_resembles_is_judged_again_at_the_start(self) -> None:
		row = ("2026-03-05", "-3.00", "Coal", "", "")
		state = self.upload(csv_of([row, ("2026-03-06", "4.00", "Deal", "", "")]))
		self.assertIsNone(state["lines"][0]["resembles"])
		known = factories.make_bank_transaction(
			bank_account=self.account,
			date="2026-03-05",
			withdrawal=3,
			description="Coal",
			reference_number="",
		)
		state = importer.start_import(state["name"])
		self.assert_counts(state, imported=1, duplicate=1)
		self.assertEqual(state["lines"][0]["resembles"]["name"], known.name)
		known.cancel()
		known.delete()
		state = importer.set_decision(state["name"], [state["lines"][0]["row"]], "Import")
		state = importer.retry_import(state["name"])
		self.assert_counts(state, imported=2)
		self.assertIsNone(state["lines"][0]["resembles"])

	def test_what_the_user_may_not_read_is_named_only(self) -> None:
		known = factories.make_bank_transaction(
			bank_account=self.account, date="2026-03-05", withdrawal=3, description="Secret"
		)
		state = self.upload(
			csv_of([("2026-03-05", "-3.00", "Coal", "", ""), ("2026-03-06", "4.00", "Deal", "", "")])
		)
		with patch.object(permissions, "may_read", return_value=False):
			line = importer.get_import_lines(state["name"])["lines"][0]
		self.assertEqual(line["resembles"], {"name": known.name})

	def test_draft_counts_and_cancelled_does_not(self) -> None:
		for number, docstatus in ((1, 0), (2, 2)):
			line = frappe.get_doc(
				{
					"doctype": "Bank Transaction",
					"bank_account": self.account,
					"date": "2026-03-05",
					"withdrawal": number,
					"description": f"no {number}",
				}
			).insert()
			if docstatus:
				line.submit()
				line.cancel()
		state = self.upload(
			csv_of(
				[
					("2026-03-05", "-1.00", "no 1", "", ""),
					("2026-03-05", "-2.00", "no 2", "", ""),
					("2026-03-06", "2.00", "x", "", ""),
				]
			)
		)
		self.assertEqual([line["outcome"] for line in state["lines"]], ["Duplicate", "New", "New"])

	def test_known_lines_cost_the_same_few_statements_however_many_there_are(self) -> None:
		for last in (2, 20):
			self.import_file(csv_of(rows_of_days(1, last)))
		days = frappe.utils.getdate("2026-03-01"), frappe.utils.getdate("2026-03-31")
		with self.assertQueryCount(1):
			known = stored.known_fingerprints(self.account, days)
		self.assertGreaterEqual(len(known), 40)


class TestIds(StatementTestCase):
	def test_id_of_another_account_does_not_lose_the_line(self) -> None:
		"""ERPNext 15 keeps transaction ids unique over all accounts; two banks both count from 1."""
		self.import_file(csv_of(rows_of_days(1, 1)), account=self.euro_account)
		state = self.import_file(csv_of(rows_of_days(1, 1)))
		self.assert_counts(state, imported=2)
		for row in self.rows(state["name"]):
			self.assertIn("without its transaction ID", row["error"])
			self.assertIsNone(
				frappe.db.get_value("Bank Transaction", row["bank_transaction"], "transaction_id")
			)
		self.assert_counts(self.upload(csv_of(rows_of_days(1, 1))), duplicate=2)

	def test_id_that_somebody_takes_at_that_moment(self) -> None:
		"""It was free when it was looked for, and is taken when the line is inserted: only the id is lost."""
		factories.make_bank_transaction(
			withdrawal=99, transaction_id="2026-03-01-out", bank_account=self.euro_account, currency="EUR"
		)
		name = self.upload(csv_of(rows_of_days(1, 1)))["name"]
		with patch.object(transactions, "_taken_ids", lambda _lines: set()):
			state = importer.start_import(name)
		self.assert_counts(state, imported=2)
		self.assertIn("without its transaction ID", self.row(name, 2)["error"])
		self.assertEqual(self.row(name, 3)["error"], "")

	def test_same_id_twice_in_a_file(self) -> None:
		"""The second is a possible duplicate; imported all the same, it has no id."""
		rows = [("2026-03-01", "-5.00", "a", "", "TX"), ("2026-03-01", "-6.00", "b", "", "TX")]
		state = self.upload(csv_of([*rows, ("2026-03-01", "1.00", "c", "", "TY")]))
		self.assertEqual(self.row(state["name"], 3)["outcome"], "Possible Duplicate")
		importer.set_decision(state["name"], [self.row(state["name"], 3)["row"]], "Import")
		state = importer.start_import(state["name"])
		self.assert_counts(state, imported=3)
		self.assertIn("without its transaction ID", self.row(state["name"], 3)["error"])

	def test_id_of_a_cancelled_bank_transaction(self) -> None:
		line = factories.make_bank_transaction(
			withdrawal=5, transaction_id="2026-03-01-out", bank_account=self.account
		)
		line.cancel()
		state = self.import_file(csv_of(rows_of_days(1, 1)))
		self.assert_counts(state, imported=2)
