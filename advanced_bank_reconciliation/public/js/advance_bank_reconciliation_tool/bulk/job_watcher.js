// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

// Follows background jobs for the whole page: a dialog may come and go, the listener stays (PITFALLS P52, P53).

const GONE = [403, 404]; // the record was deleted, or may no longer be read
const SILENCE = 4000; // milliseconds without an event after which the server is asked

export class JobWatcher {
	// events: the names of those that this kind of job sends. ask(job_id): resolves with its progress as the
	// server knows it, of which active and percentage are needed here. on_progress(progress),
	// on_end(progress): what it is for. key: what events call the job's name.
	constructor({ events, ask, on_progress, on_end, key = "job_id" }) {
		Object.assign(this, { events, ask_server: ask, on_progress, on_end, key });
		this.jobs = new Map();
		this.heard = (event) => this.hear(event);
	}

	start() {
		if (this.timer) return;
		for (const event of this.events) frappe.realtime.on(event, this.heard);
		this.timer = setInterval(() => this.poll(), SILENCE / 2);
	}

	stop() {
		for (const event of this.events) frappe.realtime.off(event, this.heard);
		clearInterval(this.timer);
		this.timer = null;
		this.jobs.clear();
	}

	watch(job_id) {
		this.start();
		this.jobs.set(job_id, { last_sign: 0, asked: 0, shown: 0 });
		return this.ask(job_id);
	}

	// An event moves the bar at once; failures and what may be done next are asked for.
	hear(event) {
		const job_id = event[this.key];
		const job = this.jobs.get(job_id);
		if (!job) return;
		job.last_sign = Date.now();
		if ("percentage" in event && job.progress) {
			job.progress = { ...job.progress, ...event };
			this.on_progress(job.progress);
		}
		this.ask(job_id);
	}

	poll() {
		for (const [job_id, job] of this.jobs) {
			if (Date.now() - job.last_sign >= SILENCE) this.ask(job_id);
		}
	}

	async ask(job_id) {
		const job = this.jobs.get(job_id);
		const turn = ++job.asked;
		let progress;
		try {
			progress = await this.ask_server(job_id);
		} catch ({ status }) {
			if (GONE.includes(status)) this.jobs.delete(job_id);
			return; // else the next poll asks again
		}
		if (this.jobs.get(job_id) !== job || turn < job.shown) return;
		job.shown = turn;
		job.last_sign = Date.now();
		job.progress = progress;
		if (progress.active) {
			this.on_progress(progress);
		} else {
			this.jobs.delete(job_id);
			this.on_end(progress);
		}
	}

	get running() {
		return [...this.jobs.values()].map((job) => job.progress).filter(Boolean);
	}
}
