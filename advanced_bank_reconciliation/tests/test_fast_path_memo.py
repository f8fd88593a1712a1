# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""What the fast path remembers, and above all when it forgets. Parts that need MariaDB run on a bench only."""

import random
import threading
import unittest
from unittest.mock import patch

import frappe
import frappe.model.document
import redis
from frappe.model.create_new import get_new_doc
from frappe.tests.utils import FrappeTestCase
from frappe.utils import flt
from freezegun import freeze_time

from advanced_bank_reconciliation.bulk.fast_path import fast_path
from advanced_bank_reconciliation.bulk.fast_path.memo import NOTHING, Memo
from advanced_bank_reconciliation.bulk.fast_path.process import active
from advanced_bank_reconciliation.bulk.fast_path.statements import Kind, Rows, understand
from advanced_bank_reconciliation.bulk.fast_path.sums import Sums

#: Statements as Frappe's query builder, its lists, ERPNext and other people write them, and what they are.
READS = (
	"SELECT `name`,`a` FROM `tabSales Invoice` WHERE `name`=%(param1)s LIMIT 1",
	"select `name` from `tabNotification` where `tabNotification`.`enabled` = 1 order by `modified` desc",
	"select is_group, docstatus from tabAccount where name=%s",
	"SELECT ap.name FROM `tabAccounting Period` ap, `tabClosed Document` cd WHERE ap.name = cd.parent",
	"WITH `a` AS (SELECT `x` FROM `tabPayment Ledger Entry`), `b` AS (SELECT 1 FROM `tabGL Entry`)"
	" SELECT `a`.`x` FROM a LEFT JOIN b ON `a`.`x`=`b`.`x`",
	"select sum(round(debit, %s)) from `tabGL Entry` gle where exists (select 1 from `tabAccount` ac"
	" where ac.name = gle.account)",
	"select 'from myview' from `tabAccount`",
	"SELECT coalesce(max(`idx`), 0) FROM `tabA B` HAVING count(*) > 1",
)
LOCKING = (
	"SELECT `current` FROM `tabSeries` WHERE `name`=%(param1)s FOR UPDATE",
	"select name from `tabA` where parent = 'x' lock in share mode",
)
PASSING = (
	"select name from `tabPurchase Invoice` where release_date > CURDATE()",
	"select name from `tabPurchase Invoice` where release_date <= CURRENT_DATE",
	"select now()",
	"select name from myview",
	"select a.name from `tabA` a, myview b",
	"select a.name from `tabA` a join myview b on a.name = b.name",
	"select table_name from information_schema.tables",
	"SELECT `name` FROM `tabA` WHERE `status`='Queued' FOR UPDATE SKIP LOCKED",
	"SELECT `name` FROM `tabA` FOR UPDATE NOWAIT",
	"select @x from `tabA`",
	"select name into @x from `tabA`",
	"select rand() from `tabA`",
)
FORGOTTEN = (
	"commit",
	"rollback",
	"START TRANSACTION ",
	"rollback to savepoint abr_payment",
	"call book_something('a')",
	"select book_something(name) from `tabA`",
	"select nextval(`a_id_seq`)",
	"update `tabA` set a = book_something(1) where name = 'a'",
	"alter table `tabA` add column b int",
	"truncate table `tabA`",
	"set session sql_mode = ''",
	"insert into __global_search (name) values ('a')",
	"replace into `tabA` (name) values ('a')",
	"load data infile 'a' into table `tabA`",
	"select name from `tabA` /* a comment may hide anything */",
	"",
)


