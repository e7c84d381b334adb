// The one way from the editor to the service: operations in their order, what others do meanwhile, what cannot be reached.
//
// Events: "changed" {grids: {changed, removed}, areas: {changed, removed}, findings, operations, by, version, impact},
// where `by` is "me" or the names of others; "state", this client's `state`; "refused" {problem, error, told}; "restarted",
// where the draft stands on another base now, so that nothing that was known of it holds.

import { ServiceError } from "../service.js";

const PREFIX = "/api/v1/drafts";
const POLL_MS = 2500;
const SOON_MS = 300;
const RETRY_MS = 2000;
const MOST_RETRIES = 150;
const PAGE = 500;

// What an operation was to change has been changed by somebody else; nothing was done.
export class OvertakenError extends Error {
  constructor(names, grids) {
    super("overtaken");
    Object.assign(this, { kind: "overtaken", names, grids });
  }
}

// Somebody else has called the draft something else since it was looked at.
export class RenamedError extends Error {
  constructor({ name, note, changed_by: by }) {
    super("renamed");
    Object.assign(this, { kind: "renamed", name, note, by });
  }
}

export class DraftClient extends EventTarget {
  constructor(service, id) {
    super();
    Object.assign(this, { service, id, path: `${PREFIX}/${encodeURIComponent(id)}`, draft: null, version: 0, tag: null });
    Object.assign(this, { waiting: 0, offline: false, queue: Promise.resolve(), timer: null, closed: false });
    // All that differs from the base: features by key, and keys of what is no more.
    this.changed = { grids: new Map(), removed: new Set() };
  }

  async open() {
    this.closed = false;
    this.#know(await this.service.exchange("GET", this.path));
    const told = await this.changes();
    this.#keep(told.grids);
    this.version = this.draft.version = told.version;
    document.addEventListener("visibilitychange", this.#seen);
    this.#later();
    return this.draft;
  }

  close() {
    this.closed = true;
    clearTimeout(this.timer);
    document.removeEventListener("visibilitychange", this.#seen);
  }

  get state() {
    const { version, draft, offline } = this;
    return {
      version, draft, offline,
      busy: this.waiting > 0,
      canUndo: draft?.can_undo ?? null,
      canRedo: draft?.can_redo ?? null,
      stale: Boolean(draft?.stale),
      open: draft?.state === "open",
    };
  }

  // concerns: codes of the grids that it is about, where the operation itself does not name them; told: whoever sends it
  // says itself why it was refused.
  apply(operation, { concerns = [], told: isTold = false } = {}) {
    const sent = { ...operation, id: operation.id ?? newId() };
    return this.#inOrder(async () => {
      try {
        return await this.#change("/operations", sent);
      } catch (error) {
        if (!isStale(error)) throw error;
        const told = await this.#catchUp();
        const others = overtaken(sent, concerns, told);
        if (others.length) throw new OvertakenError(told?.by ?? [], others);
        return await this.#change("/operations", sent);
      }
    }, isTold);
  }

  undo() {
    return this.#turn("/undo");
  }

  redo() {
    return this.#turn("/redo");
  }

  // bounds: [west, south, east, north] in degrees.
  async gridsIn(bounds, signal) {
    return this.service.ask("GET", `${this.path}/grids?bbox=${bounds.join(",")}`, { signal });
  }

  async grids(codes, signal) {
    return this.service.ask("GET", `${this.path}/grids?${new URLSearchParams({ codes: codes.join(",") })}`, { signal });
  }

  async linesIn(bounds, signal) {
    return this.service.ask("GET", `${this.path}/lines?bbox=${bounds.join(",")}`, { signal });
  }

  async register() {
    return this.service.ask("GET", `${this.path}/register`);
  }

  // All that differs from an earlier version, or from the base; nobody is told.
  async changes(since = null) {
    return this.service.ask("GET", `${this.path}/changes${since === null ? "" : `?since=${since}`}`);
  }

  // All that was done, in order.
  async operations() {
    const items = [];
    for (let after = null; ; ) {
      const page = await this.service.ask("GET", `${this.path}/operations?${new URLSearchParams({ limit: PAGE, ...(after ? { after } : {}) })}`);
      items.push(...page.items);
      after = page.next_after;
      if (!after) return items;
    }
  }

