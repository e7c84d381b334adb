// What is counted: minutes, category, level, count, profile, area, opening hours, day. Each change is told at once.

import { el, replaceContent } from "../dom.js";
import { field, select, setFault } from "../kit/form.js";
import { minutesOf } from "./state.js";

const PRESETS = [5, 10, 15];
const GIVEN_COUNTS = ["households", "persons"];

export class Controls {
  // changed(part of the state): what was chosen.
  constructor(form, config, changed) {
    Object.assign(this, { form, words: config.words, config, changed, areas: [], counts: GIVEN_COUNTS });
    this.stations = [];
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      document.activeElement?.blur();
    });
  }

  // What the map holds: its areas to choose from, its stations' categories and levels.
  know(model) {
    this.shown = null;
    this.areas = model.areas;
    this.stations = model.stations;
  }

  knowCounts(total) {
    const found = Object.keys(total).filter((name) => total[name] !== null && typeof total[name] === "object" && "all" in total[name]);
    this.counts = found.length ? found : GIVEN_COUNTS;
  }

  area(code) {
    return this.areas.find((one) => one.code === code) ?? null;
  }

  // Nothing is built anew under somebody's hand where it would look the same.
  show(state) {
    const { minutes, category, level, count, profile, within, at, as_of: day } = state;
    const wanted = JSON.stringify([minutes, category, level, count, profile, within, at, day, this.counts]);
    if (wanted === this.shown) return;
    this.shown = wanted;
    const open = this.form.querySelector("details")?.open ?? Boolean(state.profile || state.at || state.as_of || state.count !== "households");
    const focused = document.activeElement?.id;
    replaceContent(
      this.form,
      this.#minutes(state),
      el("div", { class: "pair" }, this.#category(state), this.#level(state)),
      this.#within(state),
      el(
        "details",
        { open },
        el("summary", {}, this.words.more_controls),
        el("div", { class: "pair" }, this.#count(state), this.#profile(state)),
        this.#hours(state),
        this.#asOf(state),
      ),
    );
    if (focused && this.form.querySelector(`#${CSS.escape(focused)}`)) document.getElementById(focused).focus();
  }

  #minutes(state) {
    const { words } = this;
    const preset = (minutes) =>
      el(
        "label",
        {},
        el("input", {
          type: "radio", name: "minutes", value: minutes, id: `minutes-${minutes}`, checked: state.minutes === minutes,
          onchange: () => this.changed({ minutes }),
        }),
        el("span", {}, minutes),
      );
    const other = el("input", {
      type: "number", id: "minutes", min: "1", max: "60", step: "any", inputmode: "decimal", "aria-label": words.minutes_other,
      value: PRESETS.includes(state.minutes) ? "" : state.minutes, placeholder: words.minutes_other,
      onchange: () => this.#typed(other),
    });
    return el(
      "fieldset",
      { class: "minutes" },
      el("legend", {}, words.minutes_presets),
      el("div", { class: "choices" }, PRESETS.map(preset)),
      el("div", { class: "other" }, other),
      el("span", { class: "unit" }, words.minutes_unit),
    );
  }

  #typed(input) {
    if (!input.value && !input.validity.badInput) return;
    const minutes = minutesOf(input.value);
    setFault(input, minutes ? "" : this.words.minutes_wrong);
    if (minutes) this.changed({ minutes });
  }

  #category(state) {
    const found = [...new Set(this.stations.map((one) => one.category).filter(Boolean))].sort();
    if (state.category && !found.includes(state.category)) found.push(state.category);
    const options = [["", this.words.category_all], ...found.map((one) => [one, one])];
    return this.#choice("category", this.words.category, options, state.category);
  }

  #level(state) {
    const found = [...new Set(this.stations.map((one) => one.level).filter(Boolean))];
    if (state.level && !found.includes(state.level)) found.push(state.level);
    const named = found.map((one) => [one, this.levelName(one)]);
    return this.#choice("level", this.words.level, [["", this.words.level_all], ...named], state.level);
  }

  levelName(level) {
    return this.words.station_levels[level] ?? level;
  }

  #count(state) {
    const counts = this.counts.includes(state.count) ? this.counts : [...this.counts, state.count];
    const options = counts.map((one) => [one, this.words.counted[one] ?? one]);
    return this.#choice("count", this.words.count, options, state.count);
  }

  #profile(state) {
    const options = this.config.profiles.map(({ code, name }) => [code, name]);
    const chosen = state.profile || options[0]?.[0];
    const told = (value) => this.changed({ profile: value === options[0]?.[0] ? "" : value });
    return this.#choice("profile", this.words.profile, options, chosen, told);
  }

  #choice(name, label, options, value, told = (chosen) => this.changed({ [name]: chosen })) {
    const input = select(options, value, { id: name, onchange: () => told(input.value) });
    return field(label, input);
  }

  #within({ within }) {
    const { words } = this;
    const chosen = this.area(within);
    const input = el("input", {
      id: "within", type: "search", list: "areas", placeholder: words.within_hint, value: chosen ? labelOf(chosen, this) : within,
      maxlength: "100", onchange: () => this.#chooseArea(input),
    });
    const list = el("datalist", { id: "areas" }, this.areas.map((one) => el("option", { value: labelOf(one, this) })));
    const clear = within && el("button", { type: "button", class: "plain", onclick: () => this.changed({ within: "" }) }, words.within_clear);
    return el("div", { class: "within" }, field(words.within, input), list, clear);
  }

  #chooseArea(input) {
    const text = input.value.trim();
    const named = this.areas.filter((one) => one.name === text);
    const found = this.areas.find((one) => labelOf(one, this) === text || one.code === text) ?? (named.length === 1 ? named[0] : null);
    setFault(input, text && !found ? this.words.within_unknown : "");
    if (!text || found) this.changed({ within: found?.code ?? "" });
  }

  #hours(state) {
    const { words } = this;
    const kind = state.at === "" ? "any" : state.at === "now" ? "now" : "at";
    const options = [["any", words.hours_any], ["now", words.hours_now], ["at", words.hours_at]];
    const time = el("input", {
      type: "datetime-local", id: "hours-time", value: kind === "at" ? state.at.slice(0, 16) : "",
      onchange: () => time.value && this.changed({ at: time.value }),
    });
    const place = el("div", { hidden: kind !== "at" }, field(words.hours_time, time));
    const told = (value) => {
      place.hidden = value !== "at";
      if (value === "at") time.focus();
      else this.changed({ at: value === "now" ? "now" : "" });
    };
    return el("div", { class: "pair" }, this.#choice("hours", words.hours, options, kind, told), place);
  }

  #asOf(state) {
    const { words } = this;
    const day = el("input", { type: "date", id: "as-of", value: state.as_of, onchange: () => this.changed({ as_of: day.value }) });
    const back = state.as_of && el("button", { type: "button", class: "plain", onclick: () => this.changed({ as_of: "" }) }, words.as_of_now);
    return el("div", { class: "within" }, field(words.as_of, day), back);
  }
}

// Two areas of one name are told apart by what is above them.
function labelOf(area, { areas }) {
  const same = areas.filter((one) => one.name === area.name).length > 1;
  const above = same && areas.find((one) => one.code === area.parent);
  return same ? `${above ? `${above.name} ` : ""}${area.name} ${area.code}` : area.name;
}
