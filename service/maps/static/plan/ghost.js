// How what is not done yet is drawn: lines being drawn, borders that move, what a point snaps to.

import { inPaths, strokeLines, toScreen } from "../canvas.js";
import { FONT } from "../lettering.js";

export const GHOST = "#b3380a";
const [FAULT, PAPER, INK] = ["#8a1c14", "#ffffff", "#1d252c"];
const GAIN = "rgb(179 56 10 / 22%)";

// points: [{x, y}] in world pixels; closed: a piece of ground; sound: whether it can stay like that.
export function paintLine(context, view, points, { closed = false, sound = true, corners = true } = {}) {
  if (points.length > 1) {
    const line = flat(closed ? [...points, points[0]] : points);
    if (closed && points.length > 2) {
      context.fillStyle = GAIN;
      inPaths(context, view, [line], (one) => [one], true, () => context.fill("evenodd"));
    }
    strokeLines(context, view, [line], PAPER, 6);
    context.setLineDash(sound ? [] : [7, 5]);
    strokeLines(context, view, [line], sound ? GHOST : FAULT, 3);
    context.setLineDash([]);
  }
  if (corners) for (const point of points) paintDot(context, toScreen([point.x, point.y], view), 4.5, PAPER, GHOST, 2.25);
}

// A node on its way: where its borders were, where they would be, and the ground that would change hands.
export function paintLifted(context, view, lifted, sound, waiting = false) {
  for (const face of lifted.faces) paintGain(context, view, face);
  const old = lifted.spokes(lifted.node.x, lifted.node.y);
  strokeLines(context, view, old, PAPER, 3);
  context.setLineDash([4, 4]);
  strokeLines(context, view, old, INK, 1.25);
  context.setLineDash(waiting || !sound ? [8, 5] : []);
  strokeLines(context, view, lifted.spokes(), PAPER, 6);
  strokeLines(context, view, lifted.spokes(), sound ? GHOST : FAULT, 3.25);
  context.setLineDash([]);
  const at = toScreen([lifted.x, lifted.y], view);
  paintDot(context, at, 6, sound ? GHOST : FAULT, PAPER, 2.5);
  if (!sound) paintCross(context, at);
}

// What is in the new shape and was not in the old one.
function paintGain(context, view, { before, rings }) {
  context.save();
  inPaths(context, view, [rings], (lines) => lines, true, () => context.clip("evenodd"));
  context.fillStyle = GAIN;
  inPaths(context, view, [[...before, ...rings]], (lines) => lines, true, () => context.fill("evenodd"));
  context.restore();
}

const SHAPES = { node: "square", border: "diamond", street: "ring", wall: "ring", building: "ring" };

// What the pointer has snapped to.
export function paintSnap(context, view, { kind, x, y }) {
  const [left, top] = toScreen([x, y], view);
  for (const [ink, width] of [[PAPER, 5], [GHOST, 2.25]]) {
    context.strokeStyle = ink;
    context.lineWidth = width;
    context.beginPath();
    if (SHAPES[kind] === "square") context.rect(left - 8, top - 8, 16, 16);
    else if (SHAPES[kind] === "diamond") {
      for (const [right, down] of [[0, -10], [10, 0], [0, 10], [-10, 0]]) context.lineTo(left + right, top + down);
      context.closePath();
    } else context.arc(left, top, 9, 0, 2 * Math.PI);
    context.stroke();
  }
}

export function paintDot(context, [x, y], radius, fill, ink, width) {
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  context.fillStyle = fill;
  context.strokeStyle = ink;
  context.lineWidth = width;
  context.fill();
  context.stroke();
}

// A node that could be put in.
export function paintPlus(context, view, { x, y }) {
  const at = toScreen([x, y], view);
  paintDot(context, at, 8, PAPER, GHOST, 2.25);
  context.beginPath();
  context.moveTo(at[0] - 4, at[1]);
  context.lineTo(at[0] + 4, at[1]);
  context.moveTo(at[0], at[1] - 4);
  context.lineTo(at[0], at[1] + 4);
  context.stroke();
}

export function paintCross(context, [x, y]) {
  for (const [ink, width] of [[PAPER, 6], [FAULT, 3]]) {
    context.strokeStyle = ink;
    context.lineWidth = width;
    context.beginPath();
    for (const side of [-1, 1]) {
      context.moveTo(x - 8, y - 8 * side);
      context.lineTo(x + 8, y + 8 * side);
    }
    context.stroke();
  }
}

// A few words beside a place.
export function paintChip(context, [x, y], text) {
  context.font = `600 14px ${FONT}`;
  const width = context.measureText(text).width + 12;
  context.fillStyle = "rgb(29 37 44 / 90%)";
  context.beginPath();
  context.roundRect(x + 14, y - 32, width, 24, 5);
  context.fill();
  context.fillStyle = PAPER;
  context.textAlign = "left";
  context.textBaseline = "middle";
  context.fillText(text, x + 20, y - 19.5);
}

function flat(points) {
  return Float64Array.from(points.flatMap(({ x, y }) => [x, y]));
}
