// A short form in a dialog: resolves to what was filled in, or to null.

import { el } from "../dom.js";
import { field, setFault } from "../kit/form.js";

let asked = 0;

// fields: [{name, label, value, hint, options, required, pattern}]; act(values) does it and may throw: what is wrong is
// said in the dialog, which stays open.
export function askFields({ title, content = [], fields, agree, refuse, missing, act, told }) {
  return new Promise((resolve) => {
    asked += 1;
    const id = `ask-${asked}`;
    const inputs = fields.map((one) => [one, inputOf(one)]);
    const said = el("p", { class: "fault", role: "alert" });
    const yes = el("button", { type: "submit", class: "button primary" }, agree);
    const no = el("button", { type: "button", class: "button" }, refuse);
    const form = el(
      "form",
      { method: "dialog" },
      el("h2", { id }, title),
      ...content,
      inputs.map(([one, input]) => field(one.label, input, { hint: one.hint, wide: true })),
      said,
      el("div", { class: "actions" }, no, yes),
    );
    const dialog = el("dialog", { class: "confirm plan-form", "aria-labelledby": id }, form);
    let result = null;
    no.addEventListener("click", () => dialog.close());
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const values = Object.fromEntries(inputs.map(([one, input]) => [one.name, input.value.trim()]));
      for (const [one, input] of inputs) setFault(input, one.required && !values[one.name] ? missing : "");
      if (inputs.some(([one]) => one.required && !values[one.name])) return;
      said.textContent = "";
      yes.disabled = true;
      try {
        await act(values);
        result = values;
        dialog.close();
      } catch (error) {
        said.textContent = told(error);
      }
      yes.disabled = false;
    });
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(result);
    });
    document.body.append(dialog);
    dialog.showModal();
    (inputs[0]?.[1] ?? yes).focus();
  });
}

function inputOf({ name, value = "", options = null, maxlength = 200, type = "text" }) {
  if (!options) return el("input", { name, value, maxlength: String(maxlength), autocomplete: "off", type });
  return el("select", { name }, options.map(([key, label]) => el("option", { value: key, selected: key === value }, label)));
}