class TestStatements(unittest.TestCase):
	def test_every_form_is_told_apart(self):
		for kind, texts in (
			(Kind.READ, READS),
			(Kind.LOCKING_READ, LOCKING),
			(Kind.PASSING_READ, PASSING),
			(Kind.FORGET, FORGOTTEN),
			(Kind.HARMLESS, ("savepoint abr_payment", "release savepoint abr_payment")),
		):
			for text in texts:
				with self.subTest(text=text):
					self.assertEqual(understand(text).kind, kind)

	def rows(self, text, values=()):
		return understand(text).rows(values)

	def test_a_read_by_name_is_of_that_row_alone(self):
		for text, values in (
			("SELECT * FROM `tabA` WHERE `name`=%(param1)s", {"param1": "INV-1"}),
			("SELECT * FROM `tabA` WHERE `a`=%s AND `name`=%s ORDER BY `idx` LIMIT 1", ("b", "INV-1")),
			("select `a` from `tabA` where `tabA`.`name` = 'INV-1' order by `tabA`.`modified` desc", ()),
			("SELECT `a` FROM `tabA` WHERE `name`=%(p)s FOR UPDATE", {"p": "inv-1  "}),
		):
			with self.subTest(text=text):
				self.assertEqual(self.rows(text, values), (Rows("tabA", (("name", "inv-1"),)),))

	def test_anything_less_certain_is_of_the_whole_table(self):
		for text, values in (
			("SELECT * FROM `tabA` WHERE `name`=%s OR `a`=%s", ("INV-1", "b")),
			("SELECT * FROM `tabA` WHERE NOT `name`=%s", ("INV-1",)),
			("SELECT * FROM `tabA` WHERE `name`>=%s", ("INV-1",)),
			("SELECT * FROM `tabA` WHERE `name` IN (%s)", ("INV-1",)),
			("SELECT * FROM `tabA` WHERE (`name`=%s)", ("INV-1",)),
			("SELECT * FROM `tabA` WHERE `name`=%s", (1,)),
			("SELECT * FROM `tabA` WHERE `name`=%s", ("Müller",)),
			("SELECT * FROM `tabA` WHERE `name`='50%%'", ()),
			("SELECT * FROM `tabA` x JOIN `tabA` y ON x.name=y.parent WHERE x.name=%s", ("INV-1",)),
			("SELECT (SELECT 1 FROM `tabA`) FROM `tabA` WHERE `name`=%s", ("INV-1",)),
		):
			with self.subTest(text=text):
				self.assertEqual(self.rows(text, values), (Rows("tabA"),))

	def test_writes_name_their_rows_or_the_whole_table(self):
		name, parent = ("name", "inv-1"), ("parent", "inv-1")
		for text, values, expected in (
			("UPDATE `tabA` SET `a`=%s,`name_b`=%s WHERE `name`=%s", ["b", "c", "INV-1"], (name,)),
			("UPDATE `tabA` SET a = a + %s WHERE parent = %s and term = %s", (1, "INV-1", "x"), (parent,)),
			("UPDATE `tabA` SET `name`=%s WHERE `name`=%s", ("b", "INV-1"), ()),
			("UPDATE `tabA` SET `parent`=%s WHERE `parent`=%s", ("b", "INV-1"), ()),
			("UPDATE `tabA` SET `a`=1", (), ()),
			("update `tabA` set a = (select max(a) from `tabA` where name='INV-1') where parent='p'", (), ()),
			("update `tabA` set a=1 where name='INV-1' or 1=1", (), ()),
			("update `tabA` set a=1 where name='INV-1' limit 1", (), (name,)),
			("DELETE FROM `tabA` WHERE `parent`=%(p)s", {"p": "INV-1"}, (parent,)),
			(
				"INSERT INTO `tabA` (`name`, `parent`, `a`) VALUES (%s, %s, %s)",
				["INV-1", "INV-1", 2],
				(name, parent),
			),
			("INSERT INTO `tabA` (`name`) VALUES (%(a)s),(%(b)s)", {"a": "INV-1", "b": "c"}, ()),
			("insert into `tabA` select * from `tabA`", (), ()),
		):
			with self.subTest(text=text):
				statement = understand(text)
				self.assertEqual(statement.kind, Kind.WRITE)
				written = statement.rows(values)
				# A part that is not understood may only make more rows suspicious, never fewer.
				self.assertEqual({row.table for row in written}, {"tabA"})
				if "limit" not in text:
					self.assertEqual(written, (Rows("tabA", expected),))

	def test_a_write_to_two_tables_is_seen_in_both(self):
		written = understand("update `tabA` x join `tabB` y on x.a=y.b set x.c=1 where x.name='a'").rows(())
		self.assertEqual(set(written), {Rows("tabA"), Rows("tabB")})


