# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
"""Records that a fresh site has after installing ERPNext."""

import frappe
from erpnext.setup.world import COUNTRIES, CURRENCIES
from frappe.utils import getdate, nowdate

ROLES = (
	"Accounts Manager",
	"Accounts User",
	"Auditor",
	"Item Manager",
	"Projects Manager",
	"Projects User",
	"Purchase Manager",
	"Purchase Master Manager",
	"Purchase User",
	"Sales Manager",
	"Sales Master Manager",
	"Sales User",
	"Stock Manager",
	"Stock User",
)
UNITS = ("Nos", "Unit", "Box", "Hour", "Day", "Kg", "Litre", "Meter")
MODES_OF_PAYMENT = {
	"Cash": "Cash",
	"Check": "Bank",
	"Credit Card": "Bank",
	"Wire Transfer": "Bank",
	"Bank Draft": "Bank",
}
PARTY_TYPES = {"Customer": "Receivable", "Supplier": "Payable"}
TREES = {
	"Customer Group": ("All Customer Groups", ("Individual", "Commercial", "Non Profit", "Government")),
	"Supplier Group": (
		"All Supplier Groups",
		("Services", "Local", "Raw Material", "Electrical", "Hardware", "Distributor"),
	),
	"Territory": ("All Territories", ("Rest Of The World",)),
	"Item Group": (
		"All Item Groups",
		("Products", "Raw Material", "Services", "Sub Assemblies", "Consumable"),
	),
}
SINGLES = ("Accounts Settings", "Global Defaults", "Bank Reconciliation Tool", "Currency Exchange Settings")


def after_install() -> None:
	"""Create what is missing of roles, currencies, countries, units, trees, payment modes and years."""
	_set_system_settings()
	for role in ROLES:
		_create("Role", role, role_name=role, desk_access=1)
	for currency, values in CURRENCIES.items():
		_create_currency(currency, values)
	for country, code in COUNTRIES.items():
		_create("Country", country, country_name=country, code=code)
	for unit in UNITS:
		_create("UOM", unit, uom_name=unit, enabled=1)
	for party_type, account_type in PARTY_TYPES.items():
		_create("Party Type", party_type, party_type=party_type, account_type=account_type)
	for mode, kind in MODES_OF_PAYMENT.items():
		_create("Mode of Payment", mode, mode_of_payment=mode, type=kind, enabled=1)
	for doctype, (root, children) in TREES.items():
		_create_tree(doctype, root, children)
	_create_fiscal_years()
	for doctype in SINGLES:
		_set_single_defaults(doctype)


def _set_system_settings() -> None:
	"""What the setup wizard writes on a bench; the fields' own defaults are for sites of older versions."""
	for field, value in (("rounding_method", "Banker's Rounding"), ("float_precision", "3")):
		frappe.db.set_single_value("System Settings", field, value)
	frappe.clear_cache()


def _create(doctype: str, name: str, **values) -> None:
	if not frappe.db.exists(doctype, name):
		frappe.get_doc({"doctype": doctype, **values}).insert(ignore_permissions=True)


def _create_currency(currency: str, values: tuple) -> None:
	fields = ("symbol", "fraction", "fraction_units", "smallest_currency_fraction_value", "number_format")
	values = dict(zip(fields, values, strict=True))
	if frappe.db.exists("Currency", currency):
		frappe.db.set_value("Currency", currency, {**values, "enabled": 1})
	else:
		_create("Currency", currency, currency_name=currency, enabled=1, **values)


def _create_tree(doctype: str, root: str, children: tuple[str, ...]) -> None:
	field = frappe.scrub(doctype)
	_create(doctype, root, **{f"{field}_name": root, "is_group": 1})
	for child in children:
		_create(doctype, child, **{f"{field}_name": child, "is_group": 0, f"parent_{field}": root})


def _create_fiscal_years() -> None:
	"""Last, this and next calendar year."""
	this_year = getdate(nowdate()).year
	for year in range(this_year - 1, this_year + 2):
		_create(
			"Fiscal Year",
			str(year),
			year=str(year),
			year_start_date=f"{year}-01-01",
			year_end_date=f"{year}-12-31",
		)


def _set_single_defaults(doctype: str) -> None:
	"""Store the defaults of a single's fields, so that reading one value gives the default."""
	for df in frappe.get_meta(doctype).fields:
		if df.default not in (None, "") and frappe.db.get_single_value(doctype, df.fieldname) in (
			None,
			"",
			0,
		):
			frappe.db.set_single_value(doctype, df.fieldname, df.default)
