// The buttons of the tools, and of what the tool in use lets choose. One of them is reached by Tab, the others by arrows.

import { el, replaceContent } from "../dom.js";
import { TOOLS } from "./keys.js";

const ICONS = {
  choose: "M6 3l12 9.5-5.6.9 3.2 5.8-2.6 1.4-3.1-5.9L6 18.6z",
  lasso: "M5.5 14.5C3 13 3 9 5.5 6.8 8.7 4 15.8 4 18.9 6.6c3 2.6 1.6 6.8-2.3 8.3-3.4 1.3-7.4 1-9.6.2m-.2 0a2 2 0 1 0 .1 0M7 18.4c.3 1.4-.4 2.4-1.8 3",
  node: "M4 17L11 7l9 4M4 17m-2.2 0a2.2 2.2 0 1 0 4.4 0a2.2 2.2 0 1 0-4.4 0M11 7m-2.2 0a2.2 2.2 0 1 0 4.4 0a2.2 2.2 0 1 0-4.4 0M20 11m-2.2 0a2.2 2.2 0 1 0 4.4 0a2.2 2.2 0 1 0-4.4 0",
  split: "M4 5h16v14H4zM15.5 2.5l-7 19",
  reshape: "M4 4v16M20 4v16M12 3c-4 3.5 4 5.5 0 9s4 5.5 0 9",
  "hand-over": "M4 5h7v14H4M20 5h-5M20 19h-5M20 5v14M8 12h9M14 9l3 3-3 3",
  merge: "M4 5h16v14H4zM12 5v3M12 16v3M8.5 12h-2M6.5 12M15.5 12h2M9 9.5l3 2.5-3 2.5M15 9.5L12 12l3 2.5",
  "new-grid": "M4 5h16v14H4zM12 8.5v7M8.5 12h7",
};

export class Toolbar {
  // acts: {tool(name), help()}.
  constructor(place, words, acts) {
    Object.assign(this, { place, words, acts, buttons: new Map() });
    for (const [name, letter] of TOOLS) {
      const text = words[`plan_tool_${name}`];
      const button = el("button", {
        type: "button", class: "plan-tool", title: `${text} (${letter})`, "aria-keyshortcuts": letter, "aria-pressed": "false",
        onclick: () => acts.tool(name),
      }, icon(ICONS[name]), el("span", {}, text));
      this.buttons.set(name, button);
    }
    this.choices = el("div", { class: "plan-choices", role: "group", "aria-label": words.plan_choices });
    const help = el("button", { type: "button", class: "plan-tool plan-help", title: words.plan_keys, "aria-label": words.plan_keys, onclick: acts.help }, "?");
    replaceContent(place, el("div", { class: "plan-tool-row" }, [...this.buttons.values()], help), this.choices);
    place.addEventListener("keydown", (event) => this.#walk(event));
  }

  close() {
    this.place.replaceChildren();
  }

  // usable(name): whether a tool can work now.
  show(name, tool, usable) {
    for (const [other, button] of this.buttons) {
      button.setAttribute("aria-pressed", String(other === name));
      button.tabIndex = other === name ? 0 : -1;
      button.disabled = !usable(other);
    }
    const focused = document.activeElement?.dataset?.choice;
    replaceContent(this.choices, tool.choices.map((choice) => this.#choice(choice)));
    if (focused) this.choices.querySelector(`[data-choice="${CSS.escape(focused)}"]`)?.focus();
  }

  #choice({ name, text, pressed, disabled, main, act }) {
    const attributes = { type: "button", class: `button small${main ? " primary" : ""}`, "data-choice": name, disabled, onclick: act };
    return el("button", pressed === undefined ? attributes : { ...attributes, "aria-pressed": String(pressed) }, text);
  }

  #walk(event) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const buttons = [...this.place.querySelectorAll("button:not(:disabled)")];
    const place = buttons.indexOf(document.activeElement);
    if (!step || place < 0) return;
    event.preventDefault();
    event.stopPropagation();
    buttons[(place + step + buttons.length) % buttons.length].focus();
  }
}

function icon(path) {
  const drawn = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const attributes = { viewBox: "0 0 24 24", width: 22, height: 22, fill: "none", stroke: "currentColor", "stroke-width": 1.8, "stroke-linejoin": "round", "stroke-linecap": "round", "aria-hidden": "true" };
  for (const [name, value] of Object.entries(attributes)) drawn.setAttribute(name, value);
  const line = document.createElementNS(drawn.namespaceURI, "path");
  line.setAttribute("d", path);
  drawn.append(line);
  return drawn;
}
