# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Decides which invoices share a Payment Entry, where some are returns that must be netted.

Pure arithmetic on *effects* (see `planner`): what each invoice takes from the line in minor units, negative for
a return that gives back. A Payment Entry needs an amount above zero, so a return is never without invoices
that are worth more.
"""

from collections.abc import Sequence

#: Positions in the sequence of effects.
Group = list[int]


def portions(effects: Sequence[int], most: int) -> list[Group]:
	"""Return the positions in groups of `most`, each worth more than zero and in the order that it had.

	The effects together must be worth more than zero. Invoices stay in order; only those that returns need
	are taken out of it, the largest first, so that they are few. A group is larger than `most` where a return
	needs more invoices than that.
	"""
	returns = sorted(
		(position for position, effect in enumerate(effects) if effect < 0), key=effects.__getitem__
	)
	if not returns:
		return _slices(range(len(effects)), most)
	invoices = sorted(
		(position for position, effect in enumerate(effects) if effect > 0), key=lambda each: -effects[each]
	)
	groups = _netted(effects, returns, invoices, most)
	rest = sorted(invoices)
	for group in groups:
		room = max(most - len(group), 0)
		group += rest[:room]
		del rest[:room]
	return sorted((sorted(group) for group in [*groups, *_slices(rest, most)]), key=lambda group: group[0])


def _netted(effects: Sequence[int], returns: list[int], invoices: list[int], most: int) -> list[Group]:
	"""Take invoices, the largest first, until every return is in a group that is worth more than zero."""
	groups: list[Group] = []
	while returns:
		group = [returns.pop(0)]
		net = effects[group[0]]
		while net <= 0 and (invoices or groups):
			more = [invoices.pop(0)] if invoices else groups.pop()
			group += more
			net += sum(effects[position] for position in more)
		while len(group) < most and (more := _next(effects, net, returns, invoices)):
			group += more
			net += effects[more[0]]
		groups.append(group)
	return groups


def _next(effects: Sequence[int], net: int, returns: list[int], invoices: list[int]) -> Group:
	"""Take a return that still leaves something, the largest first, else an invoice that makes room for one."""
	for position in returns:
		if net + effects[position] > 0:
			returns.remove(position)
			return [position]
	return [invoices.pop(0)] if returns and invoices else []


def keep_within(effects: Sequence[int], planned: int) -> Group:
	"""Return what is kept of a group of which others were left out: worth more than zero, `planned` at most.

	Without their invoices returns go, the largest first. Without its returns a group would take more from
	the line than was planned: then invoices go, the smallest that is enough.
	"""
	kept = list(range(len(effects)))
	while kept:
		net = sum(effects[position] for position in kept)
		if 0 < net <= planned:
			break
		if net > planned:
			kept.remove(_spare(effects, kept, net - planned))
		else:
			kept.remove(min(kept, key=effects.__getitem__))
	return kept


def _spare(effects: Sequence[int], kept: Group, excess: int) -> int:
	enough = [position for position in kept if effects[position] >= excess]
	return min(enough, key=effects.__getitem__) if enough else max(kept, key=effects.__getitem__)


def _slices(positions: Sequence[int], size: int) -> list[Group]:
	return [list(positions[start : start + size]) for start in range(0, len(positions), size)]
