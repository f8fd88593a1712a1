// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

// A choice from a list: options are lines of text, a list of texts, or of {label, value}.

frappe.ui.form.ControlSelect = class ControlSelect extends frappe.ui.form.ControlData {
	static html_element = "select";
	static trigger_change_on_input_event = false;

	input_made() {
		super.input_made();
		this.$input.addClass("ellipsis");
		$('<div class="select-icon"></div>')
			.html(frappe.utils.icon("select"))
			.appendTo(this.input_area);
		this.set_options();
	}

	set_formatted_input(value) {
		this.set_options(value);
		super.set_formatted_input(value ?? "");
	}

	set_options(value) {
		let options = this.df.options || [];
		if (typeof options === "string") options = options.split("\n");
		const signature = JSON.stringify(options);
		if (!this.$input || signature === this.last_options) return;
		this.last_options = signature;
		const selected = this.$input.val();
		this.$input.empty();
		frappe.ui.form.add_options(this.$input, options, this.df.sort_options);
		if (value === undefined && selected) this.$input.val(selected);
	}
};

frappe.ui.form.add_options = function (input, options, sort = false) {
	const choices = options.map((option) => {
		if (option && typeof option === "object")
			return { disabled: false, ...option, label: __(option.label ?? option.value) };
		return { value: cstr(option), label: is_null(option) ? "" : __(cstr(option)) };
	});
	if (sort) choices.sort((a, b) => a.label.localeCompare(b.label));
	choices.forEach(({ value, label, disabled }) => {
		$("<option>")
			.attr("value", value)
			.prop("disabled", Boolean(disabled))
			.text(label)
			.appendTo(input);
	});
	return $(input);
};
