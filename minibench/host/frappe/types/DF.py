# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE
"""Python types of DocField types, for the type blocks that Frappe writes into controllers."""

from datetime import date, datetime, time
from typing import Literal

Data = Text = Autocomplete = Attach = AttachImage = Barcode = Code = Color = DynamicLink = str
HTMLEditor = JSON = Link = LongText = MarkdownEditor = Password = Phone = ReadOnly = SmallText = (
	TextEditor
) = str
Check = Int = Duration = int
Currency = Float = Percent = Rating = float
Date = str | date
Datetime = str | datetime
Time = str | time
Select = Literal
Table = TableMultiSelect = list
