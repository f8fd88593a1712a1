# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""What is written down in hooks, patches, doctypes, scripts and PUBLIC_API.md exists in the code."""

import importlib
import inspect
import json
import re
from collections.abc import Iterator
from pathlib import Path

import frappe

import advanced_bank_reconciliation as app
from advanced_bank_reconciliation import custom_fields, hooks, install
from advanced_bank_reconciliation.advanced_bank_reconciliation.doctype.advance_bank_reconciliation_tool import (
	advance_bank_reconciliation_tool as tool,
)
from advanced_bank_reconciliation.bulk import progress
from advanced_bank_reconciliation.tests.utils import TOOL_MODULE, ABRTestCase

APP = Path(app.__file__).parent
DOCTYPES = APP / "advanced_bank_reconciliation" / "doctype"

#: Public names with the parameters that callers pass, in their order (PUBLIC_API.md).
WHITELISTED = {
	"get_bank_transactions": ["bank_account", "from_date", "to_date"],
	"get_account_balance": ["bank_account", "till_date"],
	"reconcile_vouchers": ["bank_transaction_name", "vouchers"],
	"create_payment_entries_for_invoices": [
		"bank_transaction_name",
		"invoices",
		"auto_reconcile",
		"regular_vouchers",
		"difference_account",
		"difference_cost_center",
		"payment_entries_per",
	],
	"create_payment_entries_bulk": [
		"bank_transaction_name",
		"invoices",
		"regular_vouchers",
		"difference_account",
		"difference_cost_center",
		"payment_entries_per",
	],
	"auto_reconcile_vouchers": [
		"bank_account",
		"from_date",
		"to_date",
		"filter_by_reference_date",
		"from_reference_date",
		"to_reference_date",
	],
	"get_progress": ["job_id"],
	"pause_bulk_reconciliation": ["job_id"],
	"resume_bulk_reconciliation": ["job_id"],
	"retry_bulk_reconciliation": ["job_id"],
	"cancel_bulk_reconciliation": ["job_id"],
	"undo_bulk_reconciliation": ["job_id"],
	"get_bulk_reconciliation_report": ["job_id", "file_format"],
}
IMPORTABLE = {
	"process_bulk_reconciliation": [
		"bank_transaction_name",
		"invoices",
		"regular_vouchers",
		"_job_id",
		"user",
	],
	"publish_progress": ["job_id", "current", "total", "message"],
	"publish_completion": ["job_id", "success", "message", "processed", "failed", "bank_transaction"],
	"cleanup_failed_reconciliation": ["vouchers"],
	"start_auto_reconcile": [
		"bank_transactions",
		"from_date",
		"to_date",
		"filter_by_reference_date",
		"from_reference_date",
		"to_reference_date",
	],
	"get_auto_reconcile_message": ["partially_reconciled", "reconciled"],
}

DOTTED = re.compile(r"advanced_bank_reconciliation(\.\w+)+")


def strings_in(value: object) -> Iterator[str]:
	"""Yield every text inside lists and dicts, keys included."""
	if isinstance(value, str):
		yield value
	elif isinstance(value, dict):
		for key, item in value.items():
			yield from strings_in(key)
			yield from strings_in(item)
	elif isinstance(value, list | tuple):
		for item in value:
			yield from strings_in(item)


def doctype_files() -> list[Path]:
	return sorted(DOCTYPES.glob("*/*.json"))


