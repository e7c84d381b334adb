// Those who answer for a place: the one to call first on top, the others by role with when each is there.

import { el, fill } from "./dom.js";

const MINUTES_AN_HOUR = 60;
const MINUTES_A_DAY = 1440;

export class People {
  constructor(words, { lang, timezone }) {
    Object.assign(this, { words, lang, timezone });
  }

  // people: as a look-up gives them. asOf: the instant that they are true for. matter: what it is about, or null.
  list(people, asOf, matter = null) {
    return [...this.first(people, asOf), ...this.others(people, asOf, matter)];
  }

  // The one to call first.
  first(people, asOf) {
    if (!people.length) return [el("p", { class: "quiet" }, this.words.nobody)];
    const first = people.find((person) => person.call_first);
    return first ? [this.#first(first, people, asOf)] : [];
  }

  others(people, asOf, matter = null) {
    const others = people.filter((person) => !person.call_first);
    if (!others.length) return [];
    return [
      el("h4", { class: "others-title" }, this.words.people_others),
      el("ul", { class: "people" }, others.map((person) => this.#person(person, people, asOf, matter))),
    ];
  }

  // "2 hours", "3 days": how long a matter may take.
  length(minutes) {
    const { words } = this;
    const number = new Intl.NumberFormat(this.lang);
    if (minutes % MINUTES_A_DAY === 0) return fill(words.days_long, { count: number.format(minutes / MINUTES_A_DAY) });
    if (minutes % MINUTES_AN_HOUR === 0) return fill(words.hours_long, { count: number.format(minutes / MINUTES_AN_HOUR) });
    return fill(words.minutes_long, { count: number.format(minutes) });
  }

  // A local time as short as it is clear: the hour today, tomorrow and the hour, else the day too.
  time(text, asOf) {
    const { words } = this;
    const clock = this.#format(text, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
    const days = this.#day(text) - this.#day(asOf);
    if (days === 0) return fill(words.today_at, { time: clock });
    if (days === 1) return fill(words.tomorrow_at, { time: clock });
    const year = days > 300 || days < -300 ? { year: "numeric" } : {};
    return `${this.#format(text, { ...year, month: "numeric", day: "numeric" })} ${clock}`;
  }

  role(person) {
    return this.lang === "en" && person.role_name_en ? person.role_name_en : person.role_name;
  }

  #duties(person, tag) {
    const text = this.lang === "en" && person.duties_en ? person.duties_en : person.duties;
    return text && el(tag, { class: "duties" }, text);
  }

  #first(person, people, asOf) {
    const { words } = this;
    return el(
      "section",
      { class: `call-first${person.on_duty_now ? "" : " away"}` },
      el("p", { class: "call-title" }, person.on_duty_now ? words.call_first : words.call_first_away),
      el("p", { class: "call-name" }, el("span", { class: "who" }, person.name), " ", el("span", { class: "role" }, this.role(person), this.#marks(person))),
      person.phone
        ? phoneOf(person.phone, fill(words.call, { name: person.name }), "call-phone")
        : el("p", { class: "quiet" }, words.no_phone),
      /\*/.test(person.phone ?? "") && el("p", { class: "quiet" }, words.masked_hint),
      el("p", { class: "state-line" }, this.#state(person, people, asOf)),
      this.#duties(person, "p"),
    );
  }

  #person(person, people, asOf, matter) {
    const { words } = this;
    const forMatter = matter && (matter.role?.code === person.role || person.via === "matter");
    return el(
      "li",
      { class: person.on_duty_now ? "there" : "gone" },
      el("span", { class: "role" }, this.role(person), this.#marks(person), forMatter && el("span", { class: "mark" }, words.matter_for)),
      el("span", { class: "name" }, person.name),
      phoneOf(person.phone, fill(words.call, { name: person.name })),
      el("span", { class: "state-line" }, this.#state(person, people, asOf)),
      this.#duties(person, "span"),
    );
  }

  #marks(person) {
    const { words } = this;
    const marks = [];
    if (person.assignment === "stand_in") marks.push(words.stand_in);
    if (person.via !== "grid" && person.via !== "matter") marks.push(fill(words.via, { level: words.levels[person.via] ?? person.via }));
    return marks.map((mark) => el("span", { class: "mark" }, mark));
  }

  // "on duty", "back 08:30", "on leave, back on 12/3; B stands in"; the shape of the dot says it without colour.
  #state(person, people, asOf) {
    const { words } = this;
    if (person.on_duty_now) return [el("span", { class: "state on" }, words.on_duty)];
    const back = person.back_at ? this.time(person.back_at, asOf) : null;
    if (person.reason === "standby") return [el("span", { class: "state off" }, words.standby)];
    if (person.reason === "on_leave") {
      const other = people.find((one) => one.assignment === "stand_in" && one.role === person.role && one.via === person.via && one.on_duty_now);
      return [
        el("span", { class: "state leave" }, back ? fill(words.on_leave_until, { time: back }) : words.on_leave),
        other && el("span", { class: "state-more" }, fill(words.stood_in_by, { name: other.name })),
      ].filter(Boolean);
    }
    return [el("span", { class: "state off" }, words.off_hours), back && el("span", { class: "state-more" }, fill(words.back_at, { time: back }))].filter(Boolean);
  }

  #format(text, options) {
    return new Intl.DateTimeFormat(this.lang, { ...options, timeZone: this.timezone }).format(new Date(text));
  }

  // Days since an epoch, by the local calendar.
  #day(text) {
    const parts = new Intl.DateTimeFormat("en-CA", { year: "numeric", month: "2-digit", day: "2-digit", timeZone: this.timezone });
    return Date.parse(`${parts.format(new Date(text))}T00:00:00Z`) / 86_400_000;
  }
}

// A number that is whole can be dialled; a masked one is only shown.
export function phoneOf(phone, label, extra = "") {
  if (!phone) return null;
  if (!/^[+\d][\d\s()-]{2,}$/.test(phone)) return el("span", { class: `phone masked ${extra}` }, phone);
  return el("a", { class: `phone ${extra}`, href: `tel:${phone.replace(/[^\d+]/g, "")}`, "aria-label": `${label} ${phone}` }, phone);
}
