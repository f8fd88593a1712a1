# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
app_name = "frappe"
app_title = "Frappe Framework"
app_publisher = "Frappe Technologies"
app_description = "The part of Frappe that minibench provides"
app_license = "gpl-3.0"
app_email = ""

permission_query_conditions = {
	"Notification Log": "frappe.desk.doctype.notification_log.notification_log.get_permission_query_conditions",
	"ToDo": "frappe.desk.doctype.todo.todo.get_permission_query_conditions",
	"Note": "frappe.desk.doctype.note.note.get_permission_query_conditions",
	"User": "frappe.core.doctype.user.user.get_permission_query_conditions",
}

has_permission = {
	"ToDo": "frappe.desk.doctype.todo.todo.has_permission",
	"Note": "frappe.desk.doctype.note.note.has_permission",
	"User": "frappe.core.doctype.user.user.has_permission",
	"File": "frappe.core.doctype.file.file.has_permission",
}

ignore_links_on_delete = [
	"ToDo",
	"File",
	"Comment",
	"Notification Log",
	"Email Queue",
	"Deleted Document",
	"Error Log",
]

scheduler_events = {
	"all": ["frappe.email.queue.flush"],
}
