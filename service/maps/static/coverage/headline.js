// The top of the panel: the sentence to quote, or why there is none; and at the bottom what the figures rest on.

import { el, fill, replaceContent } from "../dom.js";
import { failureText, notice } from "../kit/notices.js";
import { networkState } from "./api.js";
import { shortList } from "./cards.js";
import { textOf } from "./planner.js";

// Warnings that the page says in its own words, with names.
const TOLD = new Set([
  "cut-off", "estimated", "homes-off-network", "no-households", "no-stations", "persons-estimated", "stations-off-network",
]);

export class Headline {
  constructor(place, about, config, figures) {
    Object.assign(this, { place, about, config, words: config.words, figures });
  }

  // What stands there is of the last question until the answer comes.
  counting() {
    this.place.setAttribute("aria-busy", "true");
    if (!this.place.firstChild) replaceContent(this.place, el("p", { class: "quiet" }, this.words.counting));
  }

  // again(): tries once more.
  failed(error, again) {
    const { words } = this;
    this.place.removeAttribute("aria-busy");
    const state = networkState(error);
    replaceContent(this.about);
    if (state === "none") {
      const told = [el("h2", {}, words.no_network_title), el("p", {}, words.no_network_text), el("p", {}, el("code", {}, words.no_network_command))];
      replaceContent(this.place, notice("caution", ...told));
    } else if (state === "compiling") {
      replaceContent(this.place, notice("calm", el("h2", {}, words.compiling_title), el("p", {}, words.compiling_text)));
    } else {
      const button = el("button", { type: "button", class: "button small", onclick: again }, words.again);
      const told = el("p", {}, failureText(error, words, this.config.lang));
      replaceContent(this.place, notice("failure", el("h2", {}, words.failed_count), told, button));
    }
  }

  show(answer, state, chosen, model) {
    const { words, figures } = this;
    this.place.removeAttribute("aria-busy");
    const { strong, rest } = figures.headline(answer.total, state, chosen);
    const counted = answer.total[state.count];
    replaceContent(
      this.place,
      el("p", { class: "quote" }, el("strong", {}, strong), rest),
      !counted?.all && this.#nobody(state, model),
      model.grids.length > 0 && this.#noStations(answer),
      state.profile && el("p", { class: "quiet" }, fill(words.profile_note, { name: this.#profile(state.profile) })),
      this.#aside(answer, state),
      this.#notices(answer, model),
      state.as_of && el("p", { class: "quiet" }, fill(words.as_of_note, { day: state.as_of })),
    );
    this.#tellBasis(answer, state);
  }

  #nobody({ as_of: day }, model) {
    const { words } = this;
    const lacking = day && !model.grids.length;
    const title = lacking ? fill(words.no_grids_title, { day }) : words.no_homes_title;
    return notice("caution", el("h2", {}, title), el("p", {}, lacking ? words.no_grids_text : words.no_homes_text));
  }

  #noStations({ stations }) {
    const { words } = this;
    return stations.counted === 0 && notice("caution", el("h2", {}, words.no_stations_title), el("p", {}, words.no_stations_text));
  }

  #profile(code) {
    return this.config.profiles.find((one) => one.code === code)?.name ?? code;
  }

  // Who has a choice of stations, and how much ground the circles cover.
  #aside({ several, total, stations }, state) {
    const { words, figures } = this;
    const choice = several.filter((one) => one.stations > 1).reduce((sum, one) => sum + (one.share ?? 0), 0);
    const parts = [
      stations.counted > 1 && total[state.count]?.all > 0 && fill(words.several, { stations: 2, share: figures.share({ covered: choice, all: 1 }) }),
      total.area_m2?.covered > 0 && fill(words.area_text, { area: figures.tenth.format(total.area_m2.covered / 1e6), share: figures.share(total.area_m2) }),
    ];
    return parts.some(Boolean) && el("p", { class: "quiet" }, parts.filter(Boolean).join(words.list_semicolon), words.stop);
  }

  #notices(answer, model) {
    const { words, figures } = this;
    const { off_network: off, cut_off: cut } = answer.stations;
    const name = (code) => model?.stationOf.get(code)?.name ?? code;
    const names = (codes) => shortList(codes.map(name), words.list_comma, 4);
    const homes = answer.off_network ?? {};
    const told = [
      homes.households >= 0.5 && fill(words.off_homes, { households: figures.number(homes.households), places: figures.number(homes.places ?? 0) }),
      off.length > 0 && fill(words.off_stations, { count: off.length, names: names(off.map((one) => one.code)) }),
      cut.length > 0 && fill(words.cut_stations, { count: cut.length, names: names(cut) }),
      ...answer.warnings.filter((one) => !TOLD.has(one.code)).map((one) => textOf(one, this.config.lang)),
    ].filter(Boolean);
    return told.length > 0 && el("ul", { class: "cautions" }, told.map((text) => el("li", {}, text)));
  }

  #tellBasis(answer, state) {
    const { words, figures } = this;
    const source = words.sources[answer.source] ?? answer.source ?? words.sources.none;
    const part = answer.estimated_share?.[state.count] ?? answer.estimated_share?.households ?? 0;
    const estimated = part > 0 && fill(words.basis_estimated, { share: figures.share({ covered: part, all: 1 }) });
    const { network } = answer;
    replaceContent(
      this.about,
      el("h2", {}, words.about),
      el("p", {}, words.method),
      el("p", {}, fill(words.basis, { source }), estimated, words.stop),
      el("p", {}, fill(words.network_version, { version: network.version, time: figures.time(network.compiled_at) }), words.stop),
    );
  }
}
