// Fields of a form, each with its label, a hint and, where the value cannot be, why not.

import { el, replaceContent } from "../dom.js";

let made = 0;

// A labelled control. `input` is an input, select or textarea; hint: a line below it.
export function field(label, input, { hint = "", wide = false } = {}) {
  made += 1;
  input.id ||= `field-${made}`;
  const said = hint && el("p", { class: "hint", id: `${input.id}-hint` }, hint);
  if (said) input.setAttribute("aria-describedby", said.id);
  return el("div", { class: `field${wide ? " wide" : ""}` }, el("label", { for: input.id }, label), input, said);
}

// A box to tick with its label beside it.
export function tick(label, checked, { hint = "" } = {}) {
  made += 1;
  const input = el("input", { type: "checkbox", id: `field-${made}`, checked });
  const said = hint && el("p", { class: "hint", id: `${input.id}-hint` }, hint);
  if (said) input.setAttribute("aria-describedby", said.id);
  const element = el("div", { class: "field tick" }, el("label", { for: input.id }, input, el("span", {}, label)), said);
  return { element, input, hint: said };
}

// A choice among [value, label] pairs; a group is {label, options}.
export function select(options, value, attributes = {}) {
  const option = ([key, label]) => el("option", { value: key, selected: key === value }, label);
  return el(
    "select",
    attributes,
    options.map((one) => (Array.isArray(one) ? option(one) : el("optgroup", { label: one.label }, one.options.map(option)))),
  );
}

// Puts what is wrong under a control and marks it; an empty text takes it away.
export function setFault(input, text) {
  const id = `${input.id}-fault`;
  document.getElementById(id)?.remove();
  input.toggleAttribute("aria-invalid", Boolean(text));
  if (!text) return;
  input.setAttribute("aria-invalid", "true");
  const said = el("p", { class: "fault", id, role: "alert" });
  input.after(said);
  replaceContent(said, text);
}
