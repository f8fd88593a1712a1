# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
"""`python3 minibench COMMAND`: prepares `.minibench/` and runs the command with the Python found there.

This file must stay readable for old Pythons, so that they get a sentence and not a SyntaxError.
"""

import os
import sys

if sys.version_info < (3, 10):  # noqa: UP036
	sys.exit("minibench needs Python 3.10 or newer, this is Python %d.%d." % sys.version_info[:2])  # noqa: UP031


def main():
	here = os.path.dirname(os.path.abspath(__file__))
	# Run as a directory, Python puts it first on the path, where our site.py would hide the standard one.
	sys.path[:] = [path for path in sys.path if os.path.abspath(path or ".") != here]
	sys.path.insert(0, os.path.dirname(here))

	from minibench import bootstrap

	bootstrap.enter(sys.argv[1:])

	from minibench import cli

	sys.exit(cli.main(sys.argv[1:]))


if __name__ == "__main__":
	main()
