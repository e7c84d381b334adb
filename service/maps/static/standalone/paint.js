// The stand-alone map, third part: drawing.

// How wide a text is in the font that is set, measured once.
const widths = new Map();
function widthOfText(text) {
  const key = `${context.font}\n${text}`;
  let width = widths.get(key);
  if (width === undefined) widths.set(key, (width = context.measureText(text).width));
  return width;
}

const toScreen = ([x, y]) => [(x - state.x) * state.scale + canvas.clientWidth / 2, (y - state.y) * state.scale + canvas.clientHeight / 2];

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
  const [left, top] = [state.x - width / 2 / state.scale, state.y - height / 2 / state.scale];
  const [right, bottom] = [state.x + width / 2 / state.scale, state.y + height / 2 / state.scale];
  const seen = grids.filter((grid) => grid.east > left && grid.west < right && grid.south > top && grid.north < bottom);
  const radius = typical * state.scale;
  const box = { left, right, top, bottom };
  paintFills(seen);
  paintGround(box);
  paintBorders(seen, radius);
  const [communities = [], streets = []] = borders;
  strokeLines(communities, "#39444f", radius > 14 ? 2.25 : 1.1);
  strokeLines(streets, "#1d252c", radius > 14 ? 4 : 2.25);
  if (state.hovered && state.hovered !== state.chosen) strokeGrid(state.hovered, "#1d252c", 2.25);
  if (state.chosen) {
    strokeGrid(state.chosen, "#fff", 8);
    strokeGrid(state.chosen, "#124aa3", 4.5);
  }
  const taken = [];
  paintStations(taken);
  paintNames(seen, radius, taken);
  nameGround(box, taken);
  showScale();
}

function trace(line, closed) {
  let [lastX, lastY] = toScreen([line[0], line[1]]);
  context.moveTo(lastX, lastY);
  for (let i = 2; i < line.length; i += 2) {
    const [x, y] = toScreen([line[i], line[i + 1]]);
    if (Math.abs(x - lastX) + Math.abs(y - lastY) < 1 && i < line.length - 2) continue;
    context.lineTo(x, y);
    [lastX, lastY] = [x, y];
  }
  if (closed) context.closePath();
}

const isPartial = DATA.tiling === "partial";

// Grids of one colour are one path, or a few: a browser fills a path of all sooner than a path for each.
const GRIDS_PER_PATH = 250;

function inPaths(some, draw) {
  for (let from = 0; from < some.length; from += GRIDS_PER_PATH) {
    context.beginPath();
    for (const grid of some.slice(from, from + GRIDS_PER_PATH)) for (const ring of grid.rings) trace(ring, true);
    draw();
  }
}

function paintFills(seen) {
  const isFaint = (grid) => (state.chosen && grid !== state.chosen) || (state.area && !chainOf(grid.community).includes(state.area));
  for (const faint of [false, true]) {
    const some = seen.filter((grid) => Boolean(isFaint(grid)) === faint);
    context.globalAlpha = faint ? 0.45 : 1;
    for (const [place, colour] of fills.entries()) {
      context.fillStyle = colour;
      inPaths(some.filter((grid) => (grid.colour + (isPartial ? 2 : 0)) % fills.length === place), () => context.fill("evenodd"));
    }
  }
  context.globalAlpha = 1;
}

function paintBorders(seen, radius) {
  if (radius < 2.5 && !isPartial) return;
  Object.assign(context, { globalAlpha: Math.min(0.3 + radius / 30, 1), strokeStyle: "#66727f", lineWidth: Math.min(0.35 + radius / 60, 1.25) });
  inPaths(seen, () => context.stroke());
  context.globalAlpha = 1;
}

function strokeLines(lines, strokeStyle, lineWidth) {
  context.beginPath();
  for (const line of lines) trace(line, false);
  Object.assign(context, { strokeStyle, lineWidth });
  context.stroke();
}

function strokeGrid(grid, strokeStyle, lineWidth) {
  context.beginPath();
  for (const ring of grid.rings) trace(ring, true);
  Object.assign(context, { strokeStyle, lineWidth });
  context.stroke();
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
  const perMetre = pixelsPerMetre(grids[0].lat) * state.scale;
  const most = 110 / perMetre;
  const power = 10 ** Math.floor(Math.log10(most));
  const metres = [5, 2, 1].map((one) => one * power).find((one) => one <= most) ?? power;
  byId("scale").textContent = distance(metres);
  byId("scale").style.width = `${Math.max(metres * perMetre, 30)}px`;
}

const shortened = (text, most) => (text.length > most ? `${text.slice(0, most - 1)}…` : text);
const distance = (metres) =>
  metres < 1000 ? fill(words.metres, { count: Math.round(metres) }) : fill(words.kilometres, { count: Number((metres / 1000).toFixed(1)) });