class TestMemo(unittest.TestCase):
	def setUp(self):
		self.memo = Memo()

	def test_forgets_what_was_read_from_a_written_row_and_nothing_else(self):
		one, other = Rows("tabA", (("name", "1"),)), Rows("tabA", (("name", "2"),))
		self.memo.remember("one", 1, [one])
		self.memo.remember("other", 2, [other])
		self.memo.remember("children", 3, [Rows("tabA", (("parent", "p"),))])
		self.memo.remember("all", 4, [Rows("tabA")])
		self.memo.remember("elsewhere", 5, [Rows("tabB")])
		self.memo.written([one])
		known = {key for key in ("one", "other", "children", "all", "elsewhere") if self.knows(key)}
		self.assertEqual(known, {"other", "elsewhere"})

	def knows(self, key):
		return self.memo.recall(key) is not NOTHING

	def test_an_inserted_child_row_is_of_its_parent_only(self):
		self.memo.remember("p", 1, [Rows("tabA", (("parent", "p"),))])
		self.memo.remember("q", 1, [Rows("tabA", (("parent", "q"),))])
		self.memo.written([Rows("tabA", (("name", "new"), ("parent", "p")))])
		self.assertFalse(self.knows("p"))
		self.assertTrue(self.knows("q"))

	def test_an_answer_of_several_questions_falls_with_any_of_them(self):
		for table in ("tabA", "tabB"):
			memo = self.memo = Memo()
			memo.remember("inner", 1, [Rows("tabB")])

			def ask(memo=memo):
				memo.note([Rows("tabA")])
				return memo.recall("inner")

			self.assertEqual(memo.answer("outer", ask), 1)
			self.assertTrue(self.knows("outer"))
			memo.written([Rows(table)])
			self.assertFalse(self.knows("outer"))

	def test_a_function_that_wrote_is_not_remembered(self):
		def ask():
			self.memo.note([Rows("tabA")])
			self.memo.written([Rows("tabB")])
			return 1

		self.memo.answer("writes", ask)
		self.assertFalse(self.knows("writes"))

	def test_none_is_an_answer(self):
		self.memo.remember("nothing there", None, [Rows("tabA")])
		self.assertIsNone(self.memo.recall("nothing there"))

	def test_an_error_is_not_remembered(self):
		with self.assertRaises(ValueError):
			self.memo.answer("fails", lambda: int("x"))
		self.assertFalse(self.knows("fails"))
		self.assertEqual(self.memo.answer("fails", lambda: 1), 1)


BALANCE = """
	SELECT sum(round(debit_in_account_currency, %s)) - sum(round(credit_in_account_currency, %s))
	FROM `tabGL Entry` gle
	WHERE is_cancelled=0 and posting_date <= '2026-03-20' and gle.account = 'Bank - A' """
ROW = {
	"account": "Bank - A",
	"posting_date": "2026-03-20",
	"is_cancelled": 0,
	"debit_in_account_currency": 10.005,
	"credit_in_account_currency": 0.0,
	"debit": 1.0,
	"credit": 0.0,
	"party_type": None,
	"party": None,
	"company": "A",
}


class TestSums(unittest.TestCase):
	def setUp(self):
		self.sums = Sums()
		self.asked = []

	def ask(self, text, values):
		self.asked.append(text)
		return (("100.01",),)

	def balance(self, text=BALANCE, places=2):
		answer = self.sums.answer(text, (places, places), self.ask)
		return answer and answer[0][0]

	def insert(self, **values):
		row = {**ROW, **values}
		self.sums.inserted(tuple(row), list(row.values()))

	def test_a_name_with_two_blanks_is_asked_as_it_is(self):
		self.assertIsNone(self.balance(BALANCE.replace("Bank - A", "Bank  - A")))
		self.assertIsNone(self.balance(BALANCE.replace("Bank - A", "O\\'Neil  - A")))
		self.assertIsNotNone(self.balance())

	def test_adds_inserted_rows_rounded_as_the_statement_does(self):
		self.assertEqual(self.balance(), 100.01)
		self.insert()
		self.insert(debit_in_account_currency=0.1, credit_in_account_currency=0.3)
		self.assertEqual(self.balance(), 109.82)
		self.assertEqual(len(self.asked), 1)
		self.assertIn("cast(", self.asked[0])

	def test_rows_that_do_not_fit_are_not_added(self):
		self.balance()
		self.insert(account="Bank - B")
		self.insert(posting_date="2026-03-21")
		self.insert(is_cancelled=1)
		self.assertEqual(self.balance(), 100.01)
		self.assertEqual(len(self.asked), 1)

	def test_what_mariadb_takes_for_equal_is_equal(self):
		self.balance()
		self.insert(account="BANK - a ")
		self.assertEqual(self.balance(), 110.02)

	def test_anything_uncertain_asks_the_database_again(self):
		for values in (
			{"account": "Bänk - A"},
			{"debit_in_account_currency": None},
			{"debit_in_account_currency": "10"},
			{"posting_date": None},
			{"posting_date": "not a date"},
			{"is_cancelled": None},
		):
			with self.subTest(values):
				self.balance()
				before = len(self.asked)
				self.insert(**values)
				self.assertEqual(self.balance(), 100.01)
				self.assertEqual(len(self.asked), before + 1)

	def test_other_statements_are_left_to_the_database(self):
		for text in (
			BALANCE + "or 1=1",
			BALANCE + "and gle.cost_center = 'Main'",
			BALANCE + "and gle.party_type = 'Customer' and gle.party = 'O\\'Neill'",
			BALANCE + "and gle.party = 'Müller'",
			BALANCE.replace("gle.account = 'Bank - A'", "1=1"),
			BALANCE.replace("is_cancelled=0 and", ""),
			BALANCE.replace("- sum", "+ sum"),
			BALANCE.replace("credit_in_account_currency", "credit"),
			BALANCE + "group by account",
		):
			with self.subTest(text=text):
				self.assertIsNone(self.balance(text))
		self.assertIsNone(self.balance(places=None))
		self.assertEqual(self.asked, [])

	def test_no_rows_at_all_is_none_until_one_comes(self):
		self.ask = lambda text, values: ((None,),)
		self.assertIsNone(self.sums.answer(BALANCE, (2, 2), self.ask)[0][0])
		self.insert()
		self.assertEqual(self.sums.answer(BALANCE, (2, 2), self.ask)[0][0], 10.01)


