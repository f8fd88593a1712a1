// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

// The page as a whole: freezing it, running steps one after the other, scripts and styles.

let freeze_count = 0;

function freeze(message = "") {
	freeze_count++;
	if (!$("#freeze").length) {
		$(`<div id="freeze" class="modal-backdrop fade show">
			<div class="freeze-message-container"><div class="freeze-message"><p class="lead"></p></div></div>
		</div>`).appendTo("body");
	}
	$("#freeze .lead").html(message);
}

function unfreeze() {
	freeze_count = Math.max(freeze_count - 1, 0);
	if (!freeze_count) $("#freeze").remove();
}

function remove_script_and_style(html) {
	if (!/<(script|style|link|meta|iframe)|\son\w+\s*=/i.test(html)) return html;
	return frappe.utils.xss_sanitise(html);
}

let last_id = 0;

Object.assign(frappe.dom, {
	freeze,
	unfreeze,
	remove_script_and_style,
	get_unique_id: () => `unique-${++last_id}`,
	eval: (script) => new Function(script)(),
	set_style(css, id = null) {
		const $style =
			id && $(`#${id}`).length ? $(`#${id}`) : $("<style>").attr("id", id).appendTo("head");
		$style.text(css);
	},
});

frappe.run_serially = (tasks) =>
	tasks.filter(Boolean).reduce((before, task) => before.then(() => task()), Promise.resolve());

frappe.timeout = (seconds) => new Promise((resolve) => setTimeout(resolve, seconds * 1000));

frappe.get_modal = (title, content) =>
	$(`<div class="modal fade" style="overflow: auto;" tabindex="-1" role="dialog" aria-modal="true">
		<div class="modal-dialog">
			<div class="modal-content">
				<div class="modal-header">
					<div class="fill-width flex title-section">
						<span class="indicator hidden"></span>
						<h4 class="modal-title">${title}</h4>
					</div>
					<div class="modal-actions">
						<button class="btn btn-modal-minimize btn-link hide">${frappe.utils.icon("collapse")}</button>
						<button class="btn btn-modal-close btn-link" data-dismiss="modal" aria-label="${__("Close")}">
							${frappe.utils.icon("close-alt", "sm")}
						</button>
					</div>
				</div>
				<div class="modal-body ui-front">${content}</div>
				<div class="modal-footer hide">
					<div class="custom-actions"></div>
					<div class="standard-actions">
						<button type="button" class="btn btn-secondary btn-sm hide btn-modal-secondary"></button>
						<button type="button" class="btn btn-primary btn-sm hide btn-modal-primary"></button>
					</div>
				</div>
			</div>
		</div>
	</div>`);
