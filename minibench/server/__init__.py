# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
"""The two servers of a site: web (requests) and realtime (events)."""
