# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
"""frappe.utils.data under its known name: dates, numbers, text and filters."""

from frappe.utils.dates import *
from frappe.utils.dates import DATE_FORMAT, DATETIME_FORMAT, TIME_FORMAT
from frappe.utils.filters import *
from frappe.utils.numbers import *
from frappe.utils.text import *
