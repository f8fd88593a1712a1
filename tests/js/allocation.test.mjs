// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

// The form's preview against the cases that the server's planner answers too.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";

import {
	allocate,
	difference,
} from "../../advanced_bank_reconciliation/public/js/advance_bank_reconciliation_tool/core/allocation.js";
import {
	to_major,
	to_minor,
} from "../../advanced_bank_reconciliation/public/js/advance_bank_reconciliation_tool/core/money.js";

const path = "../../advanced_bank_reconciliation/tests/data/allocation_cases.json";
const cases = JSON.parse(readFileSync(new URL(path, import.meta.url), "utf-8"));

const field_of = (answer, field) =>
	Object.fromEntries(
		[...answer].filter(([, share]) => share[field]).map(([key, share]) => [key, share[field]])
	);

for (const { story, available, claims, shares, ...more } of cases.allocation) {
	test(story, () => {
		const keyed = claims.map((claim) => ({ ...claim, key: claim.name }));
		const answer = allocate(keyed, available, more);
		assert.deepEqual(field_of(answer, "amount"), shares);
		assert.deepEqual(field_of(answer, "discount"), more.discounts || {});
		assert.deepEqual(field_of(answer, "difference"), more.differences || {});
		if ("rest" in more) assert.equal(difference(keyed, available, more), more.rest);
	});
}

for (const { amount, precision, minor } of cases.rounding) {
	test(`${amount} with ${precision} decimals is ${minor} minor units`, () => {
		assert.equal(to_minor(amount, precision), minor);
		assert.equal(to_minor(to_major(minor, precision), precision), minor);
	});
}
