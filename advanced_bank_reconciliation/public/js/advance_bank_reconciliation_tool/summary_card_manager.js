// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

import { to_major, to_minor } from "./core/money.js";
import { SummaryCard } from "./summary_card.js";

// The three figures that say whether bank and books agree.
export class SummaryCardManager {
	constructor({ wrapper }) {
		const parent = $('<div class="abr-cards"></div>').appendTo($(wrapper));
		const card = (name, label) => new SummaryCard({ parent, name, label });
		this.statement = card("statement", __("Closing Balance as per Bank Statement"));
		this.books = card("books", __("Closing Balance as per ERP"));
		this.difference = card("difference", __("Difference"));
	}

	// statement: as typed, null when nothing is typed yet. books: null while unknown.
	render({ statement, books, currency, precision }) {
		const both_known = statement !== null && books !== null;
		const difference = both_known
			? to_major(to_minor(statement, precision) - to_minor(books, precision), precision)
			: null;
		this.statement.set(statement, currency);
		this.books.set(books, currency);
		this.difference.set(difference, currency, difference === 0 ? "good" : "bad");
	}
}
