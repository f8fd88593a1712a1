# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
"""Custom DocTypes for the conformance tests of Frappe itself. The same on a bench and on minibench."""

import frappe

VOUCHER = "ABR Conformance Voucher"
ROW = "ABR Conformance Row"
PARTY = "ABR Conformance Party"
ROLE = "ABR Conformance Clerk"
READER_ROLE = "ABR Conformance Reader"

RIGHTS = dict.fromkeys(("read", "write", "create", "delete", "submit", "cancel"), 1)
NO_RIGHTS = dict.fromkeys((*RIGHTS, "report", "export", "share", "print", "email"), 0)  # some default to 1


def field(fieldname: str, fieldtype: str = "Data", **properties) -> dict:
	label = fieldname.replace("_", " ").title()
	return {"fieldname": fieldname, "fieldtype": fieldtype, "label": label, **properties}


def make_doctypes() -> None:
	"""A party named by a field, and a submittable voucher with a naming series and a child table."""
	for role in (ROLE, READER_ROLE):
		if not frappe.db.exists("Role", role):
			frappe.get_doc({"doctype": "Role", "role_name": role, "desk_access": 1}).insert()
	_make(
		PARTY,
		[field("party_name", reqd=1, unique=1), field("city"), field("credit_limit", "Currency")],
		autoname="field:party_name",
	)
	_make(ROW, [field("description", reqd=1), field("amount", "Currency", in_list_view=1)], istable=1)
	_make(VOUCHER, _voucher_fields(), autoname="naming_series:", is_submittable=1)


def _voucher_fields() -> list[dict]:
	return [
		field("naming_series", "Select", options="ABR-CONF-.YYYY.-.#####"),
		field("title_text", reqd=1),
		field("kind", "Select", options="Receive\nPay", default="Receive"),
		field("party", "Link", options=PARTY),
		field("parent_party", "Link", options=PARTY),
		field("party_city", fetch_from="party.city"),
		field("reference_type", "Link", options="DocType"),
		field("reference_name", "Dynamic Link", options="reference_type"),
		field("posting_date", "Date", default="Today"),
		field("posting_time", "Time"),
		field("clearance_date", "Date", allow_on_submit=1),
		field("amount", "Currency", non_negative=1),
		field("transaction_id", unique=1),
		field("fixed_note", set_only_once=1),
		field("is_open", "Check", default="1"),
		field("secret_note", permlevel=1),
		field("rows", "Table", options=ROW),
	]


def _make(name: str, fields: list[dict], **properties) -> None:
	if frappe.db.exists("DocType", name):
		return
	permissions = [] if properties.get("istable") else _permissions(properties)
	frappe.get_doc(
		{
			"doctype": "DocType",
			"name": name,
			"module": "Core",
			"custom": 1,
			"fields": fields,
			"permissions": permissions,
			**properties,
		}
	).insert()


def _permissions(properties: dict) -> list[dict]:
	rights = dict(RIGHTS)
	if not properties.get("is_submittable"):
		rights.update(submit=0, cancel=0)
	rules = [
		{"role": "System Manager", **rights},
		{"role": ROLE, **rights},
		{"role": READER_ROLE, "read": 1},
		{"role": "System Manager", "permlevel": 1, "read": 1, "write": 1},
	]
	return [{**NO_RIGHTS, **rule} for rule in rules]


def make_user(name: str, *roles: str) -> str:
	"""An enabled user with exactly these roles, without user permissions."""
	email = f"{name}@conformance.example"
	if not frappe.db.exists("User", email):
		frappe.get_doc(
			{"doctype": "User", "email": email, "first_name": name.title(), "send_welcome_email": 0}
		).insert(ignore_permissions=True)
	user = frappe.get_doc("User", email)
	user.set("roles", [{"role": role} for role in roles])
	user.save(ignore_permissions=True)
	for permission in frappe.get_all("User Permission", {"user": email}, pluck="name"):
		frappe.delete_doc("User Permission", permission, ignore_permissions=True)
	return email


def make_party(name: str, **values):
	return frappe.get_doc({"doctype": PARTY, "party_name": name, **values}).insert()


def make_voucher(**values):
	"""A draft voucher; pass `docstatus=1` for a submitted one."""
	return frappe.get_doc({"doctype": VOUCHER, "title_text": "Voucher", **values}).insert()
