// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

// Where the import of a statement goes on, and what the form takes over from it.

import assert from "node:assert/strict";
import test from "node:test";

import {
	examples_by_choice,
	first_step,
	form_changes,
	is_open,
	lines_to_import,
	may_decide,
	may_skip,
	outcome_counts,
	step_before,
	steps_of,
	will_be_imported,
} from "../../advanced_bank_reconciliation/public/js/advance_bank_reconciliation_tool/core/statement_steps.js";

const draft = (more = {}) => ({
	status: "Draft",
	is_table: true,
	questions: [],
	mapping_source: "Detected",
	...more,
});
const QUESTION = [{ field: "date_order", choices: [] }];

test("the columns of a table are looked at, unless they were saved and fit", () => {
	assert.equal(first_step(null), "file");
	assert.equal(first_step(draft()), "columns");
	assert.equal(first_step(draft({ mapping_source: "Saved but stale" })), "columns");
	assert.equal(first_step(draft({ mapping_source: "Changed" })), "columns");
	assert.equal(first_step(draft({ mapping_source: "Saved" })), "check");
	assert.equal(first_step(draft({ mapping_source: "Saved", questions: QUESTION })), "columns");
});

test("a file without columns is checked at once, unless something is asked", () => {
	const camt = draft({ is_table: false });
	assert.equal(first_step(camt), "check");
	assert.deepEqual(steps_of(camt), ["file", "check", "import"]);
	assert.equal(step_before("check", camt), undefined, "the file cannot be taken back");
	const asked = draft({ is_table: false, questions: QUESTION });
	assert.equal(first_step(asked), "columns");
	assert.deepEqual(steps_of(asked), ["file", "columns", "check", "import"]);
});

test("nothing is checked before all is answered", () => {
	assert.equal(is_open("check", draft({ questions: QUESTION })), false);
	assert.equal(is_open("check", draft()), true);
	assert.equal(is_open("import", draft()), false, "it is begun by its button");
	assert.equal(step_before("check", draft()), "columns");
});

test("nothing is changed once the import has begun", () => {
	for (const status of ["Queued", "Importing", "Completed", "Failed", "Reverted"]) {
		const state = draft({ status });
		assert.equal(first_step(state), "import");
		assert.equal(is_open("columns", state), false);
		assert.equal(is_open("check", state), false);
	}
});

test("outcomes without a line are not offered, except the new ones", () => {
	const counts = { total: 5, new: 0, duplicate: 3, bad: 2, possible_duplicate: 0 };
	assert.deepEqual(outcome_counts(counts), [
		{ outcome: "", count: 5 },
		{ outcome: "New", count: 0 },
		{ outcome: "Duplicate", count: 3 },
		{ outcome: "Bad", count: 2 },
	]);
});

test("a line is imported if it was decided so, whatever its outcome", () => {
	assert.equal(will_be_imported({ outcome: "New", decision: "Import" }), true);
	assert.equal(will_be_imported({ outcome: "New", decision: "Skip" }), false);
	assert.equal(will_be_imported({ outcome: "Possible Duplicate", decision: "" }), false);
	assert.equal(will_be_imported({ outcome: "Duplicate", decision: "Import" }), true);
	assert.equal(may_decide({ outcome: "Bad" }), false);
	assert.equal(may_decide({ outcome: "Imported" }), false);
	assert.equal(lines_to_import({ total: 7, current: 3 }), 4);
	assert.equal(lines_to_import({}), 0);
});

test("a line with a problem is skipped by its button, once", () => {
	assert.equal(may_skip({ outcome: "Bad", decision: "" }), true);
	assert.equal(may_skip({ outcome: "Failed", decision: "Import" }), true);
	assert.equal(may_skip({ outcome: "Bad", decision: "Skip" }), false);
	assert.equal(may_skip({ outcome: "New", decision: "Import" }), false);
});

const JANUARY = { from_date: "2026-01-01", to_date: "2026-01-31", closing_balance: 120.5 };

test("the form takes over what it shows otherwise", () => {
	const doc = {
		bank_statement_from_date: "2025-12-01",
		bank_statement_to_date: "2026-01-31",
		bank_statement_closing_balance: 0,
	};
	assert.deepEqual(form_changes(doc, JANUARY, { closing_balance_known: false }), {
		bank_statement_from_date: "2026-01-01",
		bank_statement_closing_balance: 120.5,
	});
	const same = {
		...doc,
		bank_statement_from_date: "2026-01-01",
		bank_statement_closing_balance: 120.5,
	};
	assert.deepEqual(form_changes(same, JANUARY), {});
});

test("a closing balance belongs to its day", () => {
	const doc = {
		bank_statement_from_date: "2026-01-01",
		bank_statement_to_date: "2025-12-31",
		bank_statement_closing_balance: 120.5,
	};
	assert.deepEqual(form_changes(doc, JANUARY), {
		bank_statement_to_date: "2026-01-31",
		bank_statement_closing_balance: 120.5,
	});
});

test("a closing balance of zero is one, and none is none", () => {
	const doc = { bank_statement_from_date: "2026-01-01", bank_statement_to_date: "2026-01-31" };
	const zero = { ...JANUARY, closing_balance: 0 };
	assert.deepEqual(form_changes(doc, zero, { closing_balance_known: false }), {
		bank_statement_closing_balance: 0,
	});
	assert.deepEqual(form_changes(doc, { ...JANUARY, closing_balance: null }), {});
});

test("examples stand with the choice that they are of, the rest by themselves", () => {
	const question = {
		choices: [
			{ value: "DMY", label: "Day first" },
			{ value: "MDY", label: "Month first" },
		],
		examples: [
			"DMY: a = 1",
			"MDY: a = 2",
			"DMY: b = 1",
			"DMY: c = 1",
			"DMY: d = 1",
			"a row of the file",
		],
	};
	assert.deepEqual(examples_by_choice(question), {
		choices: [
			{ value: "DMY", label: "Day first", examples: ["a = 1", "b = 1", "c = 1"] },
			{ value: "MDY", label: "Month first", examples: ["a = 2"] },
		],
		others: ["a row of the file"],
	});
});
