// What a page with a map behind a key shows now: "gate", "true" or "failed"; it may go from one to the other.

import { tellReady } from "../telling.js";

export function tellState(state) {
  if (document.documentElement.dataset.ready) document.documentElement.dataset.ready = state;
  else tellReady(state);
}
