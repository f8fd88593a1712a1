# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""What other apps add by hooks, with the examples of docs/hooks.md, and what their mistakes do not break."""

import inspect
import re
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

import frappe

import advanced_bank_reconciliation
from advanced_bank_reconciliation.advanced_bank_reconciliation.doctype.advance_bank_reconciliation_tool.advance_bank_reconciliation_tool import (
	get_additional_filters,
	get_candidates,
	reconcile_vouchers,
)
from advanced_bank_reconciliation.exceptions import BadPayload
from advanced_bank_reconciliation.tests import factories
from advanced_bank_reconciliation.tests.test_matching import UNPAID, fresh, rows_of
from advanced_bank_reconciliation.tests.utils import ABRTestCase

#: Where the hooks of the other app point to.
PATH = "other_app.function"

DOCUMENT = Path(advanced_bank_reconciliation.__file__).parents[1] / "docs" / "hooks.md"


@contextmanager
def hook_of_another_app(hook, values):
	"""Let an installed app (Frappe, which has none of these hooks) have the hook while the block runs."""
	get_hooks = frappe.get_hooks

	def with_the_hook(name=None, default="_KEEP_DEFAULT_LIST", app_name=None):
		if name == hook and app_name:
			return values if app_name == "frappe" else []
		return get_hooks(name, default, app_name)

	with patch.object(frappe, "get_hooks", with_the_hook):
		yield


def example(number):
	"""Run the numbered Python example of docs/hooks.md and return its names."""
	code = re.findall(r"```python\n(.*?)```", DOCUMENT.read_text(encoding="utf-8"), re.DOTALL)[number]
	names = {}
	exec(compile(code, DOCUMENT.name, "exec"), names)
	return names


def query_with_an_error(*_arguments):
	raise ZeroDivisionError("the other app cannot count")


def query_without_amount(*_arguments):
	entry = frappe.qb.DocType("Payment Entry")
	return [frappe.qb.from_(entry).select(entry.name).where(entry.docstatus == 1)]


class HookTestCase(ABRTestCase):
	def setUp(self):
		super().setUp()
		if not DOCUMENT.exists():
			self.skipTest("docs/hooks.md is in the repository, and this is an installed copy without it")

	def provider(self, function):
		"""Let another app provide matching queries by `function`."""
		return self.other_app("get_matching_queries", [PATH], function)

	@contextmanager
	def other_app(self, hook, values, function):
		"""Let another app have the hook with these values, in which PATH is the path of `function`."""
		get_attr = frappe.get_attr
		with (
			hook_of_another_app(hook, values),
			patch.object(frappe, "get_attr", lambda name: function if name == PATH else get_attr(name)),
		):
			yield


class TestProviders(HookTestCase):
	def test_p37_the_documented_provider_has_erpnexts_twelve_arguments(self):
		self.assertEqual(len(inspect.signature(example(2)["get_matching_queries"]).parameters), 12)

	def test_p38_rows_of_another_app_are_offered(self):
		"""The example offers an entry of 33, however old, whose remark is the bank's number of the line."""
		entry = self._entry(33, "BANK-ID-1")
		line = self._line(33, "BANK-ID-1")
		later = {"from_date": "2026-12-01"}
		self.assertNotIn(entry.name, rows_of(line, ["journal_entry"], **later))
		with self.provider(example(2)["get_matching_queries"]):
			row = rows_of(line, ["journal_entry"], **later)[entry.name]
		self.assertEqual((row["doctype"], row["remaining_amount"]), ("Journal Entry", 33))
		(title,) = frappe.get_hooks("app_title", app_name="frappe")
		self.assertEqual(row["reasons"], [f"Offered by {title}"])

	def test_what_we_find_ourselves_is_shown_once(self):
		entry = self._entry(34, "BANK-ID-2")
		line = self._line(34, "BANK-ID-2")
		with self.provider(example(2)["get_matching_queries"]):
			rows = get_candidates(line.name, ["journal_entry"], page_length=2000)["rows"]
		(row,) = [row for row in rows if row["name"] == entry.name]
		self.assertFalse([reason for reason in row["reasons"] if reason.startswith("Offered by")])

	def test_allocations_are_subtracted_from_what_another_app_offers(self):
		"""An entry of 50, 20 of which another line covers: 30 are offered."""
		entry = self._entry(50, "BANK-ID-3")
		first = factories.make_bank_transaction(deposit=20)
		wanted = {"payment_doctype": "Journal Entry", "payment_name": entry.name, "amount": 20}
		reconcile_vouchers(first.name, [wanted])
		line = self._line(30, "BANK-ID-3")
		with self.provider(example(2)["get_matching_queries"]):
			row = rows_of(line, ["journal_entry"], from_date="2026-12-01")[entry.name]
		self.assertEqual((row["total_amount"], row["remaining_amount"]), (50, 30))

	def test_p38_a_provider_that_fails_is_named_and_the_others_stay(self):
		"""Division by zero in one app, rows without an amount in another: our rows are all there."""
		payment = factories.make_payment_entry(35, fresh("Still there"))
		line = factories.make_bank_transaction(deposit=35)
		for function, words in (
			(query_with_an_error, "the other app cannot count"),
			(query_without_amount, "a row without doctype, paid_amount"),
		):
			with self.subTest(function=function.__name__), self.provider(function):
				answer = get_candidates(line.name, page_length=2000)
				(error,) = answer["provider_errors"]
				self.assertEqual(error["app"], "frappe")
				self.assertIn(words, error["message"])
				self.assertIn(payment.name, {row["name"] for row in answer["rows"]})

	def _entry(self, amount, remark):
		entry = factories.make_journal_entry((self.gl_account, amount), (factories.account("Sales"), -amount))
		frappe.db.set_value("Journal Entry", entry.name, "user_remark", remark)
		return entry

	def _line(self, amount, bank_number):
		return factories.make_bank_transaction(deposit=amount, transaction_id=bank_number)


