// Names on the map: inside their polygon and along their line, only where they fit, never over one another.

import { isAtView, toScreen } from "./canvas.js";

export const FONT = 'system-ui, "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "Source Han Sans SC", sans-serif';
export const LETTERS = { label: "#1d252c", area: "#39444f", halo: "rgba(255, 255, 255, 0.85)" };
const CELL = 64;
const LONGEST = 40;
const [LEAST_ROOM, TYPICAL_ROOM, LARGE_ROOM] = [13, 19, 30];
const CHINESE = /[\u2e80-\u9fff\uf900-\ufaff]/;
// How far a line may bend from one letter to the next, and within a name.
const MOST_BEND = 0.45;
const MOST_TURN = 1.2;

// What of the picture is written on already.
export class Room {
  constructor() {
    this.cells = new Map();
  }

  take(box) {
    for (const key of cellsOf(box)) {
      if (!this.cells.has(key)) this.cells.set(key, []);
      this.cells.get(key).push(box);
    }
  }

  isFree(box) {
    for (const key of cellsOf(box)) {
      for (const other of this.cells.get(key) ?? []) {
        if (box[0] < other[2] && box[2] > other[0] && box[1] < other[3] && box[3] > other[1]) return false;
      }
    }
    return true;
  }
}

function cellsOf([left, top, right, bottom]) {
  const keys = [];
  for (let x = Math.floor(left / CELL); x <= Math.floor(right / CELL); x += 1) {
    for (let y = Math.floor(top / CELL); y <= Math.floor(bottom / CELL); y += 1) keys.push(x * 1_000_003 + y);
  }
  return keys;
}

// Centred lines with a halo, where there is room; whether there was.
export function paintText(context, [x, y], lines, size, room) {
  const half = Math.max(...lines.map((line) => context.measureText(line).width)) / 2 + 3;
  const height = (lines.length * size * 1.2) / 2 + 1;
  const box = [x - half, y - height, x + half, y + height];
  if (!room.isFree(box)) return false;
  room.take(box);
  for (const [place, line] of lines.entries()) {
    const top = y + (place - (lines.length - 1) / 2) * size * 1.2;
    context.strokeText(line, x, top);
    context.fillText(line, x, top);
  }
  return true;
}

export function setLetters(context, weight, size, ink, halo = 3, around = LETTERS.halo) {
  context.font = `${weight} ${size}px ${FONT}`;
  context.fillStyle = ink;
  context.strokeStyle = around;
  context.lineWidth = halo;
  context.lineJoin = "round";
  context.textAlign = "center";
  context.textBaseline = "middle";
}

// One or two lines inside the largest circle of each grid, once most grids have room for theirs; typical: the radius of
// the typical grid, in pixels.
export function paintGridNames(context, view, grids, typical, room) {
  for (const grid of grids) {
    const radius = grid.radius * view.scale;
    if (radius < (typical < TYPICAL_ROOM ? LARGE_ROOM : LEAST_ROOM)) continue;
    const size = radius > 64 ? 17 : radius > 44 ? 15.5 : 14;
    setLetters(context, 500, size, LETTERS.label);
    const lines = linesThatFit(context, grid.short, radius, size);
    if (!lines) continue;
    const [x, y] = toScreen(grid.at, view);
    const aside = Math.min(radius * 0.6, 26);
    [y, y - aside, y + aside].some((place) => paintText(context, [x, place], lines, size, room));
  }
}

function linesThatFit(context, name, radius, size) {
  if (name.length > LONGEST || !name) return null;
  const width = context.measureText(name).width;
  if (width / 2 <= Math.sqrt(Math.max(radius ** 2 - (size / 2) ** 2, 0)) * 1.06) return [name];
  if (name.length < 4 || width / 4 > Math.sqrt(Math.max(radius ** 2 - size ** 2, 0))) return null;
  const place = breakOf(name);
  return [name.slice(0, place), name.slice(place)];
}

// Where a name is parted: behind a hyphen or blank near its middle, else in the middle.
function breakOf(name) {
  const middle = Math.ceil(name.length / 2);
  for (const place of [middle, middle + 1, middle - 1, middle + 2, middle - 2]) {
    if (/[-\s_·/]/.test(name[place - 1] ?? "")) return place;
  }
  return middle;
}

// Names of areas where they are not much wider than the area.
export function paintAreaNames(context, view, areas, size, weight, room) {
  setLetters(context, weight, size, LETTERS.area, 4);
  for (const area of areas) {
    const name = shortened(area.short ?? area.name, 20);
    if (context.measureText(name).width / 2 > area.radius * view.scale * 1.5) continue;
    paintText(context, toScreen(area.at, view), [name], size, room);
  }
}

