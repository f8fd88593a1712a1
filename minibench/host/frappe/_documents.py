# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
"""Documents, lists, single values, cache and background work as `frappe.*` functions."""

import copy
from typing import Any

import frappe
from frappe.types.frappedict import _dict

__all__ = [
	"clear_cache",
	"clear_document_cache",
	"copy_doc",
	"delete_doc",
	"delete_doc_if_exists",
	"enqueue",
	"enqueue_doc",
	"format_value",
	"get_all",
	"get_cached_doc",
	"get_cached_value",
	"get_doc",
	"get_document_cache_key",
	"get_last_doc",
	"get_lazy_doc",
	"get_list",
	"get_meta",
	"get_precision",
	"get_single",
	"get_single_value",
	"get_system_settings",
	"get_value",
	"new_doc",
	"publish_progress",
	"publish_realtime",
	"rename_doc",
	"reset_metadata_version",
	"sendmail",
	"set_value",
]


def get_doc(*args, **kwargs):
	"""A Document: from the database (doctype, name), a Single (doctype), or new from a dict or keywords."""
	import frappe.model.document

	return frappe.model.document.get_doc(*args, **kwargs)


get_lazy_doc = get_doc


def get_single(doctype: str):
	return get_doc(doctype, doctype)


def get_last_doc(doctype: str, filters=None, order_by: str = "creation desc", *, for_update: bool = False):
	names = get_all(doctype, filters=filters, limit_page_length=1, order_by=order_by, pluck="name")
	if not names:
		raise frappe.DoesNotExistError(doctype=doctype)
	return get_doc(doctype, names[0], for_update=for_update)


def new_doc(
	doctype: str, *, parent_doc=None, parentfield: str | None = None, as_dict: bool = False, **kwargs
):
	"""A new Document with its defaults set; keyword arguments are field values."""
	from frappe.model.create_new import get_new_doc

	return get_new_doc(doctype, parent_doc, parentfield, as_dict=as_dict).update(kwargs)


def copy_doc(doc, ignore_no_copy: bool = True):
	"""An unsaved copy. `ignore_no_copy=False` leaves out fields marked "No Copy"."""
	values = doc if isinstance(doc, dict) else doc.as_dict()
	fields_to_clear = ["name", "owner", "creation", "modified", "modified_by"]
	if not frappe.local.flags.in_test:
		fields_to_clear.append("docstatus")

	new = get_doc(copy.deepcopy(values))
	for row in [new, *new.get_all_children()]:
		row.set("__islocal", 1)
		extra = ["amended_from", "amendment_date"] if row is new else []
		for fieldname in fields_to_clear + extra:
			row.set(fieldname, None)
		if not ignore_no_copy:
			for df in row.meta.get("fields", {"no_copy": 1}):
				row.set(df.fieldname, None)
	return new


def delete_doc(
	doctype: str | None = None,
	name: str | None = None,
	force: bool = False,
	ignore_doctypes: list[str] | None = None,
	for_reload: bool = False,
	ignore_permissions: bool = False,
	flags: dict | None = None,
	ignore_on_trash: bool = False,
	ignore_missing: bool = True,
	delete_permanently: bool = False,
):
	"""Delete a document that is not submitted and that no other document links to."""
	import frappe.model.delete_doc

	return frappe.model.delete_doc.delete_doc(
		doctype,
		name,
		force,
		ignore_doctypes,
		for_reload,
		ignore_permissions,
		flags,
		ignore_on_trash,
		ignore_missing,
		delete_permanently,
	)


def delete_doc_if_exists(doctype: str, name: str, force: bool = False) -> None:
	delete_doc(doctype, name, force=force, ignore_missing=True)


def rename_doc(*args, **kwargs):
	raise NotImplementedError("frappe.rename_doc is not in minibench")


def get_meta(doctype: str, cached: bool = True):
	import frappe.model.meta

	return frappe.model.meta.get_meta(doctype, cached=cached)


def get_precision(doctype: str, fieldname: str, currency: str | None = None, doc=None) -> int:
	from frappe.model.meta import get_field_precision

	return get_field_precision(get_meta(doctype).get_field(fieldname), doc, currency)


def get_list(doctype: str, *args, **kwargs) -> list:
	"""Rows of a doctype that the user may read (role, owner, user permissions, hooks)."""
	import frappe.model.db_query

	return frappe.model.db_query.DatabaseQuery(doctype).execute(*args, **kwargs)


