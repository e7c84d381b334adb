// The stand-alone map, third part: drawing.

// How wide a text is in the font that is set, measured once.
const widths = new Map();
function widthOfText(text) {
  const key = `${context.font}\n${text}`;
  let width = widths.get(key);
  if (width === undefined) widths.set(key, (width = context.measureText(text).width));
  return width;
}

// What is in the window, as the modules of the map page have it.
function viewNow() {
  const { scale, x, y } = state;
  const [halfX, halfY] = [canvas.clientWidth / 2, canvas.clientHeight / 2];
  const [west, east, north, south] = [x - halfX / scale, x + halfX / scale, y - halfY / scale, y + halfY / scale];
  return { scale, dx: halfX - x * scale, dy: halfY - y * scale, west, east, north, south };
}

const toScreen = (at) => SHARED.canvas.toScreen(at, viewNow());

let asked = false;
function paint() {
  if (asked) return;
  asked = true;
  requestAnimationFrame(() => {
    asked = false;
    draw();
  });
}

function draw() {
  const ratio = window.devicePixelRatio || 1;
  const [width, height] = [canvas.clientWidth, canvas.clientHeight];
  if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
  }
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  context.lineJoin = "round";
  const view = viewNow();
  const seen = grids.filter((grid) => isVisible(grid, view));
  const radius = typical * state.scale;
  paintFills(seen, view);
  paintGround(view);
  if (radius >= 2.5 || model.partial) {
    strokeGrids(context, view, seen, "#66727f", Math.min(0.35 + radius / 60, 1.25), Math.min(0.3 + radius / 30, 1));
  }
  const [communities = [], streets = []] = borders;
  strokeLines(context, view, communities, "#39444f", radius > 14 ? 2.25 : 1.1);
  strokeLines(context, view, streets, "#1d252c", radius > 14 ? 4 : 2.25);
  if (state.hovered && state.hovered !== state.chosen) strokeGrids(context, view, [state.hovered], "#1d252c", 2.25, 1);
  if (state.chosen) {
    strokeGrids(context, view, [state.chosen], "#fff", 8, 1);
    strokeGrids(context, view, [state.chosen], "#124aa3", 4.5, 1);
  }
  const taken = [];
  paintStations(taken);
  paintNames(seen, radius, taken);
  nameGround(view, taken);
  showScale();
}

function paintFills(seen, view) {
  const isFaint = (grid) => (state.chosen && grid !== state.chosen) || (state.area && !chainOf(grid.community).includes(state.area));
  for (const faint of [false, true]) {
    const some = seen.filter((grid) => Boolean(isFaint(grid)) === faint);
    context.globalAlpha = faint ? 0.45 : 1;
    for (const [place, colour] of fills.entries()) {
      fillGrids(context, view, some.filter((grid) => (grid.colour + (model.partial ? 2 : 0)) % fills.length === place), colour);
    }
  }
  context.globalAlpha = 1;
}

function paintStations(taken) {
  if (typical * state.scale < 10) return;
  for (const station of stations) {
    const [x, y] = toScreen(station.at);
    taken.push([x - 7, y - 7, x + 7, y + 7]);
    context.beginPath();
    context.rect(x - 5, y - 5, 10, 10);
    Object.assign(context, { fillStyle: "#fff", strokeStyle: "#124aa3", lineWidth: 1.75 });
    context.fill();
    context.stroke();
  }
}

function paintNames(seen, radius, taken) {
  Object.assign(context, { textAlign: "center", textBaseline: "middle", strokeStyle: "rgba(255, 255, 255, 0.85)", lineWidth: 3.5 });
  const areaNames = (depth, size, weight) => {
    context.font = `${weight} ${size}px ${FONT}`;
    context.fillStyle = "#39444f";
    for (const area of areas) {
      const name = shortened(area.name, 20);
      if (area.depth === depth && widthOfText(name) < area.radius * state.scale * 3) write([name], area.at, size, taken);
    }
  };
  if (radius < 30) {
    if (radius < 12) areaNames(1, 16, 700);
    areaNames(0, 14, 600);
  }
  context.font = `500 14px ${FONT}`;
  context.fillStyle = "#1d252c";
  for (const grid of seen) {
    const room = grid.radius * state.scale;
    const lines = room < 13 || grid.short.length > 40 ? null : linesThatFit(grid.short, room);
    const aside = Math.min(room * 0.6, 26) / state.scale;
    if (lines) [0, -aside, aside].some((by) => write(lines, [grid.at[0], grid.at[1] + by], 14, taken));
  }
  if (radius >= 30) areaNames(0, 15, 700);
  if (radius > 55) {
    context.font = `500 14px ${FONT}`;
    context.fillStyle = "#124aa3";
    for (const { name, at: [x, y] } of stations) write([shortened(name, 16)], [x, y + 17 / state.scale], 14, taken);
  }
}

function linesThatFit(name, room) {
  const half = widthOfText(name) / 2;
  if (half <= Math.sqrt(room * room - 49) * 1.06) return [name];
  if (name.length < 4 || room < 15 || half / 2 > Math.sqrt(room * room - 196)) return null;
  const middle = Math.ceil(name.length / 2);
  return [name.slice(0, middle), name.slice(middle)];
}

function write(lines, place, size, taken) {
  const [x, y] = toScreen(place);
  const half = Math.max(...lines.map(widthOfText)) / 2 + 3;
  const tall = lines.length * size * 0.6 + 1;
  const box = [x - half, y - tall, x + half, y + tall];
  if (taken.some((other) => box[0] < other[2] && box[2] > other[0] && box[1] < other[3] && box[3] > other[1])) return false;
  taken.push(box);
  for (const [place, line] of lines.entries()) {
    const top = y + (place - (lines.length - 1) / 2) * size * 1.2;
    context.strokeText(line, x, top);
    context.fillText(line, x, top);
  }
  return true;
}

function showScale() {
  const perMetre = pixelsPerMetre(grids[0].point.lat) * state.scale;
  const most = 110 / perMetre;
  const power = 10 ** Math.floor(Math.log10(most));
  const metres = [5, 2, 1].map((one) => one * power).find((one) => one <= most) ?? power;
  byId("scale").textContent = distance(metres);
  byId("scale").style.width = `${Math.max(metres * perMetre, 30)}px`;
}

const shortened = (text, most) => (text.length > most ? `${text.slice(0, most - 1)}…` : text);
const distance = (metres) =>
  metres < 1000 ? fill(words.metres, { count: Math.round(metres) }) : fill(words.kilometres, { count: Number((metres / 1000).toFixed(1)) });
