// What was chosen on the map or in a table: marked on the map, told in a card, closed again.

import { el, replaceContent } from "../dom.js";
import { Cards } from "./cards.js";

export class Chosen {
  // page: the page with its state, scene, overlays, controls and tables; element: where the card stands.
  constructor(page, element) {
    Object.assign(this, { page, element, kind: null, key: null });
    this.cards = new Cards(page.config, page.figures);
  }

  grid(grid) {
    const { page } = this;
    if (!grid || !page.answer) {
      this.clear();
      return;
    }
    this.#choose("grid", grid.code, { chosen: grid });
    this.#tell(this.cards.place(grid.name, page.trialRows.get(grid.code), page.state, { only: null }));
  }

  // A row of the table of places: flown to.
  place(row) {
    const { page } = this;
    const grid = page.state.by === "grid" ? page.model.gridOf.get(row.code) : null;
    const area = grid ? null : page.controls.area(row.code);
    if (grid) page.scene.fitWorld(grid);
    else if (area) page.scene.fit(area.bounds, true);
    this.#choose("place", row.code, { chosen: grid, ...(area ? { area } : {}) });
    page.details.places?.mark(row.code);
    const only = area && area.code !== page.state.within && (() => page.choose({ within: area.code }));
    this.#tell(this.cards.place(row.name ?? row.code, row, page.state, { only }));
  }

  gap(gap, move = false) {
    const { page } = this;
    if (move) page.scene.goTo(gap, 16);
    this.#choose("gap", gap.key, { hulls: gap.rings.length ? [gap.rings] : [] });
    page.details.gaps?.mark(gap.key);
    this.#tell(this.cards.gap(gap, { add: page.mayPlan && (() => page.addStation(gap)) }));
  }

  async station(key, flown = false) {
    const { page } = this;
    const item = page.stationItems?.find((one) => one.key === key);
    if (!item) {
      this.clear();
      return;
    }
    if (flown) page.scene.goTo(item);
    this.#choose("station", key, {});
    page.details.stations?.mark(key);
    const close = page.mayPlan && !item.closed && (() => page.closeStation(item));
    const move = !item.added && !item.moved && (() => page.moveStation(item));
    const tell = (told) => this.key === key && this.#tell(this.cards.station(item, { move, close, ...told }));
    if (item.added || item.moved || item.closed) {
      tell({ trial: true });
      page.overlays.trial(page.trial.answer?.circles);
      return;
    }
    tell({});
    await page.overlays.station(page.state, item, page.words, page.config.lang, tell);
  }

  // The figures are others now; what is no more is closed.
  renew() {
    if (this.kind === "station") this.station(this.key);
    else if (this.kind) this.clear();
  }

  clear() {
    const { page } = this;
    this.kind = this.key = null;
    page.overlays.leave();
    this.element.hidden = true;
    page.scene.picture.show({ chosen: null, hulls: [], area: page.controls.area(page.state.within) });
    page.scene.choose(null);
    page.details.mark(null);
  }

  #choose(kind, key, parts) {
    const { page } = this;
    Object.assign(this, { kind, key });
    page.details.mark(null);
    if (kind !== "station") page.overlays.leave();
    page.scene.picture.show({ chosen: null, hulls: [], area: page.controls.area(page.state.within), ...parts });
    page.scene.choose(key);
  }

  #tell(content) {
    const { page } = this;
    const close = el("button", { type: "button", class: "plain close", onclick: () => this.clear() }, page.words.close_chosen);
    replaceContent(this.element, close, ...content.flat().filter(Boolean));
    if (this.element.hidden) {
      this.element.hidden = false;
      this.element.scrollIntoView({ block: "nearest" });
    }
    document.body.dataset.sheet ??= "half";
  }
}
