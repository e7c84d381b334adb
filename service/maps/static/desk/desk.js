// The clerk's desk: signs in, takes files, and goes with each load until it is committed, or undone.
// The address names the load after #, nothing else: it can be opened again and says nothing about anybody.

import { readConfig, replaceContent } from "../dom.js";
import { Gate } from "../kit/gate.js";
import { failureText, Notices } from "../kit/notices.js";
import { Arrival } from "./arrival.js";
import { Loads } from "./api.js";
import { BUSY, Wording } from "./wording.js";
import { Workspace } from "./workspace.js";

const ROLES = ["clerk", "admin"];
const [SOONEST, LATEST] = [400, 3000];

class Desk {
  constructor() {
    this.config = readConfig();
    const { words } = this.config;
    this.view = document.getElementById("view");
    this.notices = new Notices(document.getElementById("notices"));
    this.loads = new Loads(this.config);
    const parts = { config: this.config, loads: this.loads, wording: new Wording(this.config), failed: (error) => this.#failed(error) };
    this.arrival = new Arrival({ ...parts, opened: (load) => this.#go(load), returned: () => this.#leave() });
    this.workspace = new Workspace({ ...parts, left: () => this.#leave(), changed: (load) => this.#changed(load), another: (kind) => this.arrival.choose(kind) });
    this.gate = new Gate({
      place: document.getElementById("gate"), roles: ROLES, service: this.loads, words,
      admitted: () => this.#admit(),
      left: () => this.#stop(),
    });
    this.admitted = false;
    this.wait = SOONEST;
  }

  async start() {
    window.addEventListener("hashchange", () => this.admitted && this.#show());
    document.addEventListener("visibilitychange", () => !document.hidden && this.watched && this.#look());
    await this.gate.open();
    document.documentElement.dataset.ready = "true";
  }

  #admit() {
    this.admitted = true;
    this.#show();
  }

  #stop() {
    this.admitted = false;
    this.#watch(null);
    document.querySelector(".desk-title").hidden = false;
    this.view.replaceChildren();
    this.notices.clear();
  }

  // The desk, or one load of it: the name of the load takes the place of the page's.
  #put(part) {
    document.querySelector(".desk-title").hidden = part === this.workspace;
    replaceContent(this.view, part.element);
  }

  // What the address asks for: a load, or the desk without one.
  async #show() {
    const id = new URLSearchParams(location.hash.slice(1)).get("load");
    this.notices.clear();
    this.#watch(null);
    if (!id || !/^[\w-]{1,40}$/.test(id)) {
      this.#put(this.arrival);
      this.arrival.show();
      return;
    }
    try {
      const load = await this.loads.load(id);
      this.#put(this.workspace);
      this.workspace.load = null;
      await this.#changed(load);
    } catch (error) {
      if (this.#failed(error)) return;
      if (error.problem?.status === 404) history.replaceState(null, "", location.pathname + location.search);
      this.#put(this.arrival);
      this.arrival.show();
      this.notices.say("failure", error.problem?.status === 404 ? this.config.words.load_gone : failureText(error, this.config.words, this.config.lang));
    }
  }

  #go(load) {
    location.hash = `load=${load.id}`;
  }

  #leave() {
    history.pushState(null, "", location.pathname + location.search);
    this.#show();
    scrollTo(0, 0);
  }

  async #changed(load) {
    if (!this.workspace.element.isConnected) return;
    await this.workspace.show(load);
    this.wait = SOONEST;
    this.#watch(BUSY.has(load.state) ? load : null);
  }

  // Asks again while the service works, less often the longer it takes, and not while nobody looks.
  #watch(load) {
    clearTimeout(this.timer);
    this.watched = load;
    if (!load || document.hidden) return;
    this.timer = setTimeout(() => this.#look(), this.wait);
    this.wait = Math.min(this.wait * 1.3, LATEST);
  }

  async #look() {
    clearTimeout(this.timer);
    const { watched } = this;
    if (!watched) return;
    try {
      const load = await this.loads.load(watched.id);
      if (this.watched !== watched) return;
      this.notices.clear();
      await this.workspace.show(load);
      this.#watch(BUSY.has(load.state) ? load : null);
    } catch (error) {
      if (this.watched !== watched || this.#failed(error)) return;
      this.notices.say("caution", failureText(error, this.config.words, this.config.lang));
      this.wait = LATEST;
      this.#watch(watched);
    }
  }

  // Deals with a session that ended; says whether it did.
  #failed(error) {
    if (error.kind !== "session") return false;
    if (this.admitted) this.gate.end();
    return true;
  }
}

window.desk = new Desk();
window.desk.start();