  async findings() {
    return this.service.ask("GET", `${this.path}/findings`);
  }

  async impact() {
    return this.service.ask("GET", `${this.path}/impact`);
  }

  // of: {grid} or {community}, by their codes; changed or not.
  async figures(of) {
    return this.service.ask("GET", `${this.path}/figures?${new URLSearchParams(of)}`);
  }

  async conflicts() {
    return this.service.ask("GET", `${this.path}/conflicts`);
  }

  // seen: {name, note} as they were when somebody began to write others.
  async rename(fields, seen) {
    for (let turn = 1; ; turn += 1) {
      await this.look();
      const { name, note } = this.draft;
      if (name !== seen.name || note !== seen.note) throw new RenamedError(this.draft);
      try {
        return this.#know(await this.service.exchange("PATCH", this.path, { body: fields, headers: { "If-Match": this.tag } }));
      } catch (error) {
        // A step of somebody else came between: that is no other name.
        if (error.problem?.status !== 412 || turn > 2) throw error;
      }
    }
  }

  async discard() {
    await this.#tagged("DELETE", this.path);
    this.close();
  }

  async publish({ effective = null, note = "" } = {}) {
    const { content } = await this.#tagged("POST", `${this.path}/publish`, { ...(effective ? { effective } : {}), ...(note ? { note } : {}) });
    await this.look();
    return content;
  }

  async rebase(leaveOut = false) {
    const { content } = await this.#tagged("POST", `${this.path}/rebase`, { leave_out: leaveOut });
    return content;
  }

  // Asks whether anything is otherwise; also after something outside this client was done to the draft.
  async look() {
    try {
      const headers = this.tag ? { "If-None-Match": this.tag } : {};
      const found = await this.service.exchange("GET", this.path, { headers });
      if (found.content.version === this.version) this.#know(found);
      else await this.#catchUp(found);
    } catch (error) {
      if (error.problem?.status !== 304) throw error;
    }
    this.#reached();
  }

  // One thing after the other: what comes second is meant for what the first leaves.
  #inOrder(act, isTold = false) {
    if (this.offline) return Promise.reject(new ServiceError("offline"));
    this.waiting += 1;
    this.#tell();
    const done = this.queue.then(act);
    this.queue = done.catch((error) => this.#refused(error, isTold)).then(() => {
      this.waiting -= 1;
      this.#tell();
    });
    return done;
  }

  #refused(error, isTold = false) {
    this.dispatchEvent(new CustomEvent("refused", { detail: { problem: error.problem ?? {}, error, told: isTold } }));
  }

  #turn(where) {
    const id = newId();
    return this.#inOrder(async () => {
      try {
        return await this.#change(where, { id });
      } catch (error) {
        // The service itself looks whether others changed the same since.
        if (!isStale(error)) throw error;
        await this.#catchUp();
        return await this.#change(where, { id });
      }
    });
  }

  // Sends one step until an answer comes: sent again under the same id it is not done twice.
  async #change(where, body) {
    const { content } = await this.#tagged("POST", this.path + where, body, true);
    this.version = content.version;
    this.tag = null;
    Object.assign(this.draft, { version: content.version, can_undo: content.can_undo, can_redo: content.can_redo });
    this.#changed({ ...content, operations: [content.operation], by: "me" });
    // How the draft stands after it is asked for at once.
    this.#later(SOON_MS);
    return content;
  }

  async #tagged(method, path, body, patient = false) {
    for (let turn = 1; ; turn += 1) {
      try {
        const found = await this.service.exchange(method, path, { body, headers: { "If-Match": `"${this.version}"` } });
        this.#reached();
        return found;
      } catch (error) {
        if (!patient || !isAway(error) || turn > MOST_RETRIES) throw error;
        this.#lost();
        await after(RETRY_MS);
      }
    }
  }

  // Learns what others did since the version that is known here; what of it was theirs, or null where all is new.
  async #catchUp(found = null) {
    const now = found ?? (await this.service.exchange("GET", this.path));
    const since = this.version;
    let told;
    try {
      told = await this.changes(since);
    } catch (error) {
      if (!isStale(error)) throw error;
      this.#know(now);
      this.dispatchEvent(new Event("restarted"));
      return null;
    }
    this.#know(now);
    this.version = told.version;
    this.draft.version = told.version;
    const by = [...new Set(told.operations.filter((one) => !one.mine).map((one) => one.by))];
    const answer = { ...told, by: by.length ? by : "me" };
    this.#changed(answer);
    return { ...answer, by };
  }

  #changed(answer) {
    const { grids = none(), areas = none(), findings = [], operations = [], by, version, impact = null } = answer;
    this.#keep(grids);
    this.dispatchEvent(new CustomEvent("changed", { detail: { grids, areas, findings, operations, by, version, impact } }));
    this.#tell();
  }

  #keep({ changed, removed }) {
    const kept = this.changed;
    for (const key of removed) {
      kept.grids.delete(key);
      kept.removed.add(key);
    }
    for (const feature of changed) {
      const { key, changed: differs } = feature.properties;
      kept.removed.delete(key);
      if (differs === false) kept.grids.delete(key);
      else kept.grids.set(key, feature);
    }
  }

  #know({ content, etag = null }) {
    this.draft = content;
    this.version = content.version;
    this.tag = etag;
    this.#tell();
  }

  #tell() {
    this.dispatchEvent(new CustomEvent("state", { detail: this.state }));
  }

  #lost() {
    if (this.offline) return;
    this.offline = true;
    this.#tell();
  }

  #reached() {
    if (!this.offline) return;
    this.offline = false;
    this.#tell();
  }

  // Looked at only while somebody sees it, and not while something of our own is under way.
  #later(wait = POLL_MS) {
    clearTimeout(this.timer);
    if (!this.closed) this.timer = setTimeout(() => this.#poll(), wait);
  }

  async #poll() {
    if (document.visibilityState === "visible" && !this.waiting && !this.closed) {
      this.queue = this.queue.then(() => this.look()).catch((error) => this.#missed(error));
      await this.queue;
    }
    this.#later();
  }

  #missed(error) {
    if (isAway(error)) this.#lost();
    else this.#refused(error);
  }

  #seen = () => {
    if (document.visibilityState === "visible") this.#later(0);
  };
}

