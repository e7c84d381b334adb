// The registers and the week of the service, and how one record is added, changed, ended and brought back.

import { Service } from "../service.js";

const PREFIX = "/api/v1";
const MOST = 1000;
const MOST_PAGES = 20;
const TURNS = 12;
const TURN_MILLISECONDS = 250;

// What a record of a register is known by in paths.
export function keyOf(kind, record) {
  if (kind === "duties") return String(record.duty_id);
  if (kind === "leave") return String(record.leave_id);
  return kind === "calendar" ? record.day : record.code;
}

export class Roster extends Service {
  // A page of a list: {items, next, total}; `after` is the address of a page, as the one before names it.
  async page(path, { after = null, limit, ...filters }) {
    const address = after ? after.slice(this.root.length) : `${PREFIX}/${path}?${queryOf({ ...filters, limit })}`;
    const answer = await this.ask("GET", address);
    this.version = answer.version;
    return answer;
  }

  // Waits, at most some seconds, until lists tell what was just written.
  async caughtUp() {
    const before = this.version;
    for (let turn = 0; turn < TURNS; turn += 1) {
      const { version } = await this.ask("GET", `${PREFIX}/roles?limit=1`);
      if (version !== before) return;
      await new Promise((resolve) => setTimeout(resolve, TURN_MILLISECONDS));
    }
  }

  // Every item of a list, up to some thousands.
  async all(path, filters = {}) {
    const items = [];
    let after = null;
    for (let turn = 0; turn < MOST_PAGES; turn += 1) {
      const page = await this.page(path, { after, limit: MOST, ...filters });
      items.push(...page.items);
      after = page.next;
      if (!after) break;
    }
    return items;
  }

  // {content, etag}: the record as the database holds it, with all its states where there are any.
  record(kind, key, { history = true } = {}) {
    const query = history ? "?history=true" : "";
    return this.exchange("GET", `${PREFIX}/${kind}/${encodeURIComponent(key)}${query}`);
  }

  create(kind, body) {
    return this.ask("POST", `${PREFIX}/${kind}`, { body });
  }

  change(kind, key, body, etag) {
    return this.ask("PATCH", `${PREFIX}/${kind}/${encodeURIComponent(key)}`, { body, headers: { "If-Match": etag } });
  }

  end(kind, key, etag, effective) {
    const query = effective ? `?${queryOf({ effective })}` : "";
    return this.ask("DELETE", `${PREFIX}/${kind}/${encodeURIComponent(key)}${query}`, { headers: { "If-Match": etag } });
  }

  undo(change) {
    return this.ask("POST", `${PREFIX}/changes/${change}/undo`);
  }

  // A page of what was changed, the newest first.
  async changes({ after, limit }) {
    const answer = await this.ask("GET", `${PREFIX}/changes?${queryOf({ before: after, limit })}`);
    return { items: answer.items, next: answer.next_before };
  }

  // Where a whole list can be had as a workbook: a link's address, since a file is nothing to be asked for by script.
  exportAddress(name, { lang, ...filters }) {
    return `${this.root}${PREFIX}/exports/${name}?${queryOf({ format: "xlsx", lang: lang === "en" ? "en" : "zh", ...filters })}`;
  }

  hours(text) {
    return this.ask("GET", `/roster/hours?${queryOf({ hours: text })}`);
  }

  gridPeople(layer, code, { history = false } = {}) {
    const query = queryOf({ as_of: this.asOf, history: history ? "true" : null });
    return this.ask("GET", `${PREFIX}/layers/${encodeURIComponent(layer)}/grids/${encodeURIComponent(code)}/people?${query}`);
  }

  grid(layer, code) {
    return this.ask("GET", `${PREFIX}/layers/${encodeURIComponent(layer)}/grids/${encodeURIComponent(code)}?${queryOf({ as_of: this.asOf })}`);
  }
}

// A query without what is not given.
export function queryOf(values) {
  return new URLSearchParams(Object.entries(values).filter(([, value]) => value !== null && value !== undefined && value !== ""));
}