class TestHooks(ABRTestCase):
	def test_dotted_paths_resolve(self):
		"""Every path into the app that a hook names is something that can be called."""
		values = {name: value for name, value in vars(hooks).items() if not name.startswith("_")}
		paths = [text for text in strings_in(values) if DOTTED.fullmatch(text)]
		self.assertGreaterEqual(len(paths), 5, "the hooks were not found")
		for path in paths:
			with self.subTest(path):
				self.assertTrue(callable(frappe.get_attr(path)))

	def test_doctypes_named_by_hooks_exist(self):
		for doctype in hooks.ignore_links_on_delete:
			self.assertTrue(frappe.db.exists("DocType", doctype), doctype)

	def test_recovery_is_scheduled(self):
		"""Interrupted jobs are looked for at least every five minutes."""
		paths = hooks.scheduler_events["cron"]["*/5 * * * *"]
		self.assertIn("advanced_bank_reconciliation.bulk.recovery.recover_interrupted_jobs", paths)
		self.assertIn("advanced_bank_reconciliation.auto.recovery.recover_interrupted_runs", paths)
		self.assertIn(
			"advanced_bank_reconciliation.statement_import.recovery.recover_interrupted_imports", paths
		)

	def test_p37_no_part_in_cores_matching_hook(self):
		"""ERPNext's own tool calls get_matching_queries of every app with 12 arguments: we are not among them."""
		self.assertFalse(hasattr(hooks, "get_matching_queries"))

	def test_p89_no_class_of_erpnext_is_overridden(self):
		self.assertFalse(hasattr(hooks, "override_doctype_class"))

	def test_patches_resolve(self):
		"""Each line of patches.txt is a module with an execute function."""
		lines = (APP / "patches.txt").read_text(encoding="utf-8").splitlines()
		for line in lines:
			line = line.split("#")[0].strip()
			if line and not line.startswith("["):
				with self.subTest(line):
					module = importlib.import_module(line.split()[0])
					self.assertTrue(callable(module.execute))

	def test_module_is_listed(self):
		modules = (APP / "modules.txt").read_text(encoding="utf-8").split("\n")
		self.assertEqual([name for name in modules if name], ["Advanced Bank Reconciliation"])


class TestDocTypes(ABRTestCase):
	def test_every_file_is_installed(self):
		for path in doctype_files():
			doctype = json.loads(path.read_text(encoding="utf-8"))
			with self.subTest(doctype["name"]):
				self.assertEqual(doctype["module"], "Advanced Bank Reconciliation")
				self.assertTrue(frappe.db.exists("DocType", doctype["name"]))

	def test_fields_are_in_order(self):
		"""field_order and fields name the same fields, once each; Frappe drops what is missing from it."""
		for path in doctype_files():
			doctype = json.loads(path.read_text(encoding="utf-8"))
			names = [field["fieldname"] for field in doctype["fields"]]
			with self.subTest(doctype["name"]):
				self.assertEqual(sorted(doctype["field_order"]), sorted(set(names)))
				self.assertEqual(len(names), len(set(names)))

	def test_link_targets_exist(self):
		"""Links, tables and dynamic links point at doctypes and fields that there are."""
		for path in doctype_files():
			doctype = json.loads(path.read_text(encoding="utf-8"))
			fields = {field["fieldname"]: field for field in doctype["fields"]}
			for field in fields.values():
				with self.subTest(doctype["name"], field=field["fieldname"]):
					if field["fieldtype"] in ("Link", "Table"):
						self.assertTrue(frappe.db.exists("DocType", field["options"]), field["options"])
					elif field["fieldtype"] == "Dynamic Link":
						self.assertEqual(fields[field["options"]]["fieldtype"], "Link")
					elif field["fieldtype"] == "Currency":
						self.assertTrue(field.get("options"), "an amount says in which currency it is")

	def test_controllers_and_their_types(self):
		"""Each doctype has its class, whose exported annotations name exactly its fields."""
		for path in doctype_files():
			doctype = json.loads(path.read_text(encoding="utf-8"))
			source = path.with_suffix(".py").read_text(encoding="utf-8")
			block = source.partition("# begin: auto-generated types")[2].partition(
				"# end: auto-generated types"
			)[0]
			annotated = {name for name in re.findall(r"^\t\t(\w+): DF\.", block, re.M)}
			no_value = ("Section Break", "Column Break", "Tab Break", "HTML", "Button")
			fields = {field["fieldname"] for field in doctype["fields"] if field["fieldtype"] not in no_value}
			with self.subTest(doctype["name"]):
				self.assertLessEqual(fields, annotated, "export the types again")
				self.assertLessEqual(annotated - fields, {"parent", "parentfield", "parenttype", "name"})
				self.assertTrue(frappe.new_doc(doctype["name"]).doctype)

	def test_permissions_speak_of_roles_that_exist(self):
		for path in doctype_files():
			for rule in json.loads(path.read_text(encoding="utf-8"))["permissions"]:
				self.assertTrue(frappe.db.exists("Role", rule["role"]), rule["role"])

	def test_one_active_job_for_a_line_is_the_databases_promise(self):
		"""P51: a unique field, not a clock."""
		field = frappe.get_meta("Bulk Bank Reconciliation").get_field("active_bank_transaction")
		self.assertEqual(field.unique, 1)
		for doctype in ("Auto Bank Reconciliation", "Bank Statement Import Record"):
			self.assertEqual(frappe.get_meta(doctype).get_field("active_bank_account").unique, 1)

	def test_custom_fields_are_installed(self):
		"""Each custom field is there, ours or core's own of that purpose, and ours carry the app's module."""
		for doctype, fields in custom_fields.CUSTOM_FIELDS.items():
			meta = frappe.get_meta(doctype)
			for field in fields:
				name = field["fieldname"]
				core = custom_fields.CORE_FIELD_INSTEAD.get((doctype, name), name)
				with self.subTest(f"{doctype}.{name}"):
					self.assertTrue(meta.has_field(name) or meta.has_field(core))

	def test_installing_twice_changes_nothing(self):
		"""after_migrate runs at every migration."""
		before = frappe.db.count("Custom Field")
		custom_fields.sync_custom_fields()
		self.assertEqual(frappe.db.count("Custom Field"), before)
		self.assertTrue(callable(install.after_install))


