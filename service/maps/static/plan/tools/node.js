// Nodes of borders: dragged with all grids that meet there, put in on a border, taken out; by keys metre by metre.

import { toScreen } from "../../canvas.js";
import { pixelsPerMetre, unproject } from "../../model.js";
import { metresBetween } from "../geometry.js";
import { paintChip, paintDot, paintLifted, paintPlus, paintSnap } from "../ghost.js";
import { Lifted } from "../lifting.js";
import { REACH_PIXELS } from "../snap.js";
import { facesAt, isJunction, isOnRim, sidesOf } from "../topology.js";
import { HERE, Tool } from "./tool.js";

const EDGE_PIXELS = 7;
const CLICK_PIXELS = 3;
// So long after the last arrow key a node is put down.
const PAUSE_MS = 900;
const ARROWS = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };

export class NodeTool extends Tool {
  // under: what is below the pointer, {node} or {edge}; chosen: a node; held: a node on its way.
  #under = null;
  #chosen = null;
  #held = null;
  #timer = null;

  get hint() {
    const { words } = this.plan;
    if (this.#held) return words.plan_hint_node_held;
    return this.#chosen ? words.plan_hint_node_chosen : words.plan_hint_node;
  }

  get choices() {
    const chosen = this.#chosen && this.#now(this.#chosen);
    const { words } = this.plan;
    const removable = chosen && !isJunction(chosen);
    return [{ name: "remove", text: words.plan_node_remove, disabled: !removable, act: () => this.#remove() }];
  }

  get node() {
    return this.#chosen && this.#now(this.#chosen);
  }

  begin() {
    this.cursor = "default";
  }

  end() {
    this.cancel();
    this.#choose(null);
    this.#under = null;
  }

  move(at) {
    this.#under = this.#find(at);
    this.cursor = this.#under?.node ? "move" : this.#under ? "copy" : "default";
    this.plan.hover(this.plan.gridAt(at));
    this.plan.repaintGhost();
  }

  down(at) {
    this.move(at);
    if (!this.#under) return false;
    this.#settle();
    this.#held = { ...this.#hold(this.#under), from: at.point };
    const { node } = this.#held;
    const { scale } = this.plan;
    Object.assign(this, { snaps: true, but: node, apart: { x: (node.x - at.x) * scale, y: (node.y - at.y) * scale } });
    return true;
  }

  drag(at) {
    const held = this.#held;
    if (!held || (!held.moved && distance(at.point, held.from) < CLICK_PIXELS)) return;
    held.moved = true;
    if (this.#isFixed(held)) return;
    this.#to(held, at, at.snap);
  }

  drop(at) {
    const held = this.#held;
    this.#let();
    if (!held) return;
    this.#under = null;
    if (!held.moved) this.#clicked(held);
    else if (this.#isFixed(held)) this.plan.advise("plan_node_rim", held.node);
    else if (!held.sound) this.plan.advise("plan_node_crosses", at);
    else this.#put(held);
    this.plan.repaintGhost();
    this.plan.tellTool();
  }

  lost() {
    this.#let();
    this.#under = null;
    this.plan.repaintGhost();
    this.plan.tellTool();
  }

  click(at) {
    if (this.#find(at)) return;
    this.#choose(null);
    const grid = this.plan.gridAt(at);
    this.plan.chosen.set(grid ? [grid] : []);
  }

  finish() {
    this.#settle();
  }

  back() {
    return this.#remove();
  }

  cancel() {
    clearTimeout(this.#timer);
    const had = this.#held ?? this.#chosen;
    if (this.#held) this.#let();
    else this.#choose(null);
    this.plan.repaintGhost();
    return Boolean(had);
  }

  key(event) {
    if (event.key === "Tab") return this.#walk(event.shiftKey ? -1 : 1);
    if (event.key === "Delete") return this.#remove();
    if (!(event.key in ARROWS) || !this.node) return false;
    this.#step(ARROWS[event.key], event.shiftKey ? 10 : 1);
    return true;
  }

  paint(context, view) {
    const chosen = this.node;
    if (chosen && !this.#held) paintDot(context, toScreen([chosen.x, chosen.y], view), 7.5, "#124aa3", "#fff", 3);
    if (this.#held?.moved) this.#paintHeld(context, view, this.#held);
    else if (this.#under?.node) paintSnap(context, view, { kind: "node", ...this.#under.node });
    else if (this.#under) paintPlus(context, view, this.#under.edge);
  }

  #paintHeld(context, view, { lifted, sound, snap }) {
    paintLifted(context, view, lifted, sound);
    if (snap) paintSnap(context, view, snap);
    const { figures } = this.plan;
    const told = [figures.metres(metresBetween(lifted.node, lifted)), snap && figures.snap(snap)].filter(Boolean);
    paintChip(context, toScreen([lifted.x, lifted.y], view), told.join(" · "));
  }

  #find(at) {
    const { topology, scale } = this.plan;
    if (!topology) return null;
    const near = topology.nearestNode(at.x, at.y, (at.reach * REACH_PIXELS) / scale);
    if (near) return { node: near.node };
    const edge = topology.nearestEdge(at.x, at.y, (at.reach * EDGE_PIXELS) / scale);
    return edge && { edge };
  }

  #hold({ node, edge }) {
    const taken = node ?? { lon: edge.lon, lat: edge.lat, x: edge.x, y: edge.y, links: [] };
    const lifted = new Lifted(this.plan.topology, taken);
    return { node: taken, edge: edge ?? null, lifted, sound: true, snap: null, moved: false };
  }

  // The outer border of a layer without gaps stays.
  #isFixed({ lifted, edge }) {
    if (this.plan.model.partial) return false;
    return edge ? sidesOf(edge.one, edge.other).length < 2 && lifted.faces.length < 2 : lifted.onRim;
  }

  #let() {
    this.#held = null;
    Object.assign(this, { snaps: false, but: null, apart: HERE });
  }

  #to(held, place, snap) {
    held.snap = snap;
    held.place = snap ?? place;
    held.sound = held.lifted.to(held.place.x, held.place.y);
    this.plan.repaintGhost();
  }

  #clicked({ node, edge }) {
    if (!edge) {
      this.#choose(node);
      return;
    }
    const concerns = this.#codes(sidesOf(edge.one, edge.other));
    this.plan.apply({ kind: "insert-node", at: [node.lon, node.lat] }, { at: node, concerns });
  }

  async #put({ node, edge, lifted, place }) {
    const { plan } = this;
    const concerns = this.#codes(lifted.keys);
    const ghost = (context, view) => paintLifted(context, view, lifted, true, true);
    const operation = { kind: edge ? "insert-node" : "move-node", at: [node.lon, node.lat], to: [place.lon, place.lat] };
    const moved = await plan.apply(operation, { at: place, concerns, ghost });
    if (moved && this.#chosen) this.#choose(plan.topology?.node(place.lon, place.lat) ?? null);
  }

  #remove() {
    const { node } = this;
    if (!node) return false;
    const { plan } = this;
    clearTimeout(this.#timer);
    this.#let();
    if (isJunction(node)) plan.advise("plan_node_junction", node);
    else plan.apply({ kind: "remove-node", at: [node.lon, node.lat] }, { at: node, concerns: this.#codes(facesAt(node)) });
    this.#choose(null);
    return true;
  }

  // From node to node of the chosen grid; beyond the last one the keyboard goes on its way.
  #walk(step) {
    this.#settle();
    const { plan } = this;
    const [grid] = plan.chosen.items;
    const face = grid && plan.topology?.faces.get(grid.key);
    if (!face) return false;
    const nodes = face.rings.flat();
    const place = this.node ? nodes.indexOf(this.node) + step : step > 0 ? 0 : nodes.length - 1;
    this.#choose(nodes[place] ?? null);
    if (!nodes[place]) return false;
    this.#say(nodes[place], place + 1, nodes.length);
    plan.keepInside(nodes[place]);
    return true;
  }

  #say(node, place, count) {
    const { words, model, fill } = this.plan;
    const word = !model.partial && isOnRim(node) ? "plan_node_is_fixed" : isJunction(node) ? "plan_node_is_junction" : "plan_node_is_bend";
    this.plan.say(fill(words.plan_node_told, { place, count, kind: words[word] }));
  }

  #step([right, down], metres) {
    const { node, plan } = this;
    if (!this.#held) this.#held = { ...this.#hold({ node }), moved: true };
    const held = this.#held;
    if (this.#isFixed(held)) {
      this.#let();
      plan.advise("plan_node_rim", node);
      return;
    }
    const pixels = metres * pixelsPerMetre(node.lat);
    const [x, y] = [held.lifted.x + right * pixels, held.lifted.y + down * pixels];
    const [lon, lat] = unproject(x, y);
    this.#to(held, { x, y, lon, lat }, null);
    plan.keepInside({ x, y });
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#settle(), PAUSE_MS);
  }

  // Puts down what the arrow keys hold.
  #settle() {
    clearTimeout(this.#timer);
    const held = this.#held;
    if (!held?.moved) return;
    this.#let();
    if (held.sound) this.#put(held);
    else this.plan.advise("plan_node_crosses", held.place);
    this.plan.repaintGhost();
  }

  #choose(node) {
    if (node === this.#chosen) return;
    this.#chosen = node;
    this.plan.nodeChosen(node);
  }

  // The same node as it is known now: what is done makes them anew.
  #now({ lon, lat }) {
    return this.plan.topology?.node(lon, lat) ?? null;
  }

  #codes(keys) {
    return keys.map((key) => this.plan.topology.faces.get(key)?.properties.code).filter(Boolean);
  }
}

function distance(one, other) {
  return Math.hypot(one.x - other.x, one.y - other.y);
}
