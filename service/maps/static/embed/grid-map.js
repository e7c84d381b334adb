// <grid-map src layer area grid theme lang as-of height label>: the map of grids in any page, by this one script.
//
//   <script src="SERVICE/embed/grid-map.js" defer></script>
//   <grid-map layer="general" area="370102001"><a href="SERVICE/maps/grids">网格地图</a></grid-map>
//
// Fires `grid-chosen`, with {layer, code, name, areas} as its detail, when somebody chooses a grid, and `grid-map-ready`.

(() => {
  "use strict";
  if (customElements.get("grid-map")) return;

  const SCRIPT = document.currentScript?.src || document.querySelector('script[src*="/embed/grid-map.js"]')?.src;
  const SHOWN = ["layer", "grid", "area", "theme"];
  const LONGEST = 200;
  // How long a page that has come may stay silent before it counts as refused, and one may take to come.
  const SILENT_MS = 5000;
  const COMING_MS = 45_000;
  const SANDBOX = "allow-scripts allow-same-origin allow-forms allow-popups allow-popups-to-escape-sandbox";
  const WORDS = {
    zh: {
      title: "网格地图",
      open: "在新窗口打开地图",
      refused: "地图没有显示：本网站可能不在地图服务允许嵌入的名单内，或服务暂时连不上。",
      wrong: "地图地址有误：src 应为地图服务的网址。",
    },
    en: {
      title: "Grid map",
      open: "Open the map in a new window",
      refused: "The map is not shown: the map service may not allow this site to embed it, or cannot be reached now.",
      wrong: "The address of the map is wrong: src must be that of the map service.",
    },
  };
  const STYLE = `
    :host { display: block; position: relative; height: 600px; min-height: 320px; }
    :host([hidden]) { display: none; }
    iframe { display: block; width: 100%; height: 100%; border: 0; }
    .said { position: absolute; inset: 0; display: grid; place-content: center; gap: 12px; padding: 24px;
      background: #f4f6f8; color: #1d252c; font: 16px/1.6 system-ui, "PingFang SC", "Microsoft YaHei", sans-serif; }
    .said[hidden] { display: none; }
    .said p { margin: 0; max-width: 32em; }
    .said a { display: inline-flex; align-items: center; justify-self: start; min-height: 44px; color: #124aa3; }`;

  class GridMap extends HTMLElement {
    static observedAttributes = ["src", "lang", "as-of", "height", "label", ...SHOWN];

    #root = this.attachShadow({ mode: "open" });
    #frame = null;
    #said = null;
    #ready = false;
    #news = new Set();
    #timer = 0;
    #changing = null;

    constructor() {
      super();
      this.hear = this.hear.bind(this);
      dress(this.#root, STYLE);
    }

    connectedCallback() {
      window.addEventListener("message", this.hear);
      this.#load();
    }

    disconnectedCallback() {
      window.removeEventListener("message", this.hear);
      clearTimeout(this.#timer);
      this.#frame?.remove();
      this.#frame = null;
    }

    // Several attributes that are set one after the other are one change.
    attributeChangedCallback(name) {
      if (!this.isConnected || !this.#said) return;
      if (!this.#changing) {
        this.#changing = new Set();
        queueMicrotask(() => this.#follow());
      }
      this.#changing.add(name);
    }

    // What somebody chose goes out as an event; nothing but the frame's own page is listened to.
    hear({ source, origin, data }) {
      if (!this.#frame || source !== this.#frame.contentWindow || origin !== this.#home()?.origin) return;
      if (data === null || typeof data !== "object") return;
      if (data.gridMap === "here") this.#settle();
      else if (data.gridMap === "ready") this.#becomeReady();
      else if (data.gridMap === "chosen" && isChosen(data)) {
        const areas = data.areas.map(({ level, code, name }) => ({ level, code, name }));
        const detail = { layer: data.layer, code: data.code, name: data.name, areas };
        this.dispatchEvent(new CustomEvent("grid-chosen", { bubbles: true, composed: true, detail }));
      }
    }

    #load() {
      const home = this.#home();
      this.#frame?.remove();
      this.#ready = false;
      this.#news.clear();
      this.#measure();
      if (!home) {
        this.#say(this.#words().wrong, null);
        return;
      }
      this.#say("", null);
      this.#frame = document.createElement("iframe");
      this.#frame.setAttribute("sandbox", SANDBOX);
      this.#frame.allow = "geolocation; clipboard-write";
      this.#frame.referrerPolicy = "no-referrer";
      this.#name();
      this.#frame.src = this.#address("embed/grids");
      this.#frame.addEventListener("load", () => this.#greet(home.origin));
      this.#root.append(this.#frame);
      this.#expect(COMING_MS);
    }

    #greet(origin) {
      this.#ready = false;
      this.#expect(SILENT_MS);
      this.#frame?.contentWindow.postMessage({ gridMap: "hello" }, origin);
    }

    #expect(milliseconds) {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.#say(this.#words().refused, this.#address("maps/grids")), milliseconds);
    }

    #settle() {
      clearTimeout(this.#timer);
      this.#say("", null);
    }

    #becomeReady() {
      this.#settle();
      this.#ready = true;
      this.dispatchEvent(new CustomEvent("grid-map-ready", { bubbles: true, composed: true }));
      this.#show();
    }

    #follow() {
      const changed = this.#changing ?? new Set();
      this.#changing = null;
      if (!this.isConnected) return;
      if (["src", "lang", "as-of"].some((name) => changed.has(name))) {
        this.#load();
        return;
      }
      this.#measure();
      this.#name();
      for (const name of SHOWN) if (changed.has(name)) this.#news.add(name);
      this.#show();
    }

    // Tells the frame what is to be shown now, once there is somebody to be told. What was set to its old value counts:
    // in the frame something else may have been chosen since.
    #show() {
      if (!this.#ready || !this.#news.size) return;
      const asked = this.#asked();
      const news = Object.fromEntries([...this.#news].map((name) => [name, asked[name]]));
      this.#news.clear();
      this.#frame.contentWindow.postMessage({ gridMap: "show", ...news }, this.#home().origin);
    }

    #asked() {
      return Object.fromEntries(SHOWN.map((name) => [name, this.getAttribute(name)?.slice(0, LONGEST) || null]));
    }

    // The service's own address, which ends in a slash; null where there is none.
    #home() {
      const given = this.getAttribute("src");
      if (!given && !SCRIPT) return null;
      try {
        const home = given ? new URL(given, document.baseURI) : new URL("..", SCRIPT);
        if (!/^https?:$/.test(home.protocol)) return null;
        home.search = home.hash = "";
        if (!home.pathname.endsWith("/")) home.pathname += "/";
        return home;
      } catch {
        return null;
      }
    }

    #address(path) {
      const address = new URL(path, this.#home());
      const asked = { ...this.#asked(), as_of: this.getAttribute("as-of"), lang: this.#language() === "en" ? "en" : null };
      for (const [name, value] of Object.entries(asked)) if (value) address.searchParams.set(name, value);
      return address.href;
    }

    #language() {
      return this.closest("[lang]")?.getAttribute("lang").toLowerCase().startsWith("en") ? "en" : "zh";
    }

    #words() {
      return WORDS[this.#language()];
    }

    #name() {
      if (this.#frame) this.#frame.title = this.getAttribute("label") || this.#words().title;
    }

    #measure() {
      const height = Number.parseInt(this.getAttribute("height") ?? "", 10);
      if (height > 0) this.style.height = `${height}px`;
    }

    #say(text, address) {
      if (!this.#said) {
        this.#said = document.createElement("div");
        this.#said.className = "said";
        this.#said.setAttribute("role", "status");
        this.#root.append(this.#said);
      }
      this.#said.hidden = !text;
      this.#said.replaceChildren();
      if (!text) return;
      const line = document.createElement("p");
      line.textContent = text;
      this.#said.append(line);
      if (!address) return;
      const link = document.createElement("a");
      Object.assign(link, { href: address, target: "_blank", rel: "noopener", textContent: this.#words().open });
      this.#said.append(link);
    }
  }

  function isChosen({ layer, code, name, areas }) {
    const texts = (values) => values.every((value) => typeof value === "string" && value.length <= 10 * LONGEST);
    return texts([layer, code, name]) && Array.isArray(areas)
      && areas.every((area) => area !== null && typeof area === "object" && texts([area.level, area.code, area.name]));
  }

  // A style sheet that the policy of the page around us cannot forbid, where browsers know it.
  function dress(root, text) {
    try {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(text);
      root.adoptedStyleSheets = [sheet];
    } catch {
      const style = document.createElement("style");
      style.textContent = text;
      root.append(style);
    }
  }

  customElements.define("grid-map", GridMap);
})();
