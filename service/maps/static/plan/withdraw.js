// Takes back a release that has not begun, after a question.

import { el, fill } from "../dom.js";
import { confirmDialog } from "../kit/dialog.js";

// Resolves to whether it was done; throws what the service refused.
export async function withdrawRelease({ service, words, layer, number }) {
  const agreed = await confirmDialog({
    title: fill(words.withdraw_title, { number }),
    content: [el("p", {}, words.withdraw_text)],
    agree: words.withdraw, refuse: words.cancel, danger: true,
  });
  if (agreed) await service.ask("POST", `/api/v1/layers/${encodeURIComponent(layer)}/releases/${number}/withdraw`);
  return agreed;
}
