// Whom to call for what: every kind of work with who sees to it in this grid, how soon, and a number to dial.

import { el, fill } from "./dom.js";
import { phoneOf } from "./people.js";

const SHOWN = 6;

export class Matters {
  // people: for lengths of time; choose(code): the page asks again about that kind of work, null for none.
  constructor(words, { lang }, people, choose) {
    Object.assign(this, { words, lang, people, choose, open: false });
  }

  // items: as the service gives them for one grid at an instant; chosen: the code of the one that is asked about.
  section(items, chosen, asOf) {
    const { words } = this;
    if (!items.length) return null;
    const at = items.findIndex((one) => one.code === chosen);
    const rows = items.map((one) => this.#row(one, one.code === chosen, asOf));
    const cut = this.open || items.length <= SHOWN + 1 || at >= SHOWN ? items.length : SHOWN;
    for (const row of rows.slice(cut)) row.hidden = true;
    const unfold = (event) => {
      this.open = true;
      for (const row of rows) row.hidden = false;
      rows[cut].querySelector("button").focus();
      event.currentTarget.remove();
    };
    const more = cut < items.length && el("button", { type: "button", class: "plain more-rows", onclick: unfold }, fill(words.matters_more, { count: items.length }));
    return el("section", { id: "matters", class: "matters" }, el("h3", {}, words.matters_title), el("ul", { class: "matter-rows" }, rows), more);
  }

  #row(one, chosen, asOf) {
    const { words } = this;
    const who = one.who ?? null;
    const responsible = who ? [this.#role(who), who.name].filter(Boolean).join(" ") : this.#named(one.organisation ?? one.role);
    const back = who && !who.on_duty_now && who.back_at ? fill(words.back_at, { time: this.people.time(who.back_at, asOf) }) : null;
    const promised = one.promised_minutes && fill(words.promised_short, { length: this.people.length(one.promised_minutes) });
    const name = this.#named(one);
    const phone = [who?.phone, one.phone].find((number) => number && !number.includes("*")) ?? who?.phone ?? one.phone;
    return el(
      "li",
      { "data-code": one.code },
      el(
        "button",
        { type: "button", class: "row", "aria-pressed": String(chosen), onclick: () => this.choose(chosen ? null : one.code) },
        el("span", { class: "row-title" }, name),
        el("span", { class: "row-note" }, [responsible, back, promised].filter(Boolean).join(" · ")),
      ),
      phoneOf(phone, fill(words.call, { name: who?.name ?? responsible ?? name })) ?? el("span", { class: "phone masked" }, words.no_phone),
    );
  }

  #role(who) {
    return this.lang === "en" && who.role_name_en ? who.role_name_en : who.role_name;
  }

  #named(one) {
    if (!one) return "";
    return this.lang === "en" && one.name_en ? one.name_en : one.name;
  }
}
