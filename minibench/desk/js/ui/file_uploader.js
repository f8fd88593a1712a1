// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

// frappe.ui.FileUploader: files from the user's device become File documents, in a place of the caller's
// (wrapper) or in a dialog of its own. The desk's other sources (library, link, camera, Drive) are not here.

const NOT_HERE = ["as_dataurl", "attach_doc_image", "frm", "files"];

frappe.ui.FileUploader = class FileUploader {
	constructor(options = {}) {
		for (const name of NOT_HERE) {
			if (options[name]) throw new Error(`FileUploader: ${name} is not in minibench`);
		}
		if (!options.wrapper) this.make_dialog(options.dialog_title);
		this.wrapper = options.wrapper ? $(options.wrapper)[0] : this.dialog.body;
		this.uploader = new Uploader($(this.wrapper), {
			allow_multiple: true,
			folder: "Home",
			show_upload_button: !this.dialog,
			...options,
			restrictions: { ...options.restrictions },
			close: () => this.dialog?.hide(),
		});
	}

	make_dialog(title) {
		this.dialog = new frappe.ui.Dialog({
			title: title || __("Upload"),
			primary_action_label: __("Upload"),
			primary_action: () => this.upload_files(),
		});
		this.dialog.show();
		this.dialog.$wrapper.on("hidden.bs.modal", () => this.dialog.$wrapper.remove());
	}

	upload_files() {
		return this.uploader.upload_files();
	}
};

class Uploader {
	constructor($wrapper, options) {
		Object.assign(this, { options, files: [] });
		const { allow_multiple, upload_notes, restrictions } = options;
		const accept = (restrictions.allowed_file_types || []).join(", ");
		this.$root = $(`<div class="file-uploader">
			<div class="file-upload-area"><div>
				<div>${__("Drag and drop files here or upload from")}</div>
				<button class="btn btn-default btn-sm btn-file-upload mt-3">${__("My Device")}</button>
				<input type="file" class="hidden" ${allow_multiple ? "multiple" : ""} />
				<div class="mt-3 file-notes"></div></div></div>
			<div class="file-preview-area"></div></div>`).appendTo($wrapper);
		this.$input = this.$root.find("input").attr("accept", accept).hide();
		this.$root.find(".file-notes").text(upload_notes || "");
		this.listen();
		this.render();
		if (restrictions.max_file_size == null) this.ask_for_limit();
	}

	async ask_for_limit() {
		const answer = await frappe.call("frappe.core.api.file.get_max_file_size");
		this.options.restrictions.max_file_size = Number(answer.message);
	}

	listen() {
		const $area = this.$root.find(".file-upload-area");
		this.$root
			.on("dragover dragleave", (event) => {
				event.preventDefault();
				$area.toggleClass("is-dragging", event.type === "dragover");
			})
			.on("drop", (event) => {
				event.preventDefault();
				$area.removeClass("is-dragging");
				this.add_files(event.originalEvent.dataTransfer.files);
			})
			.on("click", ".btn-file-upload", () => this.$input[0].click())
			.on("click", "[data-action=upload]", () => this.upload_files())
			.on("click", "[data-action=remove]", ({ currentTarget }) => {
				this.files.splice(Number(currentTarget.dataset.index), 1);
				this.render();
			});
		this.$input.on("change", () => this.add_files(this.$input[0].files));
	}

	add_files(list) {
		const { max_number_of_files } = this.options.restrictions;
		let added = Array.from(list)
			.filter((file) => this.is_allowed(file))
			.map((file) => ({
				file_obj: file,
				name: file.name,
				private: !this.options.make_attachments_public,
				progress: 0,
				total: 0,
				uploading: false,
				failed: false,
				request_succeeded: false,
				error_message: null,
				doc: null,
			}));
		if (max_number_of_files) added = added.slice(0, max_number_of_files);
		this.files.push(...added);
		if (!this.options.allow_multiple) this.files.splice(0, this.files.length - 1);
		this.render();
	}

