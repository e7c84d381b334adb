// What the page asks of the service. A question that a newer one has overtaken is given up.

import { selectionOf } from "./state.js";

const GAPS = 50;

export class CoverageApi {
  constructor(service, config) {
    this.service = service;
    this.layer = config.layer;
  }

  // Each grid has its figures, so each is needed, however many.
  async grids(asOf) {
    const query = new URLSearchParams({ layer: this.layer, whole: "true", ...(asOf ? { as_of: asOf } : {}) });
    return this.service.ask("GET", `/maps/grids/data?${query}`);
  }

  async coverage(state, by, signal) {
    return this.#get("/api/v1/coverage", { ...selectionOf(state), by, ...(by === "grid" ? { layer: this.layer } : {}) }, signal);
  }

  async gaps(state, signal) {
    return this.#get("/api/v1/coverage/gaps", { ...selectionOf(state), limit: GAPS }, signal);
  }

  async circle(state, code, bands, signal) {
    const { as_of: asOf, at, profile } = selectionOf(state);
    const asked = { minutes: state.minutes, bands: bands.join(","), profile, as_of: asOf, at };
    const given = Object.fromEntries(Object.entries(asked).filter(([, value]) => value !== undefined));
    return this.#get(`/api/v1/stations/${encodeURIComponent(code)}/circle`, given, signal);
  }

  // The circles of all stations as one, for our own map.
  async circles(state, bands, signal) {
    return this.#get("/maps/coverage/circles", { ...selectionOf(state), bands: bands.join(",") }, signal);
  }

  async streets(signal) {
    return this.service.ask("GET", "/maps/coverage/streets", { signal });
  }

  async whatIf(state, changes, signal) {
    const body = { ...presentOf(state), by: "grid", layer: this.layer, changes, circles: true };
    return this.service.ask("POST", "/api/v1/coverage/what-if", { body, signal });
  }

  async propose(state, wish, signal) {
    const body = { ...presentOf(state), ...wish, prove: true };
    return this.service.ask("POST", "/api/v1/coverage/proposals", { body, signal });
  }

  async proposal(id, signal) {
    return this.service.ask("GET", `/api/v1/coverage/proposals/${encodeURIComponent(id)}`, { signal });
  }

  async cancelProposal(id) {
    return this.service.ask("POST", `/api/v1/coverage/proposals/${encodeURIComponent(id)}/cancel`);
  }

  exportAddress(state, by, format) {
    return `${this.service.root}/api/v1/coverage?${new URLSearchParams({ ...selectionOf(state), by, format })}`;
  }

  reportAddress(state, lang) {
    const asked = new URLSearchParams({ ...selectionOf(state), lang: lang === "en" ? "en" : "zh" });
    return `${this.service.root}/api/v1/coverage/report?${asked}`;
  }

  async #get(path, fields, signal) {
    return this.service.ask("GET", `${path}?${new URLSearchParams(fields)}`, { signal });
  }
}

// What is tried out is tried on the present.
function presentOf(state) {
  return selectionOf({ ...state, as_of: "" });
}

// Runs one question at a time: a newer one aborts the older, whose answer is then never used.
export class Latest {
  constructor() {
    this.pending = null;
  }

  // work(signal) → answer; undefined where a newer question came.
  async run(work) {
    this.stop();
    const mine = (this.pending = new AbortController());
    try {
      const answer = await work(mine.signal);
      return mine.signal.aborted ? undefined : answer;
    } catch (error) {
      if (error.name === "AbortError" || mine.signal.aborted) return undefined;
      throw error;
    } finally {
      if (this.pending === mine) this.pending = null;
    }
  }

  stop() {
    this.pending?.abort();
    this.pending = null;
  }
}

// Whether an error says that the streets are being compiled, or that there are none.
export function networkState(error) {
  const code = error.problem?.code;
  return code === "no-network" ? "none" : code === "network-not-ready" ? "compiling" : null;
}
