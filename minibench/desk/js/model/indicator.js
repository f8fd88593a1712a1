// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

// The coloured word that says where a document stands: [label, colour, filter].

// Frappe's guess from the word, when neither the list's settings nor the doctype's states name a colour.
const WORDS = {
	green: /^(completed|paid|reconciled|submitted|active|enabled|closed|success|settled|approved)$/,
	red: /^(failed|cancelled|overdue|unreconciled|error|disabled|rejected|expired)$/,
	orange: /^(pending|partly paid|unpaid|partially.*|open|draft|review|not (started|saved))$/,
	blue: /^(running|queued|in progress|reconciling)$/,
};

function guess_colour(word) {
	const text = cstr(word).toLowerCase();
	return Object.keys(WORDS).find((colour) => WORDS[colour].test(text)) || "gray";
}

function get_indicator(doc, doctype = doc.doctype) {
	if (doc.__unsaved) return [__("Not Saved"), "orange"];
	const meta = frappe.get_meta(doctype);
	const settings = frappe.listview_settings[doctype] || {};
	if (meta.is_submittable && cint(doc.docstatus) === 0 && !settings.has_indicator_for_draft) {
		return [__("Draft"), "red", "docstatus,=,0"];
	}
	if (
		meta.is_submittable &&
		cint(doc.docstatus) === 2 &&
		!settings.has_indicator_for_cancelled
	) {
		return [__("Cancelled"), "red", "docstatus,=,2"];
	}
	const of_settings = settings.get_indicator?.(doc);
	if (of_settings) return of_settings;
	const state = (meta.states || []).find((row) => row.title === doc.status);
	if (state) return [__(doc.status), state.color.toLowerCase(), `status,=,${doc.status}`];
	if (meta.is_submittable && !doc.status && cint(doc.docstatus) === 1) {
		return [__("Submitted"), "blue", "docstatus,=,1"];
	}
	if (doc.status) return [__(doc.status), guess_colour(doc.status), `status,=,${doc.status}`];
	return null;
}

frappe.get_indicator = get_indicator;
frappe.utils.guess_colour = guess_colour;
