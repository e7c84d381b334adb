// Who and what still depends on a record, before it is ended.

const MOST = 8;
const TARGETS = { stations: "station", compounds: "compound", buildings: "building", places: "place" };

// {lines, more}: the first of what depends on the record, in words, and how many there are besides.
export async function dependents(roster, wording, kind, record) {
  const found = [];
  const until = wording.shifted(wording.today(), 400);
  const duties = (filters) => roster.all("duties", { ...filters, until });
  const { words } = wording;
  const duty = (one) => [one.holder?.name, wording.role(one.role), wording.target(one.target)].filter(Boolean).join(" · ");
  if (kind === "workers" || kind === "organisations") found.push(...(await duties({ holder: record.code })).map(duty));
  if (kind === "workers") {
    const leave = await roster.all("leave", { until });
    found.push(...leave.filter((one) => one.stand_in === record.code).map((one) => `${words.stands_in}${words.colon}${one.worker_name ?? one.worker}`));
  }
  if (kind === "roles") found.push(...(await duties({ role: record.code })).map(duty));
  if (kind in TARGETS) found.push(...(await duties({ target_kind: TARGETS[kind], target: record.code })).map(duty));
  for (const [list, name] of REFERRING[kind] ?? []) {
    const items = await roster.all(list);
    found.push(...items.filter((one) => one[name] === record.code).map((one) => `${wording.kinds[list].label}${words.colon}${one.name ?? one.address ?? one.code}`));
  }
  return { lines: found.slice(0, MOST), more: Math.max(0, found.length - MOST) };
}

// Lists of records that name the one, and by which field.
const REFERRING = {
  roles: [["matters", "role"], ["norms", "role"]],
  organisations: [["matters", "organisation"]],
  stations: [["stops", "station"], ["stations", "parent"]],
  compounds: [["buildings", "compound"]],
};
