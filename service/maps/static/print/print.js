// The page on which printing is chosen: it works without a script; this one signs in and out.

import { readConfig } from "../dom.js";
import { Service } from "../service.js";
import { pageSession } from "../session.js";

const config = readConfig();
const session = pageSession(new Service(config), config.words, () => window.location.reload());
await session.look();
document.documentElement.dataset.ready = "true";
