// Signing in: a key is traded for a cookie that scripts cannot read; the key itself is kept nowhere.

import { fill, replaceContent } from "./dom.js";

const byId = (id) => document.getElementById(id);

// The panel of a page whose elements have the usual names.
export function pageSession(service, words, changed) {
  const parts = {
    open: byId("sign-in"), dialog: byId("sign-in-dialog"), form: byId("sign-in-form"), input: byId("key"),
    cancel: byId("sign-in-cancel"), message: byId("sign-in-message"), state: byId("session-state"), out: byId("sign-out"),
  };
  return new SessionPanel(parts, service, words, changed);
}

export class SessionPanel {
  // parts: {open, dialog, form, input, cancel, message, state, out}; changed(session) tells the page.
  constructor(parts, service, words, changed) {
    Object.assign(this, parts, { service, words, changed, session: null });
    this.open.addEventListener("click", () => {
      this.message.textContent = "";
      this.dialog.showModal();
      this.input.focus();
    });
    this.out.addEventListener("click", () => this.#signOut());
    // A button of its own kind: Enter in the field presses a form's first submit button.
    this.cancel.addEventListener("click", () => this.dialog.close());
    this.dialog.addEventListener("close", () => {
      this.input.value = "";
    });
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#signIn();
    });
  }

  async look() {
    try {
      this.#show(await this.service.session());
    } catch {
      this.#show(null);
    }
  }

  // The service no longer knows the session: forget it and go on as the public.
  async end() {
    await this.service.signOut().catch(() => null);
    this.#show(null);
  }

  async #signIn() {
    this.message.textContent = "";
    try {
      this.#show(await this.service.signIn(this.input.value.trim()));
      this.dialog.close();
      this.changed(this.session);
    } catch (error) {
      this.message.textContent = error.kind === "session" ? this.words.key_refused : this.words.offline_text;
    }
  }

  async #signOut() {
    await this.end();
    this.changed(null);
  }

  #show(session) {
    this.session = session?.role && session.role !== "public" ? session : null;
    this.open.hidden = Boolean(this.session);
    this.out.hidden = !this.session;
    // What is for some roles alone, such as the way to the clerk's desk.
    for (const part of document.querySelectorAll("[data-roles]")) {
      part.hidden = !part.dataset.roles.split(" ").includes(this.session?.role);
    }
    const role = this.session && (this.words.roles[this.session.role] ?? this.session.role);
    replaceContent(this.state, this.session ? fill(this.words.signed_in, { name: this.session.name, role }) : "");
  }
}