def needs_mariadb(test):
	return unittest.skipUnless(frappe.conf.db_type in (None, "mariadb"), "the fast path needs MariaDB")(test)


class TestWhereItIsNotPossible(FrappeTestCase):
	def test_the_plain_path_runs_where_the_database_is_another(self):
		if frappe.conf.db_type in (None, "mariadb"):
			self.skipTest("this host has MariaDB")
		before = frappe.get_all, frappe.model.document.get_doc
		with fast_path() as path:
			self.assertIsNone(path)
			self.assertEqual((frappe.get_all, frappe.model.document.get_doc), before)


def without_the_clock(new):
	"""Return the defaults of a new document without those of the moment."""
	fields = frappe.get_meta(new["doctype"]).get("fields", {"fieldtype": ("in", ("Time", "Datetime"))})
	return {key: value for key, value in new.items() if key not in {field.fieldname for field in fields}}


@needs_mariadb
class TestConnection(FrappeTestCase):
	"""On the real connection; everything is rolled back."""

	def setUp(self):
		super().setUp()
		frappe.db.rollback()
		self.addCleanup(frappe.db.rollback)
		self.todo = frappe.get_doc({"doctype": "ToDo", "description": "first"}).insert()
		self.context = fast_path()
		self.path = self.context.__enter__()
		self.addCleanup(lambda: self.context.__exit__(None, None, None))

	def sent(self, ask):
		"""Return how many statements reach the server while `ask` runs, and its answer."""
		before = self.path.connection.statements
		answer = ask()
		return self.path.connection.statements - before, answer

	def description(self):
		return frappe.db.get_value("ToDo", self.todo.name, "description")

	def test_the_same_question_is_sent_once(self):
		self.assertEqual(self.sent(self.description), (1, "first"))
		self.assertEqual(self.sent(self.description), (0, "first"))

	def test_every_way_to_write_is_noticed(self):
		name = self.todo.name
		for number, write in enumerate(
			(
				lambda text: frappe.db.set_value("ToDo", name, "description", text),
				lambda text: self.todo.db_set("description", text),
				lambda text: self.todo.update({"description": text}).save(),
				lambda text: frappe.db.sql("update tabToDo set description=%s where name=%s", (text, name)),
				lambda text: frappe.db.sql("update `tabToDo` set description=%s", text),
				lambda text: frappe.db.sql(
					"update `tabToDo` a, `tabUser` b set a.description=%s where a.name=%s", (text, name)
				),
				lambda text: frappe.db._cursor.execute(
					"update tabToDo set description=%s where name=%s", (text, name)
				),
				lambda text: frappe.db._conn.query(
					f"update tabToDo set description='{text}' where name='{name}'"
				),
				lambda text: frappe.db.bulk_update("ToDo", {name: {"description": text}}),
			)
		):
			with self.subTest(number):
				self.description()
				frappe.get_doc("ToDo", name)
				text = f"by way {number}"
				write(text)
				self.assertEqual(self.description(), text)
				self.assertEqual(frappe.get_doc("ToDo", name).description, text)
				self.assertEqual(frappe.get_all("ToDo", {"name": name}, pluck="description"), [text])

	def test_what_was_remembered_since_a_savepoint_goes_with_it(self):
		frappe.db.savepoint("abr_test")
		frappe.db.set_value("ToDo", self.todo.name, "description", "second")
		self.assertEqual(self.description(), "second")
		frappe.db.rollback(save_point="abr_test")
		self.assertEqual(self.description(), "first")
		self.assertEqual(frappe.get_doc("ToDo", self.todo.name).description, "first")

	def test_a_write_after_a_savepoint_is_released_counts(self):
		frappe.db.savepoint("abr_test")
		self.description()
		frappe.db.set_value("ToDo", self.todo.name, "description", "second")
		frappe.db.release_savepoint("abr_test")
		self.assertEqual(self.description(), "second")

	def test_a_rollback_forgets_everything(self):
		self.description()
		frappe.db.rollback()
		self.assertIsNone(self.description())

	def test_a_missing_row_is_remembered_until_it_comes(self):
		ask = lambda: frappe.db.exists("ToDo", "abr-to-come")  # noqa: E731
		self.assertIsNone(ask())
		self.assertEqual(self.sent(ask)[0], 0)
		frappe.get_doc({"doctype": "ToDo", "description": "x"}).insert(set_name="abr-to-come")
		self.assertEqual(ask(), "abr-to-come")

	def test_documents_are_the_callers_own(self):
		one = frappe.get_doc("User", "Administrator")
		other = frappe.get_doc("User", "Administrator")
		roles = len(one.roles)
		one.first_name, one.roles = "changed", []
		one.flags.mine = True
		again = frappe.get_doc("User", "Administrator")
		self.assertIsNot(one, other)
		self.assertNotEqual(other.first_name, "changed")
		self.assertEqual((len(other.roles), len(again.roles)), (roles, roles))
		self.assertNotIn("mine", again.flags)
		self.assertIs(again.roles[0].parent_doc, again)
		self.assertEqual(again.as_dict(), other.as_dict())

	def test_rows_are_the_callers_own(self):
		for ask in (
			lambda: frappe.get_all("ToDo", {"name": self.todo.name}, ["description"]),
			lambda: frappe.db.get_values("ToDo", self.todo.name, ["description"], as_dict=True),
			lambda: frappe.db.sql(
				"select description from tabToDo where name=%s", self.todo.name, as_dict=True
			),
		):
			ask()[0]["description"] = "changed by the caller"
			ask()[0].description = "changed by the caller"
			self.assertEqual(ask()[0].description, "first")

	def test_shapes_of_an_answer_are_kept_apart(self):
		text = "select name, description from tabToDo where name=%s"
		for _round in range(2):
			self.assertEqual(frappe.db.sql(text, self.todo.name), ((self.todo.name, "first"),))
			self.assertEqual(frappe.db.sql(text, self.todo.name, as_list=True), [[self.todo.name, "first"]])
			self.assertEqual(frappe.db.sql(text, self.todo.name, pluck=True), [self.todo.name])
			self.assertEqual(frappe.db.sql(text, self.todo.name, as_dict=True)[0].description, "first")

	def test_values_that_look_alike_are_different_questions(self):
		text = "select description from tabToDo where %s"
		self.assertTrue(frappe.db.sql("select name from tabToDo where name=%s", (self.todo.name,)))
		self.assertFalse(frappe.db.sql("select name from tabToDo where name=%s", (0.5,)))
		self.assertEqual(len(frappe.db.sql(text, (0,))), 0)
		self.assertGreater(len(frappe.db.sql(text, (1,))), 0)
		self.assertGreater(len(frappe.db.sql(text, (True,))), 0)

	def test_locking_reads_lock_the_first_time(self):
		lock = lambda: frappe.db.get_value("ToDo", self.todo.name, "description", for_update=True)  # noqa: E731
		self.description()
		self.assertEqual(self.sent(lock)[0], 1, "a plain answer is none for a locking read")
		skipping = lambda: frappe.qb.from_("ToDo").select("name").for_update(skip_locked=True).run()  # noqa: E731
		skipping()
		self.assertEqual(self.sent(skipping)[0], 1)

	def test_the_clock_is_never_remembered(self):
		ask = lambda: frappe.db.sql("select now(6) from tabToDo where name=%s", self.todo.name)  # noqa: E731
		ask()
		self.assertEqual(self.sent(ask)[0], 1)

	def test_a_row_of_our_own_is_written_once_and_read_as_written(self):
		"""Field by field, as ERPNext does; every way to look sees all of it."""
		for number, look in enumerate(
			(
				lambda name: frappe.db.sql("select color, priority from tabToDo where name=%s", name)[0],
				lambda name: frappe.db.get_value("ToDo", name, ["color", "priority"]),
				lambda name: frappe.get_doc("ToDo", name),
				lambda name: frappe.get_doc("ToDo", name, for_update=True),
				lambda name: frappe.get_all("ToDo", {"name": name}, ["color", "priority"])[0],
				self.look_by_cursor,
			)
		):
			with self.subTest(number):
				todo = frappe.get_doc({"doctype": "ToDo", "description": "x"}).insert()
				before = self.path.connection.statements
				frappe.db.set_value("ToDo", todo.name, "color", "#000000")
				frappe.db.set_value("ToDo", todo.name, {"color": "#ffffff", "priority": "High"})
				self.assertEqual(self.path.connection.statements, before, "nobody has looked yet")
				seen = look(todo.name)
				seen = (seen.color, seen.priority) if hasattr(seen, "color") else tuple(seen)
				self.assertEqual(seen, ("#ffffff", "High"))
				self.path.connection.forget()
				self.assertEqual(frappe.db.get_value("ToDo", todo.name, "color"), "#ffffff")

	@staticmethod
	def look_by_cursor(name):
		frappe.db._cursor.execute("select color, priority from tabToDo where name=%s", (name,))
		return frappe.db._cursor.fetchall()[0]

	def test_what_is_held_is_undone_by_a_savepoint_or_sent_before_it(self):
		todo = frappe.get_doc({"doctype": "ToDo", "description": "x"}).insert()
		frappe.db.set_value("ToDo", todo.name, "color", "#000001")
		frappe.db.savepoint("abr_test")
		frappe.db.set_value("ToDo", todo.name, "color", "#000002")
		frappe.db.rollback(save_point="abr_test")
		self.assertEqual(frappe.db.get_value("ToDo", todo.name, "color"), "#000001")

	def test_what_is_held_is_sent_when_the_batch_ends(self):
		with fast_path():
			todo = frappe.get_doc({"doctype": "ToDo", "description": "x"}).insert()
			frappe.db.set_value("ToDo", todo.name, "color", "#000001")
		self.context.__exit__(None, None, None)
		self.assertEqual(frappe.db.get_value("ToDo", todo.name, "color"), "#000001")
		self.context = fast_path()
		self.path = self.context.__enter__()

	def test_a_row_that_others_have_is_written_at_once(self):
		frappe.db.commit()
		self.addCleanup(frappe.db.commit)
		self.addCleanup(frappe.delete_doc, "ToDo", self.todo.name)
		self.path.connection.forget()
		self.assertEqual(
			self.sent(lambda: frappe.db.set_value("ToDo", self.todo.name, "color", "#000001"))[0], 1
		)

	def test_a_document_in_the_cache_is_not_left_behind(self):
		todo = frappe.get_doc({"doctype": "ToDo", "description": "x"}).insert()
		for color in ("#000001", "#000002"):
			frappe.db.set_value("ToDo", todo.name, "color", color)
			self.assertEqual(frappe.get_cached_doc("ToDo", todo.name).color, color)

	def commands(self, work):
		"""Return the commands that Frappe's cache sends to Redis while `work` runs, as (command, number of keys)."""
		sent = []
		send = redis.connection.Connection.send_command

		def noting(connection, *args, **kwargs):
			if connection in frappe.cache.connection_pool._in_use_connections:
				sent.append((args[0], len(args) - 1))
			return send(connection, *args, **kwargs)

		with patch.object(redis.connection.Connection, "send_command", noting):
			work()
		return sent

	def test_keys_of_the_cache_are_deleted_together(self):
		def clear():
			for name in ("abr-a", "abr-b", "abr-a"):
				frappe.cache.delete_value(name)

		for name in ("abr-a", "abr-b"):
			frappe.cache.set_value(name, 1)
		self.assertEqual(self.commands(clear), [])
		self.assertNotIn(frappe.cache.make_key("abr-a"), frappe.local.cache)
		self.assertEqual(self.commands(lambda: self.context.__exit__(None, None, None)), [("DEL", 2)])
		self.assertFalse(frappe.cache.exists("abr-a"), "gone once the batch has ended")
		self.context = fast_path()
		self.path = self.context.__enter__()

	def test_keys_of_the_cache_are_deleted_before_a_commit_and_after_an_error(self):
		frappe.cache.delete_value("abr-a")
		self.assertEqual(self.commands(frappe.db.commit)[0], ("DEL", 1))
		self.addCleanup(frappe.db.commit)
		self.addCleanup(frappe.delete_doc, "ToDo", self.todo.name)
		frappe.cache.delete_value("abr-a")
		with patch.object(self.path.held, "send", side_effect=ZeroDivisionError):
			with self.assertRaises(ZeroDivisionError):
				self.context.__exit__(None, None, None)
		self.assertEqual(self.path.cache_keys._keys, {})
		self.context = fast_path()
		self.path = self.context.__enter__()

	def test_a_deleted_key_of_the_cache_is_never_read(self):
		frappe.cache.set_value("abr-a", 1)
		frappe.cache.delete_value("abr-a")
		self.assertEqual(self.commands(lambda: frappe.cache.get_value("abr-a")), [("DEL", 1), ("GET", 1)])
		self.assertIsNone(frappe.cache.get_value("abr-a"))
		frappe.cache.delete_value("abr-a")
		frappe.cache.set_value("abr-a", 2)
		self.path.cache_keys.send()
		self.assertEqual(frappe.cache.get_value("abr-a"), 2, "what was set after it stays")
		frappe.cache.delete_value("abr-a")

	def test_new_documents_have_the_defaults_that_frappe_gives(self):
		parent = frappe._dict(name="parent", doctype="Payment Entry")
		for doctype, options in (
			("ToDo", {}),
			("Payment Entry", {}),
			("Payment Entry Reference", {"parent_doc": parent, "parentfield": "references"}),
			("Sales Invoice", {}),
			("Event", {}),
		):
			template = get_new_doc(doctype, **options, as_dict=True)
			for _time in range(3):
				made = frappe.new_doc(doctype, **options, as_dict=True)
				self.assertEqual(
					without_the_clock(made), without_the_clock(template), f"{doctype}, each time"
				)
				document = frappe.new_doc(doctype, **options, owner="abr")
				expected = get_new_doc(doctype, **options).update({"owner": "abr"})
				self.assertEqual(
					without_the_clock(document.as_dict()), without_the_clock(expected.as_dict()), doctype
				)
				made.update(name="changed", doctype="changed")  # the caller's own to change

	def test_defaults_that_depend_on_the_moment_are_asked_again(self):
		self.assertEqual(frappe.get_meta("Sales Invoice").get_field("posting_time").fieldtype, "Time")
		with freeze_time("2026-03-02 10:00:00"):
			before = frappe.new_doc("Sales Invoice", as_dict=True).posting_time
		with freeze_time("2026-03-02 11:00:00"):
			self.assertNotEqual(frappe.new_doc("Sales Invoice", as_dict=True).posting_time, before)

	def test_a_function_is_found_once(self):
		path = "frappe.utils.flt"
		self.assertIs(frappe.get_attr(path), flt)
		with patch.object(frappe, "get_module", side_effect=AssertionError("asked again")):
			self.assertIs(frappe.get_attr(path), flt)

	def test_inserted_rows_are_known_as_the_database_gives_them_back(self):
		for values in (
			{"description": "Ärger mit 'Anführung'", "date": "2026-03-02", "priority": "High"},
			{"description": "x" * 20_000, "color": None},
			{"description": "😀", "status": "Closed", "assigned_by": "Administrator"},
		):
			with self.subTest(values):
				todo = frappe.get_doc({"doctype": "ToDo", **values}).insert()
				known = frappe.db.get_value("ToDo", todo.name, "*", as_dict=True)
				frappe.db.set_value("ToDo", todo.name, {"date": "2026-03-03", "docstatus": 0})
				amended = frappe.db.get_value("ToDo", todo.name, "*", as_dict=True)
				frappe.db.set_value("ToDo", todo.name, {"date": known.date}, update_modified=False)
				self.path.held.send()
				self.path.connection.forget()
				asked = frappe.db.get_value("ToDo", todo.name, "*", as_dict=True)
				self.assertEqual(list(known), list(asked))
				self.assertEqual({**known, "modified": None}, {**asked, "modified": None})
				self.assertEqual(str(amended.date), "2026-03-03")

	def test_statements_without_values_may_have_per_cent_signs(self):
		for _round in range(2):
			found = frappe.db.sql(
				f"select name from tabToDo where name='{self.todo.name}' and description like 'fi%'"
			)
			self.assertEqual(found, ((self.todo.name,),))
		frappe.db.sql("update tabToDo set description = 'none' where description like 'fi%st'")
		self.assertEqual(self.description(), "none")

	def test_a_row_that_could_not_be_inserted_is_not_known(self):
		import pymysql

		frappe.db.savepoint("abr_test")
		with self.assertRaises(pymysql.err.IntegrityError):
			frappe.db.sql(
				"insert into `tabToDo` (`name`, `description`) values (%s, %s)", [self.todo.name, "again"]
			)
		self.assertEqual(self.description(), "first")

	def test_rows_that_another_document_had_are_not_missed(self):
		old = frappe.get_doc({"doctype": "User", "email": "abr-old@example.com", "first_name": "old"})
		new = frappe.get_doc({"doctype": "User", "email": "abr-new@example.com", "first_name": "new"})
		for user in (old, new):
			user.flags.no_welcome_mail = True
			user.append("roles", {"role": "Accounts User"})
			user.insert()
		for number, move in enumerate(
			(
				lambda row: frappe.db.set_value("Has Role", row, {"parent": new.name, "idx": 7}),
				lambda row: frappe.db.sql(
					"update `tabHas Role` set parent=%s, idx=8 where name=%s", (new.name, row)
				),
			)
		):
			row = old.append("roles", {"role": ("Auditor", "Accounts Manager")[number]})
			row.db_insert()
			before = len(frappe.get_doc("User", new.name).roles)
			move(row.name)
			self.assertEqual(len(frappe.get_doc("User", new.name).roles), before + 1, number)

	def test_other_threads_see_nothing_of_it(self):
		site, seen = frappe.local.site, []

		def look():
			frappe.init(site=site)
			frappe.connect()
			seen.append(active())
			seen.append(frappe.get_all("ToDo", {"name": "no such"}))
			seen.append("sql" in frappe.local.db.__dict__)
			frappe.destroy()

		thread = threading.Thread(target=look)
		thread.start()
		thread.join()
		self.assertEqual(seen, [None, [], False])


