// Reads a point that somebody typed: "117.02, 36.66", "36.66,117.02", "东经117.02° 北纬36.66°", "117°1'12\" 36°39'".

const NUMBER = String.raw`[+-]?\d{1,3}(?:\.\d+)?`;
// NFKC has made two ′ of each ″.
const ANGLE = String.raw`(${NUMBER})\s*(?:[°度]\s*(?:(\d{1,2}(?:\.\d+)?)\s*['′’分]\s*(?:(\d{1,2}(?:\.\d+)?)\s*(?:"|”|''|′′|’’|秒)\s*)?)?)?`;
const MARK = String.raw`(东经|西经|北纬|南纬|经度|纬度|经|纬|lng|lon|lat|[ewns])?\s*[:：=]?\s*`;
const PAIR = new RegExp(`^${MARK}${ANGLE}\\s*([ewns])?\\s*(?:[,;、\\s]\\s*|(?=[东西南北经纬]))${MARK}${ANGLE}\\s*([ewns])?$`, "i");

const AXIS = {
  东经: ["lon", 1], 西经: ["lon", -1], 经度: ["lon", 1], 经: ["lon", 1], lng: ["lon", 1], lon: ["lon", 1],
  e: ["lon", 1], w: ["lon", -1],
  北纬: ["lat", 1], 南纬: ["lat", -1], 纬度: ["lat", 1], 纬: ["lat", 1], lat: ["lat", 1], n: ["lat", 1], s: ["lat", -1],
};

// Returns the readings of a text as points, the likeliest first; [] where it is no point.
// `swapped` is true where latitude was written first without saying so: ask before answering.
// `bounds` [west, south, east, north] of the data decides where both orders are places on Earth.
export function parsePoint(text, bounds = null) {
  const written = text.normalize("NFKC").trim().replace(/^[([（]|[)\]）]$/g, "").trim();
  const match = PAIR.exec(written);
  if (!match) return [];
  const first = axisAndValue(match[1] ?? match[5], match.slice(2, 5));
  const second = axisAndValue(match[6] ?? match[10], match.slice(7, 10));
  if (!first || !second) return [];
  if (first.axis || second.axis) {
    const lonFirst = first.axis === "lon" || second.axis === "lat";
    if (first.axis && first.axis === second.axis) return [];
    return onEarth(lonFirst ? first.value : second.value, lonFirst ? second.value : first.value, false);
  }
  const asWritten = onEarth(first.value, second.value, false);
  const exchanged = onEarth(second.value, first.value, true);
  if (!asWritten.length || !exchanged.length || !bounds) return asWritten.length ? asWritten : exchanged;
  return isNear(exchanged[0], bounds) && !isNear(asWritten[0], bounds) ? [...exchanged, ...asWritten] : asWritten;
}

function axisAndValue(mark, [degrees, minutes, seconds]) {
  const [axis, sign] = AXIS[(mark ?? "").toLowerCase()] ?? [null, 1];
  if (Number(minutes ?? 0) >= 60 || Number(seconds ?? 0) >= 60) return null;
  const size = Math.abs(Number(degrees)) + Number(minutes ?? 0) / 60 + Number(seconds ?? 0) / 3600;
  return { axis, value: size * sign * (degrees.startsWith("-") ? -1 : 1) };
}

function onEarth(lon, lat, swapped) {
  return Math.abs(lon) <= 180 && Math.abs(lat) <= 90 ? [{ lon, lat, swapped }] : [];
}

function isNear({ lon, lat }, [west, south, east, north]) {
  const [dx, dy] = [Math.max(east - west, 0.2), Math.max(north - south, 0.2)];
  return lon >= west - dx && lon <= east + dx && lat >= south - dy && lat <= north + dy;
}

export function writtenPoint({ lon, lat }) {
  return `${lon.toFixed(6)}, ${lat.toFixed(6)}`;
}
