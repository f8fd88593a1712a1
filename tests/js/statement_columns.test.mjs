// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

// What a change to the columns of a statement changes with it.

import assert from "node:assert/strict";
import test from "node:test";

import {
	MARKER,
	SIGNED,
	TWO_COLUMNS,
	asks_for_columns,
	missing_roles,
	role_of,
	with_header_row,
	with_role,
	with_sign,
	without_asked_roles,
} from "../../advanced_bank_reconciliation/public/js/advance_bank_reconciliation_tool/core/statement_columns.js";

const mapping = (columns, more = {}) => ({
	columns,
	sign: SIGNED,
	header_row: 3,
	fingerprint: "abc",
	date_order: "DMY",
	...more,
});

test("a role that moves to another column leaves the one it had", () => {
	const before = mapping({ date: [0], amount: [2] });
	const after = with_role(before, 1, "date");
	assert.deepEqual(after.columns, { date: [1], amount: [2] });
	assert.deepEqual(before.columns, { date: [0], amount: [2] }, "the old mapping is untouched");
	assert.equal(role_of(after, 0), "");
	assert.equal(role_of(after, 1), "date");
});

test("the description may have several columns, in the order of the file", () => {
	const after = with_role(
		mapping({ date: [0], amount: [2], description: [4] }),
		1,
		"description"
	);
	assert.deepEqual(after.columns.description, [1, 4]);
	assert.deepEqual(with_role(after, 4, "").columns.description, [1]);
	assert.deepEqual(with_role(after, 4, "reference").columns, {
		date: [0],
		amount: [2],
		description: [1],
		reference: [4],
	});
});

test("a column of deposits takes the place of the column of amounts", () => {
	const after = with_role(mapping({ date: [0], amount: [2] }), 3, "credit");
	assert.deepEqual(after.columns, { date: [0], credit: [3] });
	assert.equal(after.sign, TWO_COLUMNS);
	const back = with_role(with_role(after, 4, "debit"), 2, "amount");
	assert.deepEqual(back.columns, { date: [0], amount: [2] });
	assert.equal(back.sign, SIGNED);
});

test("a column that says debit or credit decides the sign, until it is left out", () => {
	const after = with_role(mapping({ date: [0], amount: [2] }), 3, "marker");
	assert.equal(after.sign, MARKER);
	assert.equal(with_role(after, 3, "").sign, SIGNED);
});

test("another convention drops the columns that it has no use for and says what it lacks", () => {
	const two = with_sign(mapping({ date: [0], amount: [2], balance: [5] }), TWO_COLUMNS);
	assert.deepEqual(two.columns, { date: [0], balance: [5] });
	assert.deepEqual(missing_roles(two), ["debit_or_credit"]);
	const one_of_two = with_role(two, 3, "debit");
	assert.equal(one_of_two.sign, TWO_COLUMNS);
	assert.deepEqual(missing_roles(one_of_two), [], "one of the two is enough");
	const signed = with_sign(one_of_two, SIGNED);
	assert.deepEqual(missing_roles(signed), ["amount"]);
	assert.deepEqual(missing_roles(with_sign(signed, MARKER)), ["amount", "marker"]);
});

test("two columns stay wanted while neither has been named", () => {
	const two = with_sign(mapping({ date: [0], amount: [2] }), TWO_COLUMNS);
	const dated = with_role(two, 1, "date");
	assert.equal(dated.sign, TWO_COLUMNS);
	assert.deepEqual(missing_roles(dated), ["debit_or_credit"]);
});

test("without a column of dates nothing can be read", () => {
	assert.deepEqual(missing_roles(with_role(mapping({ date: [0], amount: [2] }), 0, "")), [
		"date",
	]);
	assert.deepEqual(missing_roles(null), ["date", "amount"]);
});

test("another header row is recognised anew, all else stays", () => {
	const after = with_header_row(mapping({ date: [0], amount: [2] }), 5);
	assert.equal(after.header_row, 5);
	assert.equal(after.fingerprint, "");
	assert.equal(after.date_order, "DMY");
	assert.deepEqual(after.columns, { date: [0], amount: [2] });
});

test("a column that is asked for is not taken for an answer", () => {
	const guessed = mapping({ date: [0], amount: [0], description: [1] });
	const questions = [{ field: "column:date" }, { field: "column:amount" }];
	const open = without_asked_roles(guessed, questions);
	assert.deepEqual(open.columns, { description: [1] });
	assert.deepEqual(missing_roles(open), ["date", "amount"]);
	assert.equal(asks_for_columns(questions), true);
	assert.equal(asks_for_columns([...questions, { field: "date_order" }]), false);
	assert.equal(asks_for_columns([]), true);
});
