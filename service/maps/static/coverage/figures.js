// Numbers and the sentence to quote, in the language of the page.

import { fill } from "../dom.js";

export class Figures {
  constructor(words, lang, timezone) {
    Object.assign(this, { words, lang, timezone });
    this.whole = new Intl.NumberFormat(lang, { maximumFractionDigits: 0 });
    this.tenth = new Intl.NumberFormat(lang, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
    this.loose = new Intl.NumberFormat(lang, { maximumFractionDigits: 1 });
  }

  number(value) {
    return this.whole.format(Math.round(value));
  }

  // A share as a text: never 100.0 % while somebody is outside, nor 0.0 % while somebody is inside.
  share(counted) {
    const share = shareOf(counted);
    if (share === null) return this.words.no_data;
    const percent = share * 100;
    const held = share > 0 && share < 1 ? Math.min(Math.max(percent, 0.1), 99.9) : percent;
    return fill(this.words.share_text, { percent: this.tenth.format(held) });
  }

  // "1,234 户"; a count that has no words of its own keeps its name.
  amount(value, count) {
    const [name, spaced] = [this.words.units[count] ?? count, this.number(value)];
    return `${spaced} ${name}`;
  }

  unit(count) {
    return this.words.units[count] ?? count;
  }

  counted(count) {
    return this.words.counted[count] ?? count;
  }

  minutes(value) {
    return fill(this.words.minutes_text, { minutes: this.loose.format(value) });
  }

  metres(value) {
    return fill(this.words.metres_text, { metres: this.number(value) });
  }

  time(text) {
    const format = { dateStyle: "medium", timeStyle: "short", timeZone: this.timezone };
    return new Intl.DateTimeFormat(this.lang, format).format(new Date(text));
  }

  // One line on a place, for the foot of the map.
  place(name, counted, count) {
    if (!counted?.all) return fill(this.words.hover_nobody, { name });
    const outside = this.amount(outsideOf(counted), count);
    return fill(this.words.hover_place, { name, share: this.share(counted), outside });
  }

  // {strong, rest}: what stands large, and the figures behind it.
  headline(total, state, { area, level }) {
    const { words } = this;
    const counted = total[state.count];
    const values = {
      where: area ? fill(words.where_in, { name: area.name }) : "",
      when: state.at ? fill(words.when_open, { time: state.at === "now" ? words.hours_now : this.time(state.at) }) : "",
      minutes: this.loose.format(state.minutes),
      what: this.#what(state, level),
      counted: this.counted(state.count),
    };
    if (!counted?.all) return { strong: fill(words.headline_nobody, values), rest: "" };
    const figures = {
      share: this.share(counted),
      all: this.amount(counted.all, state.count),
      covered: this.lang === "en" ? this.number(counted.covered) : this.amount(counted.covered, state.count),
      outside: this.amount(counted.all - counted.covered, state.count),
    };
    return { strong: fill(words.headline, { ...values, ...figures }), rest: fill(words.headline_counts, figures) };
  }

  #what({ category }, level) {
    if (category) return fill(this.words.what_category, { name: category });
    return level ? fill(this.words.what_level, { name: level }) : this.words.what_any;
  }
}

export function shareOf(counted) {
  return counted?.all > 0 ? counted.covered / counted.all : null;
}

export function outsideOf(counted) {
  return counted ? Math.max(counted.all - counted.covered, 0) : 0;
}
