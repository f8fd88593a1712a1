# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
"""A small Frappe-compatible host that runs the app and its tests without a bench. See docs/architecture.md."""