function isStale(error) {
  return error.problem?.status === 412 && (error.problem.code === "stale-draft" || "version" in (error.problem.facts ?? {}));
}

function isAway(error) {
  return error.kind === "offline" || error.kind === "busy";
}

// Codes of grids that others changed and that an operation is about.
function overtaken(operation, concerns, told) {
  if (!told) return namesIn(operation);
  const changed = new Set(told.grids.changed.map((feature) => feature.properties.code));
  for (const one of told.operations) for (const code of one.grids ?? []) changed.add(code);
  const named = [...namesIn(operation), ...concerns].filter((code) => changed.has(code));
  if (named.length) return [...new Set(named)];
  const places = placesOf(operation);
  return told.grids.changed.filter(({ geometry }) => isNear(boxOf(geometry), places)).map(({ properties }) => properties.code);
}

function namesIn({ grid, grids = [], survivor, to, from = [], between = [] }) {
  return [grid, ...grids, survivor, typeof to === "string" ? to : null, ...from, ...between].filter(Boolean);
}

// Every position that an operation has, where it names no grid.
function placesOf({ at, line, block, ground }) {
  return [...(at ? [at] : []), ...(line ?? []), ...(block ? [block] : []), ...(ground ? positions(ground.coordinates) : [])];
}

function isNear([west, south, east, north], places) {
  return places.some(([lon, lat]) => lon >= west && lon <= east && lat >= south && lat <= north);
}

export function boxOf(geometry) {
  const box = [Infinity, Infinity, -Infinity, -Infinity];
  for (const [lon, lat] of positions(geometry?.coordinates ?? [])) {
    box[0] = Math.min(box[0], lon);
    box[1] = Math.min(box[1], lat);
    box[2] = Math.max(box[2], lon);
    box[3] = Math.max(box[3], lat);
  }
  return box;
}

function positions(coordinates) {
  return typeof coordinates[0] === "number" ? [coordinates] : coordinates.flatMap(positions);
}

function none() {
  return { changed: [], removed: [] };
}

function newId() {
  return Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function after(milliseconds) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