export function paintStationNames(context, view, stations, ink, room) {
  setLetters(context, 500, 14, ink);
  for (const station of stations) {
    if (!isAtView(station, view)) continue;
    const [x, y] = toScreen(station.at, view);
    paintText(context, [x, y + 17], [shortened(station.name, 16)], 14, room);
  }
}

export function shortened(name, letters) {
  return name.length > letters ? `${name.slice(0, letters - 1)}…` : name;
}

// A name letter by letter along a line on the screen; whether it found a place. Chinese letters stand upright along a
// street that runs from north to south, others turn with it.
export function paintAlong(context, line, name, size, room) {
  const letters = [...shortened(name, 20)];
  const widths = letters.map((letter) => context.measureText(letter).width);
  const chinese = CHINESE.test(name);
  const path = pathOf(line);
  const tight = widths.reduce((sum, width) => sum + width, 0);
  if (path.length < tight + size) return false;
  const gap = chinese ? Math.min((path.length - tight) / (letters.length * 3), size) : 0;
  const length = tight + gap * (letters.length - 1);
  for (const share of [0.5, 0.3, 0.7, 0.15, 0.85]) {
    const start = (path.length - length) * share;
    const placed = lettersAlong(path, start, length, letters, widths, gap, chinese);
    if (placed && placed.every(({ x, y }) => room.isFree(boxAt(x, y, size)))) {
      for (const { x, y } of placed) room.take(boxAt(x, y, size));
      interrupt(context, placed, size * 0.4);
      for (const draw of ["strokeText", "fillText"]) {
        for (const one of placed) paintLetter(context, one, draw);
      }
      return true;
    }
  }
  return false;
}

function boxAt(x, y, size) {
  const half = size * 0.55;
  return [x - half, y - half, x + half, y + half];
}

// A border that runs along the street stops for its name.
function interrupt(context, placed, width) {
  const { lineWidth } = context;
  context.lineWidth = width;
  context.beginPath();
  for (const { x, y } of placed) context.lineTo(x, y);
  context.stroke();
  context.lineWidth = lineWidth;
}

function paintLetter(context, { letter, x, y, turn }, draw) {
  context.save();
  context.translate(x, y);
  context.rotate(turn);
  context[draw](letter, 0, 0);
  context.restore();
}

function lettersAlong(path, start, length, letters, widths, gap, chinese) {
  const [first, last] = [path.at(start), path.at(start + length)];
  const steep = Math.abs(last.y - first.y) > Math.abs(last.x - first.x) * 1.2;
  const upright = chinese && steep;
  // From left to right; down a steep street in Chinese, up in other letters.
  const backward = upright ? last.y < first.y : steep ? last.y > first.y : last.x < first.x;
  const way = backward ? pathOf(reversed(path.line)) : path;
  let at = backward ? path.length - start - length : start;
  const placed = letters.map((letter, place) => {
    const { x, y, angle } = way.at(at + widths[place] / 2);
    at += widths[place] + gap;
    return { letter, x, y, turn: turned(angle, upright) };
  });
  return isSmooth(placed) ? placed : null;
}

function reversed(line) {
  const turned = new Float64Array(line.length);
  for (let i = 0; i < line.length; i += 2) {
    turned[i] = line[line.length - 2 - i];
    turned[i + 1] = line[line.length - 1 - i];
  }
  return turned;
}

function turned(angle, upright) {
  return between(upright ? angle - Math.PI / 2 : angle);
}

function between(angle) {
  return Math.atan2(Math.sin(angle), Math.cos(angle));
}

function isSmooth(placed) {
  return placed.every(({ turn }, i) => {
    const bend = i ? Math.abs(between(turn - placed[i - 1].turn)) : 0;
    return bend <= MOST_BEND && Math.abs(between(turn - placed[0].turn)) <= MOST_TURN;
  });
}

// A line by its length: at(distance) gives {x, y, angle}.
function pathOf(line) {
  const lengths = [0];
  for (let i = 2; i < line.length; i += 2) {
    lengths.push(lengths.at(-1) + Math.hypot(line[i] - line[i - 2], line[i + 1] - line[i - 1]));
  }
  const at = (distance) => {
    let low = 0;
    let high = lengths.length - 1;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (lengths[middle] <= distance) low = middle;
      else high = middle;
    }
    const share = (distance - lengths[low]) / (lengths[high] - lengths[low] || 1);
    const [x0, y0, x1, y1] = [line[2 * low], line[2 * low + 1], line[2 * high], line[2 * high + 1]];
    return { x: x0 + (x1 - x0) * share, y: y0 + (y1 - y0) * share, angle: Math.atan2(y1 - y0, x1 - x0) };
  };
  return { line, length: lengths.at(-1), at };
}
