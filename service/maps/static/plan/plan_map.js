// The map of the editor: the draft as it stands, what is chosen on it, and the tool that is in use.
//
// Events, with their detail: "selection" {grids: properties with bbox}, "tool" {name}, "hover" {grid}, "draw" {name,
// points, metres}, "node" {lon, lat, junction, grids}, "finding" {finding}.

import { fill } from "../dom.js";
import { insideRings, project, unproject } from "../model.js";
import { Callout } from "./callout.js";
import { DraftModel } from "./draft_model.js";
import { ExactView } from "./exact.js";
import { metresOf } from "./geometry.js";
import { FindingMarks } from "./finding_marks.js";
import { Keys, fillKeys } from "./keys.js";
import { Overlay, paintChanged, paintChosen, paintNodes, paintPlace } from "./overlay.js";
import { placeOf } from "./placing.js";
import { Pointer } from "./pointer.js";
import { Selection } from "./selection.js";
import { Steps } from "./steps.js";
import { Told } from "./told.js";
import { Toolbar } from "./toolbar.js";
import { facesAt, isJunction } from "./topology.js";
import { toolsOf } from "./tools/all.js";
import { FreeLineTool } from "./tools/free_line.js";

const STILL = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
const PLACE_ZOOM = 17;
const byId = (id) => document.getElementById(id);

export class PlanMap extends EventTarget {
  #hovered = null;
  #place = null;
  #name = "choose";

