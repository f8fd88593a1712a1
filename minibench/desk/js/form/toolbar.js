// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

// Title, state and the save button of a form.

export class Toolbar {
	constructor(frm) {
		this.frm = frm;
		this.page = frm.page;
	}

	refresh() {
		this.set_title();
		this.set_indicator();
		this.set_primary_action();
		this.make_menu();
	}

	set_title() {
		const { doc, meta, doctype, docname } = this.frm;
		if (meta.issingle) return this.page.set_title(__(doctype));
		const title = this.frm.is_new()
			? __("New {0}", [__(doctype)])
			: cstr(doc[meta.title_field || "name"] || docname);
		this.page.set_title(frappe.utils.escape_html(title), null, false, title);
		this.page.set_title_sub(
			title === docname || this.frm.is_new() ? "" : frappe.utils.escape_html(docname)
		);
		return undefined;
	}

	set_indicator() {
		if (this.frm.save_disabled && this.frm.meta.issingle) return this.page.clear_indicator();
		const indicator = frappe.get_indicator(this.frm.doc);
		return indicator
			? this.page.set_indicator(indicator[0], indicator[1])
			: this.page.clear_indicator();
	}

	set_primary_action() {
		const { frm } = this;
		this.page.clear_actions();
		if (frm.save_disabled) return;
		const submittable = cint(frm.meta.is_submittable);
		if (frm.doc.docstatus === 1) this.offer_after_submit();
		else if (cint(frm.doc.docstatus) === 2) return;
		else if (submittable && !frm.is_dirty() && frm.has_perm("submit")) {
			this.page.set_primary_action(__("Submit"), () => frm.savesubmit());
		} else if (frm.has_perm(frm.is_new() ? "create" : "write")) {
			this.page.set_primary_action(__("Save"), () => frm.save_or_update());
		}
	}

	offer_after_submit() {
		const { frm } = this;
		if (frm.is_dirty()) this.page.set_primary_action(__("Update"), () => frm.save("Update"));
		if (frm.has_perm("cancel"))
			this.page.set_secondary_action(__("Cancel"), () => frm.savecancel());
	}

	make_menu() {
		const { frm } = this;
		this.page.menu.find("li:not(.user-action)").remove();
		if (frm.is_new()) return;
		this.page.add_menu_item(__("Reload"), () => frm.reload_doc(), true);
		this.page.add_menu_item(
			__("Copy Link"),
			() =>
				frappe.utils.copy_to_clipboard(
					window.location.origin + frappe.utils.get_form_link(frm.doctype, frm.docname)
				),
			true
		);
	}
}
