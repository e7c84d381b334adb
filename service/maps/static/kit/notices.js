// What a page says aside: what went well, what did not and what to do about it.

import { el, replaceContent } from "../dom.js";

// A notice as an element; tone: "calm", "caution", "failure" or "good". A failure is read out at once.
export function notice(tone, ...content) {
  return el("div", { class: `notice-box ${tone}`, role: tone === "failure" ? "alert" : "status" }, ...content);
}

// Shows notices in one place, the last one alone.
export class Notices {
  constructor(place) {
    this.place = place;
  }

  say(tone, ...content) {
    replaceContent(this.place, notice(tone, ...content));
  }

  clear() {
    this.place.replaceChildren();
  }
}

// A sentence for an error of the service, in the language of the page.
export function failureText(error, words, lang) {
  if (error.kind === "offline") return `${words.offline_title}${words.stop} ${words.offline_text}`;
  if (error.kind === "session") return words.session_over;
  const { problem = {} } = error;
  const said = lang === "en" ? problem.detail : (problem.detail_zh ?? problem.detail);
  if (said) return said;
  return error.kind === "busy" ? `${words.busy_title}${words.stop} ${words.busy_text}` : words.failed_title;
}
