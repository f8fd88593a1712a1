# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Settings that were saved before *Largest Difference* existed read it as zero, which forbids any difference."""

import frappe

SETTINGS = "Advance Bank Reconciliation Settings"


def execute() -> None:
	"""Write the default where nobody has entered a value yet."""
	if "largest_difference" not in frappe.db.get_singles_dict(SETTINGS):
		default = frappe.get_meta(SETTINGS).get_field("largest_difference").default
		frappe.db.set_single_value(SETTINGS, "largest_difference", default)
