# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
"""Roles, permission levels, user permissions, and the argument types of whitelisted functions."""

import frappe
from frappe.core.doctype.file.utils import find_file_by_url
from frappe.permissions import add_user_permission, remove_user_permission
from frappe.tests.utils import FrappeTestCase
from frappe_doctypes import (
	PARTY,
	READER_ROLE,
	ROLE,
	VOUCHER,
	make_doctypes,
	make_party,
	make_user,
	make_voucher,
)


class TestPermissions(FrappeTestCase):
	@classmethod
	def setUpClass(cls):
		super().setUpClass()
		make_doctypes()
		cls.clerk = make_user("clerk", ROLE)
		cls.reader = make_user("reader", READER_ROLE)
		cls.outsider = make_user("outsider")
		frappe.db.commit()
		for name in ("Allowed", "Forbidden"):
			make_party(name)

	def tearDown(self):
		frappe.set_user("Administrator")

	def test_roles_decide_what_a_user_may(self):
		doc = make_voucher()
		rights = {
			user: [
				frappe.has_permission(VOUCHER, ptype, doc=doc.name, user=user)
				for ptype in ("read", "write", "submit")
			]
			for user in (self.clerk, self.reader, self.outsider)
		}
		self.assertEqual(rights[self.clerk], [True, True, True])
		self.assertEqual(rights[self.reader], [True, False, False])
		self.assertEqual(rights[self.outsider], [False, False, False])
		with self.assertRaises(frappe.PermissionError):
			frappe.has_permission(VOUCHER, "write", user=self.reader, throw=True)

	def test_documents_check_when_saving_submitting_and_deleting(self):
		doc = make_voucher()
		frappe.set_user(self.reader)
		self.assertRaises(frappe.PermissionError, make_voucher)
		doc = frappe.get_doc(VOUCHER, doc.name)  # reading it from code needs no right
		self.assertRaises(frappe.PermissionError, doc.save)
		self.assertRaises(frappe.PermissionError, frappe.get_doc(VOUCHER, doc.name).submit)
		self.assertRaises(frappe.PermissionError, frappe.delete_doc, VOUCHER, doc.name)
		doc.amount = 5
		doc.save(ignore_permissions=True)
		self.assertEqual(frappe.db.get_value(VOUCHER, doc.name, "amount"), 5)

	def test_get_list_checks_and_get_all_does_not(self):
		make_voucher()
		frappe.set_user(self.outsider)
		self.assertRaises(frappe.PermissionError, frappe.get_list, VOUCHER)
		self.assertTrue(frappe.get_all(VOUCHER))

	def test_user_permissions_limit_documents_lists_and_new_documents(self):
		mine = make_voucher(party="Allowed")
		other = make_voucher(party="Forbidden")
		empty = make_voucher()
		add_user_permission(PARTY, "Allowed", self.clerk)
		frappe.set_user(self.clerk)
		self.assertEqual(frappe.get_list(PARTY, pluck="name"), ["Allowed"])
		listed = frappe.get_list(
			VOUCHER, {"name": ["in", [mine.name, other.name, empty.name]]}, pluck="name", order_by="name"
		)
		self.assertEqual(listed, sorted([mine.name, empty.name]))
		self.assertTrue(frappe.has_permission(VOUCHER, "read", doc=mine.name))
		self.assertFalse(frappe.has_permission(VOUCHER, "read", doc=other.name))
		self.assertRaises(frappe.PermissionError, make_voucher, party="Forbidden")
		self.assertEqual(frappe.new_doc(VOUCHER).party, "Allowed")  # the only allowed one is the default

		frappe.set_user("Administrator")
		remove_user_permission(PARTY, "Allowed", self.clerk)
		self.assertTrue(frappe.has_permission(VOUCHER, "read", doc=other.name, user=self.clerk))

	def test_a_user_permission_for_one_doctype_leaves_the_others(self):
		other = make_voucher(party="Forbidden")
		add_user_permission(PARTY, "Allowed", self.clerk, applicable_for=PARTY)
		self.assertTrue(frappe.has_permission(VOUCHER, "read", doc=other.name, user=self.clerk))
		self.assertFalse(frappe.has_permission(PARTY, "read", doc="Forbidden", user=self.clerk))
		frappe.db.delete("User Permission", {"user": self.clerk})
		frappe.clear_cache(user=self.clerk)

	def test_values_above_the_users_level_are_kept(self):
		doc = make_voucher(secret_note="kept")
		frappe.set_user(self.clerk)
		doc = frappe.get_doc(VOUCHER, doc.name)
		doc.secret_note = "overwritten"
		doc.amount = 2
		doc.save()
		row = frappe.db.get_value(VOUCHER, doc.name, ["secret_note", "amount"], as_dict=True)
		self.assertEqual((row.secret_note, row.amount), ("kept", 2))
		doc.apply_fieldlevel_read_permissions()
		self.assertIsNone(doc.get("secret_note"))

	def test_files_are_found_by_url_only_for_who_may_download_them(self):
		frappe.set_user(self.clerk)
		values = {"doctype": "File", "file_name": "mine.txt", "is_private": 1, "content": b"mine"}
		mine = frappe.get_doc(values).insert()
		self.assertEqual(find_file_by_url(mine.file_url).name, mine.name)
		self.assertEqual(find_file_by_url(mine.file_url, name=mine.name).name, mine.name)
		self.assertIsNone(find_file_by_url(mine.file_url, name="another"))
		self.assertTrue(mine.is_downloadable())
		frappe.set_user(self.reader)
		self.assertIsNone(find_file_by_url(mine.file_url))
		self.assertFalse(frappe.get_doc("File", mine.name).is_downloadable())
		frappe.set_user("Administrator")
		voucher = make_voucher()
		frappe.db.set_value(
			"File", mine.name, {"attached_to_doctype": VOUCHER, "attached_to_name": voucher.name}
		)
		frappe.set_user(self.reader)
		self.assertEqual(find_file_by_url(mine.file_url).name, mine.name)
		self.assertIsNone(find_file_by_url("/private/files/nothing.txt"))

	def test_roles_of_users(self):
		self.assertIn(ROLE, frappe.get_roles(self.clerk))
		self.assertIn("All", frappe.get_roles(self.clerk))
		self.assertNotIn(ROLE, frappe.get_roles(self.reader))
		self.assertEqual(frappe.get_roles("Guest"), ["Guest"])


