# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
"""PyPika as Frappe uses it: `frappe.qb`, DocType, Field, Case, Order, functions."""

import pypika.queries
import pypika.terms
from frappe.query_builder.terms import ParameterizedFunction, ParameterizedValueWrapper
from pypika import *
from pypika import Field
from pypika.utils import ignore_copy

# PyPika looks these names up in its own modules when it wraps a value or makes a function
pypika.terms.ValueWrapper = ParameterizedValueWrapper
pypika.terms.Function = ParameterizedFunction

# a table's attribute is always a column, also for columns named like a method ("field")
pypika.queries.Selectable.__getattr__ = ignore_copy(lambda table, name: Field(name, table=table))
pypika.queries.Selectable.__getitem__ = ignore_copy(lambda table, name: Field(name, table=table))
pypika.queries.Selectable.field = pypika.terms.PseudoColumn("field")

from frappe.query_builder.utils import (
	Column,
	DocType,
	Table,
	get_query,
	get_query_builder,
	patch_query_aggregation,
	patch_query_execute,
)

patch_query_execute()
patch_query_aggregation()
