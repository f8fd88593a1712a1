# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Measures the search for invoices that add up to a deposit: time, and memory beyond what the amounts take.

The arithmetic alone, with any Python, from the repository's folder:

    python3 -m advanced_bank_reconciliation.tests.benchmarks.suggestions

Each case runs in two new processes: one for the time and the peak of resident memory, one for the peak that
tracemalloc sees, which makes Python slower. Exit code 1 when a case broke the bounds or has a wrong answer.

The whole question, with its reading of open invoices, is measured on a site by suggestions_on_site.
"""

import json
import random
import resource
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Callable
from typing import Any

from advanced_bank_reconciliation.allocation.subset.sum import SECONDS, SubsetSum, find_subset

MOST_MEGABYTES = 200

#: What the step may take that is under way when the time is over.
SECONDS_MORE = 0.1

Case = tuple[list[int], int]


def hidden(count: int, wanted: int, low: int, high: int, unit: int = 1, credit_notes: int = 0) -> Case:
	"""Random amounts, and the sum of some of them."""
	chance = random.Random(count * 31 + wanted * 7 + high)
	amounts = [chance.randint(low, high) // unit * unit for _ in range(count)]
	for index in range(credit_notes):
		amounts[index * count // credit_notes] *= -1
	return amounts, sum(chance.sample(amounts, wanted))


def odd_one(count: int, low: int, high: int) -> Case:
	"""Even amounts and a single odd one of 1: an odd sum needs it, one that is odd by 3 cents has no set."""
	amounts, target = hidden(count, count // 3, low, high, unit=10)
	return [*amounts, 1], target + 3


def doubling() -> Case:
	"""Each amount is larger than all before it together, so that every sum has exactly one set."""
	return [1 << place for place in range(40)], 0b1011_0011_1000_1111_0000_1010_0101_1100_0011_0110


CASES: dict[str, Callable[[], Case]] = {
	"300 invoices, 40 hidden": lambda: hidden(300, 40, 1_000, 500_000),
	"300 invoices, 40 hidden, whole hundreds": lambda: hidden(300, 40, 10_000, 500_000, unit=10_000),
	"300 invoices, 40 hidden, up to 50,000.00": lambda: hidden(300, 40, 1_000, 5_000_000),
	"300 invoices, 40 hidden, 30 credit notes": lambda: hidden(300, 40, 1_000, 500_000, credit_notes=30),
	"300 invoices, 3 hidden, 1e12": lambda: hidden(300, 3, 10**11, 10**12),
	"300 invoices, 40 hidden, 1e12": lambda: hidden(300, 40, 10**11, 10**12),
	"40 invoices, 13 hidden, 1e12": lambda: hidden(40, 13, 10**11, 10**12),
	"24 invoices, 9 hidden, 1e12": lambda: hidden(24, 9, 10**11, 10**12),
	"40 amounts, each the double": doubling,
	"300 invoices, no set (units)": lambda: (
		[amount * 5 for amount in hidden(300, 40, 200, 100_000)[0]],
		2_000_003,
	),
	"300 invoices, no set (odd)": lambda: odd_one(300, 1_000, 500_000),
	"300 invoices, no set (too large)": lambda: (hidden(300, 40, 1_000, 500_000)[0], 10**9),
	"300 invoices, no set (too small)": lambda: (hidden(300, 40, 1_000, 500_000)[0], 999),
	"2,000 invoices, no set (odd)": lambda: odd_one(2_000, 1_000, 500_000),
	"2,000 invoices, 700 hidden": lambda: hidden(2_000, 700, 1_000, 500_000),
	"2,000 invoices, half of all": lambda: hidden(2_000, 1_000, 1_000, 5_000_000),
	"2,000 invoices, 700 hidden, 1e12": lambda: hidden(2_000, 700, 10**11, 10**12),
	"2,000 equal amounts": lambda: ([100_00] * 2_000, 777 * 100_00),
	"2,000 equal amounts, no set": lambda: ([100_00] * 2_000, 777 * 100_00 + 1),
	"2,000 equal amounts of 1e12": lambda: ([10**12] * 2_000, 777 * 10**12),
	"2,000 equal amounts of 1e12 less one": lambda: ([10**12] * 1_999 + [10**12 - 1], 777 * 10**12 + 5),
	"2,000 amounts of one cent": lambda: ([1] * 2_000, 1_234),
	"2,000 amounts of one cent, too few": lambda: ([1] * 2_000, 2_001),
	"300 amounts, all against the target": lambda: (
		[-amount for amount in hidden(300, 40, 1, 9_999)[0]],
		5_000,
	),
	"300 amounts, all negative": lambda: (
		[-amount for amount in hidden(300, 40, 1_000, 500_000)[0]],
		-9_876_543,
	),
	"300 amounts of zero": lambda: ([0] * 300, 100),
	"target zero": lambda: (hidden(300, 40, 1_000, 500_000, credit_notes=100)[0], 0),
	"no amounts": lambda: ([], 100),
}


def run(name: str, traced: bool) -> dict[str, Any]:
	"""Search once in this process; `bytes` is the peak that tracemalloc saw, or that the process got on top."""
	amounts, target = CASES[name]()
	before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
	if traced:
		tracemalloc.start()
	start = time.perf_counter()
	found = find_subset(amounts, target)
	seconds = time.perf_counter() - start
	peak = tracemalloc.get_traced_memory()[1] if traced else None
	grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 - before
	return {
		"seconds": seconds,
		"bytes": grown if peak is None else peak,
		"answer": in_words(found),
		"is_right": not found.chosen or sum(amounts[index] for index in found.chosen) == target,
	}


def in_words(found: SubsetSum) -> str:
	"""Return the answer for the table."""
	if not found.count:
		return "not searched to the end" if found.gave_up else "none"
	several = f"{found.count:,}" if found.count < 10**6 else f"{found.count:.0e}"
	count = several if found.is_exact else f"at least {several}"
	return (
		f"{len(found.chosen)} documents; sets: {count}{', not searched to the end' if found.gave_up else ''}"
	)


def main() -> int:
	"""Print the table; return the exit code."""
	print("| case | s | RSS MB | tracemalloc MB | answer |")
	print("| --- | --- | --- | --- | --- |", flush=True)
	failed = False
	for name in CASES:
		timed, traced = (_in_new_process(name, traced) for traced in (False, True))
		megabytes = [answer["bytes"] / 1024 / 1024 for answer in (timed, traced)]
		is_good = (
			timed["is_right"]
			and traced["is_right"]
			and timed["seconds"] <= SECONDS + SECONDS_MORE
			and max(megabytes) <= MOST_MEGABYTES
		)
		failed = failed or not is_good
		print(
			f"| {name} | {timed['seconds']:.3f} | {megabytes[0]:.1f} | {megabytes[1]:.1f} |"
			f" {timed['answer']}{'' if is_good else ' **OUT OF BOUNDS**'} |",
			flush=True,
		)
	return int(failed)


def _in_new_process(name: str, traced: bool) -> dict[str, Any]:
	command = [sys.executable, "-m", __spec__.name, name, *(["traced"] if traced else [])]
	return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


if __name__ == "__main__":
	if len(sys.argv) > 1:
		print(json.dumps(run(sys.argv[1], traced="traced" in sys.argv[2:])))
	else:
		sys.exit(main())
