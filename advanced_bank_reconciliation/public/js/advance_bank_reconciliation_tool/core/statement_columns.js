// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

// Changes to a column mapping (statement_import/mapping/mapping.py: columns are {role: [index from 0]}), each
// as a new mapping. What one change makes impossible is changed with it; nothing here touches the page.

export const SIGNED = "signed"; // one column, withdrawals with a minus
export const TWO_COLUMNS = "columns"; // one for deposits, one for withdrawals
export const MARKER = "marker"; // amounts without sign, and a column that says debit or credit

const JOINED = ["description"]; // roles that may have several columns
const INSTEAD = {
	amount: ["debit", "credit"],
	debit: ["amount", "marker"],
	credit: ["amount", "marker"],
};

export function role_of(mapping, index) {
	const found = Object.entries(mapping?.columns || {}).find(([, list]) => list.includes(index));
	return found ? found[0] : "";
}

// The server asks for columns by questions named "column:<role>"; what it has put there meanwhile is no
// answer. Such questions can be answered in the table, too.
export function without_asked_roles(mapping, questions) {
	const columns = { ...mapping.columns };
	for (const { field } of questions) delete columns[asked_role(field)];
	return { ...mapping, columns };
}

export const asks_for_columns = (questions) => questions.every(({ field }) => asked_role(field));

const asked_role = (field) => (field.startsWith("column:") ? field.slice("column:".length) : "");

// role "": the column is left out.
export function with_role(mapping, index, role) {
	const columns = without_column(mapping.columns, index);
	for (const other of INSTEAD[role] || []) delete columns[other];
	if (role) {
		const known = JOINED.includes(role) ? columns[role] || [] : [];
		columns[role] = [...known, index].sort((a, b) => a - b);
	}
	return { ...mapping, columns, sign: sign_for(columns, mapping.sign) };
}

function without_column(columns, index) {
	const rest = Object.entries(columns || {}).map(([role, list]) => [
		role,
		list.filter((other) => other !== index),
	]);
	return Object.fromEntries(rest.filter(([, list]) => list.length));
}

function sign_for(columns, sign) {
	if (columns.debit || columns.credit) return TWO_COLUMNS;
	if (columns.marker) return MARKER;
	return sign === TWO_COLUMNS && !columns.amount ? sign : SIGNED;
}

// The columns that another convention has no use for are left out.
export function with_sign(mapping, sign) {
	const columns = { ...mapping.columns };
	const unused = sign === TWO_COLUMNS ? ["amount", "marker"] : ["debit", "credit"];
	if (sign === SIGNED) unused.push("marker");
	for (const role of unused) delete columns[role];
	return { ...mapping, columns, sign };
}

// number: row of the file, 0 for none. What the header is recognised by is made anew by the server.
export function with_header_row(mapping, number) {
	return { ...mapping, header_row: number, fingerprint: "" };
}

// The roles that have no column yet and without which the file cannot be read: "date", "amount", "marker",
// "debit_or_credit".
export function missing_roles(mapping) {
	const has = (role) => Boolean(mapping?.columns?.[role]?.length);
	const missing = has("date") ? [] : ["date"];
	if (mapping?.sign === TWO_COLUMNS) {
		if (!has("debit") && !has("credit")) missing.push("debit_or_credit");
		return missing;
	}
	if (!has("amount")) missing.push("amount");
	if (mapping?.sign === MARKER && !has("marker")) missing.push("marker");
	return missing;
}
