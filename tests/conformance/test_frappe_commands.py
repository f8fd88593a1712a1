# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
"""How the commands of an app get their site."""

import click
import frappe
from click.testing import CliRunner
from frappe.commands import get_site, pass_context
from frappe.tests.utils import FrappeTestCase


@click.command("abr-conformance")
@click.argument("word")
@pass_context
def command(context, word):
	click.echo(f"{word} {get_site(context)} {context.force}")


def call(*sites):
	context = {"sites": list(sites), "force": True, "verbose": False, "profile": False}
	return CliRunner().invoke(command, ["hello"], obj=context)


class TestContext(FrappeTestCase):
	def test_the_first_site_is_the_commands_site(self):
		result = call("one.localhost", "two.localhost")
		self.assertEqual((result.exit_code, result.output), (0, "hello one.localhost True\n"))

	def test_without_a_site(self):
		result = call()
		self.assertEqual((result.exit_code, result.output), (1, "Please specify --site sitename\n"))

	def test_get_site_without_an_error(self):
		self.assertIsNone(get_site(frappe._dict(sites=[]), raise_err=False))
		with self.assertRaises(frappe.SiteNotSpecifiedError):
			get_site(frappe._dict(sites=[]))
