# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
"""frappe.db, frappe.qb and frappe.get_all: transactions, savepoints, callbacks, filters, types."""

import datetime

import frappe
from frappe.query_builder.functions import Coalesce, Count, Max, Sum
from frappe.tests.utils import FrappeTestCase
from frappe_doctypes import PARTY, VOUCHER, make_doctypes, make_party, make_voucher


class TestTransactions(FrappeTestCase):
	@classmethod
	def setUpClass(cls):
		super().setUpClass()
		make_doctypes()
		frappe.db.commit()

	def tearDown(self):
		frappe.db.rollback()

	def test_rollback_to_a_savepoint_keeps_what_was_before(self):
		before = make_voucher().name
		frappe.db.savepoint("sp_here")
		after = make_voucher().name
		frappe.db.rollback(save_point="sp_here")
		self.assertTrue(frappe.db.exists(VOUCHER, before))
		self.assertFalse(frappe.db.exists(VOUCHER, after))
		again = make_voucher().name  # the series went back with it
		self.assertEqual(again, after)

	def test_savepoints_nest_and_can_be_used_twice(self):
		names = []
		for _i in range(2):
			frappe.db.savepoint("sp_outer")
			names.append(make_voucher().name)
			frappe.db.savepoint("sp_inner")
			dropped = make_voucher().name
			frappe.db.rollback(save_point="sp_inner")
			frappe.db.release_savepoint("sp_outer")
			self.assertFalse(frappe.db.exists(VOUCHER, dropped))
		self.assertTrue(all(frappe.db.exists(VOUCHER, name) for name in names))

	def test_an_unknown_savepoint_is_an_error(self):
		make_voucher()
		self.assertRaises(frappe.db.OperationalError, frappe.db.rollback, save_point="never_set")

	def test_an_error_in_a_statement_leaves_the_transaction_alive(self):
		make_voucher(transaction_id="kept")
		self.assertRaises(frappe.UniqueValidationError, make_voucher, transaction_id="kept")
		self.assertTrue(frappe.db.exists(VOUCHER, {"transaction_id": "kept"}))

	def test_callbacks_run_once_on_commit_and_are_dropped_by_rollback(self):
		calls = []
		frappe.db.after_commit.add(lambda: calls.append("dropped"))
		frappe.db.after_rollback.add(lambda: calls.append("rolled back"))
		frappe.db.rollback()
		frappe.db.before_commit.add(lambda: calls.append("before"))
		frappe.db.after_commit.add(lambda: calls.append("after"))
		frappe.db.commit()
		frappe.db.commit()
		self.assertEqual(calls, ["rolled back", "before", "after"])

	def test_rollback_to_a_savepoint_keeps_the_callbacks(self):
		calls = []
		frappe.db.savepoint("sp_callbacks")
		frappe.db.after_commit.add(lambda: calls.append(1))
		frappe.db.rollback(save_point="sp_callbacks")
		frappe.db.commit()
		self.assertEqual(calls, [1])

	def test_another_connection_sees_only_what_is_committed(self):
		with self.primary_connection():
			doc = make_voucher()
		with self.secondary_connection():
			self.assertFalse(frappe.db.exists(VOUCHER, doc.name))
			frappe.db.rollback()
		with self.primary_connection():
			frappe.db.commit()
		with self.secondary_connection():
			self.assertTrue(frappe.db.exists(VOUCHER, doc.name))
			frappe.db.rollback()
		with self.primary_connection():
			frappe.delete_doc(VOUCHER, doc.name)
			frappe.db.commit()

	def test_delete_does_not_wait_for_a_locked_document(self):
		with self.primary_connection():
			doc = make_voucher()
			frappe.db.commit()
		with self.secondary_connection():
			frappe.db.get_value(VOUCHER, doc.name, for_update=True)
		with self.primary_connection():
			self.assertRaises(frappe.QueryTimeoutError, frappe.delete_doc, VOUCHER, doc.name)
			frappe.db.rollback()
		with self.secondary_connection():
			frappe.db.rollback()
		with self.primary_connection():
			frappe.delete_doc(VOUCHER, doc.name)
			frappe.db.commit()
			self.assertFalse(frappe.db.exists(VOUCHER, doc.name))


