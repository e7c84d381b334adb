// What a portal does with a chosen grid; everything that came is kept, so that a test can look at it.
window.chosen = [];
window.heard = [];
window.addEventListener("message", (event) => event.isTrusted && window.heard.push(event.origin));
document.addEventListener("grid-chosen", (event) => {
  window.chosen.push({ ...event.detail, by: event.target.id });
  document.getElementById("chosen").textContent = `已选择：${event.detail.name}`;
});
