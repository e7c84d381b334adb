// How the roster's pages write days, times, periods and the values of records.

import { fill } from "../dom.js";

const DAY = 86_400_000;

export class Wording {
  // kinds: those that are edited here, with their fields; kind_names: what every kind is called.
  constructor({ words, lang, timezone, kinds = {}, kind_names: kindNames = {}, layers = [] }) {
    Object.assign(this, { words, lang, timezone, kinds, kindNames });
    this.layers = new Map(layers.map((layer) => [layer.code, layer.name]));
    this.numbers = new Intl.NumberFormat(lang, { maximumFractionDigits: 1 });
  }

  number(value) {
    return value === null || value === undefined ? "" : this.numbers.format(value);
  }

  // The local calendar day of a time: 2026-11-23.
  day(text) {
    const parts = new Intl.DateTimeFormat("en-CA", { year: "numeric", month: "2-digit", day: "2-digit", timeZone: this.timezone });
    return parts.format(new Date(text));
  }

  clock(text) {
    return this.#format(text, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  }

  // "周一 11/23".
  weekday(text) {
    return `${this.#format(text, { weekday: "short" })} ${this.#format(text, { month: "numeric", day: "numeric" })}`;
  }

  date(text) {
    return text ? this.#format(text, { dateStyle: "medium" }) : "";
  }

  time(text) {
    return text ? `${this.date(text)} ${this.clock(text)}` : "";
  }

  // A span of time, short: the days are left out where it lies in one, the hours where they are midnights.
  span(from, to) {
    const last = new Date(new Date(to).getTime() - 1).toISOString();
    if (this.#whole(from) && this.#whole(to)) {
      return this.day(from) === this.day(last) ? this.weekday(from) : `${this.weekday(from)} – ${this.weekday(last)}`;
    }
    if (this.day(from) === this.day(last)) return `${this.weekday(from)} ${this.clock(from)}–${this.#whole(to) ? "24:00" : this.clock(to)}`;
    return `${this.weekday(from)} ${this.clock(from)} – ${this.weekday(to)} ${this.clock(to)}`;
  }

  // Since when and until when a record is as it is; an end at midnight is the day before, included.
  period(from, to) {
    const { words } = this;
    const end = to && (this.#whole(to) ? this.date(new Date(new Date(to).getTime() - 1)) : this.time(to));
    const begin = from && (this.#whole(from) ? this.date(from) : this.time(from));
    if (!begin && !end) return words.always;
    if (!end) return fill(words.since, { from: begin });
    return fill(words.from_to, { from: begin ?? words.ever, to: end });
  }

  role(role) {
    if (!role) return this.words.gone;
    return this.lang === "en" && role.name_en ? role.name_en : role.name;
  }

  target(target) {
    if (!target || target.code === null) return this.words.gone;
    const unit = target.kind === "unit" ? target.code.slice(target.code.lastIndexOf("#")) : "";
    return `${target.name ?? target.code}${unit}`;
  }

  targetKind(target) {
    return this.choice("duties", "target_kind", target.kind);
  }

  choice(kind, field, value) {
    return this.kinds[kind]?.fields.find((one) => one.name === field)?.choices[value] ?? value;
  }

  label(kind, field) {
    return this.kinds[kind]?.fields.find((one) => one.name === field)?.label ?? this.words.fields[field] ?? field;
  }

  // A value of a record as people read it.
  value(kind, field, value) {
    const { words } = this;
    if (value === null || value === undefined || value === "" || (Array.isArray(value) && !value.length)) return words.nothing;
    if (typeof value === "boolean") return value ? words.yes : words.no;
    if (Array.isArray(value)) return value.join(words.comma);
    if (field === "layer") return this.layers.get(value) ?? value;
    if (field === "promised") return this.promised(value);
    if (/^\d{4}-\d\d-\d\dT\d\d:\d\d.*(Z|[+-]\d\d:\d\d)$/.test(value)) return this.time(value);
    return this.choice(kind, field, value);
  }

  // "2 hours" as the service writes it.
  promised(text) {
    const [count, unit] = String(text).split(" ");
    return this.words.units[unit] ? fill(this.words.units[unit], { count }) : String(text);
  }

  // Days later, at the same local midnight, as 2026-11-23.
  shifted(day, days) {
    return new Date(Date.parse(`${day}T00:00:00Z`) + days * DAY).toISOString().slice(0, 10);
  }

  // The Monday of the week that a day is in.
  monday(day) {
    const weekday = (new Date(`${day}T00:00:00Z`).getUTCDay() + 6) % 7;
    return this.shifted(day, -weekday);
  }

  today() {
    return this.day(new Date());
  }

  // What an input of local date and time holds.
  local(text) {
    return text ? `${this.day(text)}T${this.clock(text)}` : "";
  }

  message(one) {
    return this.lang === "en" ? one.message : (one.message_zh ?? one.message);
  }

  // A message that stands by itself.
  sentence(one) {
    const text = this.message(one);
    return text.charAt(0).toUpperCase() + text.slice(1);
  }

  #whole(text) {
    return this.clock(text) === "00:00";
  }

  #format(text, options) {
    return new Intl.DateTimeFormat(this.lang, { ...options, timeZone: this.timezone }).format(new Date(text));
  }
}
