// Canvases that Leaflet moves, and how lines get onto them. Coordinates are world pixels at zoom 0, flat: x, y, x, y …

const LINES_PER_PATH = 250;
const MOST_RATIO = 2;

// paint(context, view): says false where it paints nothing.
export function defineCanvas(L) {
  return L.Renderer.extend({
    options: { padding: 0.3, interactive: false },

    initialize(paint, options) {
      L.Renderer.prototype.initialize.call(this, options);
      this._paint = paint;
    },

    _initContainer() {
      this._container = document.createElement("canvas");
      this._container.setAttribute("aria-hidden", "true");
      this._context = this._container.getContext("2d");
    },

    _destroyContainer() {
      this._container.remove();
      this._container = null;
    },

    _updatePaths() {},

    _update() {
      if (this._map._animatingZoom && this._bounds) return;
      L.Renderer.prototype._update.call(this);
      const size = this._bounds.getSize();
      const ratio = Math.min(window.devicePixelRatio || 1, MOST_RATIO);
      L.DomUtil.setPosition(this._container, this._bounds.min);
      this._container.width = Math.round(size.x * ratio);
      this._container.height = Math.round(size.y * ratio);
      this._container.style.width = `${size.x}px`;
      this._container.style.height = `${size.y}px`;
      this._ratio = ratio;
      this._inked = false;
      this.repaint();
    },

    // Paints anew where a drag has gone beyond what is painted; a zoom in progress stretches what there is.
    followDrag() {
      if (!this._map || this._map._animatingZoom || this._zoom !== this._map.getZoom()) return;
      const size = this._map.getSize();
      const corner = this._map.containerPointToLayerPoint([0, 0]);
      if (!this._bounds.contains(L.bounds(corner, corner.add(size)))) this._update();
    },

    repaint() {
      if (!this._map || !this._container || !this._bounds) return;
      const context = this._context;
      const { min, max } = this._bounds;
      const ratio = this._ratio;
      context.setTransform(ratio, 0, 0, ratio, -min.x * ratio, -min.y * ratio);
      // What nothing was painted on takes no memory until something is.
      if (this._inked) context.clearRect(min.x, min.y, max.x - min.x, max.y - min.y);
      this._inked = this._paint(context, viewOf(this._map, this._bounds, ratio)) !== false;
    },
  });
}

// What is seen of the world, within bounds in Leaflet's layer pixels or, without them, in the window.
export function viewOf(map, bounds = null, ratio = 1) {
  const corner = map.containerPointToLayerPoint([0, 0]);
  const { min, max } = bounds ?? { min: corner, max: corner.add(map.getSize()) };
  const origin = map.getPixelOrigin();
  const scale = map.getZoomScale(map.getZoom(), 0);
  return {
    scale, ratio, min, max,
    zoom: map.getZoom(),
    dx: -origin.x,
    dy: -origin.y,
    west: (min.x + origin.x) / scale,
    east: (max.x + origin.x) / scale,
    north: (min.y + origin.y) / scale,
    south: (max.y + origin.y) / scale,
  };
}

export function isVisible(item, view) {
  return item.east >= view.west && item.west <= view.east && item.south >= view.north && item.north <= view.south;
}

export function isAtView({ at: [x, y] }, view) {
  return x >= view.west && x <= view.east && y >= view.north && y <= view.south;
}

export function toScreen([x, y], view) {
  return [x * view.scale + view.dx, y * view.scale + view.dy];
}

// Draws what lies in a square of the world alone; squares side by side share whole pixels, so that no seam shows.
// without: rings, none within another, in which nothing is drawn.
export function clipped(context, view, square, draw, without = null) {
  if (without) {
    outsideOf(context, view, without, () => clipped(context, view, square, draw));
    return;
  }
  if (!square) {
    draw();
    return;
  }
  const whole = (value, start) => Math.round((value - start) * view.ratio) / view.ratio + start;
  const [left, top] = toScreen([square.west, square.north], view);
  const [right, bottom] = toScreen([square.east, square.south], view);
  const [x, y] = [whole(left, view.min.x), whole(top, view.min.y)];
  context.save();
  context.beginPath();
  context.rect(x, y, whole(right, view.min.x) - x, whole(bottom, view.min.y) - y);
  context.clip();
  draw();
  context.restore();
}

function outsideOf(context, view, rings, draw) {
  const { min, max } = view;
  context.save();
  context.beginPath();
  context.rect(min.x, min.y, max.x - min.x, max.y - min.y);
  for (const ring of rings) trace(context, ring, view, true);
  context.clip("evenodd");
  draw();
  context.restore();
}

// Adds a line to the path, leaving out vertices that lie within a pixel of the last one drawn.
function trace(context, line, view, closed) {
  const { scale, dx, dy } = view;
  let lastX = line[0] * scale + dx;
  let lastY = line[1] * scale + dy;
  context.moveTo(lastX, lastY);
  const end = line.length - 2;
  for (let i = 2; i < end; i += 2) {
    const x = line[i] * scale + dx;
    const y = line[i + 1] * scale + dy;
    if (Math.abs(x - lastX) + Math.abs(y - lastY) < 1) continue;
    context.lineTo(x, y);
    lastX = x;
    lastY = y;
  }
  if (closed) context.closePath();
  else context.lineTo(line[end] * scale + dx, line[end + 1] * scale + dy);
}

export function inPaths(context, view, items, linesOf, closed, draw) {
  for (let start = 0; start < items.length; start += LINES_PER_PATH) {
    context.beginPath();
    for (const item of items.slice(start, start + LINES_PER_PATH)) {
      for (const line of linesOf(item)) trace(context, line, view, closed);
    }
    draw();
  }
}

const ringsOf = (item) => item.rings;

export function fillGrids(context, view, grids, fillStyle) {
  context.fillStyle = fillStyle;
  inPaths(context, view, grids, ringsOf, true, () => context.fill("evenodd"));
}

export function strokeGrids(context, view, grids, strokeStyle, lineWidth, alpha) {
  context.strokeStyle = strokeStyle;
  context.lineWidth = lineWidth;
  context.globalAlpha = alpha;
  inPaths(context, view, grids, ringsOf, true, () => context.stroke());
  context.globalAlpha = 1;
}

export function strokeLines(context, view, lines, strokeStyle, lineWidth) {
  context.strokeStyle = strokeStyle;
  context.lineWidth = lineWidth;
  inPaths(context, view, lines, (line) => [line], false, () => context.stroke());
}
