// What the draft would change if it were published: who moves, whose duties, how even and how near it all is.

import { el, fill, replaceContent } from "../dom.js";
import { beforeAfter, isOtherwise } from "./figures.js";
import { isNumber } from "./wording.js";

const MOST_ROWS = 20;

export class Impact {
  // ask() gives the impact; known(impact) tells the page; address(format) leads to the report.
  constructor(element, { wording, register, ask, known, links }) {
    Object.assign(this, { element, wording, words: wording.words, register, ask, known, links, impact: null, turn: 0 });
  }

  async renew() {
    const turn = (this.turn += 1);
    this.element.setAttribute("aria-busy", "true");
    try {
      const impact = await this.ask();
      if (turn === this.turn) this.take(impact);
    } catch (error) {
      if (turn === this.turn) this.#fail(error);
    }
    if (turn === this.turn) this.element.removeAttribute("aria-busy");
  }

  take(impact) {
    this.impact = impact;
    this.known(impact);
    const { words } = this;
    const something = impact.grids.length > 0 || impact.communities.some(isOtherwise);
    replaceContent(
      this.element,
      el("h2", {}, words.impact_title),
      something ? this.#parts(impact) : el("p", { class: "empty-state" }, words.impact_none),
      el("p", { class: "report-links" }, this.links()),
    );
  }

  #parts(impact) {
    const { words, wording } = this;
    return [
      el("p", { class: "quote" }, this.#sentence(impact)),
      impact.estimated && el("p", { class: "quiet" }, words.impact_estimated),
      this.#balance(impact),
      this.#flows(words.flows_communities, impact.flows.communities),
      this.#flows(words.flows_grids, impact.flows.grids),
      this.#communities(impact),
      this.#grids(impact.grids),
      this.#stations(impact.stations),
      this.#duties(impact.duties),
      this.#workloads(impact.workloads),
      impact.walk_basis && el("p", { class: "quiet" }, impact.walk_basis === "network" ? words.walk_network : words.walk_straight),
    ];
  }