class TestPublicNames(ABRTestCase):
	def parameters(self, name):
		return list(inspect.signature(getattr(tool, name)).parameters)

	def test_the_module_is_where_scripts_look_for_it(self):
		self.assertEqual(tool.__name__, TOOL_MODULE)

	def test_whitelisted(self):
		"""Importable by path, whitelisted, with the known parameters first and only optional ones after."""
		for name, parameters in WHITELISTED.items():
			with self.subTest(name):
				function = frappe.get_attr(f"{TOOL_MODULE}.{name}")
				self.assertIn(function, frappe.whitelisted)
				self.assertEqual(self.parameters(name)[: len(parameters)], parameters)
				for extra in self.parameters(name)[len(parameters) :]:
					default = inspect.signature(function).parameters[extra].default
					self.assertIsNot(default, inspect.Parameter.empty, extra)

	def test_importable_but_not_open_to_requests(self):
		"""Functions for jobs and hooks: the known parameters, and no way in by HTTP."""
		for name, parameters in IMPORTABLE.items():
			with self.subTest(name):
				self.assertEqual(self.parameters(name)[: len(parameters)], parameters)
				self.assertNotIn(getattr(tool, name), frappe.whitelisted)

	def test_both_names_of_the_job_id(self):
		"""Older callers of process_bulk_reconciliation say job_id, newer ones _job_id."""
		self.assertLessEqual({"job_id", "_job_id"}, set(self.parameters("process_bulk_reconciliation")))

	def test_arguments_are_typed(self):
		"""Frappe checks the types of annotated arguments (DESIGN section 10)."""
		for name in WHITELISTED:
			for parameter in inspect.signature(getattr(tool, name)).parameters.values():
				self.assertIsNot(parameter.annotation, inspect.Parameter.empty, f"{name}({parameter.name})")

	def test_event_names(self):
		self.assertEqual(progress.PROGRESS_EVENT, "bulk_reconciliation_progress")
		self.assertEqual(progress.COMPLETE_EVENT, "bulk_reconciliation_complete")

	def test_scripts_call_endpoints_that_exist(self):
		"""Each method that the app's JavaScript calls on the tool is whitelisted."""
		called: set[str] = set()
		sources = [*DOCTYPES.glob("*/*.js"), *(APP / "public" / "js").rglob("*.js")]
		for path in sources:
			source = path.read_text(encoding="utf-8")
			called.update(re.findall(r"\$\{TOOL\}\.(\w+)", source))
			called.update(re.findall(r"\bcall\(\s*\"(\w+)\"", source))
		self.assertIn("get_progress", called)
		for name in sorted(called):
			with self.subTest(name):
				self.assertIn(getattr(tool, name, None), frappe.whitelisted)
