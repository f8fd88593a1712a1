// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

// Several lines of text.

frappe.ui.form.ControlText = class ControlText extends frappe.ui.form.ControlData {
	static html_element = "textarea";

	input_made() {
		super.input_made();
		this.$input.css({ height: this.constructor.height || "120px" });
	}
};

frappe.ui.form.ControlSmallText = class ControlSmallText extends frappe.ui.form.ControlText {
	static height = "80px";
};
frappe.ui.form.ControlLongText = frappe.ui.form.ControlText;
frappe.ui.form.ControlCode = frappe.ui.form.ControlText;
