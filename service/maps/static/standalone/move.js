// The stand-alone map, fourth part: moving, by mouse, fingers and keys.

function bounded() {
  const least = 0.5 * wholeScale();
  state.scale = Math.min(Math.max(state.scale, least), 2 ** 20);
  state.x = Math.min(Math.max(state.x, world.west), world.east);
  state.y = Math.min(Math.max(state.y, world.north), world.south);
  paint();
}

const world = grids.reduce(
  (all, grid) => ({
    west: Math.min(all.west, grid.west), east: Math.max(all.east, grid.east),
    north: Math.min(all.north, grid.north), south: Math.max(all.south, grid.south),
  }),
  { west: Infinity, east: -Infinity, north: Infinity, south: -Infinity },
);

const scaleFor = (box, room) =>
  Math.min((canvas.clientWidth - room) / Math.max(box.east - box.west, 1e-9), (canvas.clientHeight - room) / Math.max(box.south - box.north, 1e-9));
const wholeScale = () => Math.max(scaleFor(world, 24), 1);

function fit(box, room = 24, most = 2 ** 18) {
  Object.assign(state, { scale: Math.min(scaleFor(box, room), most), x: (box.west + box.east) / 2, y: (box.north + box.south) / 2 });
  bounded();
}

function zoom(factor, [x, y] = [canvas.clientWidth / 2, canvas.clientHeight / 2]) {
  const [dx, dy] = [x - canvas.clientWidth / 2, y - canvas.clientHeight / 2];
  const before = state.scale;
  state.scale = Math.min(Math.max(before * factor, 0.5 * wholeScale()), 2 ** 20);
  state.x += dx / before - dx / state.scale;
  state.y += dy / before - dy / state.scale;
  bounded();
}

function gridAt([screenX, screenY]) {
  const x = (screenX - canvas.clientWidth / 2) / state.scale + state.x;
  const y = (screenY - canvas.clientHeight / 2) / state.scale + state.y;
  return grids.find((grid) => x >= grid.west && x <= grid.east && y >= grid.north && y <= grid.south && isInside(grid.rings, x, y)) ?? null;
}

function isInside(rings, x, y) {
  let inside = false;
  for (const ring of rings) {
    for (let i = 0, j = ring.length - 2; i < ring.length; j = i, i += 2) {
      if (ring[i + 1] > y !== ring[j + 1] > y && x < ((ring[j] - ring[i]) * (y - ring[i + 1])) / (ring[j + 1] - ring[i + 1]) + ring[i]) inside = !inside;
    }
  }
  return inside;
}

const fingers = new Map();
let travelled = 0;
const placeOf = (event) => {
  const box = map.getBoundingClientRect();
  return [event.clientX - box.left, event.clientY - box.top];
};

map.addEventListener("pointerdown", (event) => {
  if (event.target.closest("button") || event.button > 0) return;
  map.setPointerCapture(event.pointerId);
  fingers.set(event.pointerId, placeOf(event));
  if (fingers.size === 1) travelled = 0;
  map.classList.add("moving");
});
map.addEventListener("pointermove", (event) => {
  const now = placeOf(event);
  const before = fingers.get(event.pointerId);
  if (!before) {
    hover(event.target.closest("button") ? null : gridAt(now));
    return;
  }
  const others = [...fingers].filter(([id]) => id !== event.pointerId).map(([, place]) => place);
  travelled += Math.hypot(now[0] - before[0], now[1] - before[1]);
  fingers.set(event.pointerId, now);
  const share = others.length ? 0.5 : 1;
  state.x -= ((now[0] - before[0]) * share) / state.scale;
  state.y -= ((now[1] - before[1]) * share) / state.scale;
  if (others.length) {
    const apart = ([x, y]) => Math.max(Math.hypot(x - others[0][0], y - others[0][1]), 1);
    zoom(apart(now) / apart(before), [(now[0] + others[0][0]) / 2, (now[1] + others[0][1]) / 2]);
  }
  bounded();
});
for (const kind of ["pointerup", "pointercancel"]) {
  map.addEventListener(kind, (event) => {
    if (!fingers.delete(event.pointerId)) return;
    if (!fingers.size) map.classList.remove("moving");
    if (kind === "pointerup" && !fingers.size && travelled < 6) {
      const grid = gridAt(placeOf(event));
      if (grid) choose(grid, false);
    }
  });
}
map.addEventListener("pointerleave", () => hover(null));
map.addEventListener("wheel", (event) => {
  event.preventDefault();
  zoom(2 ** (-event.deltaY * (event.deltaMode ? 20 : 1) / 240), placeOf(event));
}, { passive: false });
map.addEventListener("dblclick", (event) => event.target.closest("button") || zoom(2, placeOf(event)));
map.addEventListener("keydown", (event) => {
  const step = 80 / state.scale;
  const moves = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step], ArrowDown: [0, step] };
  if (event.target !== map) return;
  if (moves[event.key]) {
    state.x += moves[event.key][0];
    state.y += moves[event.key][1];
    bounded();
  } else if (event.key === "+" || event.key === "=") zoom(2);
  else if (event.key === "-") zoom(0.5);
  else if (event.key === "Enter") {
    const grid = gridAt([canvas.clientWidth / 2, canvas.clientHeight / 2]);
    if (grid) choose(grid, false);
  } else return;
  event.preventDefault();
});
byId("in").addEventListener("click", () => zoom(2));
byId("out").addEventListener("click", () => zoom(0.5));
byId("whole").addEventListener("click", () => fit(world));
new ResizeObserver(() => bounded()).observe(map);

function hover(grid) {
  if (grid === state.hovered) return;
  state.hovered = grid;
  map.classList.toggle("over", grid !== null);
  byId("hovered").textContent = grid ? [...chainOf(grid.community).map((area) => area.name), grid.short].join(" · ") : "";
  paint();
}
