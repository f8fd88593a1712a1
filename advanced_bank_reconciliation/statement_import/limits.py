# Copyright (c) 2026, Advanced Bank Reconciliation contributors
# License: GNU General Public License v3. See LICENSE

"""Bounds against files that are too large by mistake or on purpose. Each with the reason for its number.

A file beyond one of them is refused by a named error; nothing is cut off silently.
"""

#: Frappe's own default for an upload. Two years of a busy account as CAMT.053 are about half of it.
MAX_BYTES = 25 * 1024 * 1024

#: Bookings, or rows of a table, in one file: ten times the 10,000 lines that DESIGN sets a budget for.
MAX_LINES = 100_000

#: Physical lines of a text file: MAX_LINES, with room for MT940, which needs some eight for a booking.
MAX_TEXT_LINES = 1_000_000

#: Characters in a line of CSV or MT940. SWIFT allows 65; the widest exports of shops have some thousand.
#: It is below the limit of Python's csv module (131,072 a field), which then never meets its own.
MAX_LINE_LENGTH = 100_000

#: Physical lines that one quoted CSV record may span. Beyond, a quotation mark was not closed.
MAX_RECORD_LINES = 50

#: Columns of a table. The widest known statement (PayPal) has about 60.
MAX_COLUMNS = 256

#: Cells of a table, empty ones included: MAX_LINES rows of 20 columns, about 250 MB as Python objects.
MAX_CELLS = 2_000_000

#: Empty rows in a run within a workbook: a lying row number makes the reader yield empty rows up to it.
MAX_EMPTY_ROWS = 10_000

#: Bytes that a workbook may unpack to. MAX_LINES rows of ten columns are about 60 MiB of XML.
MAX_UNPACKED = 100 * 1024 * 1024

#: XML tags of its parts, start and end counted: MAX_LINES rows of ten cells with three texts of their own.
#: A table of texts at this bound takes 120 MB of memory; without it, one of 240 KB packed took 530 MB.
MAX_MARKUP = 6_000_000

#: Parts of a workbook; one with twenty sheets and pictures has fewer than a hundred.
MAX_PARTS = 1_000

#: Levels of XML or SGML elements. CAMT.053 version 13 needs 16.
MAX_DEPTH = 64

#: Bytes of one XML tag with its attributes; those of CAMT have some twenty characters.
MAX_TAG = 10_000

#: Elements of an XML or SGML file. MAX_LINES entries with thirty elements each.
MAX_ELEMENTS = 3_000_000

#: Characters of one text of a line (description, name). ERPNext's Small Text holds 65,535 bytes.
MAX_TEXT = 10_000

#: Characters of the original row that are kept with a line or a problem.
MAX_RAW = 2_000

#: Rows in which a header is looked for; no known bank puts more than 25 lines above its table.
MAX_HEADER_ROWS = 60

#: Values that a question shows, and choices that it offers.
MAX_EXAMPLES = 5
