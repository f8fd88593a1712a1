# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
"""Run the ERPNext conformance tests on a real bench; minibench must give the same results.

In the bench's `sites` folder, with its Python: `../env/bin/python PATH/on_bench.py SITE [TEST NAME ...]`.
A test name is a module, class or method as unittest takes it. Nothing is committed to the site.
"""

import sys
import unittest
from pathlib import Path

MODULES = ("test_erpnext_invoices", "test_erpnext_payments", "test_erpnext_bank")


def main(site: str, *names: str) -> int:
	"""Run the named tests, all without names; returns 0 when they pass."""
	import frappe

	frappe.init(site=site)
	frappe.connect()
	frappe.flags.in_test = True
	frappe.set_user("Administrator")
	sys.path.insert(0, str(Path(__file__).parent))
	suite = unittest.defaultTestLoader.loadTestsFromNames(names or MODULES)
	try:
		return 0 if unittest.TextTestRunner().run(suite).wasSuccessful() else 1
	finally:
		frappe.db.rollback()
		frappe.destroy()


if __name__ == "__main__":
	sys.exit(main(*sys.argv[1:]))
