# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
"""Links between documents: checked when saving, and when the linked document is cancelled or deleted."""

import frappe
from frappe.tests.utils import FrappeTestCase
from frappe_doctypes import PARTY, VOUCHER, make_doctypes, make_party, make_voucher


class TestLinks(FrappeTestCase):
	@classmethod
	def setUpClass(cls):
		super().setUpClass()
		make_doctypes()
		frappe.db.commit()

	def tearDown(self):
		frappe.db.rollback()

	def test_a_link_must_exist_and_takes_the_names_own_spelling(self):
		self.assertRaises(frappe.LinkValidationError, make_voucher, parent_party="Nobody At All")
		make_party("Link Target")
		self.assertEqual(make_voucher(parent_party="link target").parent_party, "Link Target")

	def test_fetched_fields_follow_the_link(self):
		make_party("Fetched", city="Ulm")
		doc = make_voucher(party="Fetched", party_city="Elsewhere")
		self.assertEqual(doc.party_city, "Ulm")

	def test_a_dynamic_link_needs_its_doctype(self):
		party = make_party("Dynamic")
		doc = make_voucher(reference_type=PARTY, reference_name=party.name)
		self.assertEqual(doc.reference_name, party.name)
		self.assertRaises(frappe.ValidationError, make_voucher, reference_name=party.name)
		self.assertRaises(
			frappe.LinkValidationError, make_voucher, reference_type=PARTY, reference_name="Nobody"
		)

	def test_a_cancelled_document_cannot_be_linked(self):
		cancelled = make_voucher(docstatus=1)
		cancelled.cancel()
		self.assertRaises(
			frappe.CancelledLinkError, make_voucher, reference_type=VOUCHER, reference_name=cancelled.name
		)

	def test_a_linked_document_cannot_be_deleted_unless_forced(self):
		party = make_party("Linked")
		doc = make_voucher(party=party.name)
		self.assertRaises(frappe.LinkExistsError, frappe.delete_doc, PARTY, party.name)
		frappe.delete_doc(PARTY, party.name, force=True)
		self.assertFalse(frappe.db.exists(PARTY, party.name))
		self.assertEqual(frappe.db.get_value(VOUCHER, doc.name, "party"), "Linked")

	def test_a_plain_link_from_a_cancelled_document_still_hinders_deletion_a_dynamic_one_does_not(self):
		plain, dynamic = make_party("Plain"), make_party("Dyn")
		make_voucher(party=plain.name, docstatus=1).cancel()
		make_voucher(reference_type=PARTY, reference_name=dynamic.name, docstatus=1).cancel()
		self.assertRaises(frappe.LinkExistsError, frappe.delete_doc, PARTY, plain.name)
		frappe.delete_doc(PARTY, dynamic.name)
		self.assertFalse(frappe.db.exists(PARTY, dynamic.name))

	def test_cancelling_is_hindered_by_submitted_documents_only(self):
		target = make_voucher(docstatus=1)
		draft = make_voucher(reference_type=VOUCHER, reference_name=target.name)
		target.cancel()

		target = make_voucher(docstatus=1)
		link = make_voucher(reference_type=VOUCHER, reference_name=target.name, docstatus=1)
		self.assertRaises(frappe.LinkExistsError, target.cancel)
		self.assertTrue(frappe.db.exists(VOUCHER, draft.name) and frappe.db.exists(VOUCHER, link.name))

	def test_ignore_linked_doctypes_lets_a_document_be_cancelled(self):
		target = make_voucher(docstatus=1)
		make_voucher(reference_type=VOUCHER, reference_name=target.name, docstatus=1)
		target.ignore_linked_doctypes = (VOUCHER,)
		target.cancel()
		self.assertEqual(frappe.db.get_value(VOUCHER, target.name, "docstatus"), 2)

	def test_only_drafts_and_cancelled_documents_can_be_deleted(self):
		doc = make_voucher(docstatus=1, rows=[{"description": "r"}])
		self.assertRaises(frappe.ValidationError, frappe.delete_doc, VOUCHER, doc.name)
		doc.cancel()
		frappe.delete_doc(VOUCHER, doc.name)
		self.assertFalse(frappe.get_all("ABR Conformance Row", {"parent": doc.name}))
