// What the map and the tables show: stations with what counts and what a trial does to them, gaps, moves.

import { fill } from "../dom.js";
import { project } from "../model.js";
import { ringsOf } from "./picture.js";

// What a station is marked with: the first character of its category.
export function stationItems(stations, answer, trial, { category, level }, words, figures) {
  const counts = (one) => (!category || one.category === category) && (!level || one.level === level);
  const told = answer?.stations;
  const said = {
    off: new Map(told?.off_network.map((one) => [one.code, one.metres])), cut: new Set(told?.cut_off), away: new Set(told?.away),
    shut: new Set(told?.closed),
  };
  const changes = new Map(trial.drawn.map((change) => [change.key, change]));
  const known = stations.filter(counts).map((station) => itemOf(station, changes.get(station.code), said, words, figures));
  const added = trial.drawn.filter((change) => change.do === "add").map((change) => addedItem(change, words));
  return [...known, ...added];
}

function itemOf(station, change, said, words, figures) {
  const [lon, lat] = station.point;
  const moved = change?.do === "move";
  const off = said.off.has(station.code) && !moved;
  const shut = said.shut.has(station.code) ? words.station_shut : said.away.has(station.code) ? words.station_nowhere : "";
  const cut = said.cut.has(station.code) && !moved;
  const closed = change?.do === "close";
  const place = moved ? { lon: change.lon, lat: change.lat } : { lon, lat };
  const notes = [
    shut, off && offNote(said.off.get(station.code), words, figures), cut && words.station_cut, moved && words.plan_do_move, closed && words.plan_do_close,
  ];
  return {
    key: station.code, code: station.code, name: station.name, category: station.category, level: station.level, address: station.address,
    ...place, home: { lon, lat }, symbol: symbolOf(station.category, words), off: off || Boolean(shut), cut, moved, closed,
    counts: !off && !closed && !shut,
    note: notes.filter(Boolean).join(words.list_comma),
  };
}

function addedItem({ key, name, category, lon, lat }, words) {
  return {
    key, code: key, name, category: category || "", level: "", address: "", lon, lat, home: null, symbol: "+", added: true, counts: true,
    note: words.plan_do_add,
  };
}

function offNote(metres, words, figures) {
  return Number.isFinite(metres) ? fill(words.station_off, { metres: figures.metres(metres) }) : words.station_off_far;
}

function symbolOf(category, words) {
  return [...(category || words.symbol)][0].toUpperCase();
}

// Gaps, the largest first, numbered, with what is drawn of each.
export function gapItems({ items, total, households }, count) {
  const numbered = items.map((gap, place) => ({
    ...gap, key: `gap-${place + 1}`, number: place + 1, size: gap[count] ?? gap.households, rings: ringsOf(gap.geometry),
  }));
  return { items: numbered, count: total, households };
}

// Arrows from where stations stand to where they would stand; one of them may be in somebody's hand.
export function movesOf(items, dragged = null) {
  const place = (item) => (dragged?.key === item.key ? dragged : item);
  const moved = items.filter((item) => item.home && (item.moved || dragged?.key === item.key));
  return moved.map((item) => ({ from: project(item.home.lon, item.home.lat), to: project(place(item).lon, place(item).lat) }));
}
