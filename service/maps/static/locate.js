// Where the device is, and how sure it is of that. That it will not say is a state like any other.

// The largest circle that the service compares with grids.
export const WIDEST_METRES = 5000;

// Resolves with {lon, lat, accuracy} or {refused}: "insecure", "unsupported", "denied", "timeout" or "unavailable".
export function currentPlace() {
  if (!window.isSecureContext) return Promise.resolve({ refused: "insecure" });
  if (!navigator.geolocation) return Promise.resolve({ refused: "unsupported" });
  return new Promise((resolve) => {
    navigator.geolocation.getCurrentPosition(
      ({ coords: { longitude, latitude, accuracy } }) => resolve({ lon: longitude, lat: latitude, accuracy: Math.max(accuracy, 1) }),
      ({ code }) => resolve({ refused: { 1: "denied", 3: "timeout" }[code] ?? "unavailable" }),
      { enableHighAccuracy: true, timeout: 15_000, maximumAge: 0 },
    );
  });
}

// The grids of a layer that the circle around a place touches, where they leave open which one is meant; else null.
export function openQuestion(answer, layer) {
  const touched = (answer.within_accuracy ?? []).filter((one) => one.layer === layer);
  const sure = touched.length === 1 && touched[0].metres === 0;
  return touched.length && !sure ? touched : null;
}
