// The stand-alone map, last part: the card of a grid, the search, the list; and the start.

function choose(grid, move = true) {
  Object.assign(state, { chosen: grid, area: null });
  if (move) fit(grid, Math.min(canvas.clientWidth, canvas.clientHeight) * 0.5, 2 ** 16);
  history.replaceState(null, "", `#${new URLSearchParams({ grid: grid.code })}`);
  show(gridCard(grid));
}

function chooseArea(area) {
  Object.assign(state, { chosen: null, area });
  const inside = grids.filter((grid) => chainOf(grid.community).includes(area));
  const box = inside.reduce((all, grid) => ({
    west: Math.min(all.west, grid.west), east: Math.max(all.east, grid.east),
    north: Math.min(all.north, grid.north), south: Math.max(all.south, grid.south),
  }), { west: Infinity, east: -Infinity, north: Infinity, south: -Infinity });
  if (inside.length) fit(box, 60);
  const facts = [DATA.levels[area.level], fill(words.grids_of, { count: inside.length.toLocaleString() })];
  show([el("h2", {}, area.name), el("p", { class: "facts" }, facts.join(" · ")), rows(inside.slice(0, 200))]);
}

function chooseStation(station) {
  Object.assign(state, { x: station.at[0], y: station.at[1], scale: Math.max(state.scale, 60 / typical) });
  bounded();
  show([el("h2", {}, station.name), el("p", { class: "facts" }, [station.category, station.address].filter(Boolean).join(" · ")),
    el("p", {}, phone(station.phone, station.name)), station.hours ? el("p", { class: "facts" }, fill(words.hours, { hours: station.hours })) : null]);
}

function show(content) {
  byId("card").replaceChildren(...content.flat().filter((one) => one !== null));
  byId("panel").scrollTop = 0;
  paint();
}

function gridCard(grid) {
  const chain = chainOf(grid.community).map((area) => area.name).join(" › ");
  const facts = [`${words.code} ${grid.code}`, words[grid.kind] ?? "", grid.households === null ? "" : fill(words.households, { count: grid.households.toLocaleString() })];
  const people = grid.people.map((place) => DATA.people[place]);
  return [
    el("p", { class: "facts" }, chain || words.no_area),
    el("h2", {}, grid.name),
    el("p", { class: "facts" }, facts.filter(Boolean).join(" · ")),
    el("h3", {}, words.people),
    people.length ? el("ul", { class: "people" }, people.map(personRow)) : el("p", {}, words.no_people),
    matters(people),
    nearest(grid),
  ].flat();
}

function personRow(person) {
  const marks = [person.role_name, person.via === "grid" ? "" : fill(words.via, { level: DATA.levels[person.via] }),
    person.stand_in ? words.stand_in : "", person.away ? words.on_leave : ""];
  return el("li", {}, el("span", { class: "role" }, marks.filter(Boolean).join(" · ")), el("span", { class: "name" }, person.name),
    phone(person.phone, person.name), person.duties ? el("span", { class: "note" }, person.duties) : null,
    person.hours ? el("span", { class: "note" }, fill(words.hours, { hours: person.hours })) : null);
}

function phone(number, name) {
  if (!number) return null;
  if (!/^\+?[\d\s()-]+$/.test(number)) return el("span", { class: "phone masked" }, number);
  return el("a", { class: "phone", href: `tel:${number.replace(/[^\d+]/g, "")}`, "aria-label": `${fill(words.call, { name })} ${number}` }, number);
}

function matters(people) {
  if (!DATA.matters.length) return [];
  const row = (matter) => {
    const person = matter.role && people.find((one) => one.role === matter.role);
    const who = person ? `${person.role_name} ${person.name}` : matter.who;
    const note = [who, matter.promised && fill(words.promised, { length: matter.promised })];
    return el("li", {}, el("span", { class: "name" }, matter.name), phone(matter.phone || (person?.phone ?? ""), matter.name),
      el("span", { class: "note" }, note.filter(Boolean).join(" · ")));
  };
  return [el("h3", {}, words.matters), el("ul", { class: "matters" }, DATA.matters.map(row))];
}

function nearest(grid) {
  const perMetre = pixelsPerMetre(grid.point.lat);
  const near = stations
    .map((station) => [Math.hypot(station.at[0] - grid.at[0], station.at[1] - grid.at[1]) / perMetre, station])
    .sort(([one], [other]) => one - other).slice(0, NEAREST);
  if (!near.length) return [];
  const row = ([metres, station]) => el("li", {}, el("button", { type: "button", class: "row", onclick: () => chooseStation(station) }, station.name,
    el("small", {}, [distance(metres), station.address].filter(Boolean).join(" · "))));
  return [el("h3", {}, words.stations), el("ul", { class: "stations" }, near.map(row))];
}

function rows(some) {
  return el("ul", {}, some.map((grid) => el("li", {}, el("button", { type: "button", class: "row", onclick: () => choose(grid) }, grid.name, el("small", {}, grid.code)))));
}

// Finding

const found = [
  ...areas.map((area) => ({ text: area.name, note: DATA.levels[area.level], code: area.code, go: () => chooseArea(area) })),
  ...grids.map((grid) => ({ text: grid.name, note: grid.code, code: grid.code, go: () => choose(grid) })),
  ...stations.map((station) => ({ text: station.name, note: station.address || station.category, code: station.code, go: () => chooseStation(station) })),
];

function search() {
  const text = byId("query").value.trim().toLowerCase();
  const list = byId("hits");
  list.hidden = !text;
  if (!text) return [];
  const hits = found.filter((one) => one.text.toLowerCase().includes(text) || one.code.toLowerCase().startsWith(text));
  const more = hits.length - MOST_HITS;
  list.replaceChildren(
    ...hits.slice(0, MOST_HITS).map((one) => el("li", {}, el("button", { type: "button", class: "row", onclick: () => take(one) }, one.text, el("small", {}, one.note)))),
    ...(hits.length ? [] : [el("li", {}, el("p", {}, fill(words.found_none, { text: shortened(text, 40) })))]),
    ...(more > 0 ? [el("li", {}, el("p", {}, fill(words.found_more, { count: more })))] : []),
  );
  return hits;
}

function take(one) {
  byId("hits").hidden = true;
  one.go();
  byId("card").focus({ preventScroll: true });
}

byId("query").addEventListener("input", search);
byId("search").addEventListener("submit", (event) => {
  event.preventDefault();
  const [first] = search();
  if (first) take(first);
});

// The list of all grids is written when somebody opens it, a community at a time.
byId("list").addEventListener("toggle", () => {
  if (byId("list").childElementCount > 1) return;
  const groups = new Map();
  for (const grid of grids) groups.set(grid.community, [...(groups.get(grid.community) ?? []), grid]);
  for (const [community, inside] of groups) {
    const name = areaOf.get(community)?.name ?? words.no_area;
    const group = el("details", {}, el("summary", {}, `${name} (${inside.length})`));
    group.addEventListener("toggle", () => group.childElementCount > 1 || group.append(rows(inside)));
    byId("list").append(group);
  }
});

byId("key-street").hidden = borders.length < 2;
byId("key").open = window.matchMedia("(min-width: 701px)").matches;
fit(world);
const named = new URLSearchParams(location.hash.slice(1)).get("grid");
const start = grids.find((grid) => grid.code === named);
if (start) choose(start);
document.documentElement.dataset.ready = "true";