  constructor(L, map, scene, client, words, config) {
    super();
    Object.assign(this, { L, map, scene, client, words, config, fill });
    this.model = new DraftModel(scene.model);
    const numbers = new Intl.NumberFormat(config.lang, { maximumFractionDigits: 1 });
    this.figures = {
      metres: (metres) => fill(words.plan_metres, { metres: numbers.format(metres < 10 ? metres : Math.round(metres)) }),
      snap: ({ kind, name }) => name || words[`plan_snap_${kind}`],
    };
    this.chosen = new Selection(client, this.model, () => this.#chose());
    this.exact = new ExactView(map, client, this.model, () => this.#learned());
    this.callout = new Callout(map, words);
    this.findings = new FindingMarks(map);
    this.told = new Told(byId("plan-told"), () => this.#hint());
    this.steps = new Steps(this);
    this.tools = toolsOf(this);
    this.current = this.tools.choose;
  }

  async start() {
    const { L, map, scene, client } = this;
    this.model.keep(client.changed);
    scene.model = this.model;
    scene.painter.show(this.model);
    this.overlay = new Overlay(L, map, (context, view) => this.#paintMarks(context, view), (context, view) => this.#paintGhost(context, view));
    this.#listen();
    if (this.isEditable) this.toolbar = new Toolbar(byId("plan-tools"), this.words, { tool: (name) => this.tool(name), help: () => this.#help() });
    this.tool("choose");
    await this.exact.look();
  }

  destroy() {
    for (const part of [this.exact, this.callout, this.overlay, this.pointer, this.keys, this.toolbar, this.told]) part?.close();
    this.listening.abort();
  }

  get isEditable() {
    return this.config.editable !== false && this.client.draft?.state === "open";
  }

  get topology() {
    return this.exact.isReady ? this.exact.topology : null;
  }

  // Properties of the chosen grids.
  get selection() {
    return this.chosen.items.map(propertiesOf);
  }

  get scale() {
    return this.map.getZoomScale(this.map.getZoom(), 0);
  }

  get isPanning() {
    return Boolean(this.keys?.isPanning);
  }

  // What others do with it

  tool(name) {
    if (!(name in this.tools) || (!this.isEditable && name !== "choose")) return;
    this.#use(name, this.tools[name]);
  }

  async select(codes) {
    await this.chosen.select(codes);
  }

  clearSelection() {
    this.chosen.clear();
  }

  // A finding or place {lon, lat}, {code}, {codes} or {bounds}: brought into view.
  async show({ lon, lat, code, codes = code ? [code] : [], bounds = null, grids = [] }) {
    const [x, y] = Number.isFinite(lon) ? project(lon, lat) : [];
    this.#place = x === undefined ? null : [x, y];
    this.overlay.repaintMarks();
    if (this.#place) {
      this.map.setView([lat, lon], Math.max(this.map.getZoom(), PLACE_ZOOM), { animate: !STILL });
      return;
    }
    const wanted = codes.length ? codes : grids;
    if (wanted.length) await this.select(wanted);
    const box = bounds ?? boxAround(this.chosen.items);
    if (box) this.map.fitBounds([[box[1], box[0]], [box[3], box[2]]], { padding: [70, 70], maxZoom: 18, animate: !STILL });
  }

  // Findings as marks; those without a place have none.
  marks(findings) {
    this.findings.set(findings);
    this.overlay.repaintMarks();
  }

  // A line that somebody draws for something else: its positions, or null where it is given up.
  drawLine({ hint }) {
    return new Promise((resolve) => this.#use("line", new FreeLineTool(this, hint, resolve)));
  }

  // What the tools ask for

  gridAt({ x, y }) {
    return this.model.at(x, y);
  }

  gridsWhere(test) {
    return this.model.middles().filter(({ at }) => test(at));
  }

  buildingAt({ x, y }) {
    return this.exact.surroundings.building(x, y, insideRings);
  }

  findingAt({ point }) {
    return this.findings.at(point);
  }

  tellFinding(finding) {
    this.#tell("finding", { finding });
  }

  hover(grid) {
    if ((grid?.code ?? null) === (this.#hovered?.code ?? null)) return;
    this.#hovered = grid;
    this.overlay.repaintMarks();
    this.#tell("hover", { grid: grid && propertiesOf(grid) });
  }

  // Sends an operation (see Steps). The answer, or null where it was refused, which is said.
  apply(operation, options) {
    return this.steps.apply(operation, options);
  }

  // Advice in our own words, at a place of the map.
  advise(word, { x, y }) {
    const [lon, lat] = unproject(x, y);
    this.callout.say(this.words[word], { lon, lat });
  }

  say(text) {
    this.told.say(text);
  }

  nodeChosen(node) {
    const codes = node ? facesAt(node).map((key) => this.topology?.faces.get(key)?.properties.code).filter(Boolean) : [];
    this.#tell("node", node && { lon: node.lon, lat: node.lat, junction: isJunction(node), grids: codes });
    this.repaintGhost();
    this.tellTool();
  }

  keepInside({ x, y }) {
    const [lon, lat] = unproject(x, y);
    this.map.panInside([lat, lon], { padding: [60, 60], animate: false });
  }

  repaintGhost() {
    this.overlay.repaintGhost();
  }

  // The line being drawn is another one.
  drawn({ points }) {
    this.#tell("draw", { name: this.#name, points: points.length, metres: metresOf(points) });
    if (points.length) this.told.goOn();
    this.tellTool();
    this.repaintGhost();
  }

  tellTool() {
    this.toolbar?.show(this.#name, this.current, (name) => Boolean(this.topology) || !this.tools[name].exact || name === this.#name);
    this.told.renew();
  }

  // Inside

  #use(name, tool) {
    const before = this.current;
    this.#name = name;
    this.current = tool;
    if (before !== tool) before.end();
    this.callout.clear();
    tool.begin();
    this.told.goOn();
    this.map.getContainer().style.cursor = tool.cursor;
    this.tellTool();
    this.overlay.repaintMarks();
    this.repaintGhost();
    this.#tell("tool", { name });
  }

  #listen() {
    const { map, client } = this;
    // A double click ends a line, Shift chooses more.
    map.doubleClickZoom.disable();
    map.boxZoom.disable();
    const { signal } = (this.listening = new AbortController());
    client.addEventListener("changed", ({ detail }) => this.#took(detail.grids), { signal });
    client.addEventListener("restarted", () => this.#restarted(), { signal });
    client.addEventListener("state", () => this.#standing(), { signal });
    this.pointer = new Pointer(map, {
      move: (event, point) => this.#act("move", event, point),
      down: (event, point) => !this.isPanning && this.#act("down", event, point),
      drag: (event, point) => this.#act("drag", event, point),
      drop: (event, point) => this.#act("drop", event, point),
      click: (event, point) => this.#act("click", event, point),
      double: () => this.current.double(),
      leave: () => this.hover(null),
      lost: () => this.current.lost(),
    });
    this.keys = new Keys(map.getContainer(), {
      tool: (name) => this.tool(name),
      undo: () => this.steps.turn("undo"),
      redo: () => this.steps.turn("redo"),
      finish: () => this.#enter(),
      back: () => this.current.back(),
      cancel: () => this.callout.clear() || this.current.cancel() || this.#leave(),
      point: () => this.#act("click", { altKey: false }, this.#middle()),
      help: () => this.#help(),
      key: (event) => this.current.key(event),
    });
  }

  #act(name, event, point) {
    if (this.current.exact && !this.topology && name !== "move") {
      if (name === "click") this.say(this.words[this.exact.failed ? "plan_failed" : "plan_closer"]);
      return false;
    }
    if (name === "click") this.callout.clear();
    const taken = this.current[name](placeOf(this, event, point));
    if (name === "down" && taken) this.callout.clear();
    this.map.getContainer().style.cursor = this.current.cursor;
    return taken;
  }

  #middle() {
    return this.map.getSize().divideBy(2);
  }

  #enter() {
    if (this.#name === "choose") this.#act("click", { altKey: false }, this.#middle());
    else this.current.finish();
    return true;
  }

  #leave() {
    if (this.#name === "choose") return false;
    this.tool("choose");
    return true;
  }

  #took(grids) {
    this.model.keep(this.client.changed);
    this.exact.take(grids);
    this.chosen.take(grids);
    this.#hovered = null;
    this.#learned();
  }

  async #restarted() {
    this.model.keep(this.client.changed);
    this.chosen.clear();
    await this.exact.renew();
  }

  #standing() {
    if (this.isEditable || this.#name === "choose") return;
    this.tool("choose");
    this.toolbar?.close();
    this.toolbar = null;
  }

  #learned() {
    this.scene.painter.set({ firm: Boolean(this.topology) });
    this.overlay?.repaintMarks();
    this.tellTool();
  }

  #chose() {
    this.overlay?.repaintMarks();
    this.tellTool();
    this.#tell("selection", { grids: this.selection });
  }

  // What the tool is for, or what it lacks.
  #hint() {
    const { current, exact, topology, words } = this;
    if (!this.isEditable) return "";
    const lack = words[exact.failed ? "plan_failed" : exact.near ? "plan_loading" : "plan_closer"];
    return topology ? current.hint : current.exact ? lack : `${current.hint} ${lack}`;
  }

  #help() {
    const dialog = byId("plan-keys");
    fillKeys(dialog, this.words, (name) => this.words[`plan_tool_${name}`]);
    dialog.showModal();
  }

  #paintMarks(context, view) {
    const { chosen: { items }, topology, model } = this;
    const chosen = items.map((item) => (item.key && model.item(item.key)) ?? item);
    const old = this.#hovered && (model.item(this.#hovered.key) ?? this.#hovered);
    paintChanged(context, view, model.changedIn(view));
    paintChosen(context, view, chosen, this.current === this.tools.lasso ? null : old);
    if (topology && this.isEditable && this.current.exact) {
      const meant = this.current === this.tools.node ? [...chosen, ...(old ? [old] : [])] : [];
      const radius = this.current === this.tools.node ? model.typicalRadius * view.scale : 0;
      paintNodes(context, view, topology, meant.filter(({ key }) => key), { radius, partial: model.partial });
    }
    this.findings.paint(context, view);
    if (this.#place) paintPlace(context, view, this.#place);
    return true;
  }

  #paintGhost(context, view) {
    context.lineJoin = "round";
    this.steps.paint(context, view);
    this.current.paint(context, view);
    return true;
  }

  #tell(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}

function propertiesOf({ properties, rings: _rings, bounds, ...record }) {
  return { ...(properties ?? record), bbox: bounds };
}

function boxAround(items) {
  const boxes = items.map(({ bounds }) => bounds).filter(Boolean);
  if (!boxes.length) return null;
  return [0, 1, 2, 3].map((side) => (side < 2 ? Math.min : Math.max)(...boxes.map((box) => box[side])));
}
