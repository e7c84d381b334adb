// A question before something that matters: resolves to whether it was agreed to.

import { el } from "../dom.js";

let asked = 0;

// content: elements or texts. agree: the word on the button that does it. danger: it takes something away.
export function confirmDialog({ title, content, agree, refuse, danger = false }) {
  return new Promise((resolve) => {
    asked += 1;
    const id = `confirm-${asked}`;
    const yes = el("button", { type: "button", class: `button primary${danger ? " danger" : ""}` }, agree);
    const no = el("button", { type: "button", class: "button" }, refuse);
    const dialog = el(
      "dialog",
      { class: "confirm", "aria-labelledby": id },
      el("h2", { id }, title),
      ...content,
      el("div", { class: "actions" }, no, yes),
    );
    yes.addEventListener("click", () => dialog.close("yes"));
    no.addEventListener("click", () => dialog.close());
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue === "yes");
    });
    document.body.append(dialog);
    dialog.showModal();
    no.focus();
  });
}
