// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

// The form of a doctype (frm): shows one document at a time, lets scripts change it, and saves it.

import { Dashboard } from "./dashboard.js";
import { save } from "./save.js";
import { ScriptManager } from "./script_manager.js";
import { Toolbar } from "./toolbar.js";

// A document with unsaved changes keeps its page from being left without a question.
const ask_before_leaving = (event) => {
	event.preventDefault();
	event.returnValue = __("There are unsaved changes, are you sure you want to exit?");
};

frappe.ui.form.Form = class FrappeForm {
	constructor(doctype, parent) {
		this.doctype = doctype;
		this.parent = parent;
		this.meta = frappe.get_meta(doctype);
		this.opendocs = {};
		this.events = {};
		this.custom_buttons = {};
		this.fetch_dict = {};
		this.grids = [];
		this.cscript = { is_onload: false };
	}

	setup() {
		this.wrapper = this.parent;
		this.$wrapper = $(this.wrapper);
		this.page = new frappe.ui.Page({ parent: this.wrapper, title: __(this.doctype) });
		this.body = $('<div class="std-form-layout"></div>').appendTo(this.page.main);
		this.script_manager = new ScriptManager(this);
		this.make_layout();
		this.toolbar = new Toolbar(this);
		this.watch_model_updates();
		this.script_manager.setup();
		this.setup_done = true;
		this.debounced_reload_doc = frappe.utils.debounce(() => this.reload_doc(), 1000);
		frappe.ui.keys.add_shortcut({
			shortcut: "ctrl+s",
			page: this.page,
			action: () => this.save_or_update(),
		});
		// A dropdown or tab that closes says "hide" as well.
		this.$wrapper.on(
			"hide",
			(event) => event.target === this.wrapper && this.script_manager.trigger("on_hide")
		);
	}

	make_layout() {
		this.layout = new frappe.ui.form.Layout({
			parent: this.body,
			doctype: this.doctype,
			frm: this,
			fields: frappe.meta.get_docfields(this.doctype, this.docname),
		});
		this.layout.make();
		this.fields_dict = this.layout.fields_dict;
		this.fields = this.layout.fields_list;
		const place = this.layout.tabs[0]?.wrapper || this.layout.page;
		this.dashboard = new Dashboard(
			$('<div class="form-dashboard"></div>').prependTo(place),
			this
		);
	}

	// A changed value shows, tells what depends on it, and then the scripts.
	watch_model_updates() {
		frappe.model.on(this.doctype, "*", (fieldname, value, doc, skip_dirty) => {
			if (doc.name !== this.docname) return undefined;
			if (!skip_dirty) this.dirty();
			const field = this.fields_dict[fieldname];
			field?.refresh();
			if (["Link", "Dynamic Link"].includes(field?.df.fieldtype)) field.validate(value);
			this.layout.refresh_dependency();
			return this.script_manager.trigger(fieldname, doc.doctype, doc.name);
		});
		for (const df of frappe.meta.get_table_fields(this.doctype)) {
			frappe.model.on(df.options, "*", (fieldname, _value, doc) => {
				if (doc.parent !== this.docname || doc.parentfield !== df.fieldname)
					return undefined;
				this.dirty();
				this.fields_dict[df.fieldname].grid.refresh();
				return this.script_manager.trigger(fieldname, doc.doctype, doc.name);
			});
		}
	}

	// Show the document with the name, or the present one once more.
	async refresh(docname) {
		removeEventListener("beforeunload", ask_before_leaving, { capture: true });
		if (docname) this.docname = docname;
		if (!this.docname) return;
		window.cur_frm = this;
		this.save_disabled = false;
		this.doc = frappe.get_doc(this.doctype, this.docname);
		this.perm = frappe.perm.get_perm(this.doctype, this.doc);
		if (!this.setup_done) this.setup();
		window.cur_page = this.page;
		this.grids.forEach(({ grid }) => docname && (grid.page_no = 1));
		const first_time = !this.opendocs[this.docname];
		this.cscript.is_onload = first_time;
		if (first_time) {
			await this.script_manager.trigger("before_load");
			$(document).trigger("form-load", [this]);
			this.script_manager.trigger("onload");
			this.opendocs[this.docname] = true;
		}
		await this.render_form();
	}

	async render_form() {
		this.layout.doc = this.doc;
		this.layout.attach_doc_and_docfields();
		this.layout.show_message();
		this.refresh_header();
		$(document).trigger("form-refresh", [this]);
		this.refresh_fields();
		await this.script_manager.trigger("refresh");
		if (this.cscript.is_onload) await this.script_manager.trigger("onload_post_render");
		this.cscript.is_onload = false;
		this.$wrapper.trigger("render_complete");
	}

	refresh_header() {
		this.clear_custom_buttons();
		this.toolbar.refresh();
		this.dashboard.refresh();
		frappe.breadcrumbs.update(this);
	}

	refresh_fields() {
		this.layout.refresh(this.doc);
	}

	refresh_field(fieldname) {
		this.fields_dict[fieldname]?.refresh();
		this.layout.refresh_dependency();
	}

	reload_doc() {
		if (this.doc.__islocal) return undefined;
		frappe.model.remove_from_locals(this.doctype, this.docname);
		return frappe.model.with_doc(this.doctype, this.docname, () => this.refresh());
	}

	// Saving

	dirty() {
		this.doc.__unsaved = 1;
		addEventListener("beforeunload", ask_before_leaving, { capture: true });
		if (!this.save_disabled) this.toolbar.refresh();
	}

	is_dirty() {
		return Boolean(this.doc.__unsaved);
	}

	is_new() {
		return this.doc.__islocal;
	}

	enable_save() {
		this.save_disabled = false;
		this.toolbar.refresh();
	}

	disable_save() {
		this.save_disabled = true;
		this.toolbar.refresh();
	}

	save_or_update() {
		if (this.save_disabled) return undefined;
		return this.save(this.doc.docstatus === 1 ? "Update" : "Save");
	}

	// Resolves to nothing also when it was refused, as in the desk; on_error tells.
	async save(action = "Save", callback = null, _btn = null, on_error = null) {
		try {
			frappe.validated = true;
			if (action !== "Cancel") await this.script_manager.trigger("validate");
			await this.script_manager.trigger(`before_${action.toLowerCase()}`);
			if (!frappe.validated) throw new Error("a script has refused it");
			await save(this, action);
		} catch (error) {
			on_error?.(error);
			return;
		}
		await this.after_save(action);
		callback?.();
	}

	async after_save(action) {
		const new_name = frappe.model.new_names[this.docname];
		if (action === "Cancel") await frappe.model.with_doc(this.doctype, this.docname);
		if (new_name) {
			frappe.route_flags.replace_route = true;
			this.docname = new_name;
			await frappe.set_route("Form", this.doctype, new_name);
		} else {
			await this.refresh();
		}
		await this.script_manager.trigger("after_save");
		if (action !== "Save") await this.script_manager.trigger(`on_${action.toLowerCase()}`);
	}

	savesubmit() {
		return new Promise((resolve) => {
			frappe.confirm(
				__("Permanently Submit {0}?", [frappe.utils.escape_html(this.docname)]),
				() => resolve(this.save("Submit"))
			);
		});
	}

	savecancel() {
		return new Promise((resolve) => {
			frappe.confirm(
				__("Permanently Cancel {0}?", [frappe.utils.escape_html(this.docname)]),
				() => resolve(this.save("Cancel"))
			);
		});
	}

	has_perm(right) {
		return Boolean(cint(this.perm[0]?.[right]));
	}

	// Values

	set_value(field, value, if_missing = false, skip_dirty = false) {
		if ($.isPlainObject(field)) {
			const known = Object.entries(field).filter(
				([fieldname]) => this.fields_dict[fieldname]
			);
			return frappe.run_serially(
				known.map(
					([fieldname, v]) =>
						() =>
							this.set_value(fieldname, v, if_missing)
				)
			);
		}
		const control = this.fields_dict[field];
		if (!control) {
			frappe.msgprint(__("Field {0} not found.", [frappe.utils.escape_html(field)]));
			throw new Error(`frm.set_value: there is no field ${field}`);
		}
		if (if_missing && frappe.model.has_value(this.doctype, this.docname, field))
			return Promise.resolve();
		if (control.df.fieldtype === "Table" && Array.isArray(value)) {
			frappe.model.clear_table(this.doc, field);
			value.forEach((row) => this.add_child(field, row));
			this.refresh_field(field);
			return Promise.resolve();
		}
		return frappe.model.set_value(
			this.doctype,
			this.docname,
			field,
			value,
			control.df.fieldtype,
			skip_dirty
		);
	}

	add_child(fieldname, values = {}) {
		const row = frappe.model.add_child(
			this.doc,
			this.get_docfield(fieldname).options,
			fieldname
		);
		const { name: _name, idx: _idx, ...rest } = values;
		return Object.assign(row, rest);
	}

	clear_table(fieldname) {
		frappe.model.clear_table(this.doc, fieldname);
	}

	add_fetch(link_field, source_field, target_field) {
		(this.fetch_dict[link_field] ||= {})[target_field] = source_field;
	}

	get_formatted(fieldname) {
		return frappe.format(
			this.doc[fieldname],
			this.get_docfield(fieldname),
			{ no_icon: true },
			this.doc
		);
	}

	// Fields

	get_field(fieldname) {
		return this.fields_dict[fieldname];
	}

	get_docfield(fieldname, child_fieldname) {
		if (!child_fieldname)
			return frappe.meta.get_docfield(this.doctype, fieldname, this.docname);
		return frappe.meta.get_docfield(
			this.get_docfield(fieldname).options,
			child_fieldname,
			this.docname
		);
	}

	set_df_property(fieldname, property, value) {
		const df = this.get_docfield(fieldname);
		if (!df || df[property] === value) return;
		df[property] = value;
		this.refresh_field(fieldname);
	}

	set_query(fieldname, parentfield_or_query, query) {
		if (query)
			this.fields_dict[parentfield_or_query].grid.get_field(fieldname).get_query = query;
		else if (this.fields_dict[fieldname])
			this.fields_dict[fieldname].get_query = parentfield_or_query;
	}

	toggle_property(fieldnames, property, value) {
		[]
			.concat(fieldnames)
			.forEach((fieldname) => this.set_df_property(fieldname, property, value));
	}

	toggle_display(fieldnames, show) {
		this.toggle_property(fieldnames, "hidden", show ? 0 : 1);
	}

	toggle_enable(fieldnames, enable) {
		this.toggle_property(fieldnames, "read_only", enable ? 0 : 1);
	}

	toggle_reqd(fieldnames, mandatory) {
		this.toggle_property(fieldnames, "reqd", mandatory ? 1 : 0);
	}

	scroll_to_field(fieldname, focus = true) {
		const field = this.get_field(fieldname);
		field.tab?.set_active();
		if (field.section?.is_collapsed()) field.section.collapse(false);
		frappe.utils.scroll_to(field.$wrapper);
		if (focus) field.set_focus?.();
	}

	// Buttons and messages

	add_custom_button(label, fn, group) {
		const $button = this.page.add_inner_button(label, fn, group);
		if ($button) this.custom_buttons[label] = $button;
		return $button;
	}

	remove_custom_button(label, group) {
		this.page.remove_inner_button(label, group);
	}

	change_custom_button_type(label, group, type) {
		this.page.change_inner_button_type(label, group, type);
	}

	clear_custom_buttons() {
		this.page.clear_inner_toolbar();
		this.page.clear_user_actions();
		this.custom_buttons = {};
	}

	set_intro(text, color) {
		this.dashboard.set_headline_alert(text, color);
	}

	// Server and scripts

	trigger(event, doctype, docname) {
		return this.script_manager.trigger(event, doctype, docname);
	}

	// A method of the document (by name alone), or of its module.
	call(options, args, callback) {
		if (typeof options === "string")
			options = { method: options, doc: this.doc, args, callback };
		if (!options.doc && !options.method.includes(".")) {
			options.method = `${frappe.model.get_server_module_name(this.doctype)}.${
				options.method
			}`;
		}
		const original = options.callback;
		return frappe.call({
			...options,
			callback: (r) => {
				if (options.doc) this.refresh_fields();
				else if ($.isPlainObject(r.message)) this.set_value(r.message);
				original?.(r);
			},
		});
	}
};
