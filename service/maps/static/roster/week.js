// The week of a community: a row per target and role, a lane per person with bars, and where nobody will be.

import { el, fill, replaceContent } from "../dom.js";
import { failureText, notice } from "../kit/notices.js";
import { field, select, tick } from "../kit/form.js";
import { StandIn } from "./standin.js";

const DAYS = 7;
const PAGE = 80;
const HOLES = 30;
const NARROW = 0.055;

export class Week {
  // go(fields): writes the week, the area and the role into the address; done and failed as in `RecordDialog`.
  constructor({ config, roster, wording, sources, editable, go, done, failed }) {
    Object.assign(this, { config, roster, wording, editable, go, failed });
    this.standIn = new StandIn({ roster, wording, sources, done, failed });
    this.element = el("div", { class: "week-view" });
    this.turn = 0;
  }

  async show({ week, within, role, holes }) {
    const turn = (this.turn += 1);
    const { words } = this.wording;
    this.week = this.wording.monday(/^\d{4}-\d\d-\d\d$/.test(week ?? "") ? week : this.wording.today());
    try {
      this.areas ??= await this.roster.all("areas");
      this.roles ??= (await this.roster.all("roles")).sort((one, other) => one.position - other.position);
    } catch (error) {
      this.#fail(error, { week, within, role, holes });
      return;
    }
    if (turn !== this.turn) return;
    if (!this.areas.length) {
      replaceContent(this.element, el("p", { class: "quiet" }, words.no_areas));
      return;
    }
    this.area = this.areas.find((one) => one.code === within) ?? this.#firstCommunity();
    this.role = this.roles.some((one) => one.code === role) ? role : "";
    this.only = holes === "1";
    this.#frame();
    await this.#load(turn);
  }

