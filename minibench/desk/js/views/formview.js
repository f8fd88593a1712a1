// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

// Opens the form of a document; there is one form for each doctype.

const forms = {};

async function show(doctype, name) {
	const renamed = frappe.model.new_names[name];
	if (renamed) {
		frappe.route_flags.replace_route = true;
		return frappe.set_route("Form", doctype, renamed);
	}
	const doc = await load(doctype, name);
	if (!doc)
		return name.startsWith("new-")
			? start_new(doctype)
			: frappe.show_not_found(`${doctype} ${name}`);
	const element = frappe.container.get_page(`Form/${doctype}`);
	forms[doctype] ||= new frappe.ui.form.Form(doctype, element);
	window.cur_list = null;
	frappe.container.change_to(`Form/${doctype}`);
	// Not waited for: what goes wrong in a script of the form is its own error, not one of the way there.
	forms[doctype].refresh(name);
	return undefined;
}

// A document that has not been saved is known to this page only; any other is asked for again.
async function load(doctype, name) {
	const known = frappe.get_doc(doctype, name);
	if (known?.__unsaved) return known;
	frappe.model.remove_from_locals(doctype, name);
	try {
		return await frappe.model.with_doc(doctype, name);
	} catch {
		return null; // the answer's own message has been shown
	}
}

function start_new(doctype) {
	frappe.route_flags.replace_route = true;
	return frappe.new_doc(doctype);
}

// Somebody else, or a job, has changed a document.
function on_doc_update({ doctype, name, modified }) {
	const frm = window.cur_frm;
	const shown =
		frm?.doctype === doctype && frm.docname === name && frappe.get_route()[0] === "Form";
	if (!shown || frm.doc.modified === modified || frappe.ui.form.is_saving) return;
	if (frm.is_dirty()) {
		frm.dashboard.set_headline_alert(
			__(
				"This form has been modified after you have loaded it. Reload it to see the changes."
			),
			"yellow"
		);
	} else {
		frm.debounced_reload_doc();
	}
}

frappe.views.formview = {
	show,
	forms,
	setup: () => frappe.realtime.on("doc_update", on_doc_update),
};
