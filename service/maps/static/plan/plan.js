// The editor of a draft: who may, the map with its tools, and the panel that tells what every step does.

import { prepareMap } from "../chrome.js";
import { el, readConfig, replaceContent } from "../dom.js";
import { Gate } from "../kit/gate.js";
import { GridScene } from "../scene.js";
import { Service } from "../service.js";
import { fromTab, keepInTab } from "../view.js";
import { askFields } from "./asking.js";
import { Communities } from "./communities.js";
import { DraftClient } from "./draft.js";
import { Edits } from "./edits.js";
import { Figures } from "./figures.js";
import { Findings } from "./findings.js";
import { History } from "./history.js";
import { Impact } from "./impact.js";
import { Others } from "./others.js";
import { PlanPanel } from "./panel.js";
import { PlanMap } from "./plan_map.js";
import { Publishing } from "./publishing.js";
import { rebasedText, takeToNewest } from "./rebase.js";
import { tellState } from "./ready.js";
import { Register } from "./register.js";
import { Wording } from "./wording.js";

// So long after the last step all findings and the whole impact are asked for anew.
const SETTLED_MS = 700;
const byId = (id) => document.getElementById(id);

class PlanPage {
  constructor() {
    this.config = readConfig();
    this.words = this.config.words;
    if (fromTab("ended")) this.words.gate_text = this.words.session_over;
    this.wording = new Wording(this.config);
    this.service = new Service(this.config);
    // A phone shows what a draft would do; there is no room to draw on.
    this.wide = window.matchMedia("(min-width: 761px)").matches;
    Object.assign(this, { client: null, plan: null, tab: "chosen", renewing: null, stale: new Set(), counts: { errors: 0, warnings: 0 }, timer: null });
    this.gate = new Gate({
      place: byId("gate"), roles: this.config.planners, service: this.service, words: this.words,
      admitted: () => this.#admit(),
      left: () => this.#leave(),
    });
  }

  async start() {
    byId("other-language").addEventListener("click", (event) => (event.currentTarget.hash = location.hash));
    await this.gate.open();
    if (!this.client) tellState("gate");
  }

