// Tabs (WAI-ARIA): arrow keys move between them, one panel is shown, from its top.

export class Tabs {
  // list: the element with role tablist; opened(name) tells the page, name being that of the panel.
  constructor(list, opened = () => {}) {
    this.tabs = [...list.querySelectorAll("[role=tab]")];
    Object.assign(this, { list, opened });
    this.name = nameOf(this.tabs.find((tab) => tab.getAttribute("aria-selected") === "true"));
    for (const tab of this.tabs) tab.addEventListener("click", () => this.open(nameOf(tab)));
    list.addEventListener("keydown", (event) => this.#key(event));
  }

  open(name) {
    if (this.name === name) return;
    this.name = name;
    for (const tab of this.tabs) {
      const chosen = nameOf(tab) === name;
      tab.setAttribute("aria-selected", String(chosen));
      tab.tabIndex = chosen ? 0 : -1;
      document.getElementById(nameOf(tab)).hidden = !chosen;
    }
    this.list.parentElement.scrollTop = 0;
    this.opened(name);
  }

  #key(event) {
    const at = this.tabs.indexOf(event.target);
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: this.tabs.length - 1 }[event.key];
    if (to === undefined || at < 0) return;
    event.preventDefault();
    const tab = this.tabs[(to + this.tabs.length) % this.tabs.length];
    this.open(nameOf(tab));
    tab.focus();
  }
}

const nameOf = (tab) => tab.getAttribute("aria-controls");