class TestVoucherQueries(HookTestCase):
	def test_the_documented_kind_is_ranked_searched_and_paged_like_ours(self):
		"""An opening entry of 57, which our own query leaves out: exact amount, found by its reference, linked."""
		entry = self._opening_entry(57, "OPEN-57")
		line = factories.make_bank_transaction(deposit=57, reference_number="OPEN-57")
		self.assertNotIn(entry.name, rows_of(line, ["journal_entry"]))
		with self.opening_entries():
			row = rows_of(line, ["journal_entry"], search="open-57", exact_amount=True)[entry.name]
			self.assertEqual(row["reasons"][0], "Same reference number: OPEN-57")
			self.assertEqual((row["remaining_amount"], row["document_type"]), (57, "journal_entry"))
			self.assertNotIn(entry.name, rows_of(line, ["payment_entry"]))
			self.assertNotIn(
				entry.name, rows_of(factories.make_bank_transaction(withdrawal=57), ["journal_entry"])
			)
			self._link(factories.make_bank_transaction(deposit=20), entry, 20)
			self.assertEqual(rows_of(line, ["journal_entry"])[entry.name]["remaining_amount"], 37)

	def test_a_query_that_fails_is_named_and_the_others_stay(self):
		payment = factories.make_payment_entry(58, fresh("Still there"))
		entry = frappe.qb.DocType("Journal Entry")
		line = factories.make_bank_transaction(deposit=58)
		for function, words in (
			(query_with_an_error, "the other app cannot count"),
			(lambda line: frappe.qb.from_(entry).select(entry.name), "without the columns posting_date"),
		):
			with self.subTest(words=words), self.opening_entries(function):
				answer = get_candidates(line.name, page_length=2000)
				(error,) = answer["provider_errors"]
				self.assertEqual(error["app"], "frappe")
				self.assertIn(words, error["message"])
				self.assertIn(payment.name, {row["name"] for row in answer["rows"]})

	def opening_entries(self, function=None):
		function = function or example(4)["opening_entries"]
		return self.other_app("bank_rec_voucher_queries", {"Journal Entry": [PATH]}, function)

	def _opening_entry(self, amount, reference):
		entry = factories.make_journal_entry((self.gl_account, amount), (factories.account("Sales"), -amount))
		frappe.db.set_value(
			"Journal Entry", entry.name, {"voucher_type": "Opening Entry", "cheque_no": reference}
		)
		return entry

	def _link(self, line, entry, amount):
		wanted = {"payment_doctype": "Journal Entry", "payment_name": entry.name, "amount": amount}
		reconcile_vouchers(line.name, [wanted])


