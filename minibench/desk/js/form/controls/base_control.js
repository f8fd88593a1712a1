// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

// What all controls share: where their value lives (a document of a form, or they themselves), and whether
// they may be written, read or are hidden.

const SHOWN_WHEN_EMPTY = ["HTML", "Image", "Button", "Heading"];

frappe.ui.form.Control = class BaseControl {
	constructor(options) {
		Object.assign(this, options);
		this.make();
		if (this.render_input) this.refresh();
	}

	make() {
		this.make_wrapper();
		this.$wrapper.attr({
			"data-fieldtype": this.df.fieldtype,
			"data-fieldname": this.df.fieldname,
		});
		this.wrapper = this.$wrapper.get(0);
		this.wrapper.fieldobj = this;
	}

	make_wrapper() {
		this.$wrapper = $('<div class="frappe-control"></div>').appendTo(this.parent);
	}

	toggle(show) {
		this.df.hidden = show ? 0 : 1;
		this.refresh();
	}

	// "Write", "Read" or "None"
	get_status() {
		if (this.df.get_status) return this.df.get_status(this);
		if (!this.doctype || !this.docname) return frappe.perm.get_field_display_status(this.df);
		const doc = frappe.get_doc(this.doctype, this.docname);
		const status = frappe.perm.get_field_display_status(this.df, doc, this.frm?.perm);
		const hidden_when_empty =
			!this.only_input && !SHOWN_WHEN_EMPTY.includes(this.df.fieldtype);
		return status === "Read" && hidden_when_empty && is_null(doc?.[this.df.fieldname])
			? "None"
			: status;
	}

	refresh() {
		this.disp_status = this.get_status();
		this.$wrapper.toggleClass("hide-control", this.disp_status === "None");
		this.refresh_input?.();
	}

	get_model_value() {
		return this.doc?.[this.df.fieldname];
	}

	get_doc() {
		return locals[this.doctype]?.[this.docname] || {};
	}

	get_parsed_value(value) {
		return this.parse ? this.parse(value) : value;
	}

	set_value(value, force = false) {
		return this.validate_and_set_in_model(value, null, force);
	}

	parse_validate_and_set_in_model(value, event) {
		return this.validate_and_set_in_model(this.get_parsed_value(value), event);
	}

	async validate_and_set_in_model(value, event, force = false) {
		if (this.inside_change_event || (this.doc && this.get_model_value() === value && !force))
			return;
		this.inside_change_event = true;
		try {
			value = await this.validate(value);
		} finally {
			this.inside_change_event = false;
		}
		this._validated = true; // so that the form does not ask the server once more
		try {
			await this.set_model_value(value);
		} finally {
			this._validated = false;
		}
		this.set_mandatory?.(value);
		await (this.df.change || this.df.onchange)?.call(this, event);
		this.set_invalid?.();
	}

	validate(value) {
		return value;
	}

	set_model_value(value) {
		if (this.frm) {
			this.last_value = value;
			const { doctype, docname, df } = this;
			return frappe.model.set_value(doctype, docname, df.fieldname, value, df.fieldtype);
		}
		if (this.doc) this.doc[this.df.fieldname] = value;
		this.set_input(value);
		return Promise.resolve();
	}

	get_value() {
		if (this.get_status() !== "Write") return this.value || undefined;
		return this.get_input_value ? this.get_parsed_value(this.get_input_value()) : undefined;
	}

	set_focus() {
		if (!this.$input) return false;
		this.$input.get(0).focus();
		return true;
	}
};

// The class for a fieldtype, by Frappe's names: "Small Text" is ControlSmallText.
frappe.ui.form.make_control = function (options) {
	const name = `Control${options.df.fieldtype.replace(/ /g, "")}`;
	return new frappe.ui.form[name](options);
};
