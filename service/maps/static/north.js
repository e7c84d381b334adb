// Where north is: always up, as on a printed map.

const SHAPES = [["M15 3 22 28 15 23Z", "#1d252c"], ["M15 3 8 28 15 23Z", "#fff"]];

export function northControl(L, lang) {
  const control = new L.Control({ position: "bottomright" });
  control.onAdd = () => {
    const arrow = northArrow(lang);
    arrow.style.marginBottom = "10px";
    return arrow;
  };
  return control;
}

export function northArrow(lang) {
  const make = (tag, attributes, parent) => {
    const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    parent?.append(made);
    return made;
  };
  const letter = lang === "en" ? "N" : "北";
  const svg = make("svg", { width: 30, height: 48, viewBox: "0 0 30 48", role: "img", "aria-label": lang === "en" ? "North is up" : "上北下南" });
  make("rect", { width: 30, height: 48, rx: 4, fill: "rgb(255 255 255 / 75%)" }, svg);
  for (const [d, fill] of SHAPES) make("path", { d, fill, stroke: "#1d252c", "stroke-width": 1.2, "stroke-linejoin": "round" }, svg);
  const text = make("text", { x: 15, y: 43, "text-anchor": "middle", "font-size": 14, "font-weight": 700, fill: "#1d252c" }, svg);
  text.textContent = letter;
  return svg;
}
