// Where the map is moved to. Never centred on a point that was looked up: the centre of the view stands in the address bar.

const REACH = 3;
// Behind a sheet that takes nearly all there is nothing to be seen.
const LEAST_PIXELS = 140;

export class Framing {
  constructor(L, map, bounds, still) {
    Object.assign(this, { L, map, bounds, animate: !still, kept: null });
    // What was brought into view stays there when the map changes its size, until somebody moves it.
    for (const moving of ["pointerdown", "wheel", "keydown"]) {
      map.getContainer().addEventListener(moving, () => (this.kept = null), { passive: true });
    }
    map.on("resize", () => map.getSize().y > LEAST_PIXELS && this.kept?.({ animate: false }));
  }

  // bounds: [west, south, east, north] in degrees; roomy: with its surroundings.
  fit(bounds, { roomy = false } = {}) {
    if (!bounds) return;
    this.#keep(({ animate }) => {
      const { x, y } = this.map.getSize();
      const padding = roomy ? Math.min(70, Math.min(x, y) * 0.18) : 12;
      this.map.fitBounds(this.box(bounds), { padding: [padding, padding], animate: roomy && animate, ...(roomy ? { maxZoom: 17 } : {}) });
    });
  }

  // All of some boxes, and a point with what is around it.
  fitAll(boxes, { point = null, metres = 0, maxZoom = 17 } = {}) {
    const all = this.L.latLngBounds([]);
    if (point) all.extend(metres ? this.L.latLng(point.lat, point.lon).toBounds(2 * metres) : [point.lat, point.lon]);
    for (const box of boxes) all.extend(this.box(box));
    if (all.isValid()) this.#keep(({ animate }) => this.map.fitBounds(all, { padding: [36, 36], maxZoom, animate }));
  }

  stand({ lon, lat, zoom }) {
    this.kept = null;
    this.map.setView([lat, lon], zoom, { animate: false });
  }

  #keep(move) {
    this.kept = move;
    move({ animate: this.animate });
  }

  // Moves only where the point would be at the edge or beyond.
  keepInside({ lon, lat }) {
    this.kept = null;
    requestAnimationFrame(() => this.map.panInside([lat, lon], { padding: [30, 30] }));
  }

  goTo([lon, lat], zoom) {
    this.kept = null;
    this.map.setView([lat, lon], Math.max(this.map.getZoom(), zoom), { animate: this.animate });
  }

  // Whether a place of the map shows anything of the data, or what lies around it.
  isInReach({ lon, lat }) {
    const [west, south, east, north] = this.bounds;
    const [dx, dy] = [Math.max(east - west, 0.05) * REACH, Math.max(north - south, 0.05) * REACH];
    return lon >= west - dx && lon <= east + dx && lat >= south - dy && lat <= north + dy;
  }

  // How large something is on the screen now, in pixels; size: in world pixels at zoom 0.
  onScreen(size) {
    return size * this.map.getZoomScale(this.map.getZoom(), 0);
  }

  box([west, south, east, north]) {
    return this.L.latLngBounds([[south, west], [north, east]]);
  }
}
