#!/usr/bin/env bash
# Checks the given files (or the whole app without its tests) against the rules of frappe/semgrep-rules.
# The rules are kept inside the git folder, so that they are fetched once and never committed.
set -euo pipefail

rules="${FRAPPE_SEMGREP_RULES:-$(git rev-parse --absolute-git-dir)/frappe-semgrep-rules}"
if [ ! -d "$rules" ]; then
	git clone --quiet --depth 1 https://github.com/frappe/semgrep-rules.git "$rules"
fi

[ $# -gt 0 ] || set -- advanced_bank_reconciliation
exec semgrep scan --metrics off --disable-version-check --quiet --error --exclude tests --config "$rules/rules" "$@"
