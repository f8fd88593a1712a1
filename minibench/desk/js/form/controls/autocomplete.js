// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

// A text with suggestions from a fixed list; and several of them as pills.

const as_option = (option) =>
	typeof option === "string"
		? { label: __(option), value: option }
		: { ...option, label: __(option.label || option.value) };

frappe.ui.form.ControlAutocomplete = class ControlAutocomplete extends frappe.ui.form.ControlData {
	static trigger_change_on_input_event = false;

	input_made() {
		super.input_made();
		this.awesomplete = new Awesomplete(this.input, {
			minChars: 0,
			maxItems: 99,
			autoFirst: true,
			list: this.get_data(),
			data: (option) => ({
				label: frappe.utils.escape_html(option.label),
				value: option.value,
			}),
			replace: (item) => this.$input.val(item.value),
		});
		this.$input.on("focus", () => this.show_list());
		this.$input.on("awesomplete-selectcomplete", () => this.$input.trigger("change"));
	}

	show_list() {
		this.awesomplete.list = this.get_data();
		this.awesomplete.evaluate();
	}

	get_data() {
		let { options } = this.df;
		if (this.df.get_data) options = this.df.get_data(this.$input?.val());
		if (typeof options === "string") options = options.split("\n");
		return (options || []).map(as_option);
	}

	set_data(data) {
		this.df.options = data;
		if (this.awesomplete) this.awesomplete.list = this.get_data();
	}
};

frappe.ui.form.ControlMultiSelectPills = class ControlMultiSelectPills extends (
	frappe.ui.form.ControlAutocomplete
) {
	input_made() {
		super.input_made();
		this.rows = [];
		this.$input.before($('<div class="table-multiselect-pills"></div>'));
		this.$pills = $(this.input_area).find(".table-multiselect-pills");
		this.$pills.on("click", ".btn-remove", (event) => {
			const value = decodeURIComponent(event.currentTarget.dataset.value);
			this.set_value(this.rows.filter((row) => row !== value));
		});
	}

	bind_change_event() {
		this.$input.on("change", () => {
			const typed = this.$input.val().trim();
			if (typed && !this.rows.includes(typed)) this.set_value([...this.rows, typed]);
		});
	}

	validate(value) {
		return value || [];
	}

	get_data() {
		return super.get_data().filter((option) => !this.rows?.includes(option.value));
	}

	set_formatted_input(value) {
		this.rows = [].concat(value || []);
		this.$input?.val("");
		this.$pills?.html(
			this.rows.map(
				(
					row
				) => `<span class="btn btn-xs btn-default data-pill">${frappe.utils.escape_html(
					row
				)}
					<span class="btn-remove" role="button" aria-label="${__("Remove")}"
						data-value="${encodeURIComponent(row)}">${frappe.utils.icon("close", "xs")}</span></span>`
			)
		);
	}

	set_disp_area(value) {
		$(this.disp_area).text([].concat(value || []).join(", "));
	}

	get_value() {
		return this.rows || [];
	}
};
