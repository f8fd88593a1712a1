# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import add_days, add_years, getdate


class FiscalYear(Document):
	"""A year of the books, for all companies or for those it names."""

	def validate(self) -> None:
		start, end = getdate(self.year_start_date), getdate(self.year_end_date)
		if end < start:
			frappe.throw(_("Year End Date cannot be before Year Start Date"))
		if not self.is_short_year and getdate(add_days(add_years(start, 1), -1)) != end:
			frappe.throw(
				_("Fiscal Year End Date should be one year after Fiscal Year Start Date"),
				frappe.exceptions.InvalidDates,
			)
		self._validate_unchanged(start, end)
		self._validate_overlap(start, end)

	def _validate_unchanged(self, start, end) -> None:
		before = self.get_doc_before_save()
		if before and (getdate(before.year_start_date), getdate(before.year_end_date)) != (start, end):
			frappe.throw(_("Cannot change the dates of a Fiscal Year once it is saved."))

	def _validate_overlap(self, start, end) -> None:
		mine = {row.company for row in self.companies}
		for name in frappe.get_all(
			"Fiscal Year",
			filters={
				"name": ["!=", self.name or self.year],
				"year_start_date": ["<=", end],
				"year_end_date": [">=", start],
			},
			pluck="name",
		):
			theirs = set(frappe.get_all("Fiscal Year Company", filters={"parent": name}, pluck="company"))
			if not mine or not theirs or mine & theirs:
				frappe.throw(
					_("Year start date or end date is overlapping with {0}. Please set company").format(name),
					frappe.NameError,
				)
