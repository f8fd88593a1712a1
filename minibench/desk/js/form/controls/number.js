// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

// Numbers. They may be typed as a sum: "120 + 35.5".

const ARITHMETIC = /^[0-9+\-/*.() ]+$/;

frappe.ui.form.ControlInt = class ControlInt extends frappe.ui.form.ControlData {
	static trigger_change_on_input_event = false;

	input_made() {
		super.input_made();
		this.$input.on("focus", () => this.$input.trigger("select"));
	}

	eval_expression(value) {
		if (typeof value !== "string") return value;
		const plain = value.replace(/[\d.,]+/g, (number) => flt(number));
		if (!ARITHMETIC.test(plain)) return value;
		try {
			return frappe.utils.eval(plain);
		} catch {
			return value;
		}
	}

	parse(value) {
		return cint(this.eval_expression(value), null);
	}

	validate(value) {
		return this.parse(value);
	}
};

frappe.ui.form.ControlFloat = class ControlFloat extends frappe.ui.form.ControlInt {
	parse(value) {
		const number = this.eval_expression(value);
		return Number.isNaN(parseFloat(number)) ? null : flt(number, this.get_precision());
	}

	format_for_input(value) {
		if (value == null || value === "" || Number.isNaN(Number(value))) return "";
		return format_number(value, this.get_number_format(), this.get_precision());
	}

	get_number_format() {
		if (this.df.fieldtype === "Float" && !this.df.options?.trim()) return undefined;
		return get_number_format(frappe.meta.get_field_currency(this.df, this.get_doc()));
	}

	get_precision() {
		return cint(this.df.precision) || cint(frappe.boot.sysdefaults.float_precision, null);
	}
};

frappe.ui.form.ControlPercent = frappe.ui.form.ControlFloat;

frappe.ui.form.ControlCurrency = class ControlCurrency extends frappe.ui.form.ControlFloat {
	get_precision() {
		if (this.df.precision || typeof this.df.precision === "number")
			return cint(this.df.precision);
		const of_site = cint(frappe.boot.sysdefaults.currency_precision);
		return of_site || get_number_format_info(this.get_number_format()).precision;
	}
};
