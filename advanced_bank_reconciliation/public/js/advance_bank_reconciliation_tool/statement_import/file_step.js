// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

import { escape } from "../markup.js";

// The first step: the file, by Frappe's own uploader. It is kept private; the record takes it over.
export class FileStep {
	// on_file(file_url): the file is on the server; resolves when it has been read, or was refused.
	constructor({ wrapper, on_file }) {
		Object.assign(this, { $wrapper: $(wrapper), on_file });
		this.$wrapper.html(`
			<p class="abr-file-hint text-muted">${__(
				"Download the statement from your bank and drop the file here. CSV, Excel (XLSX), CAMT.053, MT940 and OFX or QFX are understood. Nothing is booked before you have seen the lines."
			)}</p>
			<div class="abr-file-drop"></div>
			<div class="abr-busy" hidden><span class="abr-pulse"></span><span class="abr-busy-text"></span></div>`);
		this.$drop = this.$wrapper.find(".abr-file-drop");
		this.$wrapper.on("change drop", () => setTimeout(() => this.upload()));
	}

	// A new uploader each time: one that has uploaded its file takes no other.
	show() {
		this.say("");
		this.uploader = new frappe.ui.FileUploader({
			wrapper: this.$drop.empty().append("<div></div>").children(),
			allow_multiple: false,
			disable_file_browser: true,
			allow_web_link: false,
			allow_take_photo: false,
			allow_google_drive: false,
			allow_toggle_private: false,
			allow_toggle_optimize: false,
			restrictions: { max_number_of_files: 1 },
			on_success: (file_doc) => this.uploaded(file_doc),
		});
	}

	// A file that was chosen or dropped needs no second click. The uploader's own button is there as well, for
	// one that could not be uploaded at once.
	async upload() {
		const { files } = this.uploader.uploader;
		if (this.busy || !files.length || files[0].uploading || files[0].request_succeeded) return;
		await this.uploader.upload_files();
	}

	async uploaded(file_doc) {
		if (!file_doc) return;
		this.say(__("{0} is being read.", [file_doc.file_name]));
		try {
			await this.on_file(file_doc.file_url);
		} catch {
			this.show(); // the server has said why; another file can be chosen
		} finally {
			this.say("");
		}
	}

	say(text) {
		this.busy = Boolean(text);
		this.$wrapper.find(".abr-busy").prop("hidden", !text);
		this.$wrapper.find(".abr-busy-text").html(escape(text));
		this.$drop.toggle(!text);
	}
}
