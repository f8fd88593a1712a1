# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""What commands of apps need of `frappe.commands`: the context with the site that they are called for."""

import sys
from collections.abc import Callable
from functools import wraps
from typing import Any

import click
import frappe


def pass_context(f: Callable) -> Callable:
	"""As click's, but the function gets {sites, force, verbose, profile}, what `bench` was called with."""

	@wraps(f)
	def with_context(ctx: click.Context, *args: Any, **kwargs: Any) -> Any:
		try:
			return f(frappe._dict(ctx.obj), *args, **kwargs)
		except frappe.SiteNotSpecifiedError as error:
			click.secho(str(error), fg="yellow")
		except frappe.IncorrectSitePath:
			click.secho(f"Site {ctx.obj['sites'][0]} does not exist!", fg="yellow")
		sys.exit(1)

	return click.pass_context(with_context)


def get_site(context: frappe._dict, raise_err: bool = True) -> str | None:
	"""Return the first of the sites.

	:raises SiteNotSpecifiedError: there is none, and `raise_err` is set
	"""
	if sites := context.sites:
		return sites[0]
	if raise_err:
		raise frappe.SiteNotSpecifiedError
	return None
