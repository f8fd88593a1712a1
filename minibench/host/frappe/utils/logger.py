# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
"""Loggers that write to <site>/logs/<module>.log."""

import logging
import os
from logging.handlers import RotatingFileHandler

import frappe

_loggers: dict[str, logging.Logger] = {}


def get_logger(module: str | None = None, allow_site: bool = True) -> logging.Logger:
	module = module or "frappe"
	site_path = getattr(frappe.local, "site_path", None)
	name = f"{module}-{site_path or 'all'}"
	if name in _loggers:
		return _loggers[name]

	logger = _loggers[name] = logging.getLogger(name)
	logger.setLevel(logging.WARNING)
	logger.propagate = False
	logs = os.path.join(site_path, "logs") if site_path else ""
	if logs and os.path.isdir(logs):
		handler = RotatingFileHandler(
			os.path.join(logs, f"{module}.log"), maxBytes=1_000_000, backupCount=3, delay=True
		)
		handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
		logger.addHandler(handler)
	else:
		logger.addHandler(logging.NullHandler())
	return logger
