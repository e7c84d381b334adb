// The search box: a combobox (WAI-ARIA) over what the finder knows and the addresses that the service suggests.
// Choosing tells the page; nothing goes into the address bar.

import { between, marked } from "./differing.js";
import { el, fill, replaceContent } from "./dom.js";
import { writtenPoint } from "./coordinates.js";

const SHORTEST = 2;
const PAUSE_MILLISECONDS = 80;

export class SearchBox {
  // parts: {form, input, list, status}; choose(hit) and none(text) tell the page; suggest(text, signal) gives what the
  // register knows, null where there is none.
  constructor(parts, words, { choose, none, suggest = null }) {
    Object.assign(this, parts, { words, choose, none, suggest, finder: null, hits: [], total: 0, active: -1, waiting: null });
    this.input.addEventListener("input", () => this.#refresh());
    this.input.addEventListener("compositionend", () => this.#refresh());
    this.input.addEventListener("keydown", (event) => this.#key(event));
    this.input.addEventListener("focus", () => this.input.value && this.#refresh());
    // Who came back meanwhile is typing on.
    this.input.addEventListener("blur", () => setTimeout(() => document.activeElement !== this.input && this.close(), 150));
    this.list.addEventListener("pointerdown", (event) => event.preventDefault());
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.submit();
    });
  }

  // From now on there is something to search; a question that was asked before is answered now.
  use(finder) {
    this.finder = finder;
    if (this.waiting !== null) {
      this.input.value = this.waiting;
      this.waiting = null;
      this.submit();
    }
  }

  ask(text) {
    this.input.value = text;
    this.submit();
  }

  submit() {
    const text = this.input.value.trim();
    if (!text) return;
    if (!this.finder) {
      this.waiting = text;
      return;
    }
    if (this.active >= 0) {
      this.#choose(this.hits[this.active]);
      return;
    }
    const { hits } = this.finder.find(text);
    const sure = hits.filter((hit) => hit.exact);
    if (hits.length === 1 && hits[0].exact !== false) this.#choose(hits[0]);
    else if (sure.length === 1) this.#choose(sure[0]);
    else if (hits.length === 1 && hits[0].kind !== "point") this.#choose(hits[0]);
    else if (hits.length) this.#refresh(true);
    else {
      this.close();
      this.none(text);
    }
  }

  // The beginning of an address, to be typed on.
  put(text) {
    this.input.value = text;
    this.input.focus();
    this.input.setSelectionRange(text.length, text.length);
    this.#refresh();
  }

  close() {
    this.#forget();
    this.list.hidden = true;
    this.active = -1;
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
  }

  #choose(hit) {
    this.close();
    if (hit.kind !== "point") this.input.value = hit.item.name ?? hit.item.text;
    this.input.blur();
    this.choose(hit);
  }

  #refresh(focusFirst = false) {
    const text = this.input.value.trim();
    if (!this.finder || !text) {
      this.close();
      return;
    }
    const { hits, total } = this.finder.find(text);
    Object.assign(this, { hits, total, active: -1 });
    this.#show();
    this.#later(text);
    if (focusFirst) {
      this.input.focus();
      this.#activate(0);
    }
  }

  // Addresses come behind what the map itself knows, and leave what was chosen meanwhile as it is.
  #later(text) {
    this.#forget();
    if (!this.suggest || Array.from(text).length < SHORTEST || this.hits[0]?.kind === "point") return;
    const turn = (this.pending = new AbortController());
    this.timer = setTimeout(async () => {
      const items = await this.suggest(text, turn.signal).catch(() => []);
      if (this.pending !== turn || !items.length) return;
      const twin = (item) => items.some((other) => other !== item && other.text === item.text && other.detail !== item.detail);
      const addresses = items.filter(isNew).map((item) => ({ kind: "address", item: { ...item, within: twin(item) ? item.detail : "" } }));
      this.hits = [...this.hits, ...addresses];
      this.total += addresses.length;
      this.#show();
      if (this.active >= 0) this.#activate(this.active);
    }, PAUSE_MILLISECONDS);
  }

  #forget() {
    clearTimeout(this.timer);
    this.pending?.abort();
    this.pending = null;
  }

  #show() {
    const { hits, total, words } = this;
    const own = hits.filter((hit) => hit.kind !== "address").length;
    const rows = hits.map((hit, place) => this.#option(hit, place));
    const heading = el("li", { class: "group", role: "presentation" }, words.addresses);
    const more = total > hits.length && el("li", { class: "more", role: "presentation" }, fill(words.more_hits, { count: total - hits.length }));
    replaceContent(this.list, rows.slice(0, own), more, own < hits.length && heading, rows.slice(own));
    this.list.hidden = hits.length === 0;
    this.input.setAttribute("aria-expanded", String(hits.length > 0));
    this.status.textContent = hits.length ? fill(words.hits, { count: total }) : "";
  }

  #option(hit, place) {
    const [title, note] = this.#described(hit);
    return el(
      "li",
      { role: "option", id: `hit-${place}`, "aria-selected": "false", onclick: () => this.#choose(hit) },
      el("span", { class: "hit-title" }, title),
      el("span", { class: "hit-note" }, note),
    );
  }

  #described({ kind, point, item }) {
    const { words } = this;
    if (kind === "point") {
      return [fill(words.point_hit, { point: writtenPoint(point) }), point.swapped ? words.point_swapped : words.point_order];
    }
    if (kind === "address") {
      const note = [item.detail, item.alias && fill(words.suggest_alias, { alias: item.alias })].filter(Boolean).join(" · ");
      return [marked(item.text, between(item.matched ?? [], Array.from(item.text).length)), note];
    }
    if (kind === "grid") return [item.name, `${words.grid} ${item.code}`];
    if (kind === "area") return [item.name, `${words.levels[item.level] ?? item.level} · ${fill(words.grid_count, { count: item.grids })}`];
    return [item.name, `${words.station} · ${item.address || item.category}`];
  }

  #key(event) {
    if (event.isComposing || event.keyCode === 229) return;
    if (event.key === "Escape") {
      this.close();
    } else if ((event.key === "ArrowDown" || event.key === "ArrowUp")) {
      event.preventDefault();
      if (this.list.hidden) this.#refresh();
      if (!this.hits.length) return;
      const step = event.key === "ArrowDown" ? 1 : -1;
      const from = this.active < 0 && step < 0 ? 0 : this.active;
      this.#activate((from + step + this.hits.length) % this.hits.length);
    }
  }

  #activate(place) {
    this.active = place;
    for (const [index, option] of [...this.list.querySelectorAll("[role=option]")].entries()) {
      option.setAttribute("aria-selected", String(index === place));
      if (index === place) option.scrollIntoView({ block: "nearest" });
    }
    this.input.setAttribute("aria-activedescendant", `hit-${place}`);
  }
}

// Areas and stations the finder knows itself.
function isNew({ group, kind }) {
  return group !== "areas" && kind !== "station";
}
