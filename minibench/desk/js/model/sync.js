// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

// Takes documents from an answer of the server into locals.

// answer: an answer with docs and docinfo, a document, or a list of them. Gives the documents.
function sync(answer) {
	const docs = [].concat(answer.docs || (answer.docinfo ? [] : answer)).filter(Boolean);
	docs.forEach((doc) => {
		take_in(doc);
		doc.__last_sync_on = new Date();
		if (doc.doctype === "DocType") frappe.meta.sync(doc);
		if (doc.localname) rename_after_save(doc);
	});
	if (answer.docinfo) {
		const { doctype, name } = answer.docinfo;
		(frappe.model.docinfo[doctype] ||= {})[name] = answer.docinfo;
	}
	return docs;
}

// A form keeps hold of its document: what is loaded already is changed in place.
function take_in(doc) {
	if (!doc.name && doc.__islocal) {
		doc.name = frappe.model.get_new_name(doc.doctype);
		(frappe.model.docinfo[doc.doctype] ||= {})[doc.name] = {};
	}
	const known = locals[doc.doctype]?.[doc.name];
	if (known && known !== doc) replace_content(known, doc);
	else (locals[doc.doctype] ||= {})[doc.name] = doc;
	for (const value of Object.values(doc)) {
		if (Array.isArray(value)) value.forEach((row) => take_in_row(row, doc));
	}
}

function take_in_row(row, parent) {
	if (!row?.doctype) return;
	Object.assign(row, { parent: parent.name, parenttype: parent.doctype });
	if (!row.name) row.name = frappe.model.get_new_name(row.doctype);
	(locals[row.doctype] ||= {})[row.name] = row;
}

function replace_content(known, doc) {
	Object.keys(known).forEach((key) => delete known[key]);
	Object.assign(known, doc);
}

function rename_after_save(doc) {
	const { doctype, name, localname } = doc;
	frappe.model.new_names[localname] = name;
	delete locals[doctype][localname];
	const info = frappe.model.docinfo[doctype];
	if (info?.[localname]) {
		info[name] ||= info[localname];
		delete info[localname];
	}
	$(document).trigger("rename", [doctype, localname, name]);
}

frappe.model.sync = sync;
