// Copyright (c) 2026, Advanced Bank Reconciliation contributors
// License: GNU General Public License v3. See LICENSE

import { examples_by_choice } from "../core/statement_steps.js";
import { escape } from "../markup.js";

// What the file leaves open: each question with what the file has, and the answers to choose from. Nothing is
// chosen beforehand.
export class Questions {
	// on_answer({field: value}): the user has chosen
	constructor({ wrapper, on_answer }) {
		this.$wrapper = $(wrapper).addClass("abr-questions");
		this.$wrapper.on("change", "input[type=radio]", ({ currentTarget }) =>
			on_answer({ [currentTarget.name]: currentTarget.value })
		);
	}

	render(questions) {
		const html = questions.map((question, index) => question_html(question, index)).join("");
		this.$wrapper.html(html).toggle(Boolean(html));
	}
}

function question_html(question, index) {
	const { field, label } = question;
	const { choices, others } = examples_by_choice(question);
	const samples = others.map((example) => `<li>${escape(example)}</li>`).join("");
	return `<div class="abr-question" data-question="${escape(field)}" role="radiogroup"
			aria-labelledby="abr-q${index}">
		<div class="abr-question-label" id="abr-q${index}">${escape(label)}</div>
		${samples && `<ul class="abr-examples">${samples}</ul>`}
		<div class="abr-choices">${choices
			.map((choice, number) => choice_html(field, choice, `abr-q${index}-${number}`))
			.join("")}</div>
	</div>`;
}

function choice_html(field, { value, label, examples }, id) {
	const samples = examples.map((example) => `<div>${escape(example)}</div>`).join("");
	return `<label class="abr-choice" for="${id}">
		<input type="radio" id="${id}" name="${escape(field)}" value="${escape(value)}" />
		<span>${escape(label)}${samples && `<div class="abr-examples">${samples}</div>`}</span></label>`;
}
