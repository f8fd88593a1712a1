# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
"""`bench run-tests` with a time limit, for .ci/bench: bench_tests.py SECONDS ARGUMENTS-OF-BENCH.

When the time is up, the test at hand is finished, the counts are printed as always, and how many tests have not
run. A test that does not end then is shown with the stacks of all threads.
"""

import faulthandler
import os
import signal
import sys
import threading
import unittest

from frappe.utils.bench_helper import main

#: Seconds that the test at hand has to end.
GRACE = 600


def limit(seconds: int) -> None:
	unittest.installHandler()  # its answer to SIGINT: no further test
	timer = threading.Timer(seconds, os.kill, (os.getpid(), signal.SIGINT))  # RQ uses the alarm signal
	timer.daemon = True
	timer.start()
	faulthandler.dump_traceback_later(seconds + GRACE, exit=True)


def tell_what_did_not_run() -> None:
	run = unittest.TextTestRunner.run

	def telling(self, test):
		total = test.countTestCases()
		result = run(self, test)
		if result.shouldStop:
			print(f"Not run for lack of time: {total - result.testsRun} tests", file=sys.stderr)
		return result

	unittest.TextTestRunner.run = telling


if __name__ == "__main__":
	limit(int(sys.argv.pop(1)))
	tell_what_did_not_run()
	sys.argv.insert(1, "frappe")
	main()
