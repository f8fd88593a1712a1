// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

// The host under test, as the environment names it:
// ABR_BASE_URL, ABR_USER, ABR_PASSWORD   the desk
// ABR_SEED                               JSON list: the command that runs seed.py on the same site
// ABR_SEED_FOLDER                        where to run it
// ABR_CHROMIUM                           the browser's program
// ABR_EVIDENCE                           folder for a screenshot of each scenario that fails

import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

function required(name) {
	const value = process.env[name];
	if (!value)
		throw new Error(
			`${name} is not set: run these tests by test_browser.py or run_on_bench.sh`
		);
	return value;
}

export const host = {
	url: required("ABR_BASE_URL"),
	user: required("ABR_USER"),
	password: required("ABR_PASSWORD"),
	chromium: required("ABR_CHROMIUM"),
	evidence: process.env.ABR_EVIDENCE,
};

// Makes documents on the site and reads them, past the browser. See seed.py for the calls.
export class Seed {
	constructor() {
		const [program, ...args] = JSON.parse(required("ABR_SEED"));
		this.process = spawn(program, args, {
			cwd: required("ABR_SEED_FOLDER"),
			stdio: ["pipe", "pipe", "inherit"],
		});
		this.answers = createInterface({ input: this.process.stdout })[Symbol.asyncIterator]();
		this.last = Promise.resolve();
	}

	call(call, kwargs = {}) {
		this.last = this.last.catch(() => {}).then(() => this.ask({ call, kwargs }));
		return this.last;
	}

	async ask(request) {
		this.process.stdin.write(`${JSON.stringify(request)}\n`);
		const { value, done } = await this.answers.next();
		if (done) throw new Error(`seed.py ended while it was asked for ${request.call}`);
		const answer = JSON.parse(value);
		if (answer.error) throw new Error(`${request.call}: ${answer.error}`);
		return answer.result;
	}

	make(factory, kwargs = {}) {
		return this.call("make", { factory, ...kwargs });
	}

	async value(doctype, name, ...fields) {
		const row = await this.call("value", { doctype, name, fields });
		return fields.length === 1 ? row[fields[0]] : row;
	}

	// A name that no other scenario has.
	unique(text) {
		this.count = (this.count || 0) + 1;
		return `${text} ${process.pid.toString(36)}${Date.now().toString(36)}${this.count}`;
	}

	bank_account(text, kwargs = {}) {
		return this.make("make_bank_account", {
			title: this.unique(`ABR ${text}`),
			...kwargs,
		});
	}

	// Unpaid Sales Invoices of one customer.
	async invoices(customer, amounts, kwargs = {}) {
		const invoices = [];
		for (const amount of amounts) {
			invoices.push(await this.make("make_sales_invoice", { amount, customer, ...kwargs }));
		}
		return invoices;
	}

	deposit(bank_account, amount, kwargs = {}) {
		return this.make("make_bank_transaction", {
			deposit: amount,
			bank_account,
			...kwargs,
		});
	}

	withdrawal(bank_account, amount, kwargs = {}) {
		return this.make("make_bank_transaction", {
			withdrawal: amount,
			bank_account,
			...kwargs,
		});
	}

	payment(bank_account, customer, amount, kwargs = {}) {
		return this.make("make_payment_entry", {
			amount,
			customer,
			bank_account,
			...kwargs,
		});
	}

	line(name) {
		return this.value(
			"Bank Transaction",
			name,
			"status",
			"allocated_amount",
			"unallocated_amount",
			"reference_number",
			"party_type",
			"party"
		);
	}

	async outstanding(invoices) {
		const amounts = [];
		for (const { doctype, name } of invoices) {
			amounts.push(await this.value(doctype, name, "outstanding_amount"));
		}
		return amounts;
	}

	close() {
		this.process.stdin.end();
	}
}
