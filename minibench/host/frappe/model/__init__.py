# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
"""Names of fieldtypes and of the columns that every document has."""

text_fieldtypes = (
	"Small Text", "Long Text", "Code", "Text Editor", "Markdown Editor", "HTML Editor", "Text", "Password",
	"Attach", "Attach Image", "Signature", "Barcode", "Geolocation", "JSON",
)  # fmt: skip
varchar_fieldtypes = (
	"Data", "Link", "Dynamic Link", "Select", "Read Only", "Color", "Icon", "Phone", "Autocomplete",
)  # fmt: skip
float_like_fields = {"Float", "Currency", "Percent"}
datetime_fields = {"Datetime", "Date", "Time"}
data_fieldtypes = (
	"Currency", "Int", "Long Int", "Float", "Percent", "Check", "Date", "Datetime", "Time", "Rating", "Duration",
	*text_fieldtypes, *varchar_fieldtypes,
)  # fmt: skip
display_fieldtypes = (
	"Section Break", "Column Break", "Tab Break", "HTML", "Button", "Image", "Fold", "Heading",
)  # fmt: skip
table_fields = ("Table", "Table MultiSelect")
no_value_fields = (*display_fieldtypes, *table_fields)
NO_VALUE_FIELDS = frozenset(no_value_fields)
numeric_fieldtypes = ("Currency", "Int", "Long Int", "Float", "Percent", "Check")
attachment_fieldtypes = ("Attach", "Attach Image")

default_fields = ("doctype", "name", "owner", "creation", "modified", "modified_by", "docstatus", "idx")
child_table_fields = ("parent", "parentfield", "parenttype")
optional_fields = ("_user_tags", "_comments", "_assign", "_liked_by", "_seen")

# documents that record what happened: never named by rules, never kept after deletion
log_types = (
	"Version",
	"Error Log",
	"Scheduled Job Log",
	"Notification Log",
	"Email Queue",
	"Deleted Document",
)


def is_default_field(fieldname: str) -> bool:
	return fieldname in default_fields
