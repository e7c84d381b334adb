// The keyboard of the editor: a letter for each tool, keys for what is being drawn or moved, a list of them all.

import { el, replaceContent } from "../dom.js";

// Tools in the order of their buttons: name and letter.
export const TOOLS = [
  ["choose", "V"], ["lasso", "L"], ["node", "N"], ["split", "S"], ["reshape", "B"], ["hand-over", "H"], ["merge", "M"], ["new-grid", "G"],
];
const LETTERS = new Map(TOOLS.map(([name, letter]) => [letter.toLowerCase(), name]));
const FIELDS = "input, textarea, select, [contenteditable], [role=tab], [role=listbox]";

export class Keys {
  // acts: tool(name), undo(), redo(), finish(), back(), cancel(), point(), help(), key(event).
  constructor(container, acts) {
    Object.assign(this, { container, acts, spaced: null, isPanning: false });
    this.listening = new AbortController();
    const { signal } = this.listening;
    document.addEventListener("keydown", (event) => this.#down(event), { capture: true, signal });
    document.addEventListener("keyup", (event) => this.#up(event), { capture: true, signal });
    document.addEventListener("pointerdown", () => (this.spaced = null), { capture: true, signal });
  }

  close() {
    this.listening.abort();
  }

  #down(event) {
    if (event.isComposing || document.querySelector("dialog[open]") || event.target.closest?.(FIELDS)) return;
    if (event.key === " " && this.#isOnMap(event)) {
      this.spaced ??= event.timeStamp;
      this.isPanning = true;
      event.preventDefault();
      return;
    }
    if (!this.#does(event)) return;
    event.preventDefault();
    event.stopPropagation();
  }

  // A space bar that nothing was dragged with sets a point at the cross.
  #up(event) {
    if (event.key !== " ") return;
    if (this.spaced !== null && this.#isOnMap(event)) this.acts.point();
    this.spaced = null;
    this.isPanning = false;
  }

  // Whether the key meant something.
  #does(event) {
    const { acts } = this;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    if (event.ctrlKey || event.metaKey) return this.#withControl(event, key);
    if (event.altKey) return false;
    if (this.#isOnMap(event) && acts.key(event)) return true;
    if (key === "Escape") return acts.cancel();
    if (key === "Backspace") return acts.back();
    if (key === "?") {
      acts.help();
      return true;
    }
    if (key === "Enter") return !event.target.closest?.("button, a, summary") && acts.finish();
    if (!LETTERS.has(key) || event.shiftKey) return false;
    acts.tool(LETTERS.get(key));
    return true;
  }

  #withControl(event, key) {
    if (key !== "z" && key !== "y") return false;
    if (key === "y" || event.shiftKey) this.acts.redo();
    else this.acts.undo();
    return true;
  }

  #isOnMap({ target }) {
    return target === this.container || target === document.body;
  }
}

// Fills the list of keys.
export function fillKeys(dialog, words, toolName) {
  const row = (keys, text) => el("div", {}, el("dt", {}, keys.map((key) => el("kbd", {}, key))), el("dd", {}, text));
  const rows = [
    ...TOOLS.map(([name, letter]) => row([letter], toolName(name))),
    row(["Enter"], words.plan_key_enter),
    row(["Space"], words.plan_key_space),
    row(["Backspace"], words.plan_key_backspace),
    row(["Esc"], words.plan_key_escape),
    row(["Tab"], words.plan_key_tab),
    row(["←", "↑", "→", "↓"], words.plan_key_arrows),
    row(["Delete"], words.plan_key_delete),
    row(["Alt"], words.plan_key_alt),
    row(["Shift"], words.plan_key_shift),
    row(["Ctrl", "Z"], words.plan_key_undo),
    row(["Ctrl", "Shift", "Z"], words.plan_key_redo),
    row(["?"], words.plan_key_help),
  ];
  const close = el("button", { type: "button", class: "button small", onclick: () => dialog.close() }, words.plan_close);
  replaceContent(dialog, el("div", { class: "key-head" }, el("h2", {}, words.plan_keys), close), el("dl", { class: "key-list" }, rows));
}
