// Who may work here: shows the page's content to the roles it is for, and to others how to sign in.

import { el, fill, replaceContent } from "../dom.js";
import { SessionPanel } from "../session.js";

const byId = (id) => document.getElementById(id);

export class Gate {
  // place: where the words for who may not enter stand. roles: who may. admitted(session) once somebody may, and again
  // when somebody else signs in; left() when nobody may any more.
  constructor({ place, roles, service, words, admitted, left }) {
    Object.assign(this, { place, roles, service, words, admitted, left });
    this.panel = new SessionPanel(
      {
        open: byId("sign-in"), dialog: byId("sign-in-dialog"), form: byId("sign-in-form"), input: byId("key"),
        cancel: byId("sign-in-cancel"), message: byId("sign-in-message"), state: byId("session-state"),
        out: byId("sign-out"),
      },
      service,
      words,
      () => this.#decide(),
    );
  }

  async open() {
    await this.panel.look();
    this.#decide();
  }

  // The service does not know the session any more.
  async end() {
    await this.panel.end();
    this.#decide(true);
  }

  #decide(ended = false) {
    const { session } = this.panel;
    const may = session !== null && this.roles.includes(session.role);
    replaceContent(this.place, may ? [] : this.#refusal(session, ended));
    if (may) this.admitted(session);
    else this.left();
  }

  #refusal(session, ended) {
    const { words } = this;
    const role = session && (words.roles[session.role] ?? session.role);
    const text = session ? fill(words.gate_other_role, { name: session.name, role }) : ended ? words.session_over : words.gate_text;
    const act = async () => {
      if (session) {
        await this.panel.end();
        this.#decide();
      }
      this.panel.open.click();
    };
    return el(
      "section",
      { class: "gate" },
      el("h2", {}, session ? words.gate_other_title : words.gate_title),
      el("p", {}, text),
      el("button", { type: "button", class: "button primary", onclick: act }, session ? words.gate_other_key : words.gate_sign_in),
    );
  }
}
