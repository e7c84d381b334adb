// What a drawn point or a dragged node goes to where it comes near: nodes first, then borders, streets, walls, buildings.

import { project } from "../model.js";
import { along, boundsOf } from "./geometry.js";

export const REACH_PIXELS = 10;
// What is nearer to the pointer goes before, yet a border by so many pixels before anything beside it.
const [BORDER_LEAD, CORNER_LEAD] = [3, 2];

// Lines around a place that are no borders: streets, walls, buildings. Each: {kind, name, code, lines: [flat …], bounds}.
export class Surroundings {
  constructor({ streets, barriers, buildings } = {}) {
    this.items = [
      ...itemsOf(streets, "street", false),
      ...itemsOf(barriers, "wall", false),
      ...itemsOf(buildings, "building", true),
    ];
  }

  // The building that a place lies in, or null.
  building(x, y, inside) {
    return this.items.find((item) => item.kind === "building" && holds(item, x, y, 0) && inside(item.lines, x, y)) ?? null;
  }

  // The nearest place of a line within reach of the pointer, in world pixels, or null.
  nearest(x, y, reach) {
    let best = null;
    for (const item of this.items) {
      if (!holds(item, x, y, reach)) continue;
      for (const line of item.lines) {
        for (let i = 2; i < line.length; i += 2) best = nearer(best, item, line, i, x, y, reach);
      }
    }
    return best;
  }
}

function nearer(best, item, line, i, x, y, reach) {
  const [ax, ay, bx, by] = [line[i - 2], line[i - 1], line[i], line[i + 1]];
  const part = along(ax, ay, bx, by, x, y);
  const [footX, footY] = [ax + part * (bx - ax), ay + part * (by - ay)];
  const apart = Math.hypot(footX - x, footY - y);
  return apart <= reach && (!best || apart < best.apart) ? { kind: item.kind, name: item.name, x: footX, y: footY, apart } : best;
}

// Where a point goes: {kind, lon, lat, x, y, name, node, edge}, or null; scale: pixels of the screen for one of the world.
// at.reach: how much farther than a mouse it reaches; but: a node that moves and so holds nothing, with the keys of its grids.
export function snapped(topology, surroundings, { x, y, reach: far = 1 }, scale, unproject, but = null) {
  const reach = (far * REACH_PIXELS) / scale;
  const near = nearestNodeBut(topology, x, y, reach, but);
  const edge = but ? borderOfOthers(topology, x, y, reach, but) : topology.nearestEdge(x, y, reach);
  if (near && (!edge || near.apart <= edge.apart + CORNER_LEAD / scale || near.apart <= reach / 2)) {
    return { kind: "node", node: near.node, lon: near.node.lon, lat: near.node.lat, x: near.node.x, y: near.node.y };
  }
  const line = surroundings.nearest(x, y, reach);
  if (edge && (!line || edge.apart <= line.apart + BORDER_LEAD / scale)) return { ...edge, kind: "border", edge };
  if (!line) return null;
  const [lon, lat] = unproject(line.x, line.y);
  return { ...line, lon, lat };
}

function nearestNodeBut(topology, x, y, reach, but) {
  if (!but) return topology.nearestNode(x, y, reach);
  let best = null;
  for (const face of topology.around(x, y, reach)) {
    for (const node of face.rings.flat()) {
      const apart = Math.hypot(node.x - x, node.y - y);
      if (node !== but && apart <= reach && (!best || apart < best.apart)) best = { node, apart };
    }
  }
  return best;
}

// Borders that the moving node does not carry along.
function borderOfOthers(topology, x, y, reach, but) {
  const edge = topology.nearestEdge(x, y, reach);
  return edge && edge.one !== but && edge.other !== but ? edge : null;
}

function holds({ west, east, north, south }, x, y, reach) {
  return x >= west - reach && x <= east + reach && y >= north - reach && y <= south + reach;
}

function itemsOf(collection, kind, closed) {
  return (collection?.features ?? []).map(({ geometry, properties }) => {
    const lines = positionsOf(geometry).map((positions) => Float64Array.from(positions.flatMap(([lon, lat]) => project(lon, lat))));
    const { name = "", code = null } = properties ?? {};
    return { kind, name, code, closed, lines, ...boundsOf(lines) };
  });
}

function positionsOf(geometry) {
  const { type, coordinates = [] } = geometry ?? {};
  if (type === "LineString") return [coordinates];
  if (type === "MultiLineString" || type === "Polygon") return coordinates;
  return type === "MultiPolygon" ? coordinates.flat() : [];
}
