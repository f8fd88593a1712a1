// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

// What the user may do with a document, by permission level; the server decides again on each request.

const RIGHTS = [
	"select",
	"read",
	"write",
	"create",
	"delete",
	"submit",
	"cancel",
	"amend",
	"report",
	"export",
];

// [{read, write, ...}, ...] by level. The server's own answer for the document counts, where it is known.
function get_perm(doctype, doc) {
	const meta = frappe.get_meta(doctype);
	const perms = [{ read: 0, permlevel: 0 }];
	for (const rule of meta.permissions || []) {
		if (!frappe.user.has_role(rule.role) && frappe.session.user !== "Administrator") continue;
		const perm = (perms[rule.permlevel || 0] ||= { permlevel: rule.permlevel || 0 });
		RIGHTS.forEach((right) => (perm[right] = perm[right] || cint(rule[right])));
	}
	const of_doc = doc && frappe.model.get_docinfo(doctype, doc.name)?.permissions;
	if (of_doc) Object.assign(perms[0], of_doc);
	return perms;
}

// "Read", "Write" or "None"
function get_field_display_status(df, doc, perm = doc && get_perm(doc.doctype, doc)) {
	if (cint(df.hidden) || cint(df.hidden_due_to_dependency)) return "None";
	const of_level = perm?.[cint(df.permlevel)];
	if (perm && !of_level?.write && !of_level?.read) return "None";
	const may_write = perm ? of_level.write : true;
	const fixed = cint(df.read_only) || cint(df.is_virtual) || df.fieldtype === "Read Only";
	if (!may_write || fixed) return "Read";
	if (cint(doc?.docstatus) > 0 && !(cint(df.allow_on_submit) && cint(doc.docstatus) === 1))
		return "Read";
	if (cint(df.set_only_once) && doc && !doc.__islocal) return "Read";
	return "Write";
}

const has_perm = (doctype, permlevel, right, doc) =>
	Boolean(cint(get_perm(doctype, doc)[permlevel || 0]?.[right]));

Object.assign(frappe.perm, { get_perm, get_field_display_status, has_perm });