  async #admit() {
    // Somebody else has signed in: what the page holds was the other's.
    if (this.client) return location.reload();
    this.client = new DraftClient(this.service, this.config.draft);
    document.body.dataset.loading = "true";
    try {
      await this.client.open();
      await this.#build();
      tellState("true");
    } catch (error) {
      this.#failed(error);
    }
    delete document.body.dataset.loading;
    return null;
  }

  #leave() {
    clearTimeout(this.timer);
    this.client?.close();
    this.plan?.destroy?.();
    if (this.client) location.reload();
    byId("work").hidden = true;
  }

  async #build() {
    const { client, wording, words } = this;
    const acts = { act: (operation, options) => this.act(operation, options), wording };
    this.register = new Register(client);
    this.panel = new PlanPanel({
      words, wording, root: this.config.root,
      acts: { undo: () => this.turn("undo"), redo: () => this.turn("redo"), publish: () => this.#publish(), rename: () => this.#rename(), opened: (tab) => this.#opened(tab) },
    });
    const show = (place) => this.show(place);
    this.figures = new Figures(byId("figures"), { wording, register: this.register, show, ask: async (grid) => (await client.figures({ grid })).grid });
    this.edits = new Edits(byId("edits"), { ...acts, register: this.register });
    this.findings = new Findings(byId("findings"), { wording, ask: () => client.findings(), show, counted: (errors, warnings) => this.#counted(errors, warnings) });
    this.impact = new Impact(byId("impact"), { wording, register: this.register, ask: () => client.impact(), known: (impact) => this.#knowImpact(impact), links: () => this.#links() });
    this.history = new History(byId("history"), { client, wording, show });
    this.communities = new Communities(byId("communities"), {
      wording, register: this.register, ask: async (community) => (await client.figures({ community })).community,
      acts: {
        ...acts,
        choose: (rows) => this.#choose(rows),
        drawLine: (hint) => this.plan?.drawLine?.({ hint }) ?? null,
        chosen: () => this.chosen,
        editable: () => this.editable,
      },
    });
    this.others = new Others(byId("others"), { wording, show });
    this.publishing = new Publishing({
      client, wording, root: this.config.root, timezone: this.config.timezone,
      acts: { impact: () => this.impact.impact, findings: () => this.counts, renew: () => this.#renew(), opened: (tab) => this.panel.tabs.open(tab), show, rebased: () => location.reload() },
    });
    byId("rebase-now").addEventListener("click", () => this.#publish());
    this.#listen();
    byId("work").hidden = false;
    this.panel.show(client.state, this.editable);
    const rebased = rebasedText(this);
    if (rebased) this.panel.say("good", rebased);
    if (!this.wide) this.panel.tabs.open("impact");
    await this.register.load();
    if (this.wide) await this.#drawMap();
    this.communities.show();
    this.figures.choose(this.chosen);
    for (const part of ["findings", "impact", "history"]) this.stale.add(part);
    this.#renew();
  }

  get editable() {
    return this.wide && this.client.draft.state === "open";
  }

  // Properties of the chosen grids, as they are now.
  get chosen() {
    return this.plan?.selection ?? [];
  }

  async #drawMap() {
    const { config, words, client } = this;
    const { map } = window.gridmap;
    prepareMap(window.L, map, words, { whole: () => this.#whole() }, { still: window.matchMedia("(prefers-reduced-motion: reduce)").matches, scale: byId("scale") });
    config.layer = client.draft.layer;
    config.editable = this.editable;
    this.scene = new GridScene(window.L, map, config, this.service);
    this.#whole();
    await this.scene.show(config.layer);
    this.plan = new PlanMap(window.L, map, this.scene, client, words, config);
    this.plan.addEventListener("selection", ({ detail }) => this.#chose(detail.grids));
    this.plan.addEventListener("finding", () => this.panel.tabs.open("findings"));
    await this.plan.start();
  }

  #listen() {
    const { client } = this;
    const { state } = client.draft;
    client.addEventListener("state", ({ detail }) => {
      // Published, discarded, or open again, here or elsewhere: what can be done with it is another thing now.
      if (detail.draft.state !== state) return location.reload();
      return this.panel.show(detail, this.editable);
    });
    client.addEventListener("changed", ({ detail }) => this.#changed(detail));
    client.addEventListener("refused", ({ detail }) => this.#refused(detail));
    client.addEventListener("restarted", () => location.reload());
    window.addEventListener("beforeunload", (event) => client.waiting > 0 && event.preventDefault());
  }

  // One operation by a form or a button; quiet: who asked says itself what was refused.
  async act(operation, { quiet = false } = {}) {
    this.quiet = quiet;
    this.panel.say("");
    return this.client.apply(operation);
  }

  async turn(way) {
    this.panel.say("");
    await this.client[way]().catch(() => null);
  }

  show(place) {
    if (!this.plan) return;
    if (place.code && !Number.isFinite(place.lon)) {
      const row = this.register.byCode(place.code);
      if (row?.bbox) this.plan.show({ bounds: row.bbox });
      this.plan.select([place.code]);
    } else this.plan.show(place);
  }

  #choose(rows) {
    const bounds = this.register.box(rows);
    if (!this.plan) return;
    this.plan.select(rows.map(({ code }) => code));
    if (bounds) this.plan.show({ bounds });
  }

  #chose(grids) {
    this.figures.choose(grids);
    this.edits.choose(this.editable ? grids : []);
    if (this.tab === "communities") this.communities.show();
    else if (grids.length) this.panel.tabs.open("chosen");
  }

  #changed(detail) {
    this.register.take(detail);
    if (detail.by === "me") {
      this.panel.say("");
      this.figures.know({ step: detail.impact?.step ?? null });
    } else this.others.tell(detail);
    this.figures.choose(this.chosen);
    // What somebody is filling in stays while others work elsewhere.
    this.edits.choose(this.editable ? this.chosen : [], { renew: detail.by === "me" });
    this.communities.show();
    for (const part of ["findings", "impact", "history"]) this.stale.add(part);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.#renew(), SETTLED_MS);
  }

  // Asks anew for what the last steps made old.
  #renew() {
    clearTimeout(this.timer);
    const parts = [...this.stale];
    this.stale.clear();
    const asked = Promise.all(parts.map((part) => this[part].renew())).then(() => this.plan?.marks?.(this.findings.items ?? []));
    this.renewing = Promise.all([this.renewing, asked]);
    return this.renewing;
  }

  // What the dialog tells is what would be published.
  async #publish() {
    byId("publish").disabled = true;
    await this.#renew();
    this.panel.show(this.client.state, this.editable);
    this.publishing.open();
  }

  #knowImpact(impact) {
    this.figures.know({ impact });
    this.communities.know(impact);
  }

  #counted(errors, warnings) {
    this.counts = { errors, warnings };
    this.panel.count(this.counts);
  }

  #opened(tab) {
    this.tab = tab;
    if (tab === "communities") this.communities.show();
  }

  #refused({ error, told }) {
    if (error.kind === "session") return this.#ended();
    const { quiet } = this;
    this.quiet = false;
    if (!quiet && !told) this.panel.say("failure", this.wording.problem(error));
    return null;
  }

  // Nothing of the draft stays on the page; the next one says why.
  #ended() {
    keepInTab("ended", "true");
    return this.gate.end();
  }

  async #rename() {
    const { words, wording, client } = this;
    const { name, note } = client.draft;
    let seen = { name, note };
    await askFields({
      title: words.rename_draft,
      fields: [{ name: "name", label: words.draft_name, value: name, required: true }, { name: "note", label: words.draft_note, value: note }],
      agree: words.save, refuse: words.cancel, missing: words.needed,
      told: (error) => wording.problem(error),
      act: async (values) => {
        try {
          await client.rename(values, seen);
        } catch (error) {
          // Who was told of the other's name may write over it.
          if (error.kind === "renamed") seen = error;
          throw error;
        }
      },
    });
  }

  #links() {
    const { words, config } = this;
    const lang = config.lang === "en" ? "en" : "zh";
    const base = `${config.root}${this.client.path}`;
    const link = (address, text, own = {}) => el("a", { class: "button small", href: address, ...own }, text);
    const file = (address, text) => link(address, text, { download: true });
    return [
      link(`${base}/report?format=pdf&lang=${lang}`, words.report_pdf, { target: "_blank", rel: "noopener" }),
      file(`${base}/report?format=xlsx&lang=${lang}`, words.report_xlsx),
      file(`${base}/export?format=gpkg`, words.export_gpkg),
    ];
  }

  #href(path, fields) {
    const query = new URLSearchParams({ ...fields, ...(this.config.lang === "en" ? { lang: "en" } : {}) });
    return `${this.config.root}${path}?${query}`;
  }

  #whole() {
    const box = this.register.box([...this.register.rows.values()]);
    if (!box) return;
    const [west, south, east, north] = box;
    window.gridmap.map.fitBounds([[south, west], [north, east]], { padding: [16, 16], animate: false });
  }

  // A draft whose base was withdrawn cannot be shown; it can be taken to the newest release.
  async #takeOn() {
    try {
      if (await takeToNewest(this)) location.reload();
    } catch (error) {
      byId("gate-said").textContent = this.wording.problem(error);
    }
  }

  #failed(error) {
    const { words, wording } = this;
    tellState("failed");
    if (error.kind === "session") return this.#ended();
    if (!("problem" in error)) throw error;
    const gone = error.problem.status === 404;
    // Nothing can be counted where the base was withdrawn.
    const lost = this.client.draft?.state === "open" && this.client.draft.counts === null;
    const again = el("button", { type: "button", class: "button", onclick: () => location.reload() }, words.again);
    const list = el("a", { class: `button${lost ? "" : " primary"}`, href: this.#href("/maps/plan", {}) }, words.all_drafts);
    const newest = el("button", { type: "button", class: "button primary", id: "rebase", onclick: () => this.#takeOn() }, words.rebase);
    this.client.close();
    replaceContent(
      byId("gate"),
      el("section", { class: "gate" }, el("h2", {}, gone ? words.draft_gone : words.draft_failed), el("p", {}, wording.problem(error)), el("div", { class: "actions" }, lost ? newest : !gone && again, list), el("p", { id: "gate-said", class: "fault", role: "alert" })),
    );
    return null;
  }
}

window.planPage = new PlanPage();
window.planPage.start();
