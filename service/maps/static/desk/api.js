// The loads of the service: files that clerks bring, from the upload to the undoing.

import { refusal, Service, ServiceError } from "../service.js";

const LOADS = "/api/v1/loads";

export class Loads extends Service {
  // Sends a file as it is; progress(share) is told how much has gone. abort: a signal that ends it.
  upload(file, kind, { progress, signal }) {
    const query = new URLSearchParams({ file: file.name, ...(kind ? { kind } : {}) });
    return new Promise((resolve, reject) => {
      const request = new XMLHttpRequest();
      request.open("POST", `${this.root}${LOADS}?${query}`);
      request.setRequestHeader("Content-Type", "application/octet-stream");
      request.responseType = "json";
      request.upload.addEventListener("progress", (event) => event.lengthComputable && progress(event.loaded / event.total));
      request.addEventListener("load", () => {
        if (request.status === 201) resolve(request.response);
        else reject(refusal(request.status, request.response ?? {}));
      });
      request.addEventListener("error", () => reject(new ServiceError("offline")));
      request.addEventListener("abort", () => reject(new DOMException("stopped", "AbortError")));
      signal.addEventListener("abort", () => request.abort());
      request.send(file);
    });
  }

  load(id) {
    return this.ask("GET", `${LOADS}/${id}`);
  }

  // A page of the loads themselves, the newest first: {items, next}.
  async list({ after, limit }) {
    const answer = await this.ask("GET", `${LOADS}?${queryOf({ before: after, limit })}`);
    return { items: answer.items, next: answer.next_before };
  }

  // A page of what belongs to a load: its findings, rows or plan.
  async page(load, what, { after = null, limit, ...filters }) {
    const answer = await this.ask("GET", `${LOADS}/${load.id}/${what}?${queryOf({ after, limit, ...filters })}`);
    return { items: answer.items, next: answer.next_after };
  }

  change(load, fields) {
    return this.ask("PATCH", `${LOADS}/${load.id}`, { body: { ...fields, version: load.version } });
  }

  commit(load) {
    return this.ask("POST", `${LOADS}/${load.id}/commit`, { body: { version: load.version } });
  }

  undo(load) {
    return this.ask("POST", `${LOADS}/${load.id}/undo`, { body: { version: load.version } });
  }

  cancel(load) {
    return this.ask("POST", `${LOADS}/${load.id}/cancel`, { body: { version: load.version } });
  }

  discard(load) {
    return this.ask("DELETE", `${LOADS}/${load.id}`, { headers: { "If-Match": `"${load.version}"` } });
  }

  markedAddress(load) {
    return `${this.root}${LOADS}/${load.id}/marked`;
  }

  async profiles() {
    return (await this.ask("GET", "/api/v1/profiles")).items;
  }

  // The first hole of the eight weeks from a day on, from now where it is null: {items, total, to}.
  holes(from) {
    return this.ask("GET", `/api/v1/roster/holes?${queryOf({ from, limit: 1 })}`);
  }

  // The lowest area that a target of duties lies in.
  async areaOf({ kind, layer, code }) {
    if (kind === "area") return code;
    if (kind === "grid") return (await this.ask("GET", `/api/v1/layers/${encodeURIComponent(layer)}/grids/${encodeURIComponent(code)}`)).areas[0]?.code;
    const { grids } = await this.ask("POST", "/api/v1/lookup", { body: { target: `${kind}:${code}` } });
    return grids[0]?.areas[0]?.code;
  }

  async areas() {
    return (await this.ask("GET", "/api/v1/areas?limit=1000")).items;
  }
}

function queryOf(values) {
  return new URLSearchParams(Object.entries(values).filter(([, value]) => value !== null && value !== undefined && value !== ""));
}
