// The card: what the look-up answered, in the order somebody at a telephone needs it.

import { el, fill } from "./dom.js";
import { Matters } from "./matters.js";
import { People, phoneOf } from "./people.js";
import { aboutWalks, metresSaid, wayTo, waysExplained } from "./way.js";

const CLOSE_METRES = 30;
const MOST_ROWS = 200;
// Warnings that change nothing about the grid: they are said below the one to call.
const BESIDES = new Set(["nobody-on-duty", "register-is-current"]);

export class Card {
  // show: {station(code), area(code), grid(layer, code)} ask the page to point at something on the map; matter(code)
  // to ask again about a kind of work. withMatters: whom to call for what is listed, not chosen from a menu; showMatters
  // brings the list.
  constructor(words, { lang, layers, timezone, root, as_of: asOf }, show, { withMatters = false } = {}) {
    Object.assign(this, { words, lang, root, asOf });
    this.people = new People(words, { lang, timezone });
    // Kinds of work that can be asked about, as the service lists them.
    this.matters = [];
    this.listed = withMatters ? new Matters(words, { lang }, this.people, show.matter) : null;
    this.layerNames = new Map(layers.map((layer) => [layer.code, layer.name]));
    this.show = show;
  }

  // An answer of status `found`: the asked layer's grid first. `aboutPoint` is false where a grid, no point, was chosen.
  found(answer, layer, aboutPoint) {
    const grid = answer.grids.find((one) => one.layer === layer);
    const others = answer.grids.filter((one) => one !== grid);
    if (!grid) return [this.#notice(fill(this.words.layer_misses, { layer: this.layerNames.get(layer) })), ...this.#others(others)];
    return [
      this.#head(grid),
      ...this.#doubts(answer, grid, aboutPoint),
      this.#first(grid, answer),
      ...this.#notices(answer, grid),
      this.listed ? this.#asked(answer) : this.#matter(answer),
      ...this.people.others(grid.workers, answer.as_of, answer.matter),
      this.listed && el("div", { id: "matters" }),
      this.#links(grid),
      this.#stations(grid, answer, aboutPoint),
      ...this.#others(others),
    ];
  }

  // items: kinds of work with who sees to them in the grid that was answered.
  showMatters(items, answer) {
    const section = this.listed.section(items, answer.matter?.code ?? null, answer.as_of);
    if (section) document.getElementById("matters")?.replaceWith(section);
  }

  outside(answer) {
    const { words } = this;
    const swapped = answer.warnings.filter((warning) => warning.code === "looks-swapped");
    return [
      el("h2", {}, words.outside_title),
      ...swapped.map((warning) => this.#notice(this.#spoken(warning))),
      el("p", {}, answer.nearest.length ? words.outside_nearest : words.outside_nothing),
      el(
        "ul",
        { class: "rows" },
        answer.nearest.map((near) =>
          el(
            "li",
            {},
            el(
              "button",
              { type: "button", class: "row", onclick: () => this.show.grid(near.layer, near.code) },
              el("span", { class: "row-title" }, near.name),
              el("span", { class: "row-note" }, `${this.layerNames.get(near.layer) ?? near.layer} · ${near.code}`),
              el("span", { class: "row-figure" }, this.#metres(near.metres)),
            ),
          ),
        ),
      ),
    ];
  }

  // An area with those just below it, or, where there are none, with its grids.
  area(area, chain, parts, grids) {
    const { words } = this;
    const rows = grids.slice(0, MOST_ROWS).map((grid) => {
      const households = grid.households === null ? "" : fill(words.households, { count: grid.households });
      return el("li", {}, this.#row(grid, households, () => this.show.grid(null, grid.code)));
    });
    const count = fill(words.grid_count, { count: grids.length });
    return [
      el(
        "header",
        { class: "grid-head" },
        chain.length > 1 && this.#chain(chain.slice(0, -1)),
        el("h2", {}, area.name),
        el("p", { class: "facts" }, `${words.levels[area.level] ?? area.level} · ${area.code} · ${count}`),
      ),
      !grids.length && el("p", { class: "quiet" }, words.area_without_grids),
      ...(parts.length ? this.areas(parts) : [el("ul", { class: "rows" }, rows)]),
      !parts.length && grids.length > rows.length && el("p", { class: "quiet" }, fill(words.area_more_grids, { count: grids.length - rows.length })),
    ];
  }

  // Areas to choose from.
  areas(areas) {
    const row = (area) => this.#row(area, fill(this.words.grid_count, { count: area.grids }), () => this.show.area(area.code));
    return [el("ul", { class: "rows" }, areas.map((area) => el("li", {}, row(area))))];
  }

  // The areas around something, the largest first, each a way to it.
  #chain(areas) {
    const parts = areas.map((area) => el("button", { type: "button", onclick: () => this.show.area(area.code) }, area.name));
    return el("p", { class: "chain linked" }, parts.flatMap((part, place) => (place ? [el("span", { "aria-hidden": "true" }, "›"), part] : [part])));
  }

  #row({ name, code }, figure, onclick) {
    return el(
      "button",
      { type: "button", class: "row", onclick },
      el("span", { class: "row-title" }, name),
      el("span", { class: "row-note" }, code),
      figure && el("span", { class: "row-figure" }, figure),
    );
  }

  message(title, text, ...actions) {
    return [el("h2", {}, title), text && el("p", {}, text), ...actions];
  }

  #head(grid) {
    const { words } = this;
    const chain = [...grid.areas].reverse();
    const facts = [words.kinds[grid.kind] ?? grid.kind];
    if (grid.households !== null && grid.households !== undefined) facts.push(fill(words.households, { count: grid.households }));
    if (grid.persons !== null && grid.persons !== undefined) facts.push(fill(words.persons, { count: grid.persons }));
    return el(
      "header",
      { class: "grid-head" },
      chain.length && this.listed ? this.#chain(chain) : el("p", { class: "chain" }, chain.map((area) => area.name).join(" › ") || words.no_area),
      el("h2", { tabindex: "-1" }, grid.name),
      el("p", { class: "facts" }, el("span", { class: "code" }, grid.code), " · ", facts.join(" · ")),
    );
  }

  // What may make it another grid: to be cleared up before anybody is called.
  #doubts(answer, grid, aboutPoint) {
    const { words } = this;
    const doubts = this.#warnings(answer, grid).filter((warning) => !BESIDES.has(warning.code)).map((warning) => this.#notice(this.#spoken(warning)));
    const near = grid.nearest_other;
    if (!aboutPoint || !near) return doubts;
    if (grid.on_boundary) doubts.unshift(this.#notice(fill(words.on_boundary, { name: near.name })));
    else if (near.metres < CLOSE_METRES) {
      doubts.unshift(this.#notice(fill(words.close_to, { metres: this.#metres(near.metres), name: near.name })));
    }
    return doubts;
  }

  #notices(answer, grid) {
    return this.#warnings(answer, grid).filter((warning) => BESIDES.has(warning.code)).map((warning) => this.#notice(this.#spoken(warning)));
  }

  // The card is about one grid: that another layer has nobody on duty here is not its matter.
  #warnings(answer, grid) {
    return answer.warnings.filter((warning) => (!warning.layer || warning.layer === grid.layer) && !aboutWalks(warning));
  }

