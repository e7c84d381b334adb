// The home page: a question goes to the map page through the tab's own storage, so that it stays out of addresses; so does
// the wish to be found.

import { readConfig } from "./dom.js";
import { modelOf } from "./choosing.js";
import { paintPicture } from "./painter.js";

const form = document.getElementById("search");
form.addEventListener("submit", (event) => {
  event.preventDefault();
  const question = document.getElementById("query").value.trim();
  if (question) sessionStorage.setItem("gridmap.question", question);
  location.assign(form.action);
});

document.getElementById("locate-mine").addEventListener("click", () => {
  sessionStorage.setItem("gridmap.locate", "true");
  location.assign(form.action);
});

// The picture is an ornament: where it cannot be had, the page is whole without it.
const config = readConfig();
const canvas = document.getElementById("picture");
if (canvas.clientWidth > 0) {
  const response = await fetch(config.data).catch(() => null);
  if (response?.ok) {
    const paint = () => canvas.clientWidth > 0 && paintPicture(canvas, model, config.fills);
    const model = await modelOf(await response.json(), { root: config.root, asOf: null, ask: null, changed: paint });
    new ResizeObserver(paint).observe(canvas);
    canvas.parentElement.dataset.painted = "true";
  }
}
