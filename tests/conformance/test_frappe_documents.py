# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
"""The life of a document in Frappe: order of events, validation, docstatus, child rows, timestamps."""

import datetime

import frappe
from frappe.tests.utils import FrappeTestCase
from frappe_doctypes import PARTY, ROW, VOUCHER, make_doctypes, make_party, make_voucher


def events_of(doc, action) -> list[str]:
	"""Names of the events that run while `action(doc)` runs."""
	events = []
	original = doc.run_method

	def recording(method, *args, **kwargs):
		events.append(method)
		return original(method, *args, **kwargs)

	doc.__dict__["run_method"] = recording
	try:
		action(doc)
	finally:
		del doc.__dict__["run_method"]
	return events


class TestDocuments(FrappeTestCase):
	@classmethod
	def setUpClass(cls):
		super().setUpClass()
		make_doctypes()

	def tearDown(self):
		frappe.db.rollback()

	def test_insert_runs_the_events_in_order(self):
		events = events_of(frappe.get_doc({"doctype": VOUCHER, "title_text": "A"}), lambda d: d.insert())
		self.assertEqual(
			events,
			[
				"before_insert",
				"before_naming",
				"autoname",
				"before_validate",
				"validate",
				"before_save",
				"after_insert",
				"on_update",
				"on_change",
			],
		)

	def test_one_insert_with_docstatus_1_validates_once_and_submits(self):
		doc = frappe.get_doc({"doctype": VOUCHER, "title_text": "A", "docstatus": 1})
		events = events_of(doc, lambda d: d.insert())
		self.assertEqual(events.count("validate"), 1)
		self.assertEqual(
			events[events.index("validate") :],
			["validate", "before_submit", "after_insert", "on_update", "on_submit", "on_change"],
		)
		self.assertEqual(frappe.db.get_value(VOUCHER, doc.name, "docstatus"), 1)

	def test_submit_cancel_and_update_after_submit_run_their_events(self):
		doc = make_voucher()
		self.assertEqual(
			events_of(doc, lambda d: d.submit()),
			["before_validate", "validate", "before_submit", "on_update", "on_submit", "on_change"],
		)
		doc.clearance_date = "2026-01-31"
		self.assertEqual(
			events_of(doc, lambda d: d.save()),
			["before_update_after_submit", "on_update_after_submit", "on_change"],
		)
		self.assertEqual(events_of(doc, lambda d: d.cancel()), ["before_cancel", "on_cancel", "on_change"])
		self.assertTrue(doc.docstatus.is_cancelled())

	def test_db_set_runs_on_change_and_keeps_other_values(self):
		doc = make_voucher(amount=5)
		events = events_of(doc, lambda d: d.db_set("amount", 7.5))
		self.assertEqual(events, ["before_change", "on_change"])
		self.assertEqual(frappe.db.get_value(VOUCHER, doc.name, "amount"), 7.5)

	def test_docstatus_transitions(self):
		doc = make_voucher()
		doc.docstatus = 2
		self.assertRaises(frappe.DocstatusTransitionError, doc.save)

		doc = make_voucher(docstatus=1)
		doc.docstatus = 0
		self.assertRaises(frappe.DocstatusTransitionError, doc.save)

		doc = make_voucher(docstatus=1)
		doc.cancel()
		doc.amount = 3
		self.assertRaises(frappe.ValidationError, doc.save)

	def test_a_stale_copy_is_refused(self):
		doc = make_voucher()
		other = frappe.get_doc(VOUCHER, doc.name)
		other.amount = 1
		other.save()
		doc.amount = 2
		self.assertRaises(frappe.TimestampMismatchError, doc.save)

	def test_fields_not_allowed_on_submit_cannot_change(self):
		doc = make_voucher(docstatus=1, amount=10, rows=[{"description": "r", "amount": 10}])
		doc.amount = 11
		self.assertRaises(frappe.UpdateAfterSubmitError, doc.save)

		doc.reload()
		doc.rows[0].amount = 12
		self.assertRaises(frappe.UpdateAfterSubmitError, doc.save)

		doc.reload()
		doc.append("rows", {"description": "new"})
		self.assertRaises(frappe.UpdateAfterSubmitError, doc.save)

		doc.reload()
		doc.amount = "10.0"  # the same amount as text is no change
		doc.clearance_date = "2026-02-01"
		doc.save()
		self.assertEqual(frappe.db.get_value(VOUCHER, doc.name, "clearance_date"), datetime.date(2026, 2, 1))

	def test_mandatory_fields_of_rows_are_named(self):
		doc = frappe.get_doc({"doctype": VOUCHER, "rows": [{"amount": 1}]})
		with self.assertRaises(frappe.MandatoryError) as error:
			doc.insert()
		self.assertIn("title_text", str(error.exception))
		self.assertIn("description", str(error.exception))

	def test_select_options_are_closed(self):
		self.assertRaises(frappe.ValidationError, make_voucher, kind="Neither")

	def test_a_text_longer_than_its_field_is_refused(self):
		self.assertRaises(frappe.CharacterLengthExceededError, make_voucher, title_text="x" * 141)
		self.assertEqual(len(make_voucher(title_text="x" * 140).title_text), 140)

	def test_a_negative_value_in_a_non_negative_field_is_refused(self):
		self.assertRaises(frappe.NonNegativeError, make_voucher, amount=-0.01)

	def test_set_only_once(self):
		doc = make_voucher(fixed_note="a")
		doc.fixed_note = "b"
		self.assertRaises(frappe.CannotChangeConstantError, doc.save)

	def test_unique_field(self):
		make_voucher(transaction_id="T-1")
		self.assertRaises(frappe.UniqueValidationError, make_voucher, transaction_id="T-1")

	def test_unique_field_may_be_empty_many_times(self):
		first, second = make_voucher(transaction_id=""), make_voucher(transaction_id="")
		self.assertIsNone(frappe.db.get_value(VOUCHER, first.name, "transaction_id"))
		self.assertNotEqual(first.name, second.name)

	def test_a_taken_name_is_a_duplicate_entry(self):
		make_party("Twice")
		self.assertRaises(frappe.DuplicateEntryError, make_party, "Twice")
		self.assertRaises(frappe.DuplicateEntryError, make_party, "TWICE")  # names ignore case

	def test_defaults(self):
		doc = make_voucher()
		self.assertEqual((doc.kind, doc.is_open, doc.docstatus), ("Receive", 1, 0))
		self.assertEqual(str(doc.posting_date), frappe.utils.nowdate())
		self.assertEqual(doc.owner, frappe.session.user)

	def test_values_come_back_with_their_types(self):
		doc = make_voucher(
			posting_date="2026-03-04",
			posting_time="12:34:56",
			amount="1234.567",
			is_open="1",
			rows=[{"description": "r", "amount": "0.1"}],
		).reload()
		self.assertEqual(doc.posting_date, datetime.date(2026, 3, 4))
		self.assertEqual(doc.posting_time, datetime.timedelta(hours=12, minutes=34, seconds=56))
		self.assertEqual((doc.amount, type(doc.amount)), (1234.567, float))
		self.assertEqual((doc.is_open, type(doc.is_open)), (1, int))
		self.assertIsInstance(doc.creation, datetime.datetime)
		self.assertEqual(doc.rows[0].amount, 0.1)

	def test_child_rows_are_numbered_stored_and_removed(self):
		doc = make_voucher(rows=[{"description": "a"}, {"description": "b"}, {"description": "c"}])
		doc.remove(doc.rows[0])
		doc.append("rows", {"description": "d"})
		doc.save().reload()
		self.assertEqual([(r.idx, r.description) for r in doc.rows], [(1, "b"), (2, "c"), (3, "d")])
		self.assertEqual(
			{(r.parent, r.parenttype, r.parentfield) for r in doc.rows}, {(doc.name, VOUCHER, "rows")}
		)
		self.assertEqual(frappe.db.count(ROW, {"parent": doc.name}), 3)

	def test_get_with_filters_selects_rows(self):
		doc = make_voucher(rows=[{"description": "a", "amount": 1}, {"description": "b", "amount": 2}])
		self.assertEqual([row.description for row in doc.get("rows", {"amount": (">", 1)})], ["b"])
		self.assertEqual(doc.getone("rows", {"description": "a"}).amount, 1)

	def test_amending_needs_a_cancelled_document_and_extends_its_name(self):
		doc = make_voucher(docstatus=1)
		amended = frappe.copy_doc(doc)
		amended.docstatus = 0
		amended.amended_from = doc.name
		self.assertRaises(frappe.ValidationError, amended.insert)

		doc = make_voucher(docstatus=1)
		doc.cancel()
		amended = frappe.copy_doc(doc)
		amended.docstatus = 0
		amended.amended_from = doc.name
		self.assertEqual(amended.insert().name, f"{doc.name}-1")

	def test_has_value_changed_compares_with_what_was_stored(self):
		doc = make_voucher(posting_date="2026-03-04")
		doc.amount = 9
		changed = {}
		original = doc.run_method

		def recording(method, *args, **kwargs):
			if method == "validate":
				changed.update({f: doc.has_value_changed(f) for f in ("amount", "posting_date", "kind")})
			return original(method, *args, **kwargs)

		doc.__dict__["run_method"] = recording
		doc.save()
		self.assertEqual(changed, {"amount": True, "posting_date": False, "kind": False})

	def test_script_in_a_text_is_made_harmless(self):
		doc = make_voucher(title_text='Acme <script>alert("x")</script>').reload()
		self.assertNotIn("<script", doc.title_text)
		self.assertIn("Acme", doc.title_text)

	def test_get_doc_of_what_does_not_exist(self):
		self.assertRaises(frappe.DoesNotExistError, frappe.get_doc, VOUCHER, "no such voucher")
		self.assertIsNone(frappe.get_cached_value(PARTY, "no such party", "city"))

	def test_singles_keep_types_and_defaults(self):
		settings = frappe.get_doc("System Settings")
		self.assertIsInstance(settings.enable_scheduler, int)
		self.assertEqual(
			frappe.db.get_single_value("System Settings", "enable_scheduler"), settings.enable_scheduler
		)
		self.assertRaises(
			frappe.ValidationError, frappe.db.get_single_value, "System Settings", "no_such_field"
		)
