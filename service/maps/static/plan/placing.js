// A place under the pointer as the tools read it (see tools/tool.js).

import { project, unproject } from "../model.js";
import { snapped } from "./snap.js";

// How much farther than a mouse a finger reaches.
const FINGER = 1.5;
// A tenth of a millimetre is more than anybody points at.
const DIGITS = 1e9;

// Drawn to what is near where the tool in use wants that, unless Alt is held.
export function placeOf({ map, topology, exact, current, scale }, event, point) {
  // Seen from what is held, where that was not taken at its middle.
  const { x: right, y: down } = current.apart;
  const { lng, lat } = map.containerPointToLatLng([point.x + right, point.y + down]);
  const [lon, latitude] = [rounded(lng), rounded(lat)];
  const [x, y] = project(lon, latitude);
  const keys = { shift: Boolean(event.shiftKey), ctrl: Boolean(event.ctrlKey || event.metaKey), alt: Boolean(event.altKey) };
  const reach = event.pointerType === "touch" ? FINGER : 1;
  const place = { lon, lat: latitude, x, y, point, ...keys, reach, snap: null };
  if (!current.snaps || !topology || place.alt) return place;
  const snap = snapped(topology, exact.surroundings, place, scale, unproject, current.but);
  return snap ? { ...place, lon: snap.lon, lat: snap.lat, x: snap.x, y: snap.y, snap } : place;
}

function rounded(degrees) {
  return Math.round(degrees * DIGITS) / DIGITS;
}
