// The side of the bridge that lies in the frame: tells the page around us which grid was chosen, shows what it asks for.
// It answers the sites that the operator named, and our own; to nobody else is anything said.

import { readConfig } from "../dom.js";

const LONGEST = 200;
const SHOWN = ["layer", "grid", "area", "theme"];

export function isAllowed(origin, allowed) {
  if (allowed.includes(origin)) return true;
  const [scheme, host = ""] = origin.split("://");
  return allowed.some((one) => {
    const [itsScheme, itsHost = ""] = one.split("://");
    return itsHost.startsWith("*.") && itsScheme === scheme && host.endsWith(itsHost.slice(1));
  });
}

// What a message asks to be shown: texts, or null for none; null where it holds anything else.
export function askedFor(message) {
  const asked = {};
  for (const name of SHOWN) {
    const value = message[name];
    if (value === undefined) continue;
    if (value !== null && (typeof value !== "string" || value.length > LONGEST)) return null;
    asked[name] = value;
  }
  return asked;
}

class Frame {
  #allowed = [location.origin, ...readConfig().embed.origins];
  #embedder = null;
  #ready = false;
  #waiting = null;

  listen() {
    window.addEventListener("message", (event) => this.#hear(event));
    document.addEventListener("gridmap-ready", () => this.#becomeReady());
    document.addEventListener("gridmap-chosen", (event) => this.#tell("chosen", chosenOf(event.detail)));
  }

  #hear({ source, origin, data }) {
    if (source !== window.parent || source === window || !isAllowed(origin, this.#allowed)) return;
    if (data?.gridMap === "hello") {
      this.#embedder = origin;
      this.#tell("here");
      if (this.#ready) this.#tell("ready");
    } else if (data?.gridMap === "show" && origin === this.#embedder) {
      const asked = askedFor(data);
      if (!asked) return;
      if (this.#ready) this.#show(asked);
      else this.#waiting = { ...this.#waiting, ...asked };
    }
  }

  #becomeReady() {
    this.#ready = true;
    this.#tell("ready");
    if (this.#waiting) this.#show(this.#waiting);
    this.#waiting = null;
  }

  #show(detail) {
    document.dispatchEvent(new CustomEvent("gridmap-show", { detail }));
  }

  #tell(what, content = {}) {
    if (this.#embedder) window.parent.postMessage({ gridMap: what, ...content }, this.#embedder);
  }
}

function chosenOf({ layer, code, name, areas }) {
  const told = (areas ?? []).map(({ level, code, name }) => ({ level: text(level), code: text(code), name: text(name) }));
  return { layer: text(layer), code: text(code), name: text(name), areas: told };
}

function text(value) {
  return value === undefined || value === null ? "" : String(value);
}

// The view as it is now opens in the full map, too: the address of this page follows what is chosen.
document.getElementById("full-map")?.addEventListener("click", ({ currentTarget }) => {
  const full = new URL(currentTarget.href);
  full.search = location.search;
  full.hash = location.hash;
  currentTarget.href = full.href;
});

// Our other pages may not be framed: links to them open beside the page around us.
document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a[href]");
  if (!link || link.target || !/^https?:$/.test(link.protocol) || link.getAttribute("href").startsWith("#")) return;
  link.target = "_blank";
  link.rel = "noopener";
}, true);

new Frame().listen();