  #sentence({ changing_grid: grid, changing_community: community, grids }) {
    const { words, wording } = this;
    const told = (text, { households, persons }) =>
      (households > 0 || persons > 0) && fill(text, { households: wording.count(households), persons: wording.count(persons) });
    const parts = [told(words.impact_grids, grid), told(words.impact_communities, community)].filter(Boolean);
    const first = fill(words.impact_count, { count: wording.count(grids.length) });
    return [first, ...(parts.length ? parts : [words.impact_nobody])].join(words.clause) + words.stop;
  }

  #balance({ balance_before: was, balance_after: is }) {
    const { words, wording } = this;
    const inBand = ({ judged, in_band: within }) => (judged ? within / judged : undefined);
    const rows = [
      [words.balance_grids, was.grids, is.grids, (value) => wording.count(value)],
      [words.balance_in_band, inBand(was), inBand(is), (value) => wording.share(value)],
      [words.balance_least, was.least, is.least, (value) => wording.count(value)],
      [words.balance_median, was.median, is.median, (value) => wording.count(value)],
      [words.balance_most, was.most, is.most, (value) => wording.count(value)],
      [words.balance_variation, was.variation, is.variation, (value) => wording.ratio(value)],
    ];
    const row = ([label, before, after, write]) =>
      el("tr", {}, el("th", { scope: "row" }, label), [before, after].map((value) => el("td", { class: "number" }, isNumber(value) ? write(value) : "–")));
    return el(
      "section",
      {},
      el("h3", {}, words.balance_title),
      el(
        "table",
        { class: "figures ruled" },
        el("caption", { class: "unseen" }, words.balance_title),
        el("thead", {}, el("tr", {}, el("td", {}), el("th", { scope: "col", class: "number" }, words.before), el("th", { scope: "col", class: "number" }, words.after))),
        el("tbody", {}, rows.map(row)),
      ),
    );
  }

  #flows(title, flows) {
    if (!flows.length) return null;
    const { words, wording } = this;
    const name = (code, text) => text || code || words.nowhere;
    const row = ({ source, source_name: from, target, target_name: to, counts }) =>
      el("tr", {}, el("th", { scope: "row" }, `${name(source, from)} → ${name(target, to)}`), el("td", { class: "number" }, wording.count(counts.households)), el("td", { class: "number" }, wording.count(counts.persons)));
    const more = flows.length - MOST_ROWS;
    return el(
      "section",
      {},
      el("h3", {}, title),
      el(
        "table",
        { class: "figures ruled" },
        el("caption", { class: "unseen" }, title),
        el("thead", {}, el("tr", {}, el("th", { scope: "col" }, words.from_to), el("th", { scope: "col", class: "number" }, words.households), el("th", { scope: "col", class: "number" }, words.persons))),
        el("tbody", {}, flows.slice(0, MOST_ROWS).map(row)),
      ),
      more > 0 && el("p", { class: "quiet" }, fill(words.rows_more, { count: wording.count(more) })),
    );
  }

  #communities({ communities }) {
    const { words, wording } = this;
    const moved = communities.filter(({ before, after }) => before?.counts?.households !== after?.counts?.households || before?.walk?.minutes !== after?.walk?.minutes);
    if (!moved.length) return null;
    const row = ({ before, after }) =>
      el(
        "tr",
        {},
        el("th", { scope: "row" }, (after ?? before).name || words.community_without),
        el("td", { class: "number" }, ...beforeAfter(words, before?.counts?.households, after?.counts?.households, (value) => wording.count(value))),
        el("td", { class: "number" }, ...beforeAfter(words, before?.walk?.minutes, after?.walk?.minutes, (value) => wording.minutes(value))),
      );
    return el(
      "section",
      {},
      el("h3", {}, words.communities_changed),
      el(
        "table",
        { class: "figures ruled" },
        el("caption", { class: "unseen" }, words.communities_changed),
        el("thead", {}, el("tr", {}, el("th", { scope: "col" }, words.community), el("th", { scope: "col", class: "number" }, words.households), el("th", { scope: "col", class: "number" }, words.walk))),
        el("tbody", {}, moved.slice(0, MOST_ROWS).map(row)),
      ),
    );
  }

  #grids(grids) {
    const { words, wording } = this;
    if (!grids.length) return null;
    const row = ({ change, before, after }) => {
      const { name, code } = after ?? before;
      return el(
        "tr",
        {},
        el("th", { scope: "row" }, name || code, change !== "changed" && [" ", el("span", { class: `chip ${change}` }, words.changes[change])]),
        el("td", { class: "number" }, ...beforeAfter(words, before?.counts?.households, after?.counts?.households, (value) => wording.count(value))),
        el("td", { class: "number" }, ...beforeAfter(words, before?.walk?.minutes, after?.walk?.minutes, (value) => wording.minutes(value))),
      );
    };
    const more = grids.length - MOST_ROWS;
    return el(
      "section",
      {},
      el("h3", {}, words.publish_grids),
      el(
        "table",
        { class: "figures ruled" },
        el("caption", { class: "unseen" }, words.publish_grids),
        el("thead", {}, el("tr", {}, el("th", { scope: "col" }, words.grids), el("th", { scope: "col", class: "number" }, words.households), el("th", { scope: "col", class: "number" }, words.walk))),
        el("tbody", {}, grids.slice(0, MOST_ROWS).map(row)),
      ),
      more > 0 && el("p", { class: "quiet" }, fill(words.rows_more, { count: wording.count(more) })),
    );
  }

  #stations(stations) {
    if (!stations.length) return null;
    const { words, wording, register } = this;
    const place = (community, grid) => [community && register.nameOf(community), grid].filter(Boolean).join(" ") || words.nowhere;
    const line = (one) => el("li", {}, one.name || one.code, el("p", { class: "quiet" }, `${place(one.source_community, one.source)} → ${place(one.target_community, one.target)}`));
    const more = stations.length - MOST_ROWS;
    return el("section", {}, el("h3", {}, words.stations_title), el("ul", { class: "plain-list" }, stations.slice(0, MOST_ROWS).map(line)), more > 0 && el("p", { class: "quiet" }, fill(words.rows_more, { count: wording.count(more) })));
  }

  #duties(duties) {
    if (!duties.length) return null;
    const { words, wording } = this;
    const line = ({ change, source, target, held }) =>
      el("li", {}, fill(change === "ends" ? words.duty_ends : words.duty_inherited, { name: held.holder_name || held.holder, role: wording.lang === "en" ? held.role_name_en || held.role_name : held.role_name, source, target: target ?? "" }));
    const more = duties.length - MOST_ROWS;
    return el("section", {}, el("h3", {}, words.duties_title), el("ul", { class: "plain-list" }, duties.slice(0, MOST_ROWS).map(line)), more > 0 && el("p", { class: "quiet" }, fill(words.rows_more, { count: wording.count(more) })));
  }

  #workloads(workloads) {
    const moved = workloads.filter((one) => one.households_before !== one.households_after || one.grids_before !== one.grids_after);
    if (!moved.length) return null;
    const { words, wording } = this;
    const count = (value) => wording.count(value);
    const row = (one) =>
      el(
        "tr",
        {},
        el("th", { scope: "row" }, one.holder_name || one.holder),
        el("td", { class: "number" }, ...beforeAfter(words, one.grids_before, one.grids_after, count)),
        el("td", { class: "number" }, ...beforeAfter(words, one.households_before, one.households_after, count)),
      );
    return el(
      "section",
      {},
      el("h3", {}, words.workloads_title),
      el(
        "table",
        { class: "figures ruled" },
        el("caption", { class: "unseen" }, words.workloads_title),
        el("thead", {}, el("tr", {}, el("th", { scope: "col" }, words.holder), el("th", { scope: "col", class: "number" }, words.grids), el("th", { scope: "col", class: "number" }, words.households))),
        el("tbody", {}, moved.slice(0, MOST_ROWS).map(row)),
      ),
    );
  }

  #fail(error) {
    const again = el("button", { type: "button", class: "button small", onclick: () => this.renew() }, this.words.again);
    replaceContent(this.element, el("h2", {}, this.words.impact_title), el("p", { class: "notice-box failure", role: "alert" }, this.wording.problem(error)), again);
  }
}
