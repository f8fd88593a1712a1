// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

// A date, typed in the user's format or picked from the browser's own calendar.

frappe.ui.form.ControlDate = class ControlDate extends frappe.ui.form.ControlData {
	static trigger_change_on_input_event = false;
	static picker_type = "date";

	input_made() {
		super.input_made();
		$(this.input_area).addClass("date-input");
		this.$picker = $(
			`<input type="${this.constructor.picker_type}" class="date-picker" tabindex="-1" aria-hidden="true">`
		)
			.appendTo(this.input_area)
			.on("change", () => this.pick(this.$picker.val()));
		$(
			`<button type="button" class="btn btn-link date-picker-button" tabindex="-1">${frappe.utils.icon(
				"down",
				"xs"
			)}</button>`
		)
			.attr("aria-label", __("Choose a date"))
			.appendTo(this.input_area)
			.on("click", () => this.open_picker());
		this.$input.on("keydown", (event) => {
			if (event.key === "t") this.pick(this.get_now());
		});
	}

	open_picker() {
		if (!this.can_write()) return;
		this.$picker.val(this.value || "");
		this.$picker[0].showPicker();
	}

	pick(value) {
		this.$input.val(this.format_for_input(value)).trigger("change");
	}

	get_now() {
		return frappe.datetime.get_today();
	}

	set_formatted_input(value) {
		super.set_formatted_input(value === "Today" ? this.get_now() : value);
	}

	format_for_input(value) {
		return value ? frappe.datetime.str_to_user(value, false, true) : "";
	}

	parse(text) {
		return text ? frappe.datetime.user_to_str(text) : text;
	}

	validate(value) {
		if (!value || frappe.datetime.validate(value)) return value || "";
		const format = frappe.datetime.get_user_date_fmt();
		frappe.msgprint(
			__("Date {0} must be in format: {1}", [frappe.utils.escape_html(value), format])
		);
		return "";
	}
};

frappe.ui.form.ControlDatetime = class ControlDatetime extends frappe.ui.form.ControlDate {
	static picker_type = "datetime-local";

	open_picker() {
		if (!this.can_write()) return;
		this.$picker.val((this.value || "").replace(" ", "T").slice(0, 16));
		this.$picker[0].showPicker();
	}

	pick(value) {
		super.pick(value && moment(value).format(frappe.defaultDatetimeFormat));
	}

	get_now() {
		return frappe.datetime.now_datetime();
	}

	format_for_input(value) {
		return value ? frappe.datetime.str_to_user(value) : "";
	}
};

frappe.ui.form.ControlTime = class ControlTime extends frappe.ui.form.ControlData {};
