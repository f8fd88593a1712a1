# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""The sentences of the suggestions. Plain text: escape before it is HTML."""

from collections.abc import Sequence

from frappe import _

from advanced_bank_reconciliation.matching.suggestions.sets import InvoiceSet

#: More sets than this are not numbered.
MOST_TOLD = 1000


def named(count: int) -> str:
	if count == 1:
		return _("The statement text names the invoice, and the amount is the same.")
	return _("The {0} documents that the statement text names add up to the amount.").format(count)


def named_in_part(count: int) -> str:
	return _("Of the {0} documents that the statement text names, these add up to the amount.").format(count)


def named_and_others(count: int, party: str) -> str:
	return _("The statement text names {0} of these; with others of {1} they add up to the amount.").format(
		count, party
	)


def named_incomplete() -> str:
	return _("The statement text names these, but they do not add up to the amount.")


def missing(amount: str) -> str:
	return _("{0} is missing.").format(amount)


def too_much(amount: str) -> str:
	return _("They are {0} more than what is unallocated.").format(amount)


def oldest_first(party: str) -> str:
	return _("The oldest open invoices of {0}, one after the other, add up to the amount.").format(party)


def one_party(party: str, with_credit_notes: bool) -> str:
	if with_credit_notes:
		return _("Open invoices of {0}, less credit notes, add up to the amount.").format(party)
	return _("Open invoices of {0} add up to the amount.").format(party)


def fewest_of_party(party: str) -> str:
	return _("As few documents of {0} as possible add up to the amount.").format(party)


def fewest() -> str:
	return _("As few documents as possible, of whatever party, add up to the amount.")


def all_parties(parties: Sequence[str]) -> str:
	"""parties: their names."""
	if len(parties) == 1:
		return _("Open documents of {0} add up to the amount.").format(parties[0])
	return _("Open invoices of {0} parties add up to the amount.").format(len(parties))


def other_parties(count: int) -> str:
	if count == 1:
		return _("Another party has a set that adds up, too.")
	return _("{0} other parties have a set that adds up, too.").format(count)


def others(part: InvoiceSet) -> str:
	"""Say what is known of other sets, as exactly as it is known and no more."""
	found = part.found
	if found.count > 1:
		return _several(found.count - 1, found.is_exact)
	if not found.is_exact:
		return _("Whether other sets add up too was not searched to the end: that would take too long.")
	if part.credit_notes_aside:
		return _("No other set of them without credit notes adds up.")
	return _("No other set of them adds up.")


def _several(count: int, is_exact: bool) -> str:
	if count > MOST_TOLD:
		return _("More than {0} other sets add up, too.").format(MOST_TOLD)
	if not is_exact:
		return _("At least {0} other sets add up, too.").format(count)
	if count == 1:
		return _("One other set adds up, too.")
	return _("{0} other sets add up, too.").format(count)


def preferred() -> str:
	return _("This one has the oldest documents.")


def nothing_found(amount: str, searched: int, gave_up: bool) -> str:
	if not searched:
		return _("There is no open invoice that this Bank Transaction could pay.")
	if gave_up:
		return _(
			"No set of open invoices that adds up to {0} was found; {1} were searched, but not all their combinations: that would take too long."
		).format(amount, searched)
	return _("No set of open invoices adds up to {0}; {1} were searched.").format(amount, searched)
