// One grid: who answers for it now, who did, its facts, its stations and whom each kind of work is for.

import { el, fill, readConfig, replaceContent } from "../dom.js";
import { failureText, notice } from "../kit/notices.js";
import { People, phoneOf } from "../people.js";
import { SessionPanel } from "../session.js";
import { aboutWalks, wayTo, waysExplained } from "../way.js";
import { queryOf, Roster } from "./api.js";
import { Wording } from "./wording.js";

const byId = (id) => document.getElementById(id);

class GridPage {
  constructor() {
    this.config = readConfig();
    const { words } = this.config;
    this.words = words;
    this.wording = new Wording(this.config);
    this.people = new People(words, this.config);
    this.roster = new Roster(this.config);
    this.session = new SessionPanel(
      {
        open: byId("sign-in"), dialog: byId("sign-in-dialog"), form: byId("sign-in-form"), input: byId("key"),
        cancel: byId("sign-in-cancel"), message: byId("sign-in-message"), state: byId("session-state"), out: byId("sign-out"),
      },
      this.roster,
      words,
      () => this.show(),
    );
  }

  async start() {
    await this.session.look();
    await this.show();
    document.documentElement.dataset.ready = "true";
  }

  async show() {
    const { words } = this;
    const { layer, code } = this.config.grid;
    const slow = setTimeout(() => replaceContent(byId("now"), el("p", { class: "quiet" }, words.loading)), 250);
    try {
      const grid = await this.roster.grid(layer, code);
      const [lon, lat] = grid.point;
      const [answer, matters] = await Promise.all([this.roster.lookup({ lon, lat }), this.roster.matters()]);
      clearTimeout(slow);
      const found = answer.grids.find((one) => one.layer === layer && one.code === code);
      this.#facts(grid, found?.report_url);
      this.#now(grid, answer);
      this.#stations(found?.stations ?? [], answer);
      this.#matters(matters);
      await this.#before(grid);
    } catch (error) {
      clearTimeout(slow);
      if (error.kind === "session") {
        await this.session.end();
        await this.show();
        return;
      }
      const again = el("button", { type: "button", class: "button small", onclick: () => this.show() }, words.again);
      replaceContent(byId("now"), notice("failure", el("p", {}, failureText(error, words, this.config.lang)), again));
    }
  }

  #facts(grid, report) {
    const { words } = this;
    const facts = [words.kinds[grid.kind] ?? grid.kind];
    if (grid.households !== null) facts.push(fill(words.households, { count: this.wording.number(grid.households) }));
    if (grid.persons !== null) facts.push(fill(words.persons, { count: this.wording.number(grid.persons) }));
    facts.push(fill(words.release, { number: grid.release }), this.wording.period(grid.valid_from, grid.valid_to));
    const map = `${this.config.root}/maps/grids?${queryOf({ layer: grid.layer, as_of: this.config.as_of, lang: this.config.lang === "en" ? "en" : null })}#${queryOf({ layer: grid.layer, grid: grid.code })}`;
    const chain = [...grid.areas].reverse().map((area) => area.name).join(" › ");
    const layer = this.wording.layers.get(grid.layer) ?? grid.layer;
    replaceContent(
      byId("facts"),
      el("p", { class: "chain" }, chain || words.no_area),
      el("p", { class: "facts" }, el("span", { class: "code" }, grid.code), ` · ${layer} · ${facts.join(" · ")}`),
      el("p", { class: "card-links" }, el("a", { class: "button", href: map }, words.on_map), report && el("a", { class: "button", href: report, rel: "noopener noreferrer", target: "_blank" }, words.report), this.config.as_of && el("a", { href: this.config.now }, words.back_to_now)),
      this.config.as_of && notice("caution", fill(words.then, { time: this.wording.time(this.config.as_of) })),
    );
  }

  #now(grid, answer) {
    const { words } = this;
    // That another layer has nobody on duty here is not this grid's matter.
    const own = answer.warnings.filter((one) => !aboutWalks(one) && (!one.layer || one.layer === grid.layer));
    const warnings = own.map((one) => el("p", { class: "notice" }, this.wording.sentence(one)));
    replaceContent(byId("now"), el("h2", {}, words.people), warnings, this.people.list(grid.workers, grid.as_of));
  }

  #stations(stations, answer) {
    const { words } = this;
    const explained = [waysExplained(stations, words, false), ...answer.warnings.filter(aboutWalks).map((one) => this.wording.sentence(one))];
    const state = (open) => (open === null ? null : el("span", { class: `state ${open ? "on" : "off"}` }, open ? words.open_now : words.closed_now));
    const row = (one) => el("li", {}, el("span", { class: "row-title" }, one.name), el("span", { class: "row-note" }, [one.category, ...wayTo(one, answer, words, this.config.lang)].filter(Boolean).join(" · ")), state(one.open_now));
    replaceContent(byId("stations"), el("h2", {}, words.stations), stations.length ? el("ul", { class: "plain-rows" }, stations.map(row)) : el("p", { class: "quiet" }, words.no_stations), explained.filter(Boolean).map((text) => el("p", { class: "quiet" }, text)));
  }

  #matters(matters) {
    const { words } = this;
    const row = (one) => {
      const name = this.wording.role(one);
      const who = one.organisation_name ?? one.role_name ?? "";
      return el(
        "li",
        {},
        el("span", { class: "row-title" }, name),
        el("span", { class: "row-note" }, [who, one.promised_minutes && fill(words.promised_short, { length: this.people.length(one.promised_minutes) })].filter(Boolean).join(" · ")),
        phoneOf(one.phone, fill(words.call, { name })),
      );
    };
    replaceContent(byId("matters"), el("h2", {}, words.matters_title), matters.length ? el("ul", { class: "plain-rows" }, matters.map(row)) : el("p", { class: "quiet" }, words.matters_none));
  }

  // Who was responsible when: for those with a key.
  async #before(grid) {
    const { words } = this;
    const place = byId("before");
    if (!this.session.session) {
      replaceContent(place, el("h2", {}, words.before_title), el("p", { class: "quiet" }, words.before_key));
      return;
    }
    const { history } = await this.roster.gridPeople(grid.layer, grid.code, { history: true });
    const now = new Date().toISOString();
    const state = (one) => (one.valid_to && Date.parse(one.valid_to) <= Date.parse(now) ? "past" : one.valid_from && Date.parse(one.valid_from) > Date.parse(now) ? "coming" : "present");
    const row = (one) =>
      el(
        "tr",
        { class: state(one) },
        el("td", { "data-label": words.columns.when, class: "period-cell" }, this.wording.period(one.valid_from, one.valid_to)),
        el("td", { "data-label": words.role }, this.wording.role(one.role)),
        el("td", { "data-label": words.person }, one.holder?.name ?? words.gone, one.assignment === "stand_in" && el("span", { class: "mark" }, words.stand_in), one.via !== "grid" && el("span", { class: "mark" }, fill(words.via, { level: words.levels[one.via] ?? one.via }))),
        el("td", { "data-label": words.columns.state }, words.tenses[state(one)]),
      );
    replaceContent(
      place,
      el("h2", {}, words.before_title),
      history.length
        ? el("div", { class: "table stacks" }, el("div", { class: "table-frame", role: "region", "aria-label": words.before_title, tabindex: "0" }, el("table", {}, el("thead", {}, el("tr", {}, [words.columns.when, words.role, words.person, words.columns.state].map((one) => el("th", { scope: "col" }, one)))), el("tbody", {}, history.map(row)))))
        : el("p", { class: "quiet" }, words.before_none),
    );
  }
}

window.gridPage = new GridPage();
window.gridPage.start();
