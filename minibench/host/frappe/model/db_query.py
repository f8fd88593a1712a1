# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
"""frappe.get_list and frappe.get_all: one SELECT from fields, filters and (for get_list) the user's permissions."""

import re
from typing import Any

import frappe
import frappe.permissions
from frappe import _
from frappe.database.query import nested_set_names
from frappe.database.utils import DefaultOrderBy, FallBackDateTimeStr, NestedSetHierarchy
from frappe.model.meta import get_default_df
from frappe.utils.data import cint, cstr, flt, get_datetime, get_filter, getdate

_PLAIN = re.compile(r"^\w+$")
_ALIASED = re.compile(r"^(?P<column>\w+)\s+as\s+[`'\"]?(?P<alias>[\w ]+?)[`'\"]?$", re.IGNORECASE)
_LINKED = re.compile(
	r"^(?P<link>\w+)\.(?P<column>\w+)(?:\s+as\s+[`'\"]?(?P<alias>\w+)[`'\"]?)?$", re.IGNORECASE
)
_TABLES = re.compile(r"`(tab[^`]+)`\s*\.")
_COLUMNS_IN_FUNCTION = re.compile(r"`?(?:tab[\w ]+`\.)?`?([a-z_]\w*)`?", re.IGNORECASE)
_FORBIDDEN = re.compile(
	r";|--|/\*|\b(select|sleep|load_file|information_schema|sqlite_master)\b", re.IGNORECASE
)
_RESTRICTED_FUNCTION = re.compile(
	r"^(concat|concat_ws|if|ifnull|nullif|coalesce|connection_id|current_user|database|last_insert_id|session_user"
	r"|system_user|user|version|global)\s*\(",
	re.IGNORECASE,
)
_AGGREGATE = re.compile(r"^\s*(count|min|max|sum|avg)\s*\(", re.IGNORECASE)


