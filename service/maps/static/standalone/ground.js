// The stand-alone map, second part: the ground, between the fills of the grids and their borders.

// By rank, from 1 for main streets: metres of width, and least and most pixels.
const STREETS = { 1: [26, 2, 20], 2: [17, 1.3, 15], 3: [10, 0.8, 11], 4: [4.5, 0.6, 6] };
const CASED_PIXELS = 2.4;
const BUILDING_PIXELS_PER_METRE = 0.4;
const COMPOUND_NAMES_PIXELS_PER_METRE = 0.7;
const SAME_NAME_PIXELS = 380;

function boxOf(lines) {
  const box = { lines, west: Infinity, east: -Infinity, north: Infinity, south: -Infinity };
  for (const line of lines) {
    for (let i = 0; i < line.length; i += 2) {
      box.west = Math.min(box.west, line[i]);
      box.east = Math.max(box.east, line[i]);
      box.north = Math.min(box.north, line[i + 1]);
      box.south = Math.max(box.south, line[i + 1]);
    }
  }
  return box;
}

const ground = {
  water: (DATA.ground.water ?? []).map((rings) => boxOf(rings.map(readLine))),
  rivers: (DATA.ground.rivers ?? []).map((line) => boxOf([readLine(line)])),
  railways: (DATA.ground.railways ?? []).map((line) => boxOf([readLine(line)])),
  buildings: (DATA.ground.buildings ?? []).map((rings) => boxOf(rings.map(readLine))),
  streets: (DATA.ground.streets ?? []).map(({ name, rank, lines }) => ({ name, rank: Math.min(Math.max(rank, 1), 4), ...boxOf(lines.map(readLine)) })),
  compounds: (DATA.ground.compounds ?? []).map(([name, lon, lat, degrees]) => ({ name, at: project(lon, lat), width: (degrees / 360) * 256 })),
};

const metrePixels = () => pixelsPerMetre(grids[0].point.lat) * state.scale;

function widthOf(rank) {
  const [metres, least, most] = STREETS[rank];
  return Math.min(Math.max(metres * metrePixels(), least), most);
}

function draws(items, view, closed, draw) {
  inPaths(context, view, items.filter((item) => isVisible(item, view)), (item) => item.lines, closed, draw);
}

function paintGround(view) {
  const metre = metrePixels();
  context.lineCap = "round";
  Object.assign(context, { fillStyle: "#a9cfe8", strokeStyle: "#6fa6cb", lineWidth: 0.8 });
  draws(ground.water, view, true, () => { context.fill("evenodd"); context.stroke(); });
  Object.assign(context, { strokeStyle: "#a9cfe8", lineWidth: Math.max(8 * metre, 1.2) });
  draws(ground.rivers, view, false, () => context.stroke());
  if (metre > BUILDING_PIXELS_PER_METRE) {
    context.fillStyle = "rgba(74, 66, 56, 0.13)";
    draws(ground.buildings, view, true, () => context.fill("evenodd"));
  }
  const ranks = [4, 3, 2, 1].filter((rank) => rank < 4 || metre > BUILDING_PIXELS_PER_METRE);
  const of = (rank) => ground.streets.filter((street) => street.rank === rank);
  for (const rank of ranks) {
    if (widthOf(rank) < CASED_PIXELS) continue;
    Object.assign(context, { strokeStyle: "#a9adb0", lineWidth: widthOf(rank) + 1.4 });
    draws(of(rank), view, false, () => context.stroke());
  }
  for (const rank of ranks) {
    Object.assign(context, { strokeStyle: rank === 1 ? "#fffbe9" : "#ffffff", lineWidth: widthOf(rank) });
    draws(of(rank), view, false, () => context.stroke());
  }
  Object.assign(context, { strokeStyle: "#7b838b", lineWidth: Math.max(Math.min(3 * metre, 3), 1) });
  draws(ground.railways, view, false, () => context.stroke());
  context.lineCap = "butt";
}

// Names take the room that the grids' left: streets along their longest straight piece, then compounds.
function nameGround(view, taken) {
  Object.assign(context, { fillStyle: "#4b545d", strokeStyle: "rgba(255, 255, 255, 0.95)", lineWidth: 4, font: `400 14px ${FONT}` });
  const written = new Map();
  for (const street of [...ground.streets].sort((a, b) => a.rank - b.rank)) {
    if (!street.name || !isVisible(street, view) || widthOf(street.rank) < (street.rank < 3 ? 4.5 : 6.5)) continue;
    nameStreet(street, view, written, taken);
  }
  context.fillStyle = "#5a5148";
  for (const one of metrePixels() > COMPOUND_NAMES_PIXELS_PER_METRE ? ground.compounds : []) {
    const name = shortened(one.name, 14);
    if (isAtView(one, view) && widthOfText(name) < one.width * state.scale * 1.1) write([name], one.at, 14, taken);
  }
}

function nameStreet(street, view, written, taken) {
  const name = shortened(street.name, 14);
  const width = widthOfText(name) + 8;
  let best = null;
  for (const line of street.lines) {
    for (let i = 2; i < line.length; i += 2) {
      const middle = [(line[i] + line[i - 2]) / 2, (line[i + 1] + line[i - 1]) / 2];
      if (!isAtView({ at: middle }, view)) continue;
      const [[fromX, fromY], [toX, toY]] = [toScreen([line[i - 2], line[i - 1]]), toScreen([line[i], line[i + 1]])];
      const length = Math.hypot(toX - fromX, toY - fromY);
      if (length > (best?.length ?? width)) best = { length, at: toScreen(middle), angle: Math.atan2(toY - fromY, toX - fromX) };
    }
  }
  if (!best) return;
  const { at: [x, y], angle } = best;
  const others = written.get(name) ?? [];
  if (others.some(([otherX, otherY]) => Math.hypot(otherX - x, otherY - y) < SAME_NAME_PIXELS)) return;
  const upright = Math.abs(angle) > Math.PI / 2 ? angle - Math.sign(angle) * Math.PI : angle;
  const [halfX, halfY] = [(Math.abs(Math.cos(angle)) * width + Math.abs(Math.sin(angle)) * 16) / 2, (Math.abs(Math.sin(angle)) * width + Math.abs(Math.cos(angle)) * 16) / 2];
  const around = [x - halfX, y - halfY, x + halfX, y + halfY];
  if (taken.some((other) => around[0] < other[2] && around[2] > other[0] && around[1] < other[3] && around[3] > other[1])) return;
  taken.push(around);
  written.set(name, [...others, [x, y]]);
  context.save();
  context.translate(x, y);
  context.rotate(upright);
  context.strokeText(name, 0, 0);
  context.fillText(name, 0, 0);
  context.restore();
}
