// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

const POLL_INTERVAL = 5000; // milliseconds without an event after which the server is asked

// Call an endpoint on the job of this form, and show what has become of it.
export async function act_on_job(frm, endpoint) {
	await frappe.xcall(endpoint, { job_id: frm.doc.name });
	frm.reload_doc();
}

// Follow the job of this form until it is left or shows another one. See JobMonitor for the options.
export function monitor_job(frm, options) {
	frm.job_monitor?.stop();
	frm.job_monitor = new JobMonitor(frm, options);
	frm.job_monitor.start();
}

export function show_job_progress(frm, progress) {
	frm.dashboard.show_progress(__("Progress"), progress.percentage);
	// Set as text: the dashboard would read a message as HTML.
	frm.dashboard.progress_area.body.find(".progress-message").text(progress.message || "");
}

// Keeps one job's form in step with the server. Events only say that there is news; what is drawn always
// comes from the endpoint. Where the status or what may be done has changed, the form is loaded anew.
class JobMonitor {
	// events: names of those that this kind of job sends. endpoint: answers its progress. draw(progress,
	// is_first): shows it; for the first time since the form was refreshed, or again. key: what events and
	// endpoint call the job's name.
	constructor(frm, { events, endpoint, draw, key = "job_id" }) {
		Object.assign(this, { frm, events, endpoint, draw, key });
		this.job_id = frm.doc.name;
		this.on_event = (event) => this.hear(event);
		this.last_heard = 0;
		this.asked = 0;
		this.drawn = 0;
	}

	start() {
		this.events.forEach((name) => frappe.realtime.on(name, this.on_event));
		this.timer = setInterval(() => this.poll(), POLL_INTERVAL);
		this.update();
	}

	stop() {
		this.stopped = true;
		clearInterval(this.timer);
		this.events.forEach((name) => frappe.realtime.off(name, this.on_event));
	}

	hear(event) {
		if (event[this.key] !== this.job_id) return;
		this.last_heard = Date.now();
		this.update();
	}

	poll() {
		const silent = Date.now() - this.last_heard >= POLL_INTERVAL;
		if (silent && this.progress?.active !== false) this.update();
	}

	async update() {
		const turn = ++this.asked;
		const progress = await frappe.xcall(this.endpoint, { [this.key]: this.job_id });
		if (this.stopped || turn < this.drawn) return;
		this.drawn = turn;
		if (this.has_new_state(progress)) {
			this.stop();
			this.frm.reload_doc();
			return;
		}
		const is_first = !this.progress;
		this.progress = progress;
		this.draw(progress, is_first);
	}

	has_new_state(progress) {
		if (progress.status !== this.frm.doc.status) return true;
		const before = this.progress;
		return before && JSON.stringify(before.can) !== JSON.stringify(progress.can);
	}
}