class DatabaseQuery:
	def __init__(self, doctype: str):
		self.doctype = doctype
		self.table = f"`tab{doctype}`"
		self.joins: dict[str, str] = {}
		self.values: list = []

	@property
	def meta(self):
		return frappe.get_meta(self.doctype)

	def execute(
		self,
		fields: Any = None,
		filters: Any = None,
		or_filters: Any = None,
		docstatus: Any = None,
		group_by: str | None = None,
		order_by: str | None = DefaultOrderBy,
		limit_start: Any = None,
		limit_page_length: Any = 20,
		as_list: bool = False,
		debug: bool = False,
		ignore_permissions: bool = False,
		user: str | None = None,
		join: str = "left join",
		distinct: bool = False,
		start: Any = None,
		page_length: Any = None,
		limit: Any = None,
		ignore_ifnull: bool = False,
		update: dict | None = None,
		reference_doctype: str | None = None,
		run: bool = True,
		strict: bool = True,
		pluck: str | None = None,
		ignore_ddl: bool = False,
		*,
		parent_doctype: str | None = None,
	) -> list:
		"""
		:param fields: names, "*", "child_table.field", "link_field.field", expressions such as "sum(amount) as total"
		:param filters: dict, or list of [field, operator, value] / [doctype, field, operator, value]
		:raises PermissionError: get_list without permission to read
		"""
		if not ignore_permissions:
			self.check_read_permission(parent_doctype, user)
		fields, filters = _unswap(fields, filters)
		self.ignore_permissions = ignore_permissions
		self.ignore_ifnull = ignore_ifnull
		self.user = user or frappe.session.user
		self.reference_doctype = reference_doctype or self.doctype
		self.parent_doctype = parent_doctype
		self.join = join

		if ignore_ddl and not frappe.db.table_exists(self.doctype):
			return []
		select = self._select_list(fields, pluck)
		if not select:
			return []
		conditions = self._conditions(filters, or_filters)
		order = "" if distinct else self._order_by(order_by, select, group_by)
		self._refuse_subqueries(order)
		self._refuse_subqueries(group_by)
		query = (
			f"select {'distinct ' if distinct else ''}{', '.join(select)} "
			f"from {self.table}{''.join(self.joins.values())}"
			f"{' where ' + conditions if conditions else ''}"
			f"{' group by ' + group_by if group_by else ''}"
			f"{' order by ' + order if order else ''}"
			f"{_limit_clause(limit or page_length or limit_page_length, start or limit_start)}"
		)
		if not self.values:
			query = query.replace("%%", "%")  # nothing is bound, so nothing undoes the escaping
		rows = frappe.db.sql(query, self.values, as_dict=not as_list, debug=debug, update=update, run=run)
		return [row[pluck] for row in rows] if pluck else list(rows)

	def check_read_permission(self, parent_doctype: str | None, user: str | None) -> None:
		for ptype in ("select", "read"):
			if frappe.has_permission(self.doctype, ptype, user=user, parent_doctype=parent_doctype):
				return
		frappe.flags.error_message = _("Insufficient Permission for {0}").format(frappe.bold(self.doctype))
		raise frappe.PermissionError(self.doctype)

	# --- fields ---------------------------------------------------------------------------------------------------

	def _select_list(self, fields: Any, pluck: str | None) -> list[str]:
		if isinstance(fields, str):
			fields = ["*"] if fields == "*" else self._split(fields)
		items = []
		for field in fields or [pluck or "name"]:
			if isinstance(field, dict):
				raise NotImplementedError("frappe.get_list with dict fields is not in minibench")
			if self._is_permitted(field.strip()):
				items.append(self._select_item(field.strip()))
		return items

	@staticmethod
	def _split(fields: str) -> list[str]:
		if fields.startswith("["):
			return frappe.parse_json(fields)
		return [part.strip() for part in re.split(r",(?![^(]*\))", fields)]

	def _select_item(self, field: str) -> str:
		if field == "*":
			return f"{self.table}.*"
		if _PLAIN.match(field):
			return f"{self.table}.`{field}`"
		if match := _ALIASED.match(field):
			return f"{self.table}.`{match['column']}` as `{match['alias']}`"
		if match := _LINKED.match(field):
			return self._linked_column(match["link"], match["column"], match["alias"])
		if _FORBIDDEN.search(field):
			frappe.throw(_("Use of sub-query or function is restricted"), frappe.DataError)
		if match := _RESTRICTED_FUNCTION.match(field):
			frappe.throw(_("Use of function {0} in field is restricted").format(match[1]), frappe.DataError)
		for table in _TABLES.findall(field):
			self._join_child(table)
		return field

	def _linked_column(self, link: str, column: str, alias: str | None) -> str:
		"""child_table.field joins the child table, link_field.field the linked document."""
		df = self.meta.get_field(link)
		if not df:
			frappe.throw(_("Field not permitted in query") + f": {link}.{column}", frappe.DataError)
		if df.fieldtype in ("Table", "Table MultiSelect"):
			self._join_child(f"tab{df.options}")
			return f"`tab{df.options}`.`{column}` as `{alias or column}`"
		name = f"tab{df.options}_{link}"
		self.joins.setdefault(
			name, f" {self.join} `tab{df.options}` `{name}` on (`{name}`.name = {self.table}.`{link}`)"
		)
		return f"`{name}`.`{column}` as `{alias or column}`"

	def _join_child(self, table: str) -> None:
		if f"`{table}`" == self.table or table in self.joins:
			return
		parenttype = frappe.db.escape(self.doctype)
		self.joins[table] = (
			f" {self.join} `{table}` on (`{table}`.parenttype = {parenttype} and `{table}`.parent = {self.table}.name)"
		)

	def _is_permitted(self, field: str) -> bool:
		"""Whether the user may read the field (permission levels); expressions count by the columns in them."""
		if self.ignore_permissions or self.user == "Administrator" or not self.meta.high_permlevel_fields:
			return True
		forbidden = {df.fieldname for df in self.meta.high_permlevel_fields} - set(
			self.meta.get_permitted_fieldnames(self.parent_doctype, user=self.user)
		)
		if field == "*":
			return not forbidden
		return not forbidden & set(_COLUMNS_IN_FUNCTION.findall(field))

	# --- conditions -----------------------------------------------------------------------------------------------

	def _conditions(self, filters: Any, or_filters: Any) -> str:
		parts = [self._filter_sql(f) for f in _as_list(filters, self.doctype)]
		either = [self._filter_sql(f) for f in _as_list(or_filters, self.doctype)]
		if either:
			parts.append(f"({' or '.join(either)})")
		if not self.ignore_permissions:
			if match := self.build_match_conditions():
				parts.append(match)
		return " and ".join(parts)

	def _filter_sql(self, f: Any) -> str:
		if isinstance(f, str):  # a raw condition written by code
			return f.replace("%", "%%")
		f = get_filter(self.doctype, f)
		if f.doctype != self.doctype:
			self._join_child(f"tab{f.doctype}")
		if not _PLAIN.match(f.fieldname):
			frappe.throw(_("Invalid filter: {0}").format(f.fieldname), frappe.DataError)
		column = f"`tab{f.doctype}`.`{f.fieldname}`"
		df = frappe.get_meta(f.doctype).get_field(f.fieldname) or get_default_df(f.fieldname)
		operator = f.operator.lower()
		if operator in NestedSetHierarchy:
			f.value = nested_set_names(f.doctype, f.fieldname, f.value, operator)
			operator = "not in" if operator.startswith("not") else "in"
		if operator in ("in", "not in"):
			return self._in_sql(column, operator, f.value, f.fieldname)
		if operator == "between":
			return self._between_sql(column, f.value, df)
		if operator == "is":
			if cstr(f.value).lower() == "set":
				return f"{column} != ''"
			return f"({column} is null or {column} = '')"
		return self._comparison_sql(column, operator, f.value, df, f.fieldname)

	def _in_sql(self, column: str, operator: str, value: Any, fieldname: str) -> str:
		values = value.split(",") if isinstance(value, str) else list(value or ())
		texts = [cstr(item).strip() for item in values] or [""]
		self.values.append(texts)
		nullable = fieldname not in ("name", "modified", "creation") and not self.ignore_ifnull
		if nullable and (operator == "not in" or "" in texts):
			return f"ifnull({column}, '') {operator} %s"
		return f"{column} {operator} %s"

	def _between_sql(self, column: str, value: Any, df: Any) -> str:
		low, high = value if isinstance(value, list | tuple) and len(value) == 2 else (value, value)
		if df and df.fieldtype == "Date":
			low, high = getdate(low), getdate(high)
		elif df and df.fieldtype == "Datetime":
			low, high = get_datetime(low), _end_of(high)
		self.values += [low, high]
		return f"{column} between %s and %s"

	def _comparison_sql(self, column: str, operator: str, value: Any, df: Any, fieldname: str) -> str:
		fieldtype = df.fieldtype if df else "Data"
		never_null = fieldname in ("name", "modified", "creation") or fieldtype in (
			"Check", "Float", "Int", "Currency", "Percent",
		)  # fmt: skip
		if fieldtype == "Date":
			value, fallback = (getdate(value) if value else "0001-01-01"), "0001-01-01"
			never_null = never_null or operator in (">", ">=")
		elif fieldtype == "Datetime":
			value, fallback = (get_datetime(value) if value else FallBackDateTimeStr), FallBackDateTimeStr
			never_null = never_null or operator in (">", ">=")
		elif fieldtype in ("Float", "Currency", "Percent", "Rating"):
			value, fallback = flt(value), 0
		elif fieldtype in ("Int", "Check"):
			value, fallback = flt(value), 0
		else:
			value, fallback = (
				"" if value is None else value if isinstance(value, int | float) else cstr(value),
				"",
			)

		if operator in ("like", "not like") and isinstance(value, str):
			value = value.replace("\\", "\\\\")  # a backslash is searched for, it escapes nothing
		self.values.append(value)
		if self.ignore_ifnull or never_null or (value and operator in ("=", "like")):
			return f"{column} {operator} %s"
		if value == fallback and operator == "=":
			return f"({column} is null or {column} = %s)"
		if value == fallback and operator == "!=":
			return f"{column} != %s"
		self.values.insert(-1, fallback)
		return f"ifnull({column}, %s) {operator} %s"

	# --- permissions ----------------------------------------------------------------------------------------------

	def build_match_conditions(self, as_condition: bool = True) -> str:
		"""SQL for what the user may see of the doctype; empty when everything.

		:raises PermissionError: no right to read at all
		"""
		self.user = getattr(self, "user", None) or frappe.session.user
		self.reference_doctype = getattr(self, "reference_doctype", None) or self.doctype
		meta = self.meta
		if meta.istable:
			return self._hook_conditions()
		permissions = frappe.permissions.get_role_permissions(meta, user=self.user)
		if not (permissions.get("select") or permissions.get("read")):
			frappe.throw(_("No permission to read {0}").format(_(self.doctype)), frappe.PermissionError)
		parts = []
		if _requires_owner_constraint(permissions):
			self.values.append(self.user)
			parts.append(f"{self.table}.`owner` = %s")
		else:
			parts += self._user_permission_conditions()
		if hooked := self._hook_conditions():
			parts.append(hooked)
		return " and ".join(parts)

	def mogrify(self, condition: str) -> str:
		"""The condition with its values written out, for use in another query."""
		for value in self.values:
			items = value if isinstance(value, list) else [value]
			literals = ", ".join(frappe.db.escape(item) for item in items)
			condition = condition.replace("%s", f"({literals})" if isinstance(value, list) else literals, 1)
		return condition.replace("%%", "%")

	def _user_permission_conditions(self) -> list[str]:
		user_permissions = frappe.permissions.get_user_permissions(self.user)
		if not user_permissions:
			return []
		strict = cint(frappe.get_system_settings("apply_strict_user_permissions"))
		links = [
			(df.options, df.fieldname) for df in self.meta._link_fields if not df.ignore_user_permissions
		]
		conditions = []
		for doctype, fieldname in [*links, (self.doctype, "name")]:
			allowed = self._allowed_documents(user_permissions.get(doctype, ()), fieldname)
			if allowed:
				column = f"{self.table}.`{fieldname}`"
				empty = "" if strict else f"ifnull({column}, '') = '' or "
				self.values.append(allowed)
				conditions.append(f"({empty}{column} in %s)")
		return conditions

	def _allowed_documents(self, permissions: Any, fieldname: str) -> list[str]:
		applies_to = self.reference_doctype if fieldname == "name" else self.doctype
		return [p.get("doc") for p in permissions if p.get("applicable_for") in (None, "", applies_to)]

	def _hook_conditions(self) -> str:
		hooks = frappe.get_hooks("permission_query_conditions", {})
		methods = hooks.get(self.doctype, []) + hooks.get("*", [])
		answers = [
			frappe.call(frappe.get_attr(method), self.user, doctype=self.doctype) for method in methods
		]
		return " and ".join(f"({answer.replace('%', '%%')})" for answer in answers if answer)

	# --- order ----------------------------------------------------------------------------------------------------

	def _order_by(self, order_by: str | None, select: list[str], group_by: str | None) -> str:
		if order_by and order_by != DefaultOrderBy:
			return order_by
		aggregated = len(select) == 1 and _AGGREGATE.match(select[0]) and not group_by
		if not order_by or aggregated:
			return ""
		sort_field = self.meta.sort_field or "modified"
		if "," in sort_field:
			return ", ".join(f"{self.table}.{part.strip()}" for part in sort_field.split(","))
		return f"{self.table}.`{sort_field}` {(self.meta.sort_field and self.meta.sort_order) or 'desc'}"

	@staticmethod
	def _refuse_subqueries(clause: str | None) -> None:
		if clause and _FORBIDDEN.search(clause):
			frappe.throw(_("Cannot use sub-query in order by"))


