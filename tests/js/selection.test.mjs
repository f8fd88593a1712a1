// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

// What is ticked, what it gets, and what is sent to the server.

import assert from "node:assert/strict";
import test from "node:test";

import { Selection } from "../../advanced_bank_reconciliation/public/js/advance_bank_reconciliation_tool/core/selection.js";

const invoice = (name, remaining_amount, more = {}) => ({
	doctype: "Sales Invoice",
	document_type: "unpaid_sales_invoice",
	name,
	remaining_amount,
	effect_sign: 1,
	party_type: "Customer",
	party: "Ada",
	oldest_by: "2026-01-01",
	...more,
});

const payment = (name, remaining_amount) => ({
	doctype: "Payment Entry",
	document_type: "payment_entry",
	name,
	remaining_amount,
});

const selection = (available) => new Selection({ precision: 2, available });

test("P57: what a filter hides stays ticked, since rows are known by key", () => {
	const chosen = selection(300);
	chosen.add(invoice("INV-1", 100));
	chosen.add(invoice("INV-2", 100));
	assert.equal(chosen.size, 2);
	assert.ok(chosen.has({ doctype: "Sales Invoice", name: "INV-1" }));
	assert.equal(chosen.totals().used, 200);
});

test("vouchers are served before invoices, the newest invoice gets what is left", () => {
	const chosen = selection(150);
	const [older, newer] = [
		invoice("INV-1", 60, { oldest_by: "2026-01-01" }),
		invoice("INV-2", 60, { oldest_by: "2026-02-01" }),
	];
	chosen.add(newer);
	chosen.add(older);
	chosen.add(payment("PAY-1", 70));
	assert.equal(chosen.share_of(payment("PAY-1", 70)), 70);
	assert.equal(chosen.share_of(older), 60);
	assert.equal(chosen.share_of(newer), 20);
	assert.deepEqual(chosen.totals(), {
		wanted: 190,
		used: 150,
		remaining: 0,
		beyond: 40,
		unserved: [],
	});
});

test("a return is negative in the preview and makes room for its party's invoice", () => {
	const chosen = selection(70);
	const [bill, credit] = [invoice("INV-1", 100), invoice("RET-1", -30, { effect_sign: -1 })];
	chosen.add(bill);
	chosen.add(credit);
	assert.equal(chosen.share_of(bill), 100);
	assert.equal(chosen.share_of(credit), -30);
	assert.equal(chosen.totals().remaining, 0);
});

test("on a withdrawal a return of a customer is what is paid out", () => {
	const chosen = selection(30);
	const credit = invoice("RET-1", -30, { effect_sign: 1 });
	chosen.add(credit);
	assert.equal(chosen.share_of(credit), -30);
	assert.equal(chosen.totals().used, 30);
});

test("an amount typed for a row is sent as typed and counted up to what the row has", () => {
	const chosen = selection(500);
	const bill = invoice("INV-1", 100);
	chosen.set_amount(bill, 40.1);
	assert.equal(chosen.totals().used, 40.1);
	assert.deepEqual(chosen.invoices_payload(), [
		{ doctype: "Sales Invoice", name: "INV-1", allocated_amount: 40.1 },
	]);
	chosen.set_amount(bill, 400);
	assert.equal(chosen.totals().used, 100);
});

test("without an amount the server is asked for all that is outstanding", () => {
	const chosen = selection(500);
	chosen.add(invoice("INV-1", 100));
	chosen.add(payment("PAY-1", 50));
	assert.deepEqual(chosen.invoices_payload(), [{ doctype: "Sales Invoice", name: "INV-1" }]);
	assert.deepEqual(chosen.vouchers_payload(), [
		{ payment_doctype: "Payment Entry", payment_name: "PAY-1" },
	]);
});

test("2,000 ticked invoices are shared out in a few milliseconds", () => {
	const chosen = selection(100000);
	for (let number = 0; number < 2000; number++) {
		chosen.add(invoice(`INV-${number}`, 100, { party: `Party ${number % 7}` }));
	}
	const begin = performance.now();
	assert.equal(chosen.totals().used, 100000);
	assert.ok(performance.now() - begin < 100, "the budget of a task in the browser");
});
