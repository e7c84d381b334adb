// The address of the page reopens the same view: what is shown stands in the query, the place of the map behind #.
// Never holds a point or an address that was looked up.

const SWITCHED = ["base", "stations", "names"];
const SHOWN = ["layer", "grid", "area", "theme"];

// {centre, layer, grid, area, theme, hidden, lost}: null for what is not named; hidden: what is switched off; lost: the
// map's place is named but is none. Older addresses hold everything behind #.
export function readView({ search, hash }) {
  const fields = new URLSearchParams(search);
  for (const [name, value] of new URLSearchParams(hash.replace(/^#/, ""))) fields.set(name, value);
  const centre = placeOf(fields.get("map"));
  const named = Object.fromEntries(SHOWN.map((name) => [name, fields.get(name) || null]));
  const hidden = new Set(SWITCHED.filter((name) => fields.get(name) === "0"));
  return { ...named, centre, hidden, lost: fields.has("map") && !centre };
}

// view: {layer, grid, area, theme, hidden}. What the query holds besides, such as the day and the language, stays.
export function writeView(map, view) {
  const fields = new URLSearchParams(location.search);
  for (const name of SHOWN) setOrDelete(fields, name, view[name]);
  for (const name of SWITCHED) setOrDelete(fields, name, view.hidden.has(name) ? "0" : null);
  const { lat, lng } = map.getCenter().wrap();
  const place = [Number(map.getZoom().toFixed(2)), lat.toFixed(4), lng.toFixed(4)].join("/");
  return `${location.pathname}?${fields}#map=${place}`;
}

function setOrDelete(fields, name, value) {
  if (value) fields.set(name, value);
  else fields.delete(name);
}

function placeOf(text) {
  const parts = (text ?? "").split("/");
  const [zoom, lat, lon] = parts.map(Number);
  const sound = parts.length === 3 && parts.every(Boolean) && [zoom, lat, lon].every(Number.isFinite);
  return sound && Math.abs(lat) <= 85 && Math.abs(lon) <= 180 && zoom >= 0 && zoom <= 22 ? { zoom, lat, lon } : null;
}

// What was asked on the home page; it travels in the tab's own storage, not in the address. In a frame of another
// site's page there may be no storage: browsers refuse it there.
export function fromTab(name) {
  try {
    const value = sessionStorage.getItem(`gridmap.${name}`);
    sessionStorage.removeItem(`gridmap.${name}`);
    return value;
  } catch {
    return null;
  }
}

// Keeps something for the next page of this tab; without storage it is forgotten.
export function keepInTab(name, value) {
  try {
    sessionStorage.setItem(`gridmap.${name}`, value);
  } catch {
    // The next page does without.
  }
}