@frappe.whitelist()
def typed(number: int, names: list | str, flag: bool = False, note: str | None = None):
	return number, names, flag, note


@frappe.whitelist(methods=["POST"])
def untyped(anything=None):
	return anything


class TestArgumentTypes(FrappeTestCase):
	"""In tests and requests, annotated arguments are checked and converted."""

	def test_convertible_values_are_converted(self):
		self.assertEqual(typed(number="3", names=["a"]), (3, ["a"], False, None))
		self.assertEqual(typed("4", "[]", flag=1), (4, "[]", 1, None))

	def test_other_values_are_refused_by_name(self):
		for arguments in (
			{"number": "x", "names": "a"},
			{"number": 1, "names": {"a": 1}},
			{"number": None, "names": "a"},
		):
			with self.assertRaises(frappe.exceptions.FrappeTypeError) as error:
				typed(**arguments)
			self.assertRegex(str(error.exception), "number|names")
		with self.assertRaises(frappe.exceptions.FrappeTypeError):
			typed(number=1, names="a", note=["not text"])

	def test_without_annotation_anything_goes(self):
		self.assertEqual(untyped(anything={"a": [1]}), {"a": [1]})

	def test_call_passes_only_what_the_function_takes(self):
		self.assertEqual(frappe.call(untyped, anything=1, more=2, ignore_permissions=True), 1)