def _unswap(fields: Any, filters: Any) -> tuple[Any, Any]:
	"""Callers mix up the two: filters are dicts or lists of lists, fields are lists of texts."""
	if isinstance(fields, dict) or (isinstance(fields, list) and fields and isinstance(fields[0], list)):
		return filters, fields
	if fields and isinstance(filters, list) and len(filters) > 1 and isinstance(filters[0], str):
		return filters, fields
	return fields, filters


def _as_list(filters: Any, doctype: str) -> list:
	if isinstance(filters, str):
		filters = frappe.parse_json(filters)
	if isinstance(filters, dict):
		return [
			[doctype, key, *value] if isinstance(value, list | tuple) else [doctype, key, "=", value]
			for key, value in filters.items()
		]
	return list(filters or ())


def _end_of(value: Any) -> Any:
	"""A plain date as the end of a range means the whole day."""
	moment = get_datetime(value)
	if len(cstr(value)) <= 10:
		moment = moment.replace(hour=23, minute=59, second=59, microsecond=999999)
	return moment


def _limit_clause(length: Any, start: Any) -> str:
	if not cint(length):
		return ""
	return f" limit {cint(length)} offset {cint(start)}"


def _requires_owner_constraint(permissions: dict) -> bool:
	"""Reading is granted by an "if owner" rule only."""
	if not permissions.get("has_if_owner_enabled"):
		return False
	owner_rights = permissions.get("if_owner")
	if not owner_rights:
		return False
	return not any(permissions.get(ptype) and ptype not in owner_rights for ptype in ("select", "read"))