@needs_mariadb
class TestAttaching(FrappeTestCase):
	def attributes(self):
		db = frappe.local.db
		return (
			sorted(set(db.__dict__) & {"sql", "get_values", "set_value"}),
			"query" in db._conn.__dict__,
			frappe.get_all,
			frappe.model.document.get_doc,
			frappe.model.document.Document.insert,
			frappe.get_attr,
			frappe.new_doc,
			type(frappe.cache).delete_value,
			"execute_command" in vars(type(frappe.cache)),
		)

	def test_everything_is_put_back_after_an_error_too(self):
		before = self.attributes()
		with self.assertRaises(ZeroDivisionError), fast_path():
			self.assertNotEqual(self.attributes(), before)
			raise ZeroDivisionError
		self.assertEqual(self.attributes(), before)

	def test_a_batch_within_a_batch_uses_the_same_memo(self):
		with fast_path() as outer:
			with fast_path() as inner:
				self.assertIs(inner, outer)
			self.assertIs(active(), outer)
		self.assertIsNone(active())

	def test_another_isolation_level_means_the_plain_path(self):
		frappe.db.rollback()
		frappe.db.sql("set session transaction isolation level read uncommitted")
		frappe.db.__dict__.pop("_abr_passing_tables", None)
		try:
			with fast_path() as path:
				self.assertIsNone(path)
		finally:
			frappe.db.sql("set session transaction isolation level repeatable read")
			frappe.db.__dict__.pop("_abr_passing_tables", None)

	def test_amounts_are_summed_as_the_database_sums_them(self):
		"""Random ledger rows, added here and by MariaDB."""
		from erpnext.accounts.utils import get_balance_on

		account = frappe.get_all("Account", {"is_group": 0, "root_type": "Asset"}, pluck="name", limit=1)
		if not account:
			self.skipTest("the site has no account")
		random.seed(5)
		with fast_path() as path:
			balance = lambda: get_balance_on(account[0], "2026-03-20", ignore_account_permission=True)  # noqa: E731
			for number in range(60):
				balance()
				for part in range(number % 7):
					self.insert_ledger_row(f"abr-sum-{number}-{part}", account[0])
				before = path.connection.statements
				here = balance()
				self.assertEqual(path.connection.statements, before, "it was to be added up here")
				path.connection.forget()
				self.assertEqual(here, balance(), number)
		frappe.db.rollback()

	def insert_ledger_row(self, name, account):
		amount = random.choice((random.random(), random.uniform(0, 1e6), 0.005, 0.015, 1.005, 2.675))
		gle = frappe.new_doc("GL Entry")
		gle.update(
			{
				"name": name,
				"account": account,
				"posting_date": f"2026-03-{random.randint(18, 22)}",
				"debit_in_account_currency": amount * random.choice((1, 0)),
				"credit_in_account_currency": flt(amount / 3, random.choice((2, 9, None))),
				"is_cancelled": random.choice((0, 0, 1)),
			}
		)
		gle.db_insert()
