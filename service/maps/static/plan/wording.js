// How the editor writes counts, shares, times, findings and refusals.

import { fill } from "../dom.js";

export const NOTHING = "–";

export class Wording {
  constructor({ words, lang, timezone }) {
    Object.assign(this, { words, lang, timezone });
    this.whole = new Intl.NumberFormat(lang, { maximumFractionDigits: 0 });
    this.tenths = new Intl.NumberFormat(lang, { maximumFractionDigits: 1 });
    this.hundredths = new Intl.NumberFormat(lang, { minimumFractionDigits: 2, maximumFractionDigits: 2 });
    this.shares = new Intl.NumberFormat(lang, { style: "percent", maximumFractionDigits: 1 });
    this.moments = new Intl.DateTimeFormat(lang, { dateStyle: "medium", timeStyle: "short", timeZone: timezone });
    this.clock = new Intl.DateTimeFormat(lang, { timeStyle: "short", timeZone: timezone });
    this.zones = new Intl.DateTimeFormat(lang, { timeZone: timezone, timeZoneName: "long" });
    this.minutes24 = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: timezone });
    this.days = new Intl.DateTimeFormat("en-CA", { year: "numeric", month: "2-digit", day: "2-digit", timeZone: timezone });
  }

  count(value) {
    return isNumber(value) ? this.whole.format(value) : NOTHING;
  }

  minutes(value) {
    return isNumber(value) ? fill(this.words.minutes_text, { minutes: this.tenths.format(value) }) : NOTHING;
  }

  ratio(value) {
    return isNumber(value) ? this.hundredths.format(value) : NOTHING;
  }

  share(value) {
    return isNumber(value) ? this.shares.format(value) : NOTHING;
  }

  // Today by the clock, other days with their date.
  time(text) {
    if (!text) return "";
    const moment = new Date(text);
    return this.days.format(moment) === this.days.format(new Date()) ? this.clock.format(moment) : this.moments.format(moment);
  }

  // The beginning of tomorrow where the grids are, as a field for a time has it.
  tomorrow() {
    return `${this.days.format(new Date(Date.now() + 24 * 3600 * 1000))}T00:00`;
  }

  // This minute where the grids are, likewise.
  minute() {
    const now = new Date();
    return `${this.days.format(now)}T${this.minutes24.format(now)}`;
  }

  // What the time there is called: 中国标准时间.
  zone() {
    return this.zones.formatToParts(new Date()).find(({ type }) => type === "timeZoneName")?.value ?? this.timezone;
  }

  // The day of an instant where the grids are: 2026-11-23.
  day(text) {
    return text ? this.days.format(new Date(text)) : "";
  }

  date(text) {
    return text ? this.moments.format(new Date(text)) : "";
  }

  grid({ name, code }) {
    return name ? `${name} ${code}` : code;
  }

  // What the service says in both languages, such as a finding or the summary of an operation.
  message(said, name = "message") {
    return (this.lang === "en" ? said[name] : (said[`${name}_zh`] ?? said[name])) ?? "";
  }

  problem(error) {
    const { words } = this;
    if (error.kind === "overtaken") {
      return fill(words.overtaken, { names: error.names.join(words.comma) || words.somebody, grids: error.grids.join(words.comma) });
    }
    if (error.kind === "renamed") return fill(words.renamed_meanwhile, error);
    if (error.kind === "offline") return `${words.offline_title}${words.stop}${this.lang === "en" ? " " : ""}${words.offline_text}`;
    if (error.kind === "session") return words.session_over;
    const said = this.message(error.problem ?? {}, "detail");
    return said || words.failed_title;
  }
}

export function isNumber(value) {
  return typeof value === "number" && Number.isFinite(value);
}

// Whether an instant is still to come.
export function isLater(text) {
  return Boolean(text) && new Date(text) > new Date();
}

// A fact of a problem, wherever the service puts it.
export function factOf(error, name) {
  return error.problem?.[name] ?? error.problem?.facts?.[name] ?? null;
}

// Where what a draft became is compared with what it began from.
export function diffAddress({ root, wording }, { layer, base, published_release: number }) {
  return `${root}/maps/diff/${encodeURIComponent(layer)}/${base}/${number}${wording.lang === "en" ? "?lang=en" : ""}`;
}
