// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

// A set of fields that belongs to no document: the content of a dialog, or of any other place.

frappe.ui.FieldGroup = class FieldGroup extends frappe.ui.form.Layout {
	constructor(options = {}) {
		super(options);
		this.dirty = false;
	}

	make() {
		if (!this.fields) return;
		this.fields
			.filter((df) => !df.fieldname && df.label)
			.forEach((df) => (df.fieldname = frappe.model.scrub(df.label)));
		super.make();
		this.refresh();
		this.set_defaults();
		if (!this.no_submit_on_enter) this.catch_enter_as_submit();
		$(this.wrapper).on("change awesomplete-selectcomplete", "input, select", () => {
			this.dirty = true;
			frappe.timeout(0.1).then(() => this.refresh_dependency());
		});
		if (this.values) this.set_values(this.values);
	}

	set_defaults() {
		for (const field of this.fields_list) {
			let value = field.df.default;
			const empty =
				value == null || (!value && !frappe.model.is_numeric_field(field.df.fieldtype));
			if (empty || !field.set_input) continue;
			if (value === "Today" && field.df.fieldtype === "Date")
				value = frappe.datetime.get_today();
			field.set_input(value);
		}
		this.refresh_dependency();
	}

	focus_on_first_input() {
		if (this.no_focus) return;
		this.fields_list
			.filter((field) => !["Date", "Datetime", "Time", "Check"].includes(field.df.fieldtype))
			.some((field) => field.disp_status === "Write" && field.set_focus?.());
	}

	catch_enter_as_submit() {
		$(this.body || this.wrapper).on(
			"keypress",
			'input[type="text"], input[type="password"], select',
			(event) => {
				if (event.key !== "Enter" || !this.has_primary_action) return;
				event.preventDefault();
				this.get_primary_btn().trigger("click");
			}
		);
	}

	get_field(fieldname) {
		return this.fields_dict[fieldname];
	}

	has_field(fieldname) {
		return Boolean(this.fields_dict[fieldname]);
	}

	get_input(fieldname) {
		const field = this.fields_dict[fieldname];
		return field ? $(field.input) : "";
	}

	// {fieldname: value} of what is filled in; null, after telling the user, when a mandatory one is empty.
	get_values(ignore_errors = false, check_invalid = false) {
		const values = {};
		const missing = [];
		const invalid = [];
		for (const field of Object.values(this.fields_dict)) {
			if (!field.get_value) continue;
			const value = field.get_value();
			if (field.df.reqd && is_null(value)) missing.push(__(field.df.label));
			if (!is_null(value)) values[field.df.fieldname] = value;
			if (field.df.invalid) invalid.push(__(field.df.label));
			if (this.is_dialog && field.df.reqd && is_null(value)) field.refresh_input?.();
		}
		const complain = (title, sentence, labels) =>
			frappe.msgprint({
				title,
				message: `${sentence}<br><br><ul><li>${labels.join("<li>")}</ul>`,
				indicator: "orange",
			});
		if (missing.length && !ignore_errors) {
			complain(
				__("Missing Values Required"),
				__("Following fields have missing values:"),
				missing
			);
			return null;
		}
		if (invalid.length && check_invalid) {
			complain(__("Invalid Values"), __("Following fields have invalid values:"), invalid);
			return null;
		}
		return values;
	}

	get_value(fieldname) {
		return this.fields_dict[fieldname]?.get_value?.() ?? null;
	}

	async set_value(fieldname, value) {
		const field = this.fields_dict[fieldname];
		if (!field?.set_value) return;
		await field.set_value(value);
		field.set_input?.(value);
		this.refresh_dependency();
	}

	set_input(fieldname, value) {
		return this.set_value(fieldname, value);
	}

	set_values(values) {
		return Promise.all(
			Object.entries(values).map(([fieldname, value]) => this.set_value(fieldname, value))
		);
	}

	clear() {
		Object.values(this.fields_dict).forEach((field) =>
			field.set_input?.(field.df.default || "")
		);
	}

	set_df_property(fieldname, property, value) {
		const field = this.get_field(fieldname);
		if (!field) throw new Error(`set_df_property: there is no field ${fieldname}`);
		field.df[property] = value;
		field.refresh();
	}
};
