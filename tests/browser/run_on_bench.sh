#!/usr/bin/env bash
# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
#
# Runs the browser tests against a site of a running bench (web, socketio and workers), from the bench's folder:
#   apps/advanced_bank_reconciliation/tests/browser/run_on_bench.sh SITE [FILE.test.mjs ...]
# ABR_PASSWORD (default: admin) is Administrator's. The site is for tests: the documents stay.
set -euo pipefail

site=${1:?usage: run_on_bench.sh SITE [FILE.test.mjs ...]}
shift
bench=$PWD
folder=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
[ -f "$bench/sites/$site/site_config.json" ] || { echo "$bench is not the folder of a bench with site $site" >&2; exit 2; }

ABR_CHROMIUM=$(command -v chromium || command -v chromium-browser || command -v google-chrome) || {
	echo "no browser found: none of the browser tests has run" >&2
	exit 2
}
port=$(node -p "require('$bench/sites/common_site_config.json').webserver_port || 8000")
[ -d "$folder/node_modules/playwright-core" ] || (cd "$folder" && npm ci --ignore-scripts --no-audit --no-fund)

export ABR_CHROMIUM
export ABR_BASE_URL=${ABR_BASE_URL:-http://$site:$port}
export ABR_USER=Administrator ABR_PASSWORD=${ABR_PASSWORD:-admin}
export ABR_SEED="[\"$bench/env/bin/python\", \"$folder/seed.py\", \"$site\", \"$bench/sites\"]"
export ABR_SEED_FOLDER=$bench/sites

cd "$folder"
[ $# -gt 0 ] || set -- *.test.mjs
exec node --test --test-concurrency=1 --test-reporter=spec "$@"