class TestRankCriteria(HookTestCase):
	def test_the_documented_criterion_scores_and_says_why(self):
		"""Two payments of equal rank; the text has the customer number of one: 35 points more, and on top."""
		named, other = (
			factories.make_payment_entry(59, fresh("Numbered").replace(" ", "")) for _ in range(2)
		)
		line = factories.make_bank_transaction(deposit=59, description=f"KD {named.party} thanks")
		with self.other_app("bank_rec_rank_criteria", [PATH], example(6)["rank_criteria"]):
			found = rows_of(line, ["payment_entry"])
			self.assertEqual(get_candidates(line.name)["rows"][0]["name"], named.name)
		self.assertIn(f"Customer number of {named.party} in the text", found[named.name]["reasons"])
		self.assertNotIn(f"Customer number of {named.party} in the text", found[other.name]["reasons"])
		self.assertEqual(found[named.name]["rank"] - rows_of(line, ["payment_entry"])[named.name]["rank"], 35)

	def test_criteria_that_cannot_work_are_left_out_and_named(self):
		payment = factories.make_payment_entry(60, fresh("Scored"))
		line = factories.make_bank_transaction(deposit=60)
		good = {"key": "x", "points": 5, "condition": lambda line, row: row.party == "x", "sentence": str}
		for criterion, words in (
			({**good, "points": -5}, "points must be a whole number from 1 to 100"),
			({**good, "points": 1000}, "points must be a whole number from 1 to 100"),
			({**good, "sentence": None}, "without sentence"),
			({**good, "condition": lambda line, row: row.no_such_column == 1}, "no_such_column"),
			("party", "must be a dict"),
		):
			with (
				self.subTest(words=words),
				self.other_app("bank_rec_rank_criteria", [PATH], lambda criterion=criterion: [criterion]),
			):
				answer = get_candidates(line.name, page_length=2000)
				(error,) = answer["provider_errors"]
				self.assertIn(words, error["message"])
				row = next(row for row in answer["rows"] if row["name"] == payment.name)
				self.assertEqual(row["rank"], rows_of(line, None)[payment.name]["rank"])


class TestAdditionalFilters(HookTestCase):
	def entries(self):
		return example(0)["bank_rec_additional_filters"]

	def test_entries_are_completed_from_their_fields(self):
		with hook_of_another_app("bank_rec_additional_filters", self.entries()):
			territory, remarks = get_additional_filters()
		self.assertEqual(
			territory,
			{
				"dt": "Customer",
				"fieldname": "territory",
				"fieldtype": "Link",
				"label": "Territory",
				"options": "Territory",
			},
		)
		self.assertEqual((remarks["fieldtype"], remarks["label"]), ("Data", "Invoice Remarks"))

	def test_entries_that_cannot_work_are_left_out_and_logged(self):
		bad = [
			{"dt": "Customer", "fieldname": "no_such_field"},
			{"dt": "No Such DocType", "fieldname": "name"},
			{"dt": "Accounts Settings", "fieldname": "stale_days"},
			"Customer",
			{"dt": ["Customer"], "fieldname": ["territory"]},
		]
		logged = frappe.db.count("Error Log")
		with hook_of_another_app("bank_rec_additional_filters", [*bad, *self.entries()]):
			self.assertEqual(len(get_additional_filters()), 2)
		self.assertEqual(frappe.db.count("Error Log") - logged, len(bad))

	def test_p39_filters_are_applied_on_the_server(self):
		"""Two customers' invoices: by territory only one stays; by remarks of the invoice only the other."""
		first, second = (factories.make_party("Customer", fresh("Filtered")) for _ in range(2))
		territory = frappe.db.get_value("Customer", first, "territory")
		frappe.db.set_value("Customer", second, "territory", None)
		invoices = [factories.make_sales_invoice(47, party) for party in (first, second)]
		frappe.db.set_value("Sales Invoice", invoices[1].name, "remarks", "second one")
		payment = factories.make_payment_entry(47, fresh("Filtered"))
		line = factories.make_bank_transaction(deposit=47)
		types = [*UNPAID, "payment_entry"]
		with hook_of_another_app("bank_rec_additional_filters", self.entries()):
			by_party = rows_of(line, types, extra_filters={"Customer": {"territory": [territory]}})
			by_voucher = rows_of(
				line,
				types,
				extra_filters='{"Sales Invoice": {"remarks": "second one"}, "Customer": {"territory": ""}}',
			)
		self.assertIn(invoices[0].name, by_party)
		self.assertNotIn(invoices[1].name, by_party)
		self.assertIn(invoices[1].name, by_voucher)
		self.assertNotIn(invoices[0].name, by_voucher)
		self.assertIn(payment.name, by_voucher)

	def test_undeclared_filters_are_refused(self):
		line = factories.make_bank_transaction(deposit=1)
		for extra in (
			{"Customer": {"tax_id": "x"}},
			{"User": {"name": "Administrator"}},
			{"Customer": {"territory`": "x"}},
			{"Customer": "x"},
			'["Customer"]',
			"{",
			{"Customer": {"territory": {"a": 1}}},
		):
			with (
				self.subTest(extra=extra),
				hook_of_another_app("bank_rec_additional_filters", self.entries()),
				self.assertRaises(BadPayload),
			):
				get_candidates(line.name, extra_filters=extra)
