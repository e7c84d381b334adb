// The tables beside the map: places with their share, gaps, stations, and the what-if editor, each behind a tab.

import { el, fill, replaceContent } from "../dom.js";
import { select } from "../kit/form.js";
import { outsideOf, shareOf } from "./figures.js";
import { SortableTable } from "./sortable.js";

const TABS = ["places", "gaps", "stations", "plan"];

export class Details {
  // acts: tab(name), by(level), place(row), gap(gap), station(row); plan: the editor's element.
  constructor(element, config, figures, acts, plan) {
    Object.assign(this, { element, config, words: config.words, figures, acts, buttons: new Map(), panels: new Map() });
    const list = el("div", { class: "tabs", role: "tablist", "aria-label": this.words.tabs });
    for (const name of TABS) this.#addTab(list, name);
    list.addEventListener("keydown", (event) => this.#key(event));
    this.panels.get("plan").append(plan);
    replaceContent(element, list, ...this.panels.values());
  }

  #addTab(list, name) {
    const button = el(
      "button",
      { type: "button", role: "tab", id: `tab-${name}`, "aria-controls": `panel-${name}`, onclick: () => this.acts.tab(name) },
      this.words[`tab_${name}`],
    );
    this.buttons.set(name, button);
    this.panels.set(name, el("div", { role: "tabpanel", id: `panel-${name}`, "aria-labelledby": `tab-${name}`, tabindex: "-1" }));
    list.append(button);
  }

  open(name) {
    for (const [one, button] of this.buttons) {
      button.setAttribute("aria-selected", String(one === name));
      button.tabIndex = one === name ? 0 : -1;
      this.panels.get(one).hidden = one !== name;
    }
  }

  // Left and right go from tab to tab.
  #key(event) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const at = TABS.findIndex((name) => this.buttons.get(name).getAttribute("aria-selected") === "true");
    const next = TABS[(at + step + TABS.length) % TABS.length];
    this.acts.tab(next);
    this.buttons.get(next).focus();
  }

  // rows: each place's counts; levels: those that the map knows, for the choice.
  showPlaces(rows, state, levels, links) {
    const { words, figures } = this;
    const unit = figures.unit(state.count);
    const counted = (row) => row[state.count];
    const columns = [
      { label: words.column_place, order: (row) => row.name ?? row.code, cell: (row) => row.name ?? row.code, least: true },
      { label: words.column_share, order: (row) => shareOf(counted(row)), cell: (row) => figures.share(counted(row)), number: true, least: true },
      {
        label: fill(words.column_outside, { unit }), order: (row) => (counted(row)?.all ? outsideOf(counted(row)) : null),
        cell: (row) => figures.number(outsideOf(counted(row))), number: true,
      },
      {
        label: fill(words.column_all, { unit }), order: (row) => counted(row)?.all ?? null,
        cell: (row) => figures.number(counted(row)?.all ?? 0), number: true,
      },
    ];
    this.places = new SortableTable({ caption: words.places_caption, columns, words, sorted: 2, open: (row) => this.acts.place(row) });
    this.places.show(rows);
    const by = select(levels, state.by, { id: "by", onchange: () => this.acts.by(by.value) });
    const focused = document.activeElement?.id === "by";
    replaceContent(
      this.panels.get("places"),
      el("div", { class: "tab-tools" }, el("label", { for: "by" }, words.by), by, el("span", { class: "exports" }, links)),
      rows.length ? this.places.element : el("p", { class: "quiet" }, words.places_none),
    );
    if (focused) by.focus();
  }

  showGaps(gaps, state) {
    const { words, figures } = this;
    const panel = this.panels.get("gaps");
    if (!gaps.items.length) {
      replaceContent(panel, el("p", { class: "quiet" }, words.gaps_none));
      return;
    }
    const columns = [
      { label: words.column_place, order: (gap) => gap.number, cell: (gap) => `${gap.number}. ${gapName(gap, words)}`, least: true },
      {
        label: fill(words.column_outside, { unit: figures.unit(state.count) }), order: (gap) => gap.size,
        cell: (gap) => figures.number(gap.size), number: true,
      },
      {
        label: words.column_nearest, order: (gap) => gap.nearest?.walk_minutes ?? Infinity,
        cell: (gap) => (gap.nearest ? figures.minutes(gap.nearest.walk_minutes) : words.column_nearest_none), number: true,
      },
    ];
    this.gaps = new SortableTable({
      caption: words.gaps_caption, columns, words, sorted: 1, open: (gap) => this.acts.gap(gap), rowOf: (gap) => gap.key,
    });
    this.gaps.show(gaps.items);
    const told = fill(words.gaps_total, { count: figures.number(gaps.count), households: figures.number(gaps.households) });
    replaceContent(panel, el("p", { class: "quiet" }, told), this.gaps.element);
  }

  // stations: [{code, name, category, state, note}]
  showStations(stations) {
    const { words, figures } = this;
    const panel = this.panels.get("stations");
    if (!stations.length) {
      replaceContent(panel, el("p", { class: "quiet" }, words.stations_none));
      return;
    }
    const columns = [
      {
        label: words.column_place, order: (one) => one.name, least: true,
        cell: (one) => el("span", {}, one.name, one.note && el("small", { class: "station-note" }, one.note)),
      },
      { label: words.category, order: (one) => one.category, cell: (one) => one.category, least: true },
    ];
    this.stations = new SortableTable({ caption: words.stations_caption, columns, words, sorted: 0, open: (one) => this.acts.station(one) });
    this.stations.show(stations);
    const counted = stations.filter((one) => one.counts).length;
    replaceContent(panel, el("p", { class: "quiet" }, fill(words.stations_count, { count: figures.number(counted) })), this.stations.element);
  }

  mark(code) {
    for (const table of [this.places, this.gaps, this.stations]) table?.mark(code);
  }

  clear() {
    for (const [name, panel] of this.panels) if (name !== "plan") replaceContent(panel);
  }
}

export function gapName(gap, words) {
  if (gap.street) return fill(words.gap_title, { street: gap.street });
  return gap.area?.name || fill(words.gap_place, { number: gap.number });
}