  #frame() {
    const { words } = this.wording;
    this.state = el("p", { class: "table-state", role: "status" });
    this.grid = el("div", { class: "week-frame" });
    this.holes = el("aside", { class: "holes", "aria-label": words.holes_title });
    this.more = el("div", { class: "more" });
    replaceContent(
      this.element,
      this.#choosers(),
      el("div", { class: "week-columns" }, el("div", { class: "week-main" }, el("div", { class: "week-above" }, this.state, this.#key()), this.grid, this.more), this.holes),
    );
  }

  #choosers() {
    const { words } = this.wording;
    const parents = this.#parents();
    const chosen = this.#parentOf(this.area);
    const street = select([...parents.map((one) => [one.code, one.name])], chosen.code, {});
    const below = this.areas.filter((one) => one.parent === chosen.code);
    const community = select([["", fill(words.whole_of, { name: chosen.name })], ...below.map((one) => [one.code, one.name])], this.area.code === chosen.code ? "" : this.area.code, {});
    street.addEventListener("change", () => {
      const first = this.areas.find((one) => one.parent === street.value);
      this.#go({ within: first?.code ?? street.value });
    });
    community.addEventListener("change", () => this.#go({ within: community.value || chosen.code }));
    const role = select([["", words.all_roles], ...this.roles.map((one) => [one.code, this.wording.role(one)])], this.role, {});
    role.addEventListener("change", () => this.#go({ role: role.value }));
    const day = el("input", { type: "date", value: this.week });
    const only = tick(words.only_holes, this.only);
    only.input.addEventListener("change", () => this.#go({ holes: only.input.checked ? "1" : "" }));
    day.addEventListener("change", () => day.value && this.#go({ week: this.wording.monday(day.value) }));
    const step = (days, text, label) => el("button", { type: "button", class: "button small", "aria-label": label, onclick: () => this.#go({ week: this.wording.shifted(this.week, days) }) }, text);
    const last = this.wording.shifted(this.week, DAYS - 1);
    return el(
      "div",
      { class: "week-head" },
      el("div", { class: "fields" }, field(this.wording.words.street, street), field(words.community, community), field(words.role, role), field(words.week_of, day)),
      el(
        "div",
        { class: "week-steps" },
        step(-DAYS, "←", words.week_before),
        el("h2", { "aria-live": "polite" }, `${this.wording.date(`${this.week}T12:00:00Z`)} – ${this.wording.date(`${last}T12:00:00Z`)}`),
        step(DAYS, "→", words.week_after),
        el("button", { type: "button", class: "plain", onclick: () => this.#go({ week: this.wording.monday(this.wording.today()) }) }, words.week_now),
        only.element,
      ),
    );
  }

  #go(changed) {
    this.go(this.#asked(changed));
  }

  #asked(changed) {
    return { week: this.week, within: this.area.code, role: this.role, holes: this.only ? "1" : "", ...changed };
  }

  // The address of a week of this area.
  #address(changed) {
    const kept = Object.entries({ view: "week", ...this.#asked(changed) }).filter(([, value]) => value);
    return `#${new URLSearchParams(kept)}`;
  }

  async #load(turn) {
    const { words } = this.wording;
    this.element.setAttribute("aria-busy", "true");
    replaceContent(this.state, words.loading);
    const asked = { within: this.area.code, from: this.week, role: this.role };
    try {
      const [week, holes] = await Promise.all([
        this.roster.page("roster/week", { ...asked, with_holes: this.only || null, limit: PAGE }),
        this.roster.page("roster/holes", { ...asked, limit: HOLES }),
      ]);
      if (turn !== this.turn) return;
      this.begins = Date.parse(week.from);
      this.length = Date.parse(week.to) - this.begins;
      this.items = [];
      this.table = this.#table(week.from);
      replaceContent(this.grid, this.table);
      this.#add(week);
      this.#list(holes, week.to);
    } catch (error) {
      if (turn === this.turn) this.#fail(error, { week: this.week, ...asked, holes: this.only ? "1" : "" });
    } finally {
      if (turn === this.turn) this.element.removeAttribute("aria-busy");
    }
  }

  #add(week) {
    const { words } = this.wording;
    let before = this.items.at(-1);
    for (const post of week.items) {
      this.table.append(this.#post(post, before));
      before = post;
    }
    this.items.push(...week.items);
    this.grid.hidden = !this.items.length;
    replaceContent(this.state, this.items.length ? fill(words.posts_shown, { shown: this.wording.number(this.items.length), total: this.wording.number(week.total) }) : this.only ? words.posts_sound : words.posts_none);
    const again = async () => {
      const button = this.more.querySelector("button");
      button.disabled = true;
      try {
        this.#add(await this.roster.page("roster/week", { after: week.next }));
      } catch (error) {
        button.disabled = false;
        if (!this.failed(error)) replaceContent(this.state, failureText(error, words, this.wording.lang));
      }
    };
    replaceContent(this.more, week.next ? el("button", { type: "button", class: "button", onclick: again }, fill(words.posts_more, { count: this.wording.number(week.total - this.items.length) })) : []);
  }

  #table(from) {
    const { words } = this.wording;
    const today = this.wording.today();
    const days = Array.from({ length: DAYS }, (_, place) => this.wording.shifted(this.week, place));
    this.zone = from.slice(19);
    return el(
      "table",
      { class: "week" },
      el("caption", { class: "unseen" }, fill(words.week_caption, { name: this.area.name })),
      el("thead", {}, el("tr", {}, el("th", { scope: "col" }, words.post), el("th", { scope: "col" }, words.person), el("th", { scope: "col", class: "track-cell" }, el("div", { class: "days" }, days.map((day) => el("span", { class: day === today ? "today" : "" }, this.wording.weekday(`${day}T12:00:00${this.zone}`), day === today && el("span", { class: "unseen" }, words.today))))))),
    );
  }

  #post(post, before) {
    const { words } = this.wording;
    const lanes = [...post.people.map((one) => this.#lane(one)), ...(post.holes.length ? [this.#holeLane(post)] : [])];
    if (!lanes.length) lanes.push([el("td", { class: "who-cell" }, words.nobody_here), el("td", { class: "track-cell" }, el("div", { class: "track" }))]);
    const same = before && before.target.code === post.target.code && before.target.kind === post.target.kind;
    const head = el(
      "th",
      { scope: "rowgroup", rowspan: lanes.length, class: same ? "same-target" : "" },
      el("span", { class: "target-name" }, this.#targetLink(post.target)),
      el("span", { class: "role-name" }, this.wording.role(post.role)),
    );
    return el("tbody", { class: post.holes.length ? "with-hole" : "" }, lanes.map((cells, place) => el("tr", {}, place === 0 && head, cells)));
  }

  #targetLink(target) {
    const text = `${this.wording.target(target)}`;
    if (target.kind !== "grid") return [text, " ", el("span", { class: "kind-name" }, this.wording.targetKind(target))];
    const query = this.wording.lang === "en" ? "?lang=en" : "";
    return el("a", { href: `${this.config.root}/grids/${encodeURIComponent(target.layer)}/${encodeURIComponent(target.code)}${query}` }, text);
  }

  #lane({ holder, assignment, stands_in_for: other, on_duty: there, on_leave: away }) {
    const { words } = this.wording;
    const kind = assignment === "stand_in" ? "stand" : "firm";
    const note = other ? fill(words.for_whom, { name: other.name }) : assignment === "stand_in" ? words.stand_in : "";
    const told = [
      there.length ? `${words.on_duty}${words.colon}${there.map((span) => this.wording.span(span.from, span.to)).join(words.comma)}` : words.not_this_week,
      away.length ? `${words.on_leave}${words.colon}${away.map((span) => this.wording.span(span.from, span.to)).join(words.comma)}` : "",
    ].filter(Boolean);
    return [
      el("td", { class: "who-cell" }, el("span", { class: "person-name" }, holder.name), note && el("span", { class: "mark" }, note)),
      el(
        "td",
        { class: "track-cell" },
        el(
          "div",
          { class: "track" },
          el("span", { class: "unseen" }, told.join(words.semicolon)),
          away.map((span) => this.#bar("away", span, words.key_away)),
          there.map((span) => this.#bar(kind, span, words[kind === "stand" ? "stand_in" : "on_duty"])),
        ),
      ),
    ];
  }

  #holeLane(post) {
    const { words } = this.wording;
    return [
      el("td", { class: "who-cell hole-word" }, el("span", { "aria-hidden": "true", class: "warn-sign" }, "!"), words.hole),
      el("td", { class: "track-cell" }, el("div", { class: "track" }, post.holes.map((hole) => this.#hole(post, hole)))),
    ];
  }

  #hole(post, hole) {
    const { words } = this.wording;
    const open = this.editable && Date.parse(hole.to) > Date.now();
    const text = `${words.hole} ${this.wording.span(hole.from, hole.to)}`;
    const bar = this.#bar("hole", hole, words.hole, open ? "button" : "span");
    if (open) {
      bar.type = "button";
      bar.setAttribute("aria-label", fill(words.fill_hole, { what: `${this.wording.target(post.target)} ${this.wording.role(post.role)} ${text}` }));
      bar.addEventListener("click", () => this.standIn.open(post, hole));
    } else bar.append(el("span", { class: "unseen" }, text));
    return bar;
  }

  #bar(kind, { from, to }, word, tag = "span") {
    const share = (time) => Math.min(Math.max((Date.parse(time) - this.begins) / this.length, 0), 1);
    const [start, end] = [share(from), share(to)];
    const bar = el(tag, { class: `span ${kind}`, title: `${word} ${this.wording.span(from, to)}` });
    bar.style.left = `${start * 100}%`;
    bar.style.width = `${(end - start) * 100}%`;
    if (kind === "away" || kind === "hole") bar.append(el("span", { "aria-hidden": "true" }, end - start > NARROW ? word : kind === "hole" ? "!" : ""));
    return bar;
  }

  #list(holes, weekEnd) {
    const { words } = this.wording;
    const items = [...holes.items];
    const list = el("div", {});
    const draw = (page) => {
      const soon = items.filter((one) => one.from < weekEnd);
      const later = items.filter((one) => one.from >= weekEnd);
      replaceContent(
        list,
        el("h3", {}, words.holes_week),
        soon.length ? el("ul", {}, soon.map((one) => this.#holeItem(one))) : el("p", { class: "quiet good-word" }, words.holes_none),
        later.length > 0 && el("h3", {}, fill(words.holes_later, { day: this.wording.date(holes.to) })),
        later.length > 0 && el("ul", {}, later.map((one) => this.#holeItem(one))),
        page.next && el("button", { type: "button", class: "button small", onclick: more(page) }, fill(words.posts_more, { count: this.wording.number(page.total - items.length) })),
      );
    };
    const more = (page) => async () => {
      try {
        const next = await this.roster.page("roster/holes", { after: page.next });
        items.push(...next.items);
        draw(next);
      } catch (error) {
        if (!this.failed(error)) list.append(notice("failure", failureText(error, words, this.wording.lang)));
      }
    };
    draw(holes);
    const file = el("a", { class: "button small", href: this.roster.exportAddress("holes", { within: this.area.code, as_of: this.week, lang: this.wording.lang }) }, words.download);
    replaceContent(this.holes, el("h2", {}, words.holes_title, holes.total > 0 && el("span", { class: "count" }, this.wording.number(holes.total))), list, holes.total > 0 && file);
  }

  #holeItem(hole) {
    const { words } = this.wording;
    const several = hole.spans.length > 1 ? fill(words.hole_spans, { count: this.wording.number(hole.spans.length), hours: this.wording.number(hole.hours) }) : "";
    const [first] = hole.spans;
    const open = this.editable && Date.parse(hole.to) > Date.now();
    const missed = hole.missed.map((one) => one.name).join(words.comma);
    const what = `${this.wording.target(hole.target)} · ${this.wording.role(hole.role)}`;
    return el(
      "li",
      {},
      el("strong", {}, what),
      el("span", {}, el("a", { href: this.#address({ week: this.wording.monday(this.wording.day(first.from)), holes: "1" }) }, this.wording.span(first.from, first.to)), several && ` ${several}`),
      el("span", { class: "why" }, fill(words.reasons[hole.reason] ?? hole.reason, { name: missed })),
      open && el("button", { type: "button", class: "button small", "aria-label": fill(words.fill_hole, { what }), onclick: () => this.standIn.open(hole, hole) }, words.arrange),
    );
  }

  #key() {
    const { words } = this.wording;
    const sample = (kind, text) => el("li", {}, el("span", { class: `sample ${kind}`, "aria-hidden": "true" }, kind === "hole" ? "!" : ""), text);
    return el("ul", { class: "week-key", "aria-label": words.key_title }, sample("firm", words.key_firm), sample("stand", words.key_stand), sample("away", words.key_away), sample("hole", words.key_hole));
  }

  #fail(error, asked) {
    if (this.failed(error)) return;
    const { words } = this.wording;
    const again = el("button", { type: "button", class: "button small", onclick: () => this.show(asked) }, words.again);
    replaceContent(this.element, notice("failure", el("p", {}, failureText(error, words, this.wording.lang)), again));
  }

  // What communities lie in; an area without one stands for itself.
  #parents() {
    const named = new Set(this.areas.map((one) => this.#parentOf(one).code));
    const lowest = new Set(this.areas.filter((one) => !this.areas.some((other) => other.parent === one.code)).map((one) => this.#parentOf(one).code));
    return this.areas.filter((one) => named.has(one.code) && (lowest.has(one.code) || one.code === this.#parentOf(this.area).code));
  }

  #parentOf(area) {
    const below = this.areas.some((one) => one.parent === area.code);
    return below ? area : (this.areas.find((one) => one.code === area.parent) ?? area);
  }

  #firstCommunity() {
    return this.areas.find((one) => !this.areas.some((other) => other.parent === one.code)) ?? this.areas[0];
  }
}
