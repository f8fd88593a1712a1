# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
"""Deleting documents, and the checks for documents that link to one that is deleted or cancelled."""

from typing import Any

import frappe
from frappe import _
from frappe.model.docstatus import DocStatus
from frappe.model.dynamic_links import get_dynamic_link_map
from frappe.model.naming import revert_series_if_last


def delete_doc(
	doctype: str | None = None,
	name: Any = None,
	force: Any = 0,
	ignore_doctypes: list[str] | None = None,
	for_reload: bool = False,
	ignore_permissions: bool = False,
	flags: dict | None = None,
	ignore_on_trash: bool = False,
	ignore_missing: bool = True,
	delete_permanently: bool = False,
) -> Any:
	"""Delete one document or a list of names.

	:raises LinkExistsError: another document links to it (unless `force`)
	:raises ValidationError: it is submitted
	:raises PermissionError: the user may not delete it
	"""
	names = [name] if isinstance(name, str | int) else name or []
	for each in names:
		if not frappe.db.exists(doctype, each):
			if not ignore_missing:
				raise frappe.DoesNotExistError(doctype=doctype)
			return False
		_delete_one(
			doctype, each, force, ignore_doctypes or [], ignore_permissions, flags, ignore_on_trash,
			delete_permanently,
		)  # fmt: skip


def _delete_one(
	doctype: str,
	name: str,
	force: Any,
	ignore_doctypes: list[str],
	ignore_permissions: bool,
	flags: dict | None,
	ignore_on_trash: bool,
	delete_permanently: bool,
) -> None:
	from frappe.utils.password import delete_all_passwords_for

	try:
		frappe.db.get_value(doctype, name, for_update=True, wait=False)
	except (frappe.QueryTimeoutError, frappe.QueryDeadlockError):
		frappe.throw(
			_(
				"This document can not be deleted right now as it's being modified by another user. Please try again after some time."
			),
			exc=frappe.QueryTimeoutError,
		)
	delete_all_passwords_for(doctype, name)
	doc = frappe.get_doc(doctype, name)
	doc.flags.update(flags or {})
	if ignore_permissions:
		doc.flags.ignore_permissions = ignore_permissions
	check_permission_and_not_submitted(doc)
	if not ignore_on_trash:
		doc.run_method("on_trash")
		doc.flags.in_delete = True
		doc.run_method("on_change")
	if not force:
		_check_links(doc)

	update_naming_series(doc)
	delete_from_table(doctype, name, ignore_doctypes, doc)
	doc.run_method("after_delete")
	_delete_attachments(doctype, name)
	frappe.enqueue(
		"frappe.model.delete_doc.delete_dynamic_links",
		doctype=doctype,
		name=name,
		now=frappe.flags.in_test,
		enqueue_after_commit=True,
	)
	doc.clear_cache()
	if not delete_permanently:
		add_to_deleted_document(doc)
	doc.notify_update()


def _check_links(doc: Any) -> None:
	try:
		check_if_doc_is_linked(doc)
		check_if_doc_is_dynamically_linked(doc)
	except frappe.LinkExistsError:
		if doc.meta.has_field("enabled") or doc.meta.has_field("disabled"):
			message = _("You can disable this {0} instead of deleting it.").format(_(doc.doctype))
			frappe.throw(message, frappe.LinkExistsError)
		raise


def check_permission_and_not_submitted(doc: Any) -> None:
	if not doc.flags.ignore_permissions and frappe.session.user != "Administrator":
		if not doc.has_permission("delete"):
			message = _("User not allowed to delete {0}: {1}").format(doc.doctype, doc.name)
			frappe.msgprint(message, raise_exception=frappe.PermissionError)
	if doc.meta.is_submittable and doc.docstatus.is_submitted():
		frappe.msgprint(
			_("{0} {1}: Submitted Record cannot be deleted. You must {2} Cancel {3} it first.").format(
				_(doc.doctype), doc.name, "", ""
			),
			raise_exception=True,
		)


def add_to_deleted_document(doc: Any) -> None:
	if doc.doctype == "Deleted Document" or frappe.flags.in_install == "frappe":
		return
	frappe.get_doc(
		doctype="Deleted Document",
		deleted_doctype=doc.doctype,
		deleted_name=doc.name,
		data=doc.as_json(),
		owner=frappe.session.user,
	).db_insert()


def update_naming_series(doc: Any) -> None:
	autoname = doc.meta.autoname
	if not autoname:
		return
	if autoname.startswith("naming_series:") and getattr(doc, "naming_series", None):
		revert_series_if_last(doc.naming_series, doc.name, doc)
	elif autoname.split(":", 1)[0] not in ("Prompt", "field", "hash", "autoincrement"):
		revert_series_if_last(autoname, doc.name, doc)


def delete_from_table(doctype: str, name: str, ignore_doctypes: list[str], doc: Any) -> None:
	if doctype != "DocType" and doctype == name:
		frappe.db.delete("Singles", {"doctype": name})
	else:
		frappe.db.delete(doctype, {"name": name})
	for child_doctype in {df.options for df in doc.meta.get_table_fields()} - set(ignore_doctypes):
		frappe.db.delete(child_doctype, {"parenttype": doctype, "parent": name})


