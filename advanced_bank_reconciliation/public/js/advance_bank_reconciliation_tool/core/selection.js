// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

// What the user has ticked, by key: whatever a filter hides stays ticked, counted and submitted
// (PITFALLS P55 to P57). Knows nothing of tables and rows on the screen.

import { allocate, difference } from "./allocation.js";
import { to_major, to_minor } from "./money.js";

export const key_of = (row) => `${row.doctype}/${row.name}`;

export const is_unpaid_invoice = (row) => row.document_type.startsWith("unpaid_");

export class Selection {
	// precision: decimals of the bank account's currency. available: unallocated amount of the line.
	constructor({ precision, available }) {
		this.precision = precision;
		this.available = to_minor(available, precision);
		this.rows = new Map();
		this.difference_account = null;
		this.difference_cost_center = null;
		this.follow({});
	}

	// The settings: who is served first, and up to which amount a difference may be booked on an account.
	follow({ allocation_order, largest_difference = 0 }) {
		this.largest_first = allocation_order === "Largest Amount First";
		this.largest_difference = to_minor(largest_difference, this.precision);
	}

	// Where a small difference is booked; without an account it stays on the line, or on the invoice.
	book_difference_on(account, cost_center = null) {
		this.difference_account = account || null;
		this.difference_cost_center = cost_center || null;
	}

	has(row) {
		return this.rows.has(key_of(row));
	}

	add(row, amount = null) {
		this.rows.set(key_of(row), {
			row,
			amount,
			remaining: Math.abs(to_minor(row.remaining_amount, this.precision)),
		});
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

	// What each ticked row gets, by key, as {amount, discount, difference} in minor units: vouchers first,
	// then the invoices in order.
	shares() {
		const { shares, left } = this.voucher_shares();
		const invoices = allocate(this.claims(), left, {
			largest_first: this.largest_first,
			largest_difference: this.difference_account ? this.largest_difference : 0,
		});
		invoices.forEach((share, key) => shares.set(key, share));
		return shares;
	}

	voucher_shares() {
		const shares = new Map();
		let left = this.available;
		for (const entry of this.vouchers) {
			const amount = Math.max(Math.min(this.asked(entry), left), 0);
			shares.set(key_of(entry.row), { amount, discount: 0, difference: 0 });
			left -= amount;
		}
		return { shares, left };
	}

	claims() {
		return this.invoices.map((entry) => this.claim(entry));
	}

	// The amounts a reader wants to see, in major units. difference: what the selection asks for beyond
	// the line, or, negative, less than it, wherever that goes; may_settle: it is small enough to be booked.
	totals(shares = this.shares()) {
		const all = [...shares.values()];
		const sum = (field) => all.reduce((total, share) => total + share[field], 0);
		const used = sum("amount");
		const wanted = [...this.rows.values()].reduce(
			(total, entry) => total + this.effect(entry),
			0
		);
		const rest = difference(this.claims(), this.voucher_shares().left, {
			largest_first: this.largest_first,
		});
		const beyond = wanted - sum("discount") - sum("difference") - this.available;
		return {
			wanted: to_major(wanted, this.precision),
			used: to_major(used, this.precision),
			remaining: to_major(this.available - used, this.precision),
			beyond: to_major(Math.max(beyond, 0), this.precision),
			discount: to_major(sum("discount"), this.precision),
			difference: to_major(rest, this.precision),
			settled_difference: to_major(sum("difference"), this.precision),
			may_settle: Boolean(
				rest && this.invoices.length && Math.abs(rest) <= this.largest_difference
			),
			unserved: [...this.rows.keys()].filter((key) => !shares.get(key)?.amount),
		};
	}

	// Signed like the row's own amount, in major units; 0 when nothing is left for it.
	share_of(row, shares = this.shares()) {
		const share = Math.abs(shares.get(key_of(row))?.amount || 0);
		return to_major(row.remaining_amount < 0 && share ? -share : share, this.precision);
	}

	asked({ amount, remaining }) {
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
		const asked = this.effect(entry);
		return {
			key: key_of(row),
			party: [row.party_type, row.party, row.party_account || row.own_currency].join("/"),
			asked,
			oldest_by: row.oldest_by || "",
			discount: this.discount(entry, asked),
		};
	}

	// Only what is paid in full, and in the line's direction, may be paid early for less.
	discount(entry, effect) {
		if (!entry.row.early_payment_discount || effect !== entry.remaining) return 0;
		return to_minor(entry.row.early_payment_discount, this.precision);
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

	// What is not shown to be booked is not asked for either.
	difference_payload() {
		if (!this.difference_account || !this.totals().settled_difference) return {};
		return {
			difference_account: this.difference_account,
			difference_cost_center: this.difference_cost_center,
		};
	}
}