def get_all(doctype: str, *args, **kwargs) -> list:
	"""As get_list, without permission checks and without the page limit."""
	kwargs["ignore_permissions"] = True
	kwargs.setdefault("limit_page_length", 0)
	return get_list(doctype, *args, **kwargs)


def get_value(*args, **kwargs):
	return frappe.local.db.get_value(*args, **kwargs)


def set_value(doctype: str, docname: str, fieldname: str | dict, value: Any = None):
	"""Set through the document (validated, with events): `frappe.client.set_value`."""
	import frappe.client

	return frappe.client.set_value(doctype, docname, fieldname, value)


def get_document_cache_key(doctype: str, name: str) -> str:
	return f"document_cache::{doctype}::{name}"


def get_cached_doc(*args, **kwargs):
	"""A Document from the cache, read and cached when absent. Do not modify it."""
	key = None
	if args and isinstance(args[0], str):
		name = args[0] if len(args) == 1 or args[1] is None else args[1]
		if isinstance(name, str):
			key = get_document_cache_key(args[0], name)
	if key and (doc := frappe.cache.get_value(key)):
		return doc

	doc = get_doc(*args, **kwargs)
	frappe.cache.set_value(key or get_document_cache_key(doc.doctype, doc.name), doc)
	return doc


def get_cached_value(doctype: str, name: str, fieldname: str | list = "name", as_dict: bool = False) -> Any:
	try:
		doc = get_cached_doc(doctype, name)
	except frappe.DoesNotExistError:
		frappe.clear_last_message()
		return None
	if isinstance(fieldname, str):
		if as_dict:
			frappe.throw("Cannot make dict for single fieldname")
		return doc.get(fieldname)
	values = [doc.get(field) for field in fieldname]
	return _dict(zip(fieldname, values, strict=True)) if as_dict else values


def get_single_value(setting: str, fieldname: str, /, *, as_dict: bool = False) -> Any:
	return get_cached_value(setting, setting, fieldname=fieldname, as_dict=as_dict)


def get_system_settings(key: str) -> Any:
	settings = getattr(frappe.local, "system_settings", None)
	if not settings:
		try:
			settings = frappe.local.system_settings = get_cached_doc("System Settings")
		except frappe.DoesNotExistError:  # while the site is being made
			frappe.clear_last_message()
			return None
	return settings.get(key)


def clear_document_cache(doctype: str, name: str | None = None) -> None:
	"""Forget a cached document (or all of a doctype) now, and again when the transaction ends."""

	def clear() -> None:
		if name is not None:
			frappe.cache.delete_value(get_document_cache_key(doctype, name))
		else:
			frappe.cache.delete_keys(get_document_cache_key(doctype, ""))

	clear()
	key = (doctype, name)
	pending = frappe.local.db.pending_cache_clears
	if key not in pending:  # one callback a document and transaction is enough
		pending.add(key)
		frappe.local.db.after_commit.add(clear)
		frappe.local.db.after_rollback.add(clear)
	if doctype == "System Settings" and hasattr(frappe.local, "system_settings"):
		del frappe.local.system_settings


def clear_cache(user: str | None = None, doctype: str | None = None) -> None:
	"""Forget cached values of a user, a doctype's meta, or the whole site."""
	from frappe import cache_manager

	if doctype:
		cache_manager.clear_doctype_cache(doctype)
	elif user:
		cache_manager.clear_user_cache(user)
	else:
		cache_manager.clear_all()
	frappe.local.role_permissions = {}
	if hasattr(frappe.local, "system_settings"):
		del frappe.local.system_settings


def reset_metadata_version() -> str:
	version = frappe.generate_hash()
	frappe.cache.set_value("metadata_version", version)
	return version


def format_value(*args, **kwargs) -> str:
	from frappe.utils.formatters import format_value

	return format_value(*args, **kwargs)


def enqueue(*args, **kwargs):
	import frappe.utils.background_jobs

	return frappe.utils.background_jobs.enqueue(*args, **kwargs)


def enqueue_doc(*args, **kwargs):
	import frappe.utils.background_jobs

	return frappe.utils.background_jobs.enqueue_doc(*args, **kwargs)


def publish_progress(*args, **kwargs) -> None:
	import frappe.realtime

	frappe.realtime.publish_progress(*args, **kwargs)


def publish_realtime(*args, **kwargs) -> None:
	import frappe.realtime

	frappe.realtime.publish_realtime(*args, **kwargs)


def sendmail(*args, **kwargs):
	"""Queue an email; see frappe.email.doctype.email_queue.email_queue.queue_email for the arguments."""
	from frappe.email.doctype.email_queue.email_queue import queue_email

	return queue_email(*args, **kwargs)
