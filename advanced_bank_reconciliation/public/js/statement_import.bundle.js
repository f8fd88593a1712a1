// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

import { StatementImportPage } from "./advance_bank_reconciliation_tool/statement_import/record_page.js";
import { StatementImport } from "./advance_bank_reconciliation_tool/statement_import/statement_import.js";

frappe.provide("advanced_bank_reconciliation");
Object.assign(advanced_bank_reconciliation, { StatementImport, StatementImportPage });
