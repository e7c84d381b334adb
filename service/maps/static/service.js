// Talks to the service. Looked-up points go in bodies, never in addresses.

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
  }

  async lookup({ lon, lat }, signal) {
    const body = { lon, lat, ...(this.asOf ? { as_of: this.asOf } : {}) };
    return this.#json("POST", "/api/v1/lookup", { body, signal });
  }

  // The address is spelt as in the page's header, where the fetch begins.
  async mapData(layer) {
    const query = new URLSearchParams({ layer, ...(this.asOf ? { as_of: this.asOf } : {}) });
    return this.#json("GET", `/maps/grids/data?${query}`);
  }

  async session() {
    try {
      return await this.#json("GET", "/session");
    } catch (error) {
      if (error.kind === "session") return null;
      throw error;
    }
  }

  async signIn(key) {
    return this.#json("POST", "/session", { body: { key } });
  }

  async signOut() {
    return this.#json("DELETE", "/session");
  }

  async #json(method, path, { body, signal } = {}) {
    let response;
    try {
      response = await fetch(this.root + path, {
        method,
        signal,
        headers: body ? { "Content-Type": "application/json" } : {},
        body: body ? JSON.stringify(body) : undefined,
      });
    } catch (error) {
      if (error.name === "AbortError") throw error;
      throw new ServiceError("offline");
    }
    if (response.status === 204) return null;
    const answer = await response.json().catch(() => ({}));
    if (response.ok) return answer;
    const kind = response.status === 401 ? "session" : response.status === 503 ? "busy" : "refused";
    throw new ServiceError(kind, answer);
  }
}
