// The tab of the map's looks: what is drawn, links that go on from here, and the address that reopens the view.

import { el, replaceContent } from "./dom.js";

const SWITCHES = ["base", "stations", "names"];
const byId = (id) => document.getElementById(id);

export class ViewTools {
  // acts: {layer(code), hide(Set of names)}; any element may be missing.
  constructor(words, { root, lang, as_of: asOf }, acts) {
    Object.assign(this, { words, root, lang, asOf, acts });
    for (const choice of document.querySelectorAll("input[name=layer]")) {
      choice.addEventListener("change", () => acts.layer(choice.value));
    }
    for (const name of SWITCHES) byId(`show-${name}`)?.addEventListener("change", () => acts.hide(this.#hidden()));
    byId("copy-link")?.addEventListener("click", () => this.#copy());
    document.querySelector("form.time")?.addEventListener("submit", (event) => this.#otherTime(event));
  }

  hide(hidden) {
    for (const name of SWITCHES) if (byId(`show-${name}`)) byId(`show-${name}`).checked = !hidden.has(name);
  }

  // The key and the switches are those of what is drawn.
  drawn({ model, base, outside }) {
    if (byId("key-street")) byId("key-street").hidden = !model.areas.some((area) => area.depth === 1);
    for (const part of document.querySelectorAll(".key-base")) part.hidden = !base;
    const choice = byId("show-base")?.closest("label");
    if (choice) choice.hidden = !base && !outside;
  }

  layer({ code, release }) {
    const choice = document.querySelector(`input[name=layer][value="${CSS.escape(code)}"]`);
    if (choice) choice.checked = true;
    if (byId("release")) byId("release").textContent = release;
  }

  // The view has changed: links out of it lead on from what is shown. area, theme: codes, or null.
  follow({ layer, area = null, theme = null }) {
    byId("copied")?.replaceChildren();
    const language = this.lang === "en" ? { lang: "en" } : {};
    const time = this.asOf ? { as_of: this.asOf } : {};
    const other = byId("other-language");
    if (other) other.href = addressIn(this.lang === "en" ? null : "en");
    const shown = { layer, ...(area ? { area } : {}), ...(theme ? { theme } : {}) };
    link("print-map", `${this.root}/maps/print`, { ...shown, ...time, ...language });
    link("map-file", `${this.root}/api/v1/exports/map`, { layer, ...(area ? { within: area } : {}), ...time, ...language });
  }

  #hidden() {
    return new Set(SWITCHES.filter((name) => byId(`show-${name}`)?.checked === false));
  }

  async #copy() {
    const { words } = this;
    const place = byId("copied");
    if (await copied(location.href)) {
      replaceContent(place, words.link_copied);
      return;
    }
    const field = el("input", { type: "text", readonly: true, "aria-label": words.link_address });
    field.value = location.href;
    replaceContent(place, words.link_by_hand, field);
    field.select();
  }

  // Another day keeps the rest of the view.
  #otherTime(event) {
    event.preventDefault();
    const address = new URL(location.href);
    address.searchParams.set("as_of", byId("as-of").value);
    location.assign(address);
  }
}

function addressIn(lang) {
  const address = new URL(location.href);
  if (lang) address.searchParams.set("lang", lang);
  else address.searchParams.delete("lang");
  return address.pathname + address.search + address.hash;
}

function link(id, path, fields) {
  const element = byId(id);
  if (element) element.href = `${path}?${new URLSearchParams(fields)}`;
}

// Whether a text is on the clipboard: browsers give it to pages under HTTPS alone.
async function copied(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}
