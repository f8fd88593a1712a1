// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

// What the user has ticked, by key: whatever a filter hides stays ticked, counted and submitted
// (PITFALLS P55 to P57). Knows nothing of tables and rows on the screen.

import { allocate } from "./allocation.js";
import { to_major, to_minor } from "./money.js";

export const key_of = (row) => `${row.doctype}/${row.name}`;

export const is_unpaid_invoice = (row) => row.document_type.startsWith("unpaid_");

export class Selection {
	// precision: decimals of the bank account's currency. available: unallocated amount of the line.
	constructor({ precision, available }) {
		this.precision = precision;
		this.available = to_minor(available, precision);
		this.rows = new Map();
	}

	has(row) {
		return this.rows.has(key_of(row));
	}

	add(row, amount = null) {
		this.rows.set(key_of(row), { row, amount });
	}

	remove(row) {
		this.rows.delete(key_of(row));
	}

	toggle(row) {
		if (this.has(row)) this.remove(row);
		else this.add(row);
	}

	clear() {
		this.rows.clear();
	}

	// null asks for all that there is; the sign is that of the row's remaining amount.
	set_amount(row, amount) {
		this.add(row, amount);
	}

	get size() {
		return this.rows.size;
	}

	get vouchers() {
		return [...this.rows.values()].filter(({ row }) => !is_unpaid_invoice(row));
	}

	get invoices() {
		return [...this.rows.values()].filter(({ row }) => is_unpaid_invoice(row));
	}

	// What each ticked row gets, in minor units by key: vouchers first, then the oldest invoices.
	shares() {
		let left = this.available;
		const shares = new Map();
		for (const entry of this.vouchers) {
			const share = Math.max(Math.min(this.asked(entry), left), 0);
			shares.set(key_of(entry.row), share);
			left -= share;
		}
		const invoices = allocate(
			this.invoices.map((entry) => this.claim(entry)),
			left
		);
		invoices.forEach((share, key) => shares.set(key, share));
		return shares;
	}

	// The amounts a reader wants to see, in major units.
	totals() {
		const shares = this.shares();
		const used = [...shares.values()].reduce((sum, share) => sum + share, 0);
		const wanted = [...this.rows.values()].reduce((sum, entry) => sum + this.effect(entry), 0);
		return {
			wanted: to_major(wanted, this.precision),
			used: to_major(used, this.precision),
			remaining: to_major(this.available - used, this.precision),
			beyond: to_major(Math.max(wanted - this.available, 0), this.precision),
			unserved: [...this.rows.keys()].filter((key) => !shares.get(key)),
		};
	}

	// Signed like the row's own amount, in major units; 0 when nothing is left for it.
	share_of(row, shares = this.shares()) {
		const share = Math.abs(shares.get(key_of(row)) || 0);
		return to_major(row.remaining_amount < 0 && share ? -share : share, this.precision);
	}

	asked({ row, amount }) {
		const remaining = Math.abs(to_minor(row.remaining_amount, this.precision));
		if (amount === null) return remaining;
		return Math.min(Math.abs(to_minor(amount, this.precision)), remaining);
	}

	// What the row takes from the line: negative where it gives back (its effect_sign says which).
	effect(entry) {
		const asked = this.asked(entry);
		return is_unpaid_invoice(entry.row) && entry.row.effect_sign < 0 ? -asked : asked;
	}

	claim(entry) {
		const { row } = entry;
		return {
			key: key_of(row),
			party: [row.party_type, row.party, row.party_account].join("/"),
			asked: this.effect(entry),
			oldest_by: row.oldest_by || "",
		};
	}

	// The request as the server takes it (PUBLIC_API.md).
	invoices_payload() {
		return this.invoices.map(({ row, amount }) => ({
			doctype: row.doctype,
			name: row.name,
			...(amount === null ? {} : { allocated_amount: amount }),
		}));
	}

	vouchers_payload() {
		return this.vouchers.map(({ row, amount }) => ({
			payment_doctype: row.doctype,
			payment_name: row.name,
			...(amount === null ? {} : { amount: Math.abs(amount) }),
		}));
	}
}
