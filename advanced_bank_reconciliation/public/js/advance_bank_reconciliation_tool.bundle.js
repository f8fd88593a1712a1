// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

import { ReconciliationTool } from "./advance_bank_reconciliation_tool/reconciliation_tool.js";

frappe.provide("advanced_bank_reconciliation");
advanced_bank_reconciliation.ReconciliationTool = ReconciliationTool;
