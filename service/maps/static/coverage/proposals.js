// Where the next stations would help most: an instant answer, then the progress of its proof.

import { el, fill, replaceContent } from "../dom.js";
import { field, select, setFault } from "../kit/form.js";
import { failureText, notice } from "../kit/notices.js";
import { Latest } from "./api.js";
import { textOf } from "./planner.js";

const POLL_MS = 1500;
const MOST_STATIONS = 50;
const UNDER_WAY = new Set(["queued", "proving"]);

export class Proposals {
  // acts: stateOf(), shown(sites): draw them, take(sites): into the trial, goTo(site).
  constructor(config, figures, api, acts) {
    Object.assign(this, { config, words: config.words, figures, api, acts, proposal: null });
    this.latest = new Latest();
    this.timer = null;
    this.answer = el("div", { class: "proposal", "aria-live": "polite" });
    this.element = el("section", { class: "propose" }, ...this.#form(), this.answer);
  }

  // What is counted changed, or the page is left: what was proposed holds no more.
  forget() {
    this.stop();
    this.proposal = null;
    replaceContent(this.answer);
    this.acts.shown([]);
  }

  get sites() {
    return (this.proposal?.best ?? this.proposal?.instant)?.sites ?? [];
  }

  stop() {
    clearTimeout(this.timer);
    this.timer = null;
    this.latest.stop();
  }

  #form() {
    const { words } = this;
    this.goal = select([["stations", words.propose_by_stations], ["share", words.propose_by_share]], "stations", {
      id: "propose-goal",
      onchange: () => this.#showGoal(),
    });
    this.number = el("input", { id: "propose-stations", type: "number", min: "1", max: MOST_STATIONS, value: "3", inputmode: "numeric" });
    this.percent = el("input", { id: "propose-share", type: "number", min: "1", max: "100", step: "any", value: "95", inputmode: "decimal" });
    this.kind = select(
      [["both", words.propose_both], ["buildings", words.propose_buildings], ["places", words.propose_places]],
      "both",
      { id: "propose-sites" },
    );
    this.fields = [field(words.propose_stations, this.number), field(words.propose_share, this.percent)];
    this.#showGoal();
    const form = el(
      "form",
      { class: "propose-form", novalidate: true },
      field(words.propose_goal, this.goal),
      this.fields,
      field(words.propose_sites, this.kind),
      el("button", { type: "submit", class: "button" }, words.propose_ask),
    );
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#ask();
    });
    return [el("h3", {}, words.propose), el("p", { class: "hint" }, words.propose_text), form];
  }

  #showGoal() {
    const byShare = this.goal.value === "share";
    this.fields[0].hidden = byShare;
    this.fields[1].hidden = !byShare;
  }

  // What is wished, null where it makes no sense, which is said beside the field.
  #wish() {
    const { words } = this;
    const byShare = this.goal.value === "share";
    const [input, value] = byShare ? [this.percent, Number(this.percent.value || NaN)] : [this.number, Number(this.number.value || NaN)];
    const sound = byShare ? value > 0 && value <= 100 : Number.isInteger(value) && value >= 1 && value <= MOST_STATIONS;
    setFault(input, sound ? "" : byShare ? words.propose_share_wrong : words.propose_number_wrong);
    if (!sound) return null;
    return { ...(byShare ? { share: value / 100 } : { stations: value }), sites: this.kind.value };
  }

  async #ask() {
    const wish = this.#wish();
    if (!wish) return;
    this.forget();
    replaceContent(this.answer, el("p", { class: "quiet" }, this.words.propose_asking));
    await this.#follow((signal) => this.api.propose(this.acts.stateOf(), wish, signal));
  }

  async #follow(question) {
    try {
      const proposal = await this.latest.run(question);
      if (proposal === undefined) return;
      this.proposal = proposal;
      this.#show();
      if (this.#underWay) {
        this.timer = setTimeout(() => this.#follow((signal) => this.api.proposal(proposal.id, signal)), POLL_MS);
      }
    } catch (error) {
      const told = notice("failure", el("p", {}, failureText(error, this.words, this.config.lang)));
      if (this.proposal) this.answer.append(told);
      else replaceContent(this.answer, told);
    }
  }

  get #underWay() {
    return UNDER_WAY.has(this.proposal.state);
  }

  #show() {
    const { words, figures, proposal } = this;
    const best = proposal.best ?? proposal.instant;
    const sites = best.sites.map((site) => ({ ...site, name: (this.config.lang === "en" && site.name_en) || site.name }));
    this.acts.shown(sites);
    const warnings = proposal.question.warnings.map((one) => el("p", { class: "notice" }, textOf(one, this.config.lang)));
    if (!sites.length) {
      replaceContent(this.answer, el("p", {}, words.propose_none), warnings);
      return;
    }
    const share = figures.share({ covered: best.share ?? 0, all: 1 });
    const take = () => this.acts.take(sites);
    replaceContent(
      this.answer,
      warnings,
      el("p", { class: "proposal-told" }, fill(words.propose_reached, { count: sites.length, share })),
      el("p", { class: "proof", role: "status" }, this.#proof(best)),
      el("ol", { class: "proposal-sites" }, sites.map((site) => this.#site(site))),
      el(
        "div",
        { class: "trial-tools" },
        el("button", { type: "button", class: "button", onclick: take }, words.propose_take),
        this.#underWay && el("button", { type: "button", class: "button small", onclick: () => this.#cancel() }, words.propose_cancel),
        el("button", { type: "button", class: "button small", onclick: () => this.forget() }, words.propose_forget),
      ),
    );
  }

  #proof(best) {
    const { words, figures, proposal } = this;
    if (best.proven) return el("span", { class: "chip good" }, words.propose_proven);
    if (this.#underWay) return this.#progress();
    if (proposal.state === "failed") return `${words.propose_failed} ${textOf({ message: proposal.problem?.detail, message_zh: proposal.problem?.detail_zh }, this.config.lang)}`;
    if (best.bound_of === "stations") return fill(words.propose_fewest, { count: figures.number(best.bound) });
    return fill(words.propose_bound, { gap: figures.amount(Math.max(best.bound - best.gained, 0), this.acts.stateOf().count) });
  }

  // How far the proof is, in seconds of those that it may take.
  #progress() {
    const { words, proposal } = this;
    if (!proposal.worker_alive) return words.propose_no_worker;
    const { progress } = proposal;
    if (!progress?.total) return words.propose_proving;
    return [
      words.propose_proving,
      el("progress", { max: progress.total, value: Math.min(progress.done, progress.total), "aria-label": words.propose_proving }),
    ];
  }

  #site(site) {
    const { words, figures } = this;
    const gained = figures.amount(site.gained, this.acts.stateOf().count);
    return el(
      "li",
      {},
      el("button", { type: "button", class: "opens", onclick: () => this.acts.goTo(site) }, site.name || words.propose_unnamed),
      el("span", { class: "number" }, fill(words.propose_gained, { count: gained })),
    );
  }

  async #cancel() {
    clearTimeout(this.timer);
    const { id } = this.proposal;
    try {
      await this.api.cancelProposal(id);
    } catch {
      // Already at its end: the next look says so.
    }
    await this.#follow((signal) => this.api.proposal(id, signal));
  }
}
