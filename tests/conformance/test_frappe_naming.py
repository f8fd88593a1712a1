# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
"""Naming series: numbers without gaps or doubles, whatever two processes do at once."""

import multiprocessing
import os

import frappe
from frappe.model.naming import getseries, make_autoname
from frappe.tests.utils import FrappeTestCase
from frappe_doctypes import VOUCHER, make_doctypes, make_party, make_voucher

PER_PROCESS = 12


def draw_names(site: str, sites_path: str, prefix: str, results) -> None:
	"""Draw PER_PROCESS numbers in transactions of their own; in a process of its own."""
	frappe.init(site=site, sites_path=sites_path, force=True)
	frappe.connect()
	for _i in range(PER_PROCESS):
		number = getseries(prefix, 5)
		frappe.db.commit()
		results.put(number)
	frappe.destroy()


class TestNaming(FrappeTestCase):
	@classmethod
	def setUpClass(cls):
		super().setUpClass()
		make_doctypes()
		frappe.db.commit()

	def tearDown(self):
		frappe.db.rollback()

	def test_names_follow_the_series(self):
		first, second = make_voucher().name, make_voucher().name
		year = frappe.utils.nowdate()[:4]
		self.assertRegex(first, rf"^ABR-CONF-{year}-\d{{5}}$")
		self.assertEqual(int(second[-5:]), int(first[-5:]) + 1)

	def test_the_last_number_is_given_back_when_its_document_is_deleted(self):
		first, second = make_voucher(), make_voucher()
		frappe.delete_doc(VOUCHER, first.name)  # not the last: its number is gone
		frappe.delete_doc(VOUCHER, second.name)
		self.assertEqual(make_voucher().name, second.name)

	def test_name_of_a_field_and_of_a_hash(self):
		self.assertEqual(make_party("  Named by field ").name, "Named by field")
		self.assertRegex(make_autoname("hash", VOUCHER), r"^[a-z0-9]{10}$")
		self.assertRaises(frappe.ValidationError, make_party, "")
		self.assertRaises(frappe.NameError, make_party, "a <b>")

	def test_two_processes_draw_different_numbers(self):
		prefix = f"ABR-TWO-{frappe.generate_hash(length=6)}-"
		# the bench's sites folder is its current folder, minibench's is not
		sites_path = os.path.abspath(frappe.local.sites_path)
		context = multiprocessing.get_context("spawn")
		results = context.Queue()
		frappe.db.commit()
		processes = [
			context.Process(target=draw_names, args=(frappe.local.site, sites_path, prefix, results))
			for _i in range(2)
		]
		for process in processes:
			process.start()
		numbers = [results.get(timeout=60) for _i in range(2 * PER_PROCESS)]
		for process in processes:
			process.join(timeout=60)
			self.assertEqual(process.exitcode, 0)
		expected = [str(number).zfill(5) for number in range(1, 2 * PER_PROCESS + 1)]
		self.assertEqual(sorted(numbers), expected)
		frappe.db.sql("delete from `tabSeries` where name = %s", (prefix,))
		frappe.db.commit()
