// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

// Where in the import of a statement one is, by the state that the server answers. No page, no texts.

export const STEPS = ["file", "columns", "check", "import"];
export const ACTIVE = ["Queued", "Importing", "Reverting"];
export const DRAFT = "Draft";

// The steps that this statement has: columns only where it is a table, or where something is asked.
export function steps_of(state) {
	const needed = !state || state.is_table || state.questions?.length;
	return STEPS.filter((step) => step !== "columns" || needed);
}

// Where one goes on. Columns that were saved with the bank and fit need no second look.
export function first_step(state) {
	if (!state) return "file";
	if (state.status !== DRAFT) return "import";
	if (state.questions?.length) return "columns";
	return state.is_table && state.mapping_source !== "Saved" ? "columns" : "check";
}

// Whether one may go to the step from the state: nothing is checked before all is answered, nothing is
// changed once the import has begun.
export function is_open(step, state) {
	if (!state) return step === "file";
	if (state.status !== DRAFT) return step === "import";
	if (step === "check") return !state.questions?.length;
	return step === "columns" && steps_of(state).includes("columns");
}

export function step_before(step, state) {
	const steps = steps_of(state);
	return steps
		.slice(0, Math.max(steps.indexOf(step), 0))
		.reverse()
		.find((each) => is_open(each, state));
}

export const is_active = (status) => ACTIVE.includes(status);

// The outcomes by which the lines can be filtered, with their counts, in the order in which one looks at them.
// "" are all lines.
const OUTCOMES = [
	["New", "new"],
	["Imported", "imported"],
	["Possible Duplicate", "possible_duplicate"],
	["Duplicate", "duplicate"],
	["Bad", "bad"],
	["Failed", "failed"],
	["Skipped", "skipped"],
	["Reverted", "reverted"],
];

export function outcome_counts(counts) {
	const found = OUTCOMES.map(([outcome, name]) => ({ outcome, count: counts?.[name] || 0 }));
	return [
		{ outcome: "", count: counts?.total || 0 },
		...found.filter(({ outcome, count }) => count || outcome === "New"),
	];
}

// How many lines the import would book: what its run is to do, less what is done.
export function lines_to_import({ total, current }) {
	return Math.max((total || 0) - (current || 0), 0);
}

// Whether the user may still say that the line is imported or not.
export function may_decide(line) {
	return ["New", "Duplicate", "Possible Duplicate", "Skipped"].includes(line.outcome);
}

export function will_be_imported(line) {
	return line.decision === "Import";
}

export const PROBLEMS = ["Bad", "Failed"];

export const is_problem = (line) => PROBLEMS.includes(line.outcome);

// A line with a problem keeps the import from being complete until it is made good, or skipped.
export const may_skip = (line) => is_problem(line) && line.decision !== "Skip";

// What the form of the tool would change to if it showed the statement: {field: value}, empty where it shows it.
export function form_changes(doc, state, { closing_balance_known = true } = {}) {
	const wanted = {
		bank_statement_from_date: state.from_date,
		bank_statement_to_date: state.to_date,
	};
	const changes = Object.fromEntries(
		Object.entries(wanted).filter(([field, value]) => value && doc[field] !== value)
	);
	const closing = state.closing_balance;
	const known = closing !== null && closing !== undefined && closing !== "";
	const other =
		!closing_balance_known || Number(doc.bank_statement_closing_balance) !== Number(closing);
	if (known && (other || changes.bank_statement_to_date))
		changes.bank_statement_closing_balance = Number(closing);
	return changes;
}

const EXAMPLES = 3; // of a choice

// The choices of a question, each with the examples that the file has for it; the server writes them as
// "<value>: what it would mean". others: examples that belong to no choice.
export function examples_by_choice({ choices, examples = [] }) {
	const prefix = ({ value }) => `${value}: `;
	const of_choice = (choice) => examples.filter((example) => example.startsWith(prefix(choice)));
	return {
		choices: choices.map((choice) => ({
			...choice,
			examples: of_choice(choice)
				.slice(0, EXAMPLES)
				.map((example) => example.slice(prefix(choice).length)),
		})),
		others: examples.filter(
			(example) => !choices.some((choice) => example.startsWith(prefix(choice)))
		),
	};
}
