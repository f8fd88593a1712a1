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

const selection = (available, settings = {}) => {
	const chosen = new Selection({ precision: 2, available });
	chosen.follow(settings);
	return chosen;
};

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
		discount: 0,
		difference: 40,
		settled_difference: 0,
		may_settle: false,
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

test("P20: a discount is taken where the line needs it, and only from who is paid in full", () => {
	const chosen = selection(98);
	const bill = invoice("INV-1", 100, { early_payment_discount: 2 });
	chosen.add(bill);
	assert.equal(chosen.share_of(bill), 98);
	assert.deepEqual(
		[chosen.totals().discount, chosen.totals().remaining, chosen.totals().beyond],
		[2, 0, 0]
	);
	chosen.set_amount(bill, 99);
	assert.equal(chosen.share_of(bill), 98);
	assert.deepEqual([chosen.totals().discount, chosen.totals().beyond], [0, 1]);
});

test("P21: a small difference is booked once an account is chosen, and is sent with it", () => {
	const chosen = selection(99.5, { largest_difference: 1 });
	const bill = invoice("INV-1", 100);
	chosen.add(bill);
	assert.deepEqual([chosen.totals().difference, chosen.totals().may_settle], [0.5, true]);
	assert.deepEqual(chosen.difference_payload(), {});
	chosen.book_difference_on("Write Off - A", "Main - A");
	assert.equal(chosen.share_of(bill), 99.5);
	assert.deepEqual([chosen.totals().settled_difference, chosen.totals().beyond], [0.5, 0]);
	assert.deepEqual(chosen.difference_payload(), {
		difference_account: "Write Off - A",
		difference_cost_center: "Main - A",
	});
	chosen.add(invoice("INV-2", 10, { oldest_by: "2026-02-01" }));
	assert.equal(chosen.totals().may_settle, false, "10.50 are no small difference");
	assert.deepEqual(chosen.difference_payload(), {}, "what is not shown is not asked for");
});

test("P21: what the line brings beyond the invoices is booked too", () => {
	const chosen = selection(100.4, { largest_difference: 1 });
	const bill = invoice("INV-1", 100);
	chosen.add(bill);
	chosen.book_difference_on("Write Off - A");
	assert.equal(chosen.share_of(bill), 100.4);
	assert.deepEqual([chosen.totals().difference, chosen.totals().remaining], [-0.4, 0]);
});

test("P21: existing vouchers alone have no payment that could carry a difference", () => {
	const chosen = selection(100, { largest_difference: 1 });
	chosen.add(payment("PAY-1", 99.5));
	assert.equal(chosen.totals().may_settle, false);
});

test("P44: by setting the largest amount is served first", () => {
	const chosen = selection(150, { allocation_order: "Largest Amount First" });
	const [old, large] = [
		invoice("INV-1", 60, { oldest_by: "2026-01-01" }),
		invoice("INV-2", 100, { oldest_by: "2026-02-01" }),
	];
	chosen.add(old);
	chosen.add(large);
	assert.deepEqual([chosen.share_of(large), chosen.share_of(old)], [100, 50]);
});

test("P15: yen without decimals, dinars with three", () => {
	const yen = new Selection({ precision: 0, available: 500 });
	yen.add(invoice("INV-1", 1001));
	assert.equal(yen.totals().used, 500);
	const dinars = new Selection({ precision: 3, available: 1.234 });
	dinars.add(invoice("INV-1", 1.235));
	assert.deepEqual([dinars.totals().used, dinars.totals().beyond], [1.234, 0.001]);
});

test("2,000 ticked invoices are shared out in a few milliseconds", () => {
	const chosen = selection(100000);
	for (let number = 0; number < 2000; number++) {
		chosen.add(invoice(`INV-${number}`, 100, { party: `Party ${number % 7}` }));
	}
	const begin = process.cpuUsage(); // not the clock: other programs may be at work
	assert.equal(chosen.totals().used, 100000);
	const { user, system } = process.cpuUsage(begin);
	assert.ok((user + system) / 1000 < 100, "the budget of a task in the browser");
});
