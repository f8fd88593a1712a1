// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

// A modal dialog with fields and, at its foot, actions.

frappe.ui.open_dialogs = [];

const SIZES = { small: "modal-sm", large: "modal-lg", "extra-large": "modal-xl" };

frappe.ui.Dialog = class Dialog extends frappe.ui.FieldGroup {
	constructor(options = {}) {
		super({
			animate: true,
			size: null,
			display: false,
			is_dialog: true,
			is_visible: false,
			...options,
		});
		this.make();
	}

	make() {
		this.$wrapper = frappe.get_modal("", "");
		this.$dialog = this.$wrapper.find(".modal-dialog");
		this.size ??= this.size_for_fields();
		this.$dialog.addClass(SIZES[this.size] || "");
		this.find_parts();
		this.set_title(this.title || "");
		if (this.indicator)
			this.header.find(".indicator").attr("class", `indicator ${this.indicator}`);
		this.wrapper = this.$dialog.get(0); // the layout takes this name for itself when there are fields
		super.make();
		this.refresh_section_collapse();
		this.set_actions();
		if (this.static) this.make_static();
		if (this.minimizable) this.make_minimizable();
		this.listen();
	}

	find_parts() {
		this.modal_body = this.$wrapper.find(".modal-body");
		this.$body = $("<div></div>").appendTo(this.modal_body);
		this.body = this.$body.get(0);
		this.$message = $('<div class="hide modal-message"></div>').appendTo(this.modal_body);
		this.header = this.$wrapper.find(".modal-header");
		this.footer = this.$wrapper.find(".modal-footer");
		this.standard_actions = this.footer.find(".standard-actions");
		this.custom_actions = this.footer.find(".custom-actions");
	}

	// Three columns or more want more room.
	size_for_fields() {
		let most = 0;
		let breaks = 0;
		for (const { fieldtype } of this.fields || []) {
			if (fieldtype === "Section Break") breaks = 0;
			if (fieldtype === "Column Break") most = Math.max(most, ++breaks);
		}
		return most >= 4 ? "extra-large" : most >= 2 ? "large" : "";
	}

	set_actions() {
		if (this.primary_action) {
			this.set_primary_action(
				this.primary_action_label || __("Submit"),
				this.primary_action
			);
		}
		if (this.secondary_action) this.set_secondary_action(this.secondary_action);
		if (this.secondary_action_label)
			this.set_secondary_action_label(this.secondary_action_label);
	}

	make_static() {
		this.$wrapper.modal({ backdrop: "static", keyboard: false, show: false });
		this.get_close_btn().hide();
	}

	listen() {
		this.$wrapper
			.on(
				"hide.bs.modal",
				(event) => event.target === this.$wrapper[0] && this.on_modal_hide()
			)
			.on("hidden.bs.modal", () =>
				$("body").toggleClass("modal-open", frappe.ui.open_dialogs.length > 0)
			)
			.on(
				"shown.bs.modal",
				(event) => event.target === this.$wrapper[0] && this.on_modal_shown()
			);
	}

	on_modal_hide() {
		this.display = false;
		this.is_visible = false;
		this.is_minimized = false;
		frappe.ui.open_dialogs = frappe.ui.open_dialogs.filter((dialog) => dialog !== this);
		window.cur_dialog = frappe.ui.open_dialogs.at(-1) || null;
		this.onhide?.();
		this.on_hide?.();
	}

	on_modal_shown() {
		this.display = true;
		window.cur_dialog = this;
		frappe.ui.open_dialogs.push(this);
		$(document).off("focusin.modal");
		this.focus_on_first_input();
		this.fields_list.forEach((field) => field.on_section_shown?.());
		this.on_page_show?.();
		$(document).trigger("frappe.ui.Dialog:shown");
	}

	show() {
		this.$wrapper
			.toggleClass("fade", Boolean(this.animate))
			.removeClass("modal-minimize")
			.modal("show");
		this.clear_message();
		this.primary_action_fulfilled = false;
		this.is_visible = true;
		return this;
	}

	hide() {
		this.$wrapper.modal("hide");
		this.is_visible = false;
	}

	cancel() {
		this.get_close_btn().trigger("click");
	}

	set_title(title) {
		this.$wrapper.find(".modal-title").html(title);
	}

	// A text in place of the content.
	set_message(text) {
		this.$message.removeClass("hide").text(text);
		this.$body.addClass("hide");
	}

	clear_message() {
		this.$message.addClass("hide");
		this.$body.removeClass("hide");
	}

	clear() {
		super.clear();
		this.clear_message();
	}

	get_primary_btn() {
		return this.standard_actions.find(".btn-primary");
	}

	get_secondary_btn() {
		return this.standard_actions.find(".btn-modal-secondary");
	}

	get_close_btn() {
		return this.$wrapper.find(".btn-modal-close");
	}

	get_minimize_btn() {
		return this.header.find(".btn-modal-minimize");
	}

	// click gets the values; it is not called while a mandatory one is missing.
	set_primary_action(label, click) {
		this.footer.removeClass("hide");
		this.has_primary_action = true;
		const $button = this.get_primary_btn().removeClass("hide").html(label);
		if (typeof click !== "function") return $button;
		return $button.off("click").on("click", () => {
			this.primary_action_fulfilled = true;
			const values = this.get_values();
			if (values) click.call(this, values);
		});
	}

	set_secondary_action(click) {
		this.footer.removeClass("hide");
		return this.get_secondary_btn().removeClass("hide").off("click").on("click", click);
	}

	set_secondary_action_label(label) {
		this.get_secondary_btn().removeClass("hide").html(label);
	}

	add_custom_action(label, action, css_class = "") {
		this.footer.removeClass("hide");
		$(`<button class="btn btn-secondary btn-sm ${css_class}"></button>`)
			.html(label)
			.appendTo(this.custom_actions)
			.on("click", (event) => action?.(event));
	}

	disable_primary_action() {
		this.get_primary_btn().addClass("disabled");
	}

	enable_primary_action() {
		this.get_primary_btn().removeClass("disabled");
	}

	no_cancel() {
		this.get_close_btn().toggle(false);
	}

	make_minimizable() {
		this.header
			.find(".title-section")
			.on("click", () => this.is_minimized && this.toggle_minimize());
		this.get_minimize_btn()
			.removeClass("hide")
			.on("click", () => this.toggle_minimize());
	}

	toggle_minimize() {
		this.is_minimized = !this.is_minimized;
		$(".modal-backdrop").toggle(!this.is_minimized);
		this.$wrapper.toggleClass("modal-minimize", this.is_minimized);
		$("body").toggleClass("modal-open", !this.is_minimized);
		this.get_minimize_btn().html(frappe.utils.icon(this.is_minimized ? "expand" : "collapse"));
		this.on_minimize_toggle?.(this.is_minimized);
	}
};
