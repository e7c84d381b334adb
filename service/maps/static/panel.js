// The panel beside the map, or the sheet below it: what was answered, what is to be noticed, what failed.

import { el, replaceContent } from "./dom.js";
import { ServiceError } from "./service.js";

const byId = (id) => document.getElementById(id);

export class Panel {
  constructor(words, { lang }) {
    Object.assign(this, { words, lang });
    byId("sheet-toggle")?.addEventListener("click", () => {
      document.body.dataset.sheet = document.body.dataset.sheet === "full" ? "half" : "full";
    });
  }

  answer(content) {
    document.body.dataset.sheet = "half";
    replaceContent(byId("answer"), ...content);
    byId("panel").scrollTop = 0;
    if (byId("intro")) byId("intro").hidden = true;
  }

  // As at the beginning: nothing was asked.
  begin() {
    delete document.body.dataset.sheet;
    byId("answer").replaceChildren();
    if (byId("intro")) byId("intro").hidden = false;
  }

  notify(text) {
    byId("notice").textContent = text;
    byId("notice").hidden = !text;
  }

  message(title, text, ...actions) {
    this.answer([el("h2", {}, title), text && el("p", {}, text), ...actions]);
  }

  // A fault of ours goes on as one; what the service refuses is said, with a way to try again.
  failure(error, again) {
    if (!(error instanceof ServiceError)) throw error;
    const { words } = this;
    const [title, text] =
      error.kind === "offline" ? [words.offline_title, words.offline_text]
      : error.kind === "busy" ? [words.busy_title, words.busy_text]
      : [words.failed_title, this.lang === "en" ? error.problem?.detail : (error.problem?.detail_zh ?? error.problem?.detail)];
    this.message(title, text, el("button", { type: "button", class: "button", onclick: again }, words.again));
  }
}

export function shortened(text) {
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}
