// Exact polygons of grids as what they share: nodes, where borders bend or meet, and links from node to node, each with
// the grids on its sides. Nodes are the same where longitude and latitude are, to the last digit.
//
// A node: {lon, lat, x, y, links: [{to, faces: [key …]}]}; x, y are world pixels at zoom 0. A face: {key, properties,
// rings: [[node …] …], flat: [Float64Array …], west, east, north, south}; flat rings have their first point again at the
// end. No page is needed.

import { project } from "../model.js";
import { along, boundsOf } from "./geometry.js";

export class Topology {
  #places = new Map();

  constructor(features = []) {
    this.faces = new Map();
    for (const feature of features) this.put(feature);
  }

  // Takes a grid in, or its new shape.
  put({ geometry, properties }) {
    this.remove(properties.key);
    const polygons = geometry.type === "Polygon" ? [geometry.coordinates] : geometry.coordinates;
    const rings = polygons.flat().map((ring) => this.#ring(ring));
    const flat = rings.map(flatOf);
    const face = { key: properties.key, properties, rings, flat, ...boundsOf(flat) };
    this.faces.set(face.key, face);
    eachEdge(face, (one, other) => {
      link(one, other, face.key);
      link(other, one, face.key);
    });
    return face;
  }

  remove(key) {
    const face = this.faces.get(key);
    if (!face) return;
    this.faces.delete(key);
    eachEdge(face, (one, other) => {
      unlink(one, other, key);
      unlink(other, one, key);
    });
    for (const ring of face.rings) for (const node of ring) if (!node.links.length) this.#forget(node);
  }

  *nodes() {
    for (let node of this.#places.values()) for (; node; node = node.next) yield node;
  }

  get size() {
    return this.faces.size;
  }

  // The node at exactly that place, or null.
  node(lon, lat) {
    for (let node = this.#places.get(hash(lon, lat)); node; node = node.next) if (node.lon === lon && node.lat === lat) return node;
    return null;
  }

  // Faces whose surroundings of a size hold a place.
  *around(x, y, reach = 0) {
    for (const face of this.faces.values()) {
      if (x >= face.west - reach && x <= face.east + reach && y >= face.north - reach && y <= face.south + reach) yield face;
    }
  }

  // The nearest node within reach, {node, apart}, or null.
  nearestNode(x, y, reach) {
    let best = null;
    for (const face of this.around(x, y, reach)) {
      for (const ring of face.rings) {
        for (const node of ring) {
          const apart = Math.hypot(node.x - x, node.y - y);
          if (apart <= reach && (!best || apart < best.apart)) best = { node, apart };
        }
      }
    }
    return best;
  }

  // The nearest place of a border within reach, {one, other, x, y, lon, lat, apart}, or null.
  nearestEdge(x, y, reach) {
    let best = null;
    for (const face of this.around(x, y, reach)) {
      eachEdge(face, (one, other) => {
        const part = along(one.x, one.y, other.x, other.y, x, y);
        const [footX, footY] = [one.x + part * (other.x - one.x), one.y + part * (other.y - one.y)];
        const apart = Math.hypot(footX - x, footY - y);
        if (apart > reach || (best && apart >= best.apart)) return;
        best = { one, other, x: footX, y: footY, lon: one.lon + part * (other.lon - one.lon), lat: one.lat + part * (other.lat - one.lat), apart };
      });
    }
    return best;
  }

  #ring(positions) {
    const nodes = [];
    for (const [lon, lat] of positions) {
      const node = this.#nodeOf(lon, lat);
      if (node !== nodes.at(-1)) nodes.push(node);
    }
    if (nodes.length > 1 && nodes[0] === nodes.at(-1)) nodes.pop();
    return nodes;
  }

  #nodeOf(lon, lat) {
    const found = this.node(lon, lat);
    if (found) return found;
    const [x, y] = project(lon, lat);
    const place = hash(lon, lat);
    const node = { lon, lat, x, y, links: [], next: this.#places.get(place) ?? null };
    this.#places.set(place, node);
    return node;
  }

  #forget(node) {
    const place = hash(node.lon, node.lat);
    const first = this.#places.get(place);
    if (first === node) {
      if (node.next) this.#places.set(place, node.next);
      else this.#places.delete(place);
      return;
    }
    for (let one = first; one; one = one.next) if (one.next === node) one.next = node.next;
  }
}

// Keys of the grids that have a node.
export function facesAt(node) {
  return [...new Set(node.links.flatMap(({ faces }) => faces))];
}

// Where three borders or more meet.
export function isJunction(node) {
  return node.links.length > 2;
}

// Whether a node is on a border that has a grid on one side only.
export function isOnRim(node) {
  return node.links.some(({ faces }) => faces.length === 1);
}

// Keys of the grids on the sides of a stretch of border.
export function sidesOf(one, other) {
  return one.links.find(({ to }) => to === other)?.faces ?? [];
}

// act(one, other) for every stretch of a grid's border.
export function eachEdge({ rings }, act) {
  for (const ring of rings) for (let i = 0, j = ring.length - 1; i < ring.length; j = i, i += 1) act(ring[j], ring[i]);
}

// Lines along which borders divide something: group(key) names what a grid belongs to; each line once, flat.
export function dividingLines(topology, group) {
  const lines = [];
  for (const face of topology.faces.values()) {
    const own = group(face.key);
    for (const ring of face.rings) {
      let line = null;
      for (let i = 0; i < ring.length; i += 1) {
        const [one, other] = [ring[i], ring[(i + 1) % ring.length]];
        if (!divides(sidesOf(one, other), face.key, own, group)) line = null;
        else if (line) line.push(other.x, other.y);
        else lines.push((line = [one.x, one.y, other.x, other.y]));
      }
    }
  }
  return lines;
}

// Drawn from the side of the first grid alone.
function divides(sides, key, own, group) {
  if (sides.length < 2) return true;
  return sides[0] === key && sides.some((other) => group(other) !== own);
}

function link(from, to, key) {
  const found = from.links.find((one) => one.to === to);
  if (found) found.faces.push(key);
  else from.links.push({ to, faces: [key] });
}

function unlink(from, to, key) {
  const place = from.links.findIndex((one) => one.to === to);
  if (place < 0) return;
  const { faces } = from.links[place];
  faces.splice(faces.indexOf(key), 1);
  if (!faces.length) from.links.splice(place, 1);
}

// A ring as it is drawn: the first point again at its end.
export function flatOf(nodes) {
  const flat = new Float64Array(2 * nodes.length + 2);
  for (let place = 0; place <= nodes.length; place += 1) {
    const node = nodes[place % nodes.length];
    flat[2 * place] = node.x;
    flat[2 * place + 1] = node.y;
  }
  return flat;
}

function hash(lon, lat) {
  return lon * 8191 + lat;
}
