// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

// frappe.ui.form.on: what scripts want to hear of a doctype's forms.

const handlers = {};

frappe.ui.form.handlers = handlers;

frappe.ui.form.on = function (doctype, event, handler) {
	const by_event = typeof event === "string" ? { [event]: handler } : event;
	for (const [name, fn] of Object.entries(by_event)) {
		if (typeof fn !== "function") continue;
		((handlers[doctype] ||= {})[name] ||= []).push(fn);
		if (window.cur_frm?.doctype === doctype) window.cur_frm.events[name] = fn;
	}
};

frappe.ui.form.off = function (doctype, event) {
	if (handlers[doctype]) handlers[doctype][event] = [];
};

export class ScriptManager {
	constructor(frm) {
		this.frm = frm;
	}

	// Run the doctype's own script, then let it set the form up.
	setup() {
		const { meta } = this.frm;
		if (meta.__js) frappe.dom.eval(meta.__js);
		if (meta.__css) frappe.dom.set_style(meta.__css);
		for (const df of meta.fields) {
			const [link, source] = (df.fetch_from || "").split(".");
			if (source) this.frm.add_fetch(link, source, df.fieldname);
		}
		return this.trigger("setup");
	}

	get_handlers(event, doctype) {
		return handlers[doctype]?.[event] || [];
	}

	has_handlers(event, doctype) {
		return this.get_handlers(event, doctype).length > 0;
	}

	// Handlers run one after the other, each after the requests of the one before; setup's run at once.
	trigger(event, doctype = this.frm.doctype, name = this.frm.docname) {
		this.frm.selected_doc = frappe.get_doc(doctype, name);
		const run = (handler) => {
			const answer = handler(this.frm, doctype, name);
			return answer?.then ? answer : frappe.after_server_call();
		};
		const of_event = this.get_handlers(event, doctype);
		if (event === "setup") return Promise.all(of_event.map(run));
		return frappe.run_serially(of_event.map((handler) => () => run(handler)));
	}
}