class TestReading(FrappeTestCase):
	@classmethod
	def setUpClass(cls):
		super().setUpClass()
		make_doctypes()
		frappe.db.commit()
		make_party("Anna", city="Aachen", credit_limit=100.25)
		make_party("Berta", city="", credit_limit=0.1)
		make_party("Cäsar", credit_limit=0.2)

	def names(self, filters, **options) -> list[str]:
		return frappe.get_all(PARTY, filters=filters, pluck="name", order_by="name", **options)

	def test_get_value_shapes(self):
		self.assertEqual(frappe.db.get_value(PARTY, "Anna", "city"), "Aachen")
		self.assertEqual(list(frappe.db.get_value(PARTY, "Anna", ["name", "city"])), ["Anna", "Aachen"])
		self.assertEqual(
			frappe.db.get_value(PARTY, {"city": "Aachen"}, ["name", "city"], as_dict=True),
			{"name": "Anna", "city": "Aachen"},
		)
		self.assertIsNone(frappe.db.get_value(PARTY, "Nobody", "city"))
		self.assertEqual(frappe.db.exists(PARTY, {"city": "Aachen"}), "Anna")
		self.assertEqual(frappe.db.count(PARTY, {"city": ["is", "set"]}), 1)

	def test_get_all_treats_null_as_empty_and_get_values_does_not(self):
		self.assertEqual(self.names({"city": ["!=", "Aachen"]}), ["Berta", "Cäsar"])
		self.assertEqual(self.names({"city": ""}), ["Berta", "Cäsar"])
		self.assertEqual(self.names({"city": ["not in", ["Aachen"]]}), ["Berta", "Cäsar"])
		self.assertEqual(self.names({"city": ["is", "not set"]}), ["Berta", "Cäsar"])
		rows = frappe.db.get_values(PARTY, {"city": ["!=", "Aachen"]}, "name")
		self.assertEqual([row[0] for row in rows], ["Berta"])

	def test_operators(self):
		self.assertEqual(self.names({"name": ["in", ["Anna", "Berta", "Nobody"]]}), ["Anna", "Berta"])
		self.assertEqual(self.names({"name": ["in", []]}), [])
		self.assertEqual(self.names({"name": ["like", "%NN%"]}), ["Anna"])
		self.assertEqual(self.names([["credit_limit", ">", 0.1]]), ["Anna", "Cäsar"])
		self.assertEqual(
			self.names({"credit_limit": [">", 0]}, or_filters={"name": "Anna", "city": ""}),
			["Anna", "Berta", "Cäsar"],
		)
		with self.assertRaises(frappe.ValidationError):
			self.names({"name": ["===", "Anna"]})

	def test_dates_between(self):
		for day in ("2026-01-31", "2026-02-01", "2026-02-28"):
			make_voucher(posting_date=day, title_text="between")
		filters = {"title_text": "between", "posting_date": ["between", ["2026-02-01", "2026-02-28"]]}
		self.assertEqual(frappe.db.count(VOUCHER, filters), 2)
		self.assertEqual(len(frappe.get_all(VOUCHER, filters)), 2)

	def test_functions_that_get_all_refuses(self):
		for field in (
			"ifnull(city, '') as town",
			"(select 1)",
			"name, (select name from tabUser)",
			"version()",
		):
			with self.assertRaises(frappe.DataError):
				frappe.get_all(PARTY, fields=[field])
		with self.assertRaises(frappe.ValidationError):
			frappe.get_all(PARTY, order_by="(select name from tabUser)")

	def test_text_is_compared_without_case(self):
		self.assertEqual(self.names({"city": "AACHEN"}), ["Anna"])
		self.assertEqual(frappe.db.exists(PARTY, "anna"), "Anna")

	def test_values_with_quotes_and_percent_signs_are_only_values(self):
		text = '100% O\'Brien "x" `y` %s \\ ; DROP'
		make_party("Odd", city=text)
		self.assertEqual(self.names({"city": text}), ["Odd"])
		self.assertEqual(frappe.db.get_value(PARTY, {"city": text}), "Odd")
		table = frappe.qb.DocType(PARTY)
		self.assertEqual(
			frappe.qb.from_(table).select(table.name).where(table.city == text).run(pluck=True), ["Odd"]
		)
		self.assertEqual(
			frappe.db.sql(f"select name from `tab{PARTY}` where city = %(city)s", {"city": text}, pluck=True),
			["Odd"],
		)
		frappe.delete_doc(PARTY, "Odd")

	def test_a_backslash_makes_a_percent_sign_literal(self):
		make_party("Percent", city="50%")
		self.assertEqual(self.names({"city": ["like", "50\\%"]}), [])  # get_all escapes the backslash itself
		table = frappe.qb.DocType(PARTY)
		query = frappe.qb.from_(table).select(table.name).where(table.city.like("50\\%"))
		self.assertEqual(query.run(pluck=True), ["Percent"])
		frappe.delete_doc(PARTY, "Percent")

	def test_sums_are_exact_to_the_cent(self):
		table = frappe.qb.DocType(PARTY)
		query = frappe.qb.from_(table).select(Sum(table.credit_limit)).where(table.name != "Anna")
		self.assertEqual(query.run()[0][0], 0.3)
		having = query.having(Sum(table.credit_limit) == 0.3)
		self.assertEqual(len(having.run()), 1)

	def test_aggregates_keep_the_type_of_dates(self):
		make_voucher(posting_date="2026-01-05", title_text="agg")
		make_voucher(posting_date="2026-01-07", title_text="agg")
		table = frappe.qb.DocType(VOUCHER)
		query = frappe.qb.from_(table).where(table.title_text == "agg").select(
			Max(table.posting_date).as_("latest"), Count(table.name).as_("number"),
			Coalesce(Max(table.clearance_date), Max(table.posting_date)).as_("either"),
		)  # fmt: skip
		row = query.run(as_dict=True)[0]
		day = datetime.date(2026, 1, 7)
		self.assertEqual((row.latest, row.number, row.either), (day, 2, day))

	def test_shapes_of_sql(self):
		query = f"select name, city from `tab{PARTY}` where name in %s order by name"
		names = (["Anna", "Berta"],)
		self.assertEqual(
			[tuple(row) for row in frappe.db.sql(query, names)], [("Anna", "Aachen"), ("Berta", "")]
		)
		self.assertEqual(frappe.db.sql(query, names, as_dict=True)[0].city, "Aachen")
		self.assertEqual(frappe.db.sql(query, names, pluck=True), ["Anna", "Berta"])
		self.assertEqual(frappe.db.sql(query, names, as_list=True)[1], ["Berta", ""])

	def test_set_value_writes_without_events_and_updates_modified(self):
		doc = make_voucher()
		before = frappe.db.get_value(VOUCHER, doc.name, "modified")
		frappe.db.set_value(VOUCHER, doc.name, {"amount": 4, "clearance_date": "2026-05-06"})
		row = frappe.db.get_value(VOUCHER, doc.name, ["amount", "clearance_date", "modified"], as_dict=True)
		self.assertEqual((row.amount, row.clearance_date), (4.0, datetime.date(2026, 5, 6)))
		self.assertGreater(row.modified, before)
		frappe.db.set_value(VOUCHER, {"name": doc.name}, "amount", 5, update_modified=False)
		again = frappe.db.get_value(VOUCHER, doc.name, ["amount", "modified"], as_dict=True)
		self.assertEqual((again.amount, again.modified), (5.0, row.modified))

	def test_a_value_too_long_for_its_column_is_refused_by_the_database(self):
		doc = make_voucher()
		frappe.db.savepoint("sp_long")
		with self.assertRaises(frappe.db.DataError) as error:
			frappe.db.set_value(VOUCHER, doc.name, "title_text", "x" * 141)
		self.assertTrue(frappe.db.is_data_too_long(error.exception))

	def test_get_all_of_a_child_table_and_of_linked_fields(self):
		doc = make_voucher(party="Anna", rows=[{"description": "a"}, {"description": "b"}])
		rows = frappe.get_all(
			VOUCHER, filters={"name": doc.name}, fields=["name", "rows.description", "party.city as town"],
			order_by="`tabABR Conformance Row`.idx",
		)  # fmt: skip
		self.assertEqual({row.description for row in rows}, {"a", "b"})
		self.assertEqual({row.town for row in rows}, {"Aachen"})

	def test_order_group_limit(self):
		make_party("Aaron", city="Aachen")
		rows = frappe.get_all(
			PARTY, filters={"city": "Aachen"}, fields=["count(name) as number", "city"], group_by="city"
		)
		self.assertEqual([(row.number, row.city) for row in rows], [(2, "Aachen")])
		frappe.delete_doc(PARTY, "Aaron")
		self.assertEqual(frappe.get_all(PARTY, pluck="name", order_by="name desc", limit=1), ["Cäsar"])
		self.assertEqual(
			frappe.get_all(PARTY, pluck="name", order_by="name asc", limit_start=1, limit_page_length=1),
			["Berta"],
		)
