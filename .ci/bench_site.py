# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
"""Questions of .ci/bench, answered with the bench's own Python inside its sites folder.

`ping`: exit code 0 if the database server answers. `find APP`: the site to test on, or nothing.
`counts LOG`: the line "bench: N passed, N failed, N skipped" of a unittest log, exit code 0 if all passed.
"""

import json
import re
import socket
import sys
from pathlib import Path


def common_config() -> dict:
	return json.loads(Path("common_site_config.json").read_text())


def ping() -> int:
	config = common_config()
	address = (config.get("db_host") or "127.0.0.1", int(config.get("db_port") or 3306))
	try:
		socket.create_connection(address, timeout=5).close()
	except OSError:
		return 1
	return 0


def find(app: str) -> int:
	"""The default site first, then the others by name; a site must have the app and allow tests."""
	names = sorted(path.parent.name for path in Path().glob("*/site_config.json"))
	default = common_config().get("default_site")
	for name in sorted(names, key=lambda name: name != default):
		if is_fit(name, app):
			print(name)
			break
	return 0


def is_fit(site: str, app: str) -> bool:
	import frappe

	frappe.init(site=site)
	try:
		frappe.connect()
		return bool(frappe.conf.allow_tests) and app in frappe.get_installed_apps()
	except Exception as error:
		print(f"bench: {site}: {error}", file=sys.stderr)
		return False
	finally:
		frappe.destroy()


def counts(log: str) -> int:
	text = Path(log).read_text(errors="replace")
	ran = sum(int(number) for number in re.findall(r"^Ran (\d+) tests? in", text, re.MULTILINE))
	endings = re.findall(r"^(?:OK|FAILED)(?: \((.+)\))?$", text, re.MULTILINE)
	details = [pair.split("=") for ending in endings for pair in ending.split(", ") if ending]
	numbers = {kind: sum(int(number) for name, number in details if name == kind) for kind, _ in details}
	failed = sum(numbers.get(kind, 0) for kind in ("failures", "errors", "unexpected successes"))
	# What .ci/bench_tests.py says when the time is up.
	not_run = sum(
		int(number) for number in re.findall(r"^Not run for lack of time: (\d+) tests", text, re.MULTILINE)
	)
	skipped = numbers.get("skipped", 0)
	# An error in setUpClass is an error without a test that ran.
	passed = max(ran - failed - skipped, 0)
	print(f"bench: {passed} passed, {failed} failed, {skipped + not_run} skipped")
	return 0 if ran and endings and not failed else 1


def main() -> int:
	commands = {"ping": ping, "find": find, "counts": counts}
	return commands[sys.argv[1]](*sys.argv[2:])


if __name__ == "__main__":
	sys.exit(main())
