// What is done to the chosen grids by forms: name, code and kind of one, the community of all, a new community of them.

import { el, fill, replaceContent } from "../dom.js";
import { field, select, setFault } from "../kit/form.js";
import { askFields } from "./asking.js";

export class Edits {
  // act(operation, options) sends it; say(tone, text).
  constructor(element, { wording, register, act }) {
    Object.assign(this, { element, wording, words: wording.words, register, act, chosen: [], key: "" });
  }

  choose(grids, { renew = false } = {}) {
    const key = grids.map((grid) => `${grid.key} ${grid.code} ${grid.name} ${grid.community}`).join("|");
    if (key === this.key && !renew) return;
    this.key = key;
    this.chosen = grids;
    // What somebody is filling in stays until it is sent.
    replaceContent(this.element, grids.length ? [grids.length === 1 && this.#ofOne(grids[0]), this.#move(), this.#create()] : []);
  }

  #ofOne(grid) {
    const { words } = this;
    const name = el("input", { value: grid.name ?? "", maxlength: "200", autocomplete: "off" });
    const code = el("input", { value: grid.code, maxlength: "200", autocomplete: "off", required: true });
    const kind = select(Object.entries(words.kinds), grid.kind);
    const send = async (event) => {
      event.preventDefault();
      setFault(code, code.value.trim() ? "" : words.needed);
      if (!code.value.trim()) return code.focus();
      const wanted = { name: name.value.trim(), code: code.value.trim(), grid_kind: kind.value };
      const now = { name: grid.name ?? "", code: grid.code, grid_kind: grid.kind };
      const changed = Object.entries(wanted).filter(([what, value]) => value && value !== now[what]);
      if (changed.length) await this.#send(event.submitter, { kind: "change", grid: grid.code, ...Object.fromEntries(changed) });
      return null;
    };
    return el(
      "details",
      { class: "edit", id: "edit-grid" },
      el("summary", {}, words.edit_grid),
      el(
        "form",
        { onsubmit: send, novalidate: true },
        field(words.grid_name, name, { wide: true }),
        field(words.grid_code, code, { wide: true, hint: words.grid_code_hint }),
        field(words.grid_kind, kind, { wide: true }),
        el("button", { type: "submit", class: "button" }, words.save),
      ),
    );
  }

  #move() {
    const { words } = this;
    const here = new Set(this.chosen.map((grid) => grid.community ?? ""));
    const elsewhere = this.register.communities(this.wording.lang).filter(({ code }) => code && !(here.size === 1 && here.has(code)));
    if (!elsewhere.length) return null;
    const near = new Set([...here, ...this.#near()]);
    const option = ({ code, name }) => [code, name];
    const groups = [
      { label: words.community_near, options: elsewhere.filter(({ code }) => near.has(code)).map(option) },
      { label: words.community_far, options: elsewhere.filter(({ code }) => !near.has(code)).map(option) },
    ].filter((group) => group.options.length);
    // Where no other community is near, one is to be chosen by hand.
    const to = select([...(near.size > here.size ? [] : [["", words.choose_community]]), ...groups], null, { id: "move-to", required: true });
    const said = el("p", { class: "fault", role: "alert" });
    to.addEventListener("input", () => (said.textContent = ""));
    const send = async (event) => {
      event.preventDefault();
      said.textContent = to.value ? "" : words.choose_first;
      if (!to.value) return to.focus();
      await this.#send(event.submitter, { kind: "move-grids", grids: this.chosen.map((grid) => grid.code), community: to.value });
      return null;
    };
    return el(
      "form",
      { class: "edit move", onsubmit: send, novalidate: true },
      field(fill(words.move_to, { count: this.wording.count(this.chosen.length) }), to, { wide: true }),
      el("button", { type: "submit", class: "button", id: "move-grids" }, words.move),
      said,
    );
  }

  // Communities whose ground comes near that of the chosen grids: those stand first.
  #near() {
    const box = this.register.box(this.chosen.map((grid) => this.register.rows.get(grid.key)).filter(Boolean));
    if (!box) return new Set();
    const [width, height] = [box[2] - box[0], box[3] - box[1]];
    const around = [box[0] - width * 0.1, box[1] - height * 0.1, box[2] + width * 0.1, box[3] + height * 0.1];
    const meets = (other) => other && other[0] <= around[2] && other[2] >= around[0] && other[1] <= around[3] && other[3] >= around[1];
    return new Set([...this.register.rows.values()].filter((row) => meets(row.bbox)).map((row) => row.community ?? ""));
  }

  #create() {
    const { words } = this;
    const open = () => createCommunity({ words, wording: this.wording, register: this.register, grids: this.chosen, act: this.act });
    return el("button", { type: "button", class: "button small", id: "create-community", onclick: open }, words.create_community);
  }

  async #send(button, operation) {
    button.disabled = true;
    await this.act(operation).catch(() => null);
    button.disabled = false;
  }
}

// Asks for name and code of a community of some grids, and makes it.
export function createCommunity({ words, wording, register, grids, act, kind = "create-community", community = null, line = null }) {
  const of = register.areas.get(community ?? grids[0]?.community);
  const fields = [
    { name: "name", label: words.community_name, required: true },
    { name: "code", label: words.community_code, required: true, hint: of ? fill(words.community_code_like, { code: of.code }) : "" },
  ];
  const ground = line ? { line } : { grids: grids.map((grid) => grid.code) };
  return askFields({
    title: kind === "create-community" ? words.create_community_title : fill(words.split_community_title, { name: of?.name ?? community }),
    content: line ? [] : [el("p", {}, fill(words.community_of, { count: wording.count(grids.length), grids: grids.slice(0, 6).map((grid) => grid.name || grid.code).join(words.comma) }))],
    fields,
    agree: words.create,
    refuse: words.cancel,
    missing: words.needed,
    told: (error) => wording.problem(error),
    act: (values) => {
      const parent = kind === "create-community" && of?.parent ? { parent: of.parent } : {};
      const whole = kind === "create-community" ? {} : { community };
      return act({ kind, ...ground, ...whole, ...parent, ...values }, { quiet: true });
    },
  });
}
