// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

// A child table.

import { Grid } from "../grid.js";

frappe.ui.form.ControlTable = class ControlTable extends frappe.ui.form.Control {
	make() {
		super.make();
		this.grid = new Grid({ frm: this.frm, df: this.df, parent: this.wrapper, control: this });
		this.frm?.grids.push(this);
	}

	refresh_input() {
		this.grid.df = this.df;
		this.grid.refresh();
	}

	get_value() {
		return this.grid.data;
	}

	set_value(rows) {
		if (this.frm) return this.frm.set_value(this.df.fieldname, rows);
		this.df.data = rows;
		this.grid.refresh();
		return Promise.resolve();
	}

	validate(value) {
		return value;
	}
};
