// Mouse, pen and finger on the map as what they mean: a click, a double click, a drag that is taken, or none of it, when
// the map is moved.

// Fingers are less exact than what points with a tip.
const STILL_PIXELS = { touch: 10, other: 4 };
const DOUBLE_PIXELS = { touch: 24, other: 8 };
const DOUBLE_MS = 350;

export class Pointer {
  #pressed = null;
  #last = null;

  // acts: move, down (whether it takes the drag), drag, drop, click, double: each with the event and its point; leave(),
  // and lost() where a drag that was taken ends as none.
  constructor(map, acts) {
    Object.assign(this, { map, acts, container: map.getContainer() });
    this.listening = new AbortController();
    const { signal } = this.listening;
    const on = (name, act) => this.container.addEventListener(name, act, { signal });
    on("pointerdown", (event) => this.#down(event));
    on("pointermove", (event) => this.#move(event));
    on("pointerup", (event) => this.#up(event));
    on("pointercancel", () => this.#lose());
    on("contextmenu", (event) => event.pointerType === "touch" && event.preventDefault());
    on("pointerleave", () => acts.leave());
  }

  close() {
    this.#release();
    this.listening.abort();
  }

  #down(event) {
    // A second finger: the map is zoomed or moved.
    if (!event.isPrimary) {
      this.#lose();
      return;
    }
    if (event.button !== 0 || event.target.closest(".leaflet-control, .plan-callout")) return;
    const point = this.#point(event);
    const taken = this.acts.down(event, point);
    this.#pressed = { point, taken, still: true };
    if (!taken) return;
    this.map.dragging.disable();
    this.container.setPointerCapture(event.pointerId);
  }

  #move(event) {
    const point = this.#point(event);
    const pressed = this.#pressed;
    if (!pressed) {
      if (!event.buttons && !event.target.closest(".leaflet-control, .plan-callout")) this.acts.move(event, point);
      return;
    }
    if (apart(point, pressed.point) > slack(STILL_PIXELS, event)) pressed.still = false;
    if (pressed.taken && !pressed.still) this.acts.drag(event, point);
  }

  #up(event) {
    const pressed = this.#pressed;
    if (!pressed || !event.isPrimary) return;
    const point = this.#point(event);
    this.#release();
    if (pressed.taken) this.acts.drop(event, point);
    else if (pressed.still) this.acts.click(event, point);
    if (pressed.still) this.#count(event, point);
  }

  #count(event, point) {
    const last = this.#last;
    this.#last = { at: event.timeStamp, point };
    if (!last || event.timeStamp - last.at > DOUBLE_MS || apart(point, last.point) > slack(DOUBLE_PIXELS, event)) return;
    this.#last = null;
    this.acts.double(event, point);
  }

  #lose() {
    const wasTaken = this.#pressed?.taken;
    this.#release();
    if (wasTaken) this.acts.lost();
  }

  #release() {
    if (this.#pressed?.taken) this.map.dragging.enable();
    this.#pressed = null;
  }

  #point(event) {
    const { left, top } = this.container.getBoundingClientRect();
    return { x: event.clientX - left - this.container.clientLeft, y: event.clientY - top - this.container.clientTop };
  }
}

function slack(pixels, { pointerType }) {
  return pointerType === "touch" ? pixels.touch : pixels.other;
}

function apart(one, other) {
  return Math.hypot(one.x - other.x, one.y - other.y);
}
