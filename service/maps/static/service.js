// Talks to the service. Looked-up points and addresses go in bodies, never in addresses.

const SUGGESTED = 10;
const SAME_DOOR_METRES = 100;
const DEGREE_METRES = 111_195;

export class ServiceError extends Error {
  // kind: "offline", "busy", "session" or "refused"; problem: the service's own words where it gave some.
  constructor(kind, problem = {}) {
    super(problem.detail ?? kind);
    this.kind = kind;
    this.problem = problem;
  }
}

export class Service {
  constructor(config) {
    this.root = config.root;
    this.asOf = config.as_of;
    // In other people's pages everybody is the public, whoever is signed in elsewhere.
    this.credentials = config.public ? "omit" : "same-origin";
  }

  // question: {lon, lat}, {address}, {target} or {door}, with a matter or without.
  async lookup({ matter = null, door = null, ...question }, signal) {
    if (door) return this.#door(door, matter, signal);
    const body = { ...question, ...(matter ? { matter } : {}), ...(this.asOf ? { as_of: this.asOf } : {}) };
    return this.ask("POST", "/api/v1/lookup", { body, signal });
  }

  // A door of the register that was chosen: by its text the people of its building and compound come first, as if it
  // were typed; where the text would lead elsewhere its point decides.
  async #door({ text, target, point, within = "" }, matter, signal) {
    if (target) return this.lookup({ target, matter }, signal);
    const answer = await this.lookup({ address: within + text, near: `${point.lon},${point.lat}`, matter }, signal);
    const same = answer.status === "found" && metresBetween(answer.point, point) < SAME_DOOR_METRES;
    return same ? answer : this.lookup({ lon: point.lon, lat: point.lat, matter }, signal);
  }

  // What a text may become, grouped: [{group, text, detail, point, matched …}].
  async suggest(text, signal) {
    const { items } = await this.ask("POST", "/api/v1/addresses/suggest", { body: { q: text, limit: SUGGESTED }, signal });
    return items;
  }

  // Kinds of work in force, in the order in which they are to be shown.
  async matters() {
    const query = new URLSearchParams({ limit: 1000, ...(this.asOf ? { as_of: this.asOf } : {}) });
    const { items } = await this.ask("GET", `/api/v1/matters?${query}`);
    return items.sort((one, other) => one.position - other.position);
  }

  // The same for one grid: with who of its people sees to each now.
  async gridMatters(layer, code) {
    return (await this.ask("GET", `${gridPath(layer, code)}/matters${this.#then()}`)).items;
  }

  // One grid as it is then; a refusal where it is not there.
  async grid(layer, code) {
    return this.ask("GET", gridPath(layer, code) + this.#then());
  }

  // Figures that a layer's grids can be coloured by, and one of them: its classes and every grid's value.
  async themes(layer) {
    return (await this.ask("GET", `/api/v1/layers/${encodeURIComponent(layer)}/themes${this.#then()}`)).items;
  }

  async theme(layer, code) {
    return this.ask("GET", `/api/v1/layers/${encodeURIComponent(layer)}/themes/${encodeURIComponent(code)}${this.#then()}`);
  }

  // The address is spelt as in the page's header, where the fetch begins.
  async mapData(layer) {
    const query = new URLSearchParams({ layer, ...(this.asOf ? { as_of: this.asOf } : {}) });
    return this.ask("GET", `/maps/grids/data?${query}`);
  }

  #then() {
    return this.asOf ? `?${new URLSearchParams({ as_of: this.asOf })}` : "";
  }

  async session() {
    try {
      return await this.ask("GET", "/session");
    } catch (error) {
      if (error.kind === "session") return null;
      throw error;
    }
  }

  async signIn(key) {
    return this.ask("POST", "/session", { body: { key } });
  }

  async signOut() {
    return this.ask("DELETE", "/session");
  }

  // What the service answers as JSON, null for 204; a ServiceError for anything but success.
  async ask(method, path, options) {
    return (await this.exchange(method, path, options)).content;
  }

  // As `ask`, with the answer's tag for a later `If-Match`: {content, etag}.
  async exchange(method, path, { body, signal, headers = {} } = {}) {
    let response;
    try {
      response = await fetch(this.root + path, {
        method,
        signal,
        credentials: this.credentials,
        headers: { ...(body === undefined ? {} : { "Content-Type": "application/json" }), ...headers },
        body: body === undefined ? undefined : JSON.stringify(body),
      });
    } catch (error) {
      if (error.name === "AbortError") throw error;
      throw new ServiceError("offline");
    }
    const content = response.status === 204 ? null : await response.json().catch(() => ({}));
    if (!response.ok) throw refusal(response.status, content);
    return { content, etag: response.headers.get("ETag") };
  }
}

const gridPath = (layer, code) => `/api/v1/layers/${encodeURIComponent(layer)}/grids/${encodeURIComponent(code)}`;

// What is done without where the service does not give it; anything else is a fault of ours.
export function without(nothing) {
  return (error) => {
    if (!(error instanceof ServiceError)) throw error;
    return nothing;
  };
}

function metresBetween(one, other) {
  const shrink = Math.cos((one.lat * Math.PI) / 180);
  return Math.hypot((one.lon - other.lon) * shrink, one.lat - other.lat) * DEGREE_METRES;
}

// The error for an answer that is no success.
export function refusal(status, problem) {
  const kind = status === 401 ? "session" : status === 503 ? "busy" : "refused";
  return new ServiceError(kind, { status, ...problem });
}