	is_allowed(file) {
		const { max_file_size, allowed_file_types } = this.options.restrictions;
		const name = file.name.toLowerCase();
		const fits = (type) =>
			type.includes("/") ? file.type.match(type) : name.endsWith(type.toLowerCase());
		const right_type = !allowed_file_types?.length || allowed_file_types.some(fits);
		const right_size = !max_file_size || file.size < max_file_size;
		const skipped = (message) => frappe.show_alert({ message, indicator: "orange" });
		const shown = frappe.utils.escape_html(file.name);
		if (!right_type)
			skipped(__('File "{0}" was skipped because of invalid file type', [shown]));
		if (!right_size) {
			const megabytes = max_file_size / (1024 * 1024);
			skipped(__('File "{0}" was skipped because size exceeds {1} MB', [shown, megabytes]));
		}
		return right_type && right_size;
	}

	render() {
		this.$root.find(".file-upload-area").toggle(!this.files.length);
		const previews = this.files.map(preview_html).join("");
		const waiting = this.files.some((file) => !file.uploading && !file.request_succeeded);
		const button =
			this.files.length && waiting && this.options.show_upload_button
				? `<div class="text-right"><button class="btn btn-primary btn-sm" data-action="upload">${
						this.files.length === 1
							? __("Upload file")
							: __("Upload {0} files", [this.files.length])
				  }</button></div>`
				: "";
		this.$root.find(".file-preview-area").html(previews + button);
	}

	async upload_files() {
		if (!this.files.length) {
			frappe.msgprint(__("Please select a file first."));
			throw new Error("no file was selected");
		}
		for (const file of this.files) await this.upload_file(file);
	}

	// Resolves when the file has left, as in the desk; what the server says comes by on_success.
	upload_file(file) {
		return new Promise((resolve, reject) => {
			const request = new XMLHttpRequest();
			const show = (values) => {
				Object.assign(file, values);
				this.render();
			};
			request.upload.addEventListener("loadstart", () => show({ uploading: true }));
			request.upload.addEventListener("progress", ({ loaded, total }) =>
				show({ progress: loaded, total })
			);
			request.upload.addEventListener("load", () => {
				show({ uploading: false });
				resolve();
			});
			request.addEventListener("error", () => {
				show({ failed: true });
				reject(new Error("the file could not be sent"));
			});
			request.addEventListener("load", () => this.answered(file, request, show));
			request.open("POST", "/api/method/upload_file");
			request.setRequestHeader("Accept", "application/json");
			request.setRequestHeader("X-Frappe-CSRF-Token", frappe.csrf_token);
			request.send(this.form_data(file));
		});
	}

	form_data(file) {
		const { folder, doctype, docname, fieldname, method } = this.options;
		const form = new FormData();
		form.append("file", file.file_obj, file.name);
		form.append("is_private", Number(file.private));
		form.append("folder", folder);
		const known = doctype && docname ? { doctype, docname } : {};
		for (const [name, value] of Object.entries({ ...known, fieldname, method })) {
			if (value) form.append(name, value);
		}
		return form;
	}

	answered(file, request, show) {
		if (request.status === 200) {
			const answer = JSON.parse(request.responseText);
			const doc = answer.message?.doctype === "File" ? answer.message : null;
			show({ request_succeeded: true, doc });
			this.options.on_success?.(doc, answer);
			if (this.files.every((each) => each.request_succeeded)) this.options.close();
			return;
		}
		const error_message =
			request.status === 413
				? __("Size exceeds the maximum allowed file size.")
				: `${request.status} : ${request.statusText}`;
		show({ failed: true, error_message });
		const { _server_messages } = JSON.parse(request.responseText || "{}");
		if (_server_messages) frappe.msgprint(JSON.parse(_server_messages));
	}
}

function preview_html(file, index) {
	const name = frappe.utils.escape_html(file.name);
	const percentage = file.total ? Math.round((file.progress * 100) / file.total) : 0;
	const state = file.request_succeeded ? "✓" : file.uploading ? `${percentage}%` : "";
	const error = file.error_message
		? `<div class="file-error text-danger">${frappe.utils.escape_html(
				file.error_message
		  )}</div>`
		: "";
	const remove =
		file.uploading || file.request_succeeded || file.failed
			? ""
			: `<button class="btn btn-xs" data-action="remove" data-index="${index}">${__(
					"Remove"
			  )}</button>`;
	return `<div class="file-preview"><div><span class="file-name">${name}</span>
		<div class="file-size text-muted small">${Math.ceil(
			file.file_obj.size / 1024
		)} KB</div>${error}</div>
		<div class="file-actions">${state}${remove}</div></div>`;
}
