// What is chosen on the page, and how it stands behind the # of the address, so that a link reopens the same view.

const PLAIN = {
  minutes: 15, category: "", level: "", count: "households", profile: "", within: "", at: "", as_of: "", by: "community",
  shade: "share", tab: "places",
};
const LAYERS = ["circles", "gaps", "stations"];
const KNOWN_LAYERS = new Set([...LAYERS, "streets"]);
const SHADES = new Set(["share", "outside", "none"]);
const TABS = new Set(["places", "gaps", "stations", "plan"]);
const MOST_CHANGES = 100;

export const MOST_MINUTES = 60;

// The number of minutes that a text holds, null where it is none that can be walked here.
export function minutesOf(text) {
  const minutes = Number(String(text).trim() || NaN);
  return minutes > 0 && minutes <= MOST_MINUTES ? minutes : null;
}

// lost: whether a change stood in the address that makes no sense.
export function readState(hash) {
  const fields = new URLSearchParams(hash.replace(/^#/, ""));
  const state = { ...PLAIN };
  for (const name of Object.keys(PLAIN)) if (fields.has(name)) state[name] = fields.get(name).slice(0, 200);
  state.minutes = minutesOf(state.minutes) ?? PLAIN.minutes;
  if (!SHADES.has(state.shade)) state.shade = PLAIN.shade;
  if (!TABS.has(state.tab)) state.tab = PLAIN.tab;
  const layers = fields.get("layers")?.split(",") ?? LAYERS;
  state.layers = new Set(layers.filter((name) => KNOWN_LAYERS.has(name)));
  const { changes, lost } = readChanges(fields.get("changes"));
  return { state, changes, lost, centre: readCentre(fields.get("map")) };
}

export function writeState(state, changes, map) {
  const { lat, lng } = map.getCenter().wrap();
  const fields = new URLSearchParams();
  for (const [name, plain] of Object.entries(PLAIN)) if (state[name] !== plain) fields.set(name, state[name]);
  const layers = [...state.layers].sort().join(",");
  if (layers !== LAYERS.join(",")) fields.set("layers", layers);
  if (changes.length) fields.set("changes", JSON.stringify(changes.map(written)));
  const place = [Number(map.getZoom().toFixed(2)), lat.toFixed(4), lng.toFixed(4)].join("/");
  const rest = fields.toString();
  return `${location.pathname}${location.search}#map=${place}${rest ? `&${rest}` : ""}`;
}

// What the API is asked by; hours: the instant where "now" is chosen.
export function selectionOf(state) {
  const at = state.at === "now" ? new Date(Math.floor(Date.now() / 60_000) * 60_000).toISOString() : state.at;
  const asked = { minutes: state.minutes, within: state.within, category: state.category, level: state.level, at };
  Object.assign(asked, { as_of: state.as_of, profile: state.profile, count: state.count });
  return Object.fromEntries(Object.entries(asked).filter(([, value]) => value !== ""));
}

function readCentre(text) {
  const [zoom, lat, lon] = (text ?? "").split("/").map(Number);
  const sound = text && isPlace(lon, lat) && zoom >= 0 && zoom <= 22;
  return sound ? { zoom, lat, lon } : null;
}

export function isPlace(lon, lat) {
  return Number.isFinite(lon) && Number.isFinite(lat) && Math.abs(lat) <= 85 && Math.abs(lon) <= 180;
}

function written({ do: act, station, lon, lat, name, category }) {
  const place = act === "close" ? {} : { lon: Number(lon.toFixed(6)), lat: Number(lat.toFixed(6)) };
  return act === "add" ? { do: act, ...place, name, ...(category ? { category } : {}) } : { do: act, station, ...place };
}

function readChanges(text) {
  if (!text) return { changes: [], lost: false };
  let found;
  try {
    found = JSON.parse(text);
  } catch {
    return { changes: [], lost: true };
  }
  if (!Array.isArray(found)) return { changes: [], lost: true };
  const changes = found.slice(0, MOST_CHANGES).filter(isChange).map(plainChange);
  return { changes, lost: changes.length !== found.length };
}

function isChange(one) {
  if (!one || !["add", "move", "close"].includes(one.do)) return false;
  const placed = one.do === "close" || isPlace(one.lon, one.lat);
  return placed && (one.do === "add" ? typeof one.name === "string" : typeof one.station === "string");
}

function plainChange({ do: act, station, lon, lat, name, category }) {
  if (act === "close") return { do: act, station };
  if (act === "move") return { do: act, station, lon, lat };
  return { do: act, lon, lat, name: name.slice(0, 100), category: typeof category === "string" ? category.slice(0, 100) : "" };
}
