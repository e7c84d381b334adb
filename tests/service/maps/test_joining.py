"""Modules of a page as one script do what they do apart, and what can't be joined is refused by name."""

import json
import re
import subprocess

import pytest

from geodata.errors import SetupError
from service.maps.assets import JOINED, installed_assets
from service.maps.joining import joined_modules

TOLD = "globalThis.told.push"
MODULES = {
    "app/main.js": (
        'import { one as first, Two } from "./parts/one.js";\n'
        'import Point from "point";\n\n'
        f"{TOLD}(first, new Two().name, new Point(3).x);\n"
        'globalThis.later = () => import("./later.js").then(({ more }) => more());\n'
    ),
    "app/parts/one.js": (
        'import {\n  name,\n} from "../shared.js";\n\n'
        "export const one = `1 ${name}`;\nexport class Two {\n  name = name;\n}\n"
    ),
    "app/shared.js": f'{TOLD}("shared");\nexport const name = "shared $1 \\\\n {{}}";\n',
    "app/later.js": (
        f'import {{ name }} from "./shared.js";\n\n{TOLD}("later");\n'
        "export async function more() {\n  return name;\n}\n"
    ),
    "point/index.js": "import Base from './base.js';\n\nexport default class Point extends Base {}\n",
    "point/base.js": "export default function Base(x) {\n  this.x = x;\n}\n",
}


def run(script: str) -> list[object]:
    after = "globalThis.later().then((name) => console.log(JSON.stringify([...globalThis.told, name])));"
    told = f'globalThis.told = [];\n{script}\nglobalThis.told.push("begun");\n{after}'
    answer = subprocess.run(["node", "-"], input=told, capture_output=True, text=True, check=True)
    found: list[object] = json.loads(answer.stdout)
    return found


def test_each_module_runs_once_before_who_needs_it_and_a_later_one_when_it_is_asked_for() -> None:
    script = joined_modules(MODULES, {"point": "point/index.js"}, ["app/main.js"])
    name = "shared $1 \\n {}"
    assert run(script) == ["shared", f"1 {name}", name, 3, "begun", "later", name]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('import * as all from "./shared.js";', "import * as all"),
        ('import "./shared.js";', 'import "./shared.js"'),
        ("export let count = 0;", "export let count"),
        ("await globalThis.ready;", "await globalThis.ready"),
        ("const here = import.meta.url;", "import.meta"),
        ("const other = import(name);", "import(name)"),
        ('import { gone } from "./gone.js";', "app/gone.js"),
        ('import { main } from "./main.js";', "app/main.js → app/main.js"),
    ],
)
def test_what_cannot_be_joined_is_refused_by_name(text: str, said: str) -> None:
    with pytest.raises(SetupError) as refused:
        joined_modules(MODULES | {"app/main.js": f"{text}\n"}, {}, ["app/main.js"])
    assert said in refused.value.detail


def test_pages_get_every_module_that_they_run_in_a_script_of_their_own() -> None:
    assets = installed_assets()
    for script, entries in JOINED.items():
        text = assets[assets.url(f"joined/{script}").removeprefix("/assets/")].content.decode()
        needed = set(re.findall(r'need\("([^"]+)"\)', text))
        assert needed >= set(entries)
        assert needed == set(re.findall(r'^"([^"]+)": \(\) => \{$', text, re.MULTILINE))
