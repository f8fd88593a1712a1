// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

// One line of text, and what is like it.

frappe.ui.form.ControlData = class ControlData extends frappe.ui.form.ControlInput {
	static html_element = "input";
	static input_type = "text";
	static trigger_change_on_input_event = true;

	make_input() {
		if (this.$input) return;
		const { html_element, input_type } = this.constructor;
		this.$input = $(`<${html_element}>`)
			.attr({ type: html_element === "input" ? input_type : null, autocomplete: "off" })
			.addClass("input-with-feedback form-control")
			.prependTo(this.input_area);
		this.input_made();
	}

	input_made() {
		this.input = this.$input.get(0);
		this.has_input = true;
		this.set_input_attributes();
		this.bind_change_event();
	}

	set_input_attributes() {
		this.$input
			.attr({ "data-fieldtype": this.df.fieldtype, "data-fieldname": this.df.fieldname })
			.attr("placeholder", this.df.placeholder || "")
			.addClass(this.df.input_class || "");
		if (this.doctype) this.$input.attr("data-doctype", this.doctype);
		if (this.df.fieldtype === "Data" && !this.frm?.meta.issingle) {
			this.$input.attr("maxlength", this.df.length || 140);
		}
		if (this.only_input) this.$input.attr("aria-label", __(this.df.label));
	}

	bind_change_event() {
		const changed = (event) => {
			if (this.change) this.change(event);
			else this.parse_validate_and_set_in_model(this.get_input_value(), event);
		};
		this.$input.on("change", changed);
		if (this.constructor.trigger_change_on_input_event) {
			this.$input.on("input", frappe.utils.debounce(changed, 500));
		}
	}

	set_input(value) {
		this.last_value = this.value;
		this.value = value;
		this.set_formatted_input(value);
		this.set_disp_area(value);
		this.set_mandatory(value);
	}

	set_formatted_input(value) {
		this.$input?.val(this.format_for_input(value));
	}

	format_for_input(value) {
		return value ?? "";
	}

	get_input_value() {
		return this.$input ? this.$input.val() : undefined;
	}

	validate(value) {
		return value || "";
	}
};

frappe.ui.form.ControlReadOnly = frappe.ui.form.ControlData;

frappe.ui.form.ControlPassword = class ControlPassword extends frappe.ui.form.ControlData {
	static input_type = "password";
};
