// What the page says of itself to whoever listens in it: the bridge of a frame, measurements, tests.

// A frame that nobody sees yet is not painted, but it is ready.
const UNSEEN_MS = 500;

export function tell(name, detail) {
  document.dispatchEvent(new CustomEvent(name, { detail }));
}

// The first picture is there; state: "true", or "empty" where there is nothing to draw. Said once.
export function tellReady(state) {
  const painted = () => {
    if (document.documentElement.dataset.ready) return;
    performance.mark("gridmap-ready");
    window.gridmapReady = performance.now();
    document.documentElement.dataset.ready = state;
    tell("gridmap-ready", { state });
  };
  requestAnimationFrame(painted);
  setTimeout(painted, UNSEEN_MS);
}
