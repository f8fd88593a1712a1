# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
"""What the desk's page asks of the server: doctypes with their scripts, documents, lists, links, saving."""

import json

import frappe
from frappe.client import validate_link
from frappe.desk import reportview
from frappe.desk.form import load, save
from frappe.desk.search import search_link
from frappe.tests.utils import FrappeTestCase

JOB = "Bulk Bank Reconciliation"
SETTINGS = "Advance Bank Reconciliation Settings"
READER = "reader@desk.example"


class TestDesk(FrappeTestCase):
	def setUp(self):
		frappe.local.response = frappe._dict(docs=[])
		frappe.local.form_dict = frappe._dict()
		self.addCleanup(frappe.set_user, "Administrator")

	def ask_list(self, method, **args):
		frappe.local.form_dict = frappe._dict(args)
		return method()

	def make_role(self, name):
		if not frappe.db.exists("Role", name):
			frappe.get_doc(doctype="Role", role_name=name).insert()
		return name

	# Doctypes

	def test_a_doctype_comes_with_its_scripts_and_those_of_its_rows(self):
		load.getdoctype(JOB)
		names = [doc["name"] for doc in frappe.response.docs]
		self.assertEqual(names[0], JOB)
		self.assertIn("Bulk Bank Reconciliation Invoice", names)
		meta = frappe.response.docs[0]
		self.assertIn("frappe.ui.form.on", meta["__js"])
		self.assertIn("frappe.listview_settings", meta["__list_js"])
		self.assertIn("status", [df["fieldname"] for df in meta["fields"]])

	# Documents

	def test_a_document_comes_with_the_rights_of_its_reader(self):
		role = self.make_role("Desk Reader")
		load.getdoc("Role", role)
		self.assertEqual(frappe.response.docs[0].name, role)
		self.assertEqual(frappe.response.docinfo["permissions"]["write"], 1)

	def test_a_document_that_is_not_there_gives_nothing(self):
		load.getdoc("Role", "No Such Role")
		self.assertEqual(frappe.response.docs, [])

	def test_a_document_is_refused_without_permission(self):
		if not frappe.db.exists("User", READER):
			frappe.get_doc(doctype="User", email=READER, first_name="Reader", send_welcome_email=0).insert()
		frappe.set_user(READER)
		with self.assertRaises(frappe.PermissionError):
			load.getdoc(SETTINGS, SETTINGS)
		self.assertEqual(frappe.response.docs, [])

	# Saving

	def test_a_new_document_tells_what_the_form_had_called_it(self):
		doc = {"doctype": "Role", "name": "new-role-abc", "__islocal": 1, "role_name": "Desk Saved"}
		save.savedocs(json.dumps(doc), "Save")
		saved = frappe.response.docs[0]
		self.assertEqual((saved["name"], saved["localname"]), ("Desk Saved", "new-role-abc"))
		self.assertTrue(frappe.db.exists("Role", "Desk Saved"))

	def test_an_older_copy_of_a_document_is_not_saved(self):
		role = frappe.get_doc("Role", self.make_role("Desk Writer"))
		old_copy = frappe.as_json(role.as_dict())
		role.save()
		with self.assertRaises(frappe.TimestampMismatchError):
			save.savedocs(old_copy, "Save")

	# Lists

	def test_a_list_comes_compressed_and_is_counted(self):
		for number in range(3):
			self.make_role(f"Desk Listed {number}")
		filters = json.dumps([["Role", "name", "like", "Desk Listed%"]])
		rows = self.ask_list(
			reportview.get,
			doctype="Role",
			fields=json.dumps(["`tabRole`.`name`"]),
			filters=filters,
			order_by="`tabRole`.`name` desc",
			start="1",
			page_length="2",
		)
		self.assertEqual(rows["keys"], ["name"])
		self.assertEqual([row[0] for row in rows["values"]], ["Desk Listed 1", "Desk Listed 0"])
		self.assertEqual(self.ask_list(reportview.get_count, doctype="Role", filters=filters), 3)

	def test_a_list_without_rows_is_empty(self):
		filters = json.dumps([["Role", "name", "=", "No Such Role"]])
		self.assertEqual(
			self.ask_list(reportview.get, doctype="Role", fields='["name"]', filters=filters), []
		)

	# Links

	def test_what_begins_with_the_text_is_suggested_first(self):
		for name in ("A Desk Thing", "Desk Thing 1"):
			self.make_role(name)
		found = [row["value"] for row in search_link("Role", "desk thing")]
		self.assertEqual(found, ["Desk Thing 1", "A Desk Thing"])

	def test_suggestions_keep_to_the_filters_and_leave_out_what_is_disabled(self):
		for name in ("Desk Link A", "Desk Link B"):
			self.make_role(name)
		found = search_link("Role", "desk link", filters={"name": ["like", "%B"]})
		self.assertEqual([row["value"] for row in found], ["Desk Link B"])
		frappe.db.set_value("Role", "Desk Link B", "disabled", 1)
		self.assertEqual(search_link("Role", "desk link", filters={"name": ["like", "%B"]}), [])

	def test_text_is_searched_for_as_it_stands(self):
		self.assertEqual(search_link("Role", "'; drop table x; --"), [])

	def test_a_link_is_checked_and_its_fields_are_fetched(self):
		role = self.make_role("Desk Link A")
		answer = validate_link("Role", role, json.dumps(["desk_access"]))
		self.assertEqual((answer["name"], answer["desk_access"]), (role, 1))
		self.assertIsNone(validate_link("Role", "No Such Role")["name"])
