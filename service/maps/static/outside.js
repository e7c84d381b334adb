// Somebody else's map below the grids, as an operator may set it. Where it is drawn in GCJ-02 it is moved back under
// what lies in WGS 84; where it cannot be had, the page goes on without.

const RADIUS = 6378245;
const ECCENTRICITY = 0.00669342162296594323;
const FAILED = 4;

// GCJ-02 of a WGS 84 point, by the open formula; unchanged outside China.
export function gcj02(lon, lat) {
  if (lon < 72.004 || lon > 137.8347 || lat < 0.8293 || lat > 55.8271) return [lon, lat];
  const [x, y] = [lon - 105, lat - 35];
  const wave = (value, parts) => parts.reduce((sum, [high, part]) => sum + (high * Math.sin(value * part * Math.PI) * 2) / 3, 0);
  const both = wave(x, [[20, 6], [20, 2]]);
  const north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * Math.sqrt(Math.abs(x)) + both
    + wave(y, [[20, 1], [40, 1 / 3], [160, 1 / 12], [320, 1 / 30]]);
  const east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * Math.sqrt(Math.abs(x)) + both
    + wave(x, [[20, 1], [40, 1 / 3], [150, 1 / 12], [300, 1 / 30]]);
  const radians = (lat * Math.PI) / 180;
  const flat = 1 - ECCENTRICITY * Math.sin(radians) ** 2;
  return [
    lon + (east * 180) / ((RADIUS / Math.sqrt(flat)) * Math.cos(radians) * Math.PI),
    lat + (north * 180) / (((RADIUS * (1 - ECCENTRICITY)) / (flat * Math.sqrt(flat))) * Math.PI),
  ];
}

// A layer of those tiles. failed(): nothing of it can be had.
export function outsideLayer(L, { url, shifted }, failed) {
  const Layer = shifted ? shiftedLayer(L) : L.TileLayer;
  const layer = new Layer(url, { maxZoom: 22, maxNativeZoom: 18, keepBuffer: 1, detectRetina: false });
  let [loaded, errors] = [0, 0];
  layer.on("tileload", () => (loaded += 1));
  layer.on("tileerror", () => {
    errors += 1;
    if (!loaded && errors === FAILED) failed();
  });
  return layer;
}

// Leaflet places tiles by the middle of the map: this one takes the middle as the tiles' datum has it.
function shiftedLayer(L) {
  const shifted = (latlng) => {
    const { lng, lat } = L.latLng(latlng);
    const [lon, other] = gcj02(lng, lat);
    return L.latLng(other, lon);
  };
  return L.TileLayer.extend({
    getEvents() {
      const events = L.TileLayer.prototype.getEvents.call(this);
      return { ...events, moveend: (event) => {
        this._setZoomTransforms(this._map.getCenter(), this._map.getZoom());
        events.moveend?.call(this, event);
      } };
    },

    _setZoomTransform(level, center, zoom) {
      L.GridLayer.prototype._setZoomTransform.call(this, level, shifted(center), zoom);
    },

    _getTiledPixelBounds(center) {
      return L.GridLayer.prototype._getTiledPixelBounds.call(this, shifted(center));
    },
  });
}
