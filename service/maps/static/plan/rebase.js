// Takes a draft to the newest release; what cannot be done again there is left out only when that is agreed to.

import { el, fill } from "../dom.js";
import { confirmDialog } from "../kit/dialog.js";
import { fromTab, keepInTab } from "../view.js";
import { factOf } from "./wording.js";

const MOST = 12;
const TOLD = "rebased";

// Resolves to whether it was done; throws what the service refused. The next page tells what became of it.
export async function takeToNewest({ client, wording }) {
  let answer;
  try {
    answer = await client.rebase(false);
  } catch (error) {
    const lost = factOf(error, "operations");
    if (!lost?.length) throw error;
    if (!(await isAgreed(lost, { client, wording }))) return false;
    answer = await client.rebase(true);
  }
  keepInTab(TOLD, JSON.stringify({ base: answer.draft.base, done: answer.done, left: answer.left_out.length }));
  return true;
}

// What the page before this one did, as a sentence, or null.
export function rebasedText({ words, wording }) {
  const told = fromTab(TOLD);
  if (!told) return null;
  const { base, done, left } = JSON.parse(told);
  return fill(left ? words.rebased_without : words.rebased, { base, done: wording.count(done), left: wording.count(left) });
}

async function isAgreed(lost, { client, wording }) {
  const { words } = wording;
  const known = new Map((await client.operations()).map((one) => [one.id, one]));
  const item = (one) => {
    const done = known.get(one.client_id);
    const what = (done && wording.message(done, "summary")) || one.kind;
    return el("li", {}, el("strong", {}, what), el("p", { class: "quiet" }, `${one.done_by}${words.colon}${wording.message(one, "detail")}`));
  };
  const more = lost.length - MOST;
  return confirmDialog({
    title: words.leave_out_title,
    content: [
      el("p", {}, fill(words.leave_out_text, { count: wording.count(lost.length) })),
      el("ul", { class: "plain-list lost" }, lost.slice(0, MOST).map(item)),
      more > 0 && el("p", {}, fill(words.leave_out_more, { count: wording.count(more) })),
    ].filter(Boolean),
    agree: words.leave_out, refuse: words.cancel, danger: true,
  });
}
