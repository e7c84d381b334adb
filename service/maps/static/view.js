// The part of the address after #: reopens the same view. Never holds a point that was looked up.

export function readView(hash) {
  const fields = new URLSearchParams(hash.replace(/^#/, ""));
  const [zoom, lat, lon] = (fields.get("map") ?? "").split("/").map(Number);
  const sound = [zoom, lat, lon].every(Number.isFinite) && Math.abs(lat) <= 90 && Math.abs(lon) <= 180 && zoom >= 0 && zoom <= 22;
  return { centre: sound && fields.get("map") ? { zoom, lat, lon } : null, layer: fields.get("layer"), grid: fields.get("grid") };
}

export function writeView(map, layer, grid) {
  const { lat, lng } = map.getCenter().wrap();
  const place = [Number(map.getZoom().toFixed(2)), lat.toFixed(4), lng.toFixed(4)].join("/");
  const fields = new URLSearchParams({ layer, ...(grid ? { grid } : {}) });
  return `${location.pathname}${location.search}#map=${place}&${fields}`;
}