def _delete_attachments(doctype: str, name: str) -> None:
	for file in frappe.get_all(
		"File", {"attached_to_doctype": doctype, "attached_to_name": name}, pluck="name"
	):
		frappe.delete_doc("File", file, ignore_permissions=True, delete_permanently=True)


def delete_dynamic_links(doctype: str, name: str) -> None:
	"""Comments and notifications about the deleted document go with it."""
	frappe.db.delete("Comment", {"reference_doctype": doctype, "reference_name": name})
	frappe.db.delete("Notification Log", {"document_type": doctype, "document_name": name})


def get_link_fields(doctype: str) -> list[frappe._dict]:
	"""Link fields of all doctypes that point to this one: parent, fieldname, issingle."""
	query = """SELECT df.parent, df.fieldname, dt.issingle FROM `tabDocField` df, `tabDocType` dt
		WHERE df.options = %(doctype)s AND df.fieldtype = 'Link' AND dt.name = df.parent
		UNION SELECT cf.dt, cf.fieldname, dt.issingle FROM `tabCustom Field` cf, `tabDocType` dt
		WHERE cf.options = %(doctype)s AND cf.fieldtype = 'Link' AND dt.name = cf.dt"""
	return frappe.local_cache(
		"link_fields", doctype, lambda: frappe.db.sql(query, {"doctype": doctype}, as_dict=True)
	)


def check_if_doc_is_linked(doc: Any, method: str = "Delete") -> None:
	"""
	:raises LinkExistsError: a document links to it (Delete), or a submitted one does (Cancel)
	"""
	ignored = set()
	if method == "Cancel":
		ignored.update(doc.get("ignore_linked_doctypes") or ())
	else:
		ignored.update(frappe.get_hooks("ignore_links_on_delete"))

	for link in get_link_fields(doc.doctype):
		if link.parent in ignored or (link.fieldname == "amended_from" and method == "Cancel"):
			continue
		if link.issingle:
			if frappe.db.get_single_value(link.parent, link.fieldname) == doc.name:
				raise_link_exists_exception(doc, link.parent, link.parent)
			continue
		meta = frappe.get_meta(link.parent)
		columns = ["name", "docstatus", *(["parent", "parenttype"] if meta.istable else [])]
		for row in frappe.db.get_values(
			link.parent, {link.fieldname: doc.name}, columns, as_dict=True, order_by=None
		):
			parent_doctype = row.parenttype if row.get("parent") else link.parent
			if parent_doctype in ignored:
				continue
			if method == "Cancel" and not DocStatus(row.docstatus).is_submitted():
				continue
			if link.parent == doc.doctype and (row.get("parent") or row.name) == doc.name:
				continue
			raise_link_exists_exception(doc, parent_doctype, row.get("parent") or row.name)


def check_if_doc_is_dynamically_linked(doc: Any, method: str = "Delete") -> None:
	"""As check_if_doc_is_linked for Dynamic Link fields; cancelled documents do not hinder deletion."""
	hooked = frappe.get_hooks("ignore_links_on_delete")
	ignored = doc.get("ignore_linked_doctypes") or ()

	def is_ignored(doctype: str) -> bool:
		return doctype in hooked or (method == "Cancel" and doctype in ignored)

	def hinders(docstatus: Any) -> bool:
		status = DocStatus(docstatus or 0)
		return not status.is_cancelled() if method == "Delete" else status.is_submitted()

	for df in get_dynamic_link_map().get(doc.doctype, []):
		if is_ignored(df.parent):
			continue
		meta = frappe.get_meta(df.parent)
		if meta.issingle:
			values = frappe.db.get_singles_dict(df.parent)
			linked = values.get(df.options) == doc.doctype and values.get(df.fieldname) == doc.name
			if linked and hinders(values.docstatus):
				raise_link_exists_exception(doc, df.parent, df.parent)
			continue
		columns = "name, docstatus" + (", parent, parenttype, idx" if meta.istable else "")
		query = f"SELECT {columns} FROM `tab{df.parent}` WHERE `{df.options}` = %s AND `{df.fieldname}` = %s"
		for row in frappe.db.sql(query, (doc.doctype, doc.name), as_dict=True):
			doctype = row.parenttype if meta.istable else df.parent
			if not hinders(row.docstatus) or is_ignored(doctype):
				continue
			position = f"at Row: {row.idx}" if meta.istable else ""
			raise_link_exists_exception(doc, doctype, row.parent if meta.istable else row.name, position)


def raise_link_exists_exception(
	doc: Any, reference_doctype: str, reference_docname: str, row: str = ""
) -> None:
	def link(doctype: str, name: str) -> str:
		return f'<a href="/app/Form/{doctype}/{name}">{name}</a>'

	shown_doctype = "" if reference_doctype == reference_docname else _(reference_doctype)
	frappe.throw(
		_("Cannot delete or cancel because {0} {1} is linked with {2} {3} {4}").format(
			_(doc.doctype),
			link(doc.doctype, doc.name),
			shown_doctype,
			link(reference_doctype, reference_docname),
			row,
		),
		frappe.LinkExistsError,
	)
