// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

// Saving, submitting and cancelling the document of a form.

const FREEZE_MESSAGE = {
	Save: () => __("Saving"),
	Submit: () => __("Submitting"),
	Update: () => __("Updating"),
	Cancel: () => __("Cancelling"),
};

// action: Save, Submit, Update or Cancel. Resolves when the server has taken it, rejects otherwise.
export async function save(frm, action) {
	if (action === "Save" && !frm.is_dirty()) {
		frappe.show_alert({ message: __("No changes in document"), indicator: "orange" });
		return;
	}
	if (action !== "Cancel" && !check_mandatory(frm))
		throw new Error("mandatory values are missing");
	await send(frm, action);
	$(document).trigger("save", [frm.doc]);
}

function send(frm, action) {
	const { doc } = frm;
	const request =
		action === "Cancel"
			? {
					method: "frappe.desk.form.save.cancel",
					args: { doctype: doc.doctype, name: doc.name },
			  }
			: { method: "frappe.desk.form.save.savedocs", args: { doc, action } };
	frappe.ui.form.is_saving = true;
	return new Promise((resolve, reject) => {
		frappe
			.call({ ...request, freeze: true, freeze_message: FREEZE_MESSAGE[action]() })
			.then(resolve, () => reject(new Error(`${action} was refused`)));
	}).finally(() => (frappe.ui.form.is_saving = false));
}

// Tell the user which mandatory fields of the document and its rows are empty.
function check_mandatory(frm) {
	const problems = [frm.doc, ...frappe.model.get_children(frm.doc)].flatMap((doc) => {
		const labels = missing_labels(doc).map((label) => `<li>${label}</li>`);
		if (!labels.length) return [];
		const where = doc.parentfield
			? __("Mandatory fields required in table {0}, Row {1}", [
					__(frappe.meta.get_label(doc.parenttype, doc.parentfield)).bold(),
					doc.idx,
			  ])
			: __("Mandatory fields required in {0}", [__(doc.doctype)]);
		return [`${where}<br><br><ul>${labels.join("")}</ul>`];
	});
	if (problems.length) {
		frappe.msgprint({
			message: problems.join("<br>"),
			indicator: "red",
			title: __("Missing Fields"),
		});
		frm.refresh_fields();
	}
	return !problems.length;
}

function missing_labels(doc) {
	return frappe.meta
		.get_docfields(doc.doctype, doc.name)
		.filter(
			(df) => cint(df.reqd) && !cint(df.hidden) && frappe.model.is_value_type(df.fieldtype)
		)
		.filter((df) => is_null(doc[df.fieldname]))
		.map((df) => __(df.label));
}

frappe.ui.form.is_saving = false;