  // Whom to call stands before all that explains it, at any hour.
  #first(grid, answer) {
    return el("section", { class: "who" }, el("h3", {}, this.words.people), this.people.first(grid.workers, answer.as_of));
  }

  // What it is about: those responsible for it come first, with how soon it is promised.
  #matter(answer) {
    const { words } = this;
    if (!this.matters.length) return null;
    const chosen = answer.matter;
    const option = (code, name) => el("option", { value: code, selected: code === (chosen?.code ?? "") }, name);
    const select = el(
      "select",
      { id: "matter", onchange: () => this.show.matter(select.value || null) },
      option("", words.matter_none),
      this.matters.map((one) => option(one.code, this.#named(one))),
    );
    return el(
      "section",
      { class: "matter" },
      el("label", { for: "matter" }, words.matter),
      select,
      chosen && this.#promise(chosen, answer.as_of),
    );
  }

  // The kind of work that was chosen from the list, with a way out of it.
  #asked({ matter, as_of: asOf }) {
    if (!matter) return null;
    return el(
      "section",
      { class: "matter" },
      el("p", { class: "matter-name", tabindex: "-1" }, fill(this.words.matter_asked, { name: this.#named(matter) })),
      this.#promise(matter, asOf),
      el("button", { type: "button", class: "plain", onclick: () => this.show.matter(null) }, this.words.matter_all),
    );
  }

  #promise(matter, asOf) {
    const { words } = this;
    const who = matter.organisation?.name ?? (matter.role && this.#named(matter.role));
    const phone = matter.phone || matter.organisation?.phone;
    return el(
      "p",
      { class: "promise" },
      who && el("span", {}, fill(words.matter_who, { name: who })),
      matter.promised_by &&
        el("span", {}, fill(words.promised, { length: this.people.length(matter.promised_minutes), time: this.people.time(matter.promised_by, asOf) })),
      phone && phoneOf(phone, fill(words.call, { name: who ?? this.#named(matter) })),
    );
  }

  #named(one) {
    return this.lang === "en" && one.name_en ? one.name_en : one.name;
  }

  #links(grid) {
    const { words } = this;
    const place = `${encodeURIComponent(grid.layer)}/${encodeURIComponent(grid.code)}`;
    const query = new URLSearchParams({ ...(this.asOf ? { as_of: this.asOf } : {}), ...(this.lang === "en" ? { lang: "en" } : {}) });
    const page = (path) => `${this.root}${path}/${place}${query.size ? `?${query}` : ""}`;
    return el(
      "p",
      { class: "card-links" },
      grid.report_url && el("a", { class: "button", href: grid.report_url, rel: "noopener noreferrer", target: "_blank" }, words.report),
      el("a", { class: "to-grid", href: page("/grids") }, words.grid_page),
      this.listed && el("a", { class: "to-board", href: page("/maps/boards") }, words.print_board),
    );
  }

  #stations(grid, answer, aboutPoint) {
    const { words } = this;
    const explained = [waysExplained(grid.stations, words, aboutPoint), ...answer.warnings.filter(aboutWalks).map((warning) => this.#spoken(warning))];
    if (!grid.stations.length) return el("section", {}, el("h3", {}, words.stations), el("p", { class: "quiet" }, words.no_stations));
    return el(
      "section",
      {},
      el("h3", {}, words.stations),
      el("ul", { class: "rows" }, grid.stations.map((station) => el("li", {}, this.#station(station, answer)))),
      explained.filter(Boolean).map((text) => el("p", { class: "quiet" }, text)),
    );
  }

  #station(station, answer) {
    const [far, beside] = wayTo(station, answer, this.words, this.lang);
    return el(
      "button",
      { type: "button", class: "row", onclick: () => this.show.station(station.code) },
      el("span", { class: "row-title" }, station.name),
      el("span", { class: "row-note" }, station.category, this.#open(station)),
      el("span", { class: "row-figure" }, far, beside && el("small", {}, beside)),
    );
  }

  #open({ open_now: open }) {
    const { words } = this;
    if (open === null || open === undefined) return null;
    return el("span", { class: `state ${open ? "on" : "off"}` }, open ? words.open_now : words.closed_now);
  }

  #others(grids) {
    if (!grids.length) return [];
    return [
      el(
        "section",
        {},
        el("h3", {}, this.words.other_layers),
        el(
          "ul",
          { class: "rows" },
          grids.map((grid) =>
            el(
              "li",
              {},
              el(
                "button",
                { type: "button", class: "row", onclick: () => this.show.grid(grid.layer, grid.code) },
                el("span", { class: "row-title" }, grid.name),
                el("span", { class: "row-note" }, `${this.layerNames.get(grid.layer) ?? grid.layer} · ${grid.code}`),
              ),
            ),
          ),
        ),
      ),
    ];
  }

  #spoken(warning) {
    if (this.lang !== "en") return warning.message_zh ?? warning.message;
    return warning.message.charAt(0).toUpperCase() + warning.message.slice(1);
  }

  #notice(text) {
    return el("p", { class: "notice" }, text);
  }

  #metres(metres) {
    return metresSaid(metres, this.words, this.lang);
  }
}
