// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

// A check box with its label beside it.

frappe.ui.form.ControlCheck = class ControlCheck extends frappe.ui.form.ControlData {
	static input_type = "checkbox";
	static trigger_change_on_input_event = false;

	make_wrapper() {
		this.$wrapper = $(`<div class="form-group frappe-control">
			<div class="checkbox">
				<label>
					<span class="input-area"></span>
					<span class="disp-area"></span>
					<span class="label-area"></span>
				</label>
				<p class="help-box small text-muted"></p>
			</div>
		</div>`).appendTo(this.parent);
	}

	set_input_areas() {
		this.input_area = this.$wrapper.find(".input-area").get(0);
		this.label_area = this.label_span = this.$wrapper.find(".label-area").get(0);
		this.disp_area = this.$wrapper.find(".disp-area").get(0);
	}

	input_made() {
		super.input_made();
		this.$input.removeClass("form-control");
	}

	get_input_value() {
		return this.input?.checked ? 1 : 0;
	}

	parse(value) {
		return cint(value);
	}

	validate(value) {
		return cint(value);
	}

	set_input(value) {
		this.last_value = this.value;
		this.value = cint(value);
		if (this.input) this.input.checked = Boolean(this.value);
		this.set_disp_area(this.value);
	}
};
