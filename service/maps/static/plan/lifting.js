// A node taken off its place: what all its grids would look like with it elsewhere, at once, and whether that is sound.

import { pixelsPerMetre } from "../model.js";
import { along, cross, signedArea } from "./geometry.js";
import { eachEdge, facesAt, flatOf } from "./topology.js";

// A node so near to a border that has none there belongs to it.
const TOUCHING_METRES = 0.001;

export class Lifted {
  // node: of the topology.
  constructor(topology, node) {
    Object.assign(this, { node, x: node.x, y: node.y });
    const own = facesAt(node).map((key) => topology.faces.get(key));
    const passed = [...passing(topology, node, own)];
    this.faces = [...own, ...passed].map((face) => new LiftedFace(face, node));
    // Beside a border without a node there, the node is no end of the layer.
    this.onRim = !passed.length && node.links.some(({ faces }) => faces.length === 1);
    this.ends = [...new Set(this.faces.flatMap(({ ends }) => ends))];
    this.fixed = fixedEdges([...own, ...passed], node);
  }

  get keys() {
    return this.faces.map(({ key }) => key);
  }

  // Puts it down elsewhere for now; whether no border crosses or touches another one of the same grid there.
  to(x, y) {
    Object.assign(this, { x, y });
    for (const face of this.faces) face.to(x, y);
    return !this.#crosses() && !this.#touches() && this.faces.every((face) => face.keepsSide);
  }

  // Stretches from the neighbours to a place, flat.
  spokes(x = this.x, y = this.y) {
    return this.ends.map((end) => Float64Array.of(end.x, end.y, x, y));
  }

  // On the next node of its borders it becomes one with that.
  #touches() {
    const { x, y, fixed } = this;
    if (this.ends.some((end) => end.x === x && end.y === y)) return false;
    return fixed.some((edge) => passes(edge, { x, y, lat: this.node.lat }));
  }

  #crosses() {
    const { x, y, fixed } = this;
    return this.ends.some((end) =>
      fixed.some(([one, other]) => one !== end && other !== end && cross(x, y, end.x, end.y, one.x, one.y, other.x, other.y)));
  }
}

class LiftedFace {
  constructor({ key, properties, rings, flat }, node) {
    Object.assign(this, { key, properties, before: flat, ends: [], places: [] });
    this.rings = rings.map((ring, place) => {
      const taken = ring.indexOf(node);
      const at = taken < 0 ? gapFor(ring, node) : taken;
      if (at < 0) return flat[place];
      this.ends.push(ring.at(at - 1), ring[(taken < 0 ? at : at + 1) % ring.length]);
      const moved = flatOf(taken < 0 ? [...ring.slice(0, at), node, ...ring.slice(at)] : ring);
      this.places.push([moved, 2 * at, Math.sign(signedArea(moved))]);
      return moved;
    });
  }

  to(x, y) {
    for (const [ring, at] of this.places) {
      for (const place of at ? [at] : [0, ring.length - 2]) [ring[place], ring[place + 1]] = [x, y];
    }
  }

  // A ring that was turned inside out lies on the other side of its border.
  get keepsSide() {
    return this.places.every(([ring, , side]) => Math.sign(signedArea(ring)) === side);
  }
}

function* passing(topology, node, own) {
  const reach = TOUCHING_METRES * pixelsPerMetre(node.lat);
  for (const face of topology.around(node.x, node.y, reach)) {
    if (!own.includes(face) && face.rings.some((ring) => gapFor(ring, node) >= 0)) yield face;
  }
}

// Behind which node of a ring another one lies on its border, as the place it would take, or -1.
function gapFor(ring, node) {
  return ring.findIndex((one, place) => passes([ring.at(place - 1), one], node));
}

function fixedEdges(faces, node) {
  const edges = [];
  for (const face of faces) {
    eachEdge(face, (one, other) => {
      if (one !== node && other !== node && !passes([one, other], node)) edges.push([one, other]);
    });
  }
  return edges;
}

function passes([one, other], node) {
  const part = along(one.x, one.y, other.x, other.y, node.x, node.y);
  const apart = Math.hypot(one.x + part * (other.x - one.x) - node.x, one.y + part * (other.y - one.y) - node.y);
  return apart <= TOUCHING_METRES * pixelsPerMetre(node.lat);
}
