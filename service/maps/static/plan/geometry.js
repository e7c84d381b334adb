// Plane geometry of the editor, in world pixels at zoom 0; lines and rings are flat: x, y, x, y … No page is needed.

import { insideRings, pixelsPerMetre, unproject } from "../model.js";

// Ends of a sweep beyond the place where they cross, as a share of what it goes round.
const MOST_TAILS = 0.4;

// Whether two stretches cross in a point inside both.
export function cross(ax, ay, bx, by, cx, cy, dx, dy) {
  const abc = turn(ax, ay, bx, by, cx, cy);
  const abd = turn(ax, ay, bx, by, dx, dy);
  if (abc * abd >= 0) return false;
  return turn(cx, cy, dx, dy, ax, ay) * turn(cx, cy, dx, dy, bx, by) < 0;
}

function turn(ax, ay, bx, by, cx, cy) {
  return (bx - ax) * (cy - ay) - (by - ay) * (cx - ax);
}

// How far along a stretch, from 0 to 1, the place nearest to a point lies.
export function along(ax, ay, bx, by, x, y) {
  const [east, south] = [bx - ax, by - ay];
  const length = east * east + south * south;
  return length ? Math.min(Math.max(((x - ax) * east + (y - ay) * south) / length, 0), 1) : 0;
}

// Twice the area that a ring encloses, negative where it runs the other way.
export function signedArea(ring) {
  let sum = 0;
  for (let i = 0, j = ring.length - 2; i < ring.length; j = i, i += 2) sum += (ring[j] - ring[i]) * (ring[j + 1] + ring[i + 1]);
  return sum;
}

export function boundsOf(rings) {
  const found = { west: Infinity, east: -Infinity, north: Infinity, south: -Infinity };
  for (const ring of rings) {
    for (let i = 0; i < ring.length; i += 2) {
      if (ring[i] < found.west) found.west = ring[i];
      if (ring[i] > found.east) found.east = ring[i];
      if (ring[i + 1] < found.north) found.north = ring[i + 1];
      if (ring[i + 1] > found.south) found.south = ring[i + 1];
    }
  }
  return found;
}

// Metres of a line of points with x and y.
export function metresOf(points) {
  let sum = 0;
  for (let i = 1; i < points.length; i += 1) sum += metresBetween(points[i - 1], points[i]);
  return sum;
}

export function metresBetween(one, other) {
  return Math.hypot(one.x - other.x, one.y - other.y) / pixelsPerMetre(unproject(one.x, (one.y + other.y) / 2)[1]);
}

// The first crossing of a line with itself as [x, y], or null.
export function selfCrossing(points) {
  const found = crossedStretches(points);
  return found && crossingOf(...found.flatMap((place) => [points[place - 1], points[place]]));
}

// What a sweep goes round, without its ends where they crossed each other; a figure of eight stays one.
export function withoutTails(points) {
  const found = crossedStretches(points);
  if (!found) return points;
  const [first, last] = found;
  const loop = points.slice(first, last);
  const ends = [...points.slice(0, first), ...points.slice(last)];
  return metresOf(ends) < metresOf(loop) * MOST_TAILS ? loop : points;
}

// Two stretches of a line that cross, by the places where they end, or null.
function crossedStretches(points) {
  for (let i = 3; i < points.length; i += 1) {
    for (let j = 1; j < i - 1; j += 1) {
      const [a, b, c, d] = [points[j - 1], points[j], points[i - 1], points[i]];
      if (cross(a.x, a.y, b.x, b.y, c.x, c.y, d.x, d.y)) return [j, i];
    }
  }
  return null;
}

function crossingOf(a, b, c, d) {
  const whole = (b.x - a.x) * (d.y - c.y) - (b.y - a.y) * (d.x - c.x);
  const part = ((c.x - a.x) * (d.y - c.y) - (c.y - a.y) * (d.x - c.x)) / whole;
  return [a.x + part * (b.x - a.x), a.y + part * (b.y - a.y)];
}

// Roughly the middle of the largest circle within rings, and its radius: {at: [x, y], radius}.
export function labelOf(rings) {
  const box = boundsOf(rings);
  let size = Math.min(box.east - box.west, box.south - box.north) || Math.max(box.east - box.west, box.south - box.north) || 1e-9;
  let best = { at: [(box.west + box.east) / 2, (box.north + box.south) / 2], radius: -Infinity };
  const look = (x, y) => {
    const radius = insideRings(rings, x, y) ? distanceTo(rings, x, y) : -distanceTo(rings, x, y);
    if (radius > best.radius) best = { at: [x, y], radius };
  };
  look(...best.at);
  const steps = 6;
  for (let i = 0; i <= steps; i += 1) {
    for (let j = 0; j <= steps; j += 1) look(box.west + ((box.east - box.west) * i) / steps, box.north + ((box.south - box.north) * j) / steps);
  }
  for (size /= steps; size > (box.east - box.west) / 200; size /= 2) {
    const [x, y] = best.at;
    for (const [right, down] of [[1, 0], [-1, 0], [0, 1], [0, -1], [1, 1], [-1, -1], [1, -1], [-1, 1]]) look(x + right * size, y + down * size);
  }
  return { at: best.at, radius: Math.max(best.radius, 0) };
}

function distanceTo(rings, x, y) {
  let least = Infinity;
  for (const ring of rings) {
    for (let i = 0, j = ring.length - 2; i < ring.length; j = i, i += 2) {
      const [ax, ay, bx, by] = [ring[j], ring[j + 1], ring[i], ring[i + 1]];
      const part = along(ax, ay, bx, by, x, y);
      const [east, south] = [ax + part * (bx - ax) - x, ay + part * (by - ay) - y];
      const apart = east * east + south * south;
      if (apart < least) least = apart;
    }
  }
  return Math.sqrt(least);
}
