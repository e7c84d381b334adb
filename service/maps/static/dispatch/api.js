// What the dispatcher's page asks of the service. What a caller said goes in bodies, never in addresses.

import { Service } from "../service.js";

const ALIASES = "/api/v1/addresses/aliases";

export class Dispatch extends Service {
  // question: {address}, {lon, lat}, {target} or {door}.
  look(question, matter, signal) {
    return this.lookup({ ...question, matter }, signal);
  }

  pin(alias) {
    return this.ask("POST", ALIASES, { body: given(alias) });
  }

  unpin(id) {
    return this.ask("DELETE", `${ALIASES}/${encodeURIComponent(id)}`);
  }
}

function given(values) {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null && value !== undefined));
}
