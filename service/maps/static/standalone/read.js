// The stand-alone map, first of five parts that are one script in the file: what is drawn, out of what lies in the file.
// SHARED are modules of the map page, which the same script begins with.

const DATA = JSON.parse(document.getElementById("data").textContent);
const { words, fills } = DATA;
const FONT = 'system-ui, "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "Source Han Sans SC", sans-serif';
const NEAREST = 3;
const MOST_HITS = 30;
const byId = (id) => document.getElementById(id);

const { fillGrids, inPaths, isAtView, isVisible, strokeGrids, strokeLines } = SHARED.canvas;
const { el, fill } = SHARED.dom;
const { MapModel, lineReader, pixelsPerMetre, project } = SHARED.model;
const readLine = lineReader(DATA.origin, DATA.units_per_metre);
const model = new MapModel(DATA);
const { grids, areas, areaOf, stations, borders, typicalRadius: typical } = model;
const state = { scale: 1, x: 0, y: 0, chosen: null, area: null, hovered: null };
const canvas = byId("canvas");
const map = byId("map");
const context = canvas.getContext("2d");

const chainOf = (code) => model.chain(code);
