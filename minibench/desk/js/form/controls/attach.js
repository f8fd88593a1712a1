// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

// The address of one file, which is uploaded from here.

frappe.ui.form.ControlAttach = class ControlAttach extends frappe.ui.form.ControlData {
	make_input() {
		if (this.$input) return;
		this.$input = $(
			`<button type="button" class="btn btn-default btn-sm btn-attach">${__(
				"Attach"
			)}</button>`
		)
			.prependTo(this.input_area)
			.on("click", () => this.on_attach_click());
		this.$value =
			$(`<div class="attached-file"><a class="attached-file-link" target="_blank"></a>
			<a href="#" class="btn btn-xs btn-default" data-action="clear">${__("Clear")}</a></div>`)
				.prependTo(this.input_area)
				.hide();
		this.$value.on("click", "[data-action=clear]", (event) => {
			event.preventDefault();
			this.parse_validate_and_set_in_model("");
		});
		this.input = this.$input.get(0);
		this.has_input = true;
		this.$input.attr({
			"data-fieldtype": this.df.fieldtype,
			"data-fieldname": this.df.fieldname,
		});
	}

	on_attach_click() {
		new frappe.ui.FileUploader({
			allow_multiple: false,
			...(typeof this.df.options === "object" ? this.df.options : {}),
			...(this.frm && {
				doctype: this.frm.doctype,
				docname: this.frm.docname,
				fieldname: this.df.fieldname,
			}),
			on_success: (file) => this.parse_validate_and_set_in_model(file.file_url),
		});
	}

	set_formatted_input(value) {
		this.$input?.toggle(!value);
		this.$value?.toggle(Boolean(value));
		this.$value?.find("a.attached-file-link").attr("href", value).text(value);
	}

	get_input_value() {
		return this.value;
	}
};
