"""Takes the JavaScript libraries of the dashboard from npm into the package, when it is built.

Runs by itself inside every build (`[tool.hatch.build.hooks.custom]`) and by hand as `python hatch_build.py`
for an editable installation. There is no bundler: each library is one ES module; this file only turns their
bare imports (`from "preact"`) into relative ones, because the page's content policy has no room for an
inline import map. Without npm the program still works, with the plain page at /simple.
"""

import hashlib
import json
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent
VENDOR = ROOT / "src/kwartier/web/static/vendor"
MODULES = {
    "preact.js": ("preact", "dist/preact.mjs"),
    "preact-hooks.js": ("preact", "hooks/dist/hooks.mjs"),
    "signals-core.js": ("@preact/signals-core", "dist/signals-core.mjs"),
    "signals.js": ("@preact/signals", "dist/signals.mjs"),
    "htm.js": ("htm", "dist/htm.mjs"),
    "htm-preact.js": ("htm", "preact/index.mjs"),
    "uplot.js": ("uplot", "dist/uPlot.iife.min.js"),
    "uplot.css": ("uplot", "dist/uPlot.min.css"),
}
IMPORTS = {
    "preact": "preact.js",
    "preact/hooks": "preact-hooks.js",
    "@preact/signals-core": "signals-core.js",
    "htm": "htm.js",
}
# What `npm run check` takes the types of each neighbour from.
DECLARATIONS = {
    "preact.d.ts": 'export * from "preact";',
    "preact-hooks.d.ts": 'export * from "preact/hooks";',
    "signals.d.ts": 'export * from "@preact/signals";',
    "uplot.d.ts": 'import uPlot from "uplot";\nexport default uPlot;',
    "htm-preact.d.ts": """import type { VNode } from "preact";
export function html(strings: TemplateStringsArray, ...values: any[]): VNode<any>;
export { render } from "preact";""",
}
# uPlot publishes its minified form (22 kB gzip against 42) only as a script that makes a variable.
APPENDED = {"uplot.js": "\nexport default uPlot;\n"}
NO_NPM = (
    "npm is not installed, so the dashboard's JavaScript libraries are left out of this build: "
    "/ will point to the plain page at /simple. Install npm (Debian: apt-get install npm) and build again."
)


def vendor(root: Path = ROOT, target: Path = VENDOR) -> str:
    """Bring `target` up to date with `root`/package-lock.json.

    Returns a sentence that says what happened. Raises RuntimeError when npm ran and failed, or when a
    library imports something this file does not know.
    """
    wanted = _fingerprint(root)
    if _present(target) == wanted:
        return "The dashboard's JavaScript libraries are up to date."
    npm = shutil.which("npm")
    if npm is None:
        return NO_NPM
    with tempfile.TemporaryDirectory(prefix="kwartier-npm-") as folder:
        # Apart from the checkout, so that a build neither fills nor empties its node_modules.
        for name in ("package.json", "package-lock.json", ".npmrc"):
            shutil.copyfile(root / name, Path(folder, name))
        command = [npm, "ci", "--omit=dev", "--ignore-scripts", "--no-audit", "--no-fund"]
        ran = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)  # noqa: S603
        if ran.returncode:
            raise RuntimeError(f"npm ci failed with code {ran.returncode}:\n{ran.stderr.strip()}")
        _copy(Path(folder, "node_modules"), target, wanted)
    return f"The dashboard's JavaScript libraries were copied to {target}."


def _fingerprint(root: Path) -> str:
    """Changes when the lock file or this file does."""
    lock = (root / "package-lock.json").read_bytes()
    return hashlib.sha256(lock + Path(__file__).read_bytes()).hexdigest()


def _present(target: Path) -> str | None:
    try:
        return str(json.loads((target / "versions.json").read_text())["fingerprint"])
    except (OSError, ValueError, KeyError):
        return None


def _copy(modules: Path, target: Path, fingerprint: str) -> None:
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    versions = {}
    for name, (package, source) in MODULES.items():
        text = (modules / package / source).read_text(encoding="utf-8")
        if name.endswith(".js"):
            text = relative_imports(text, name) + APPENDED.get(name, "")
        (target / name).write_text(text, encoding="utf-8")
        licence = package.removeprefix("@").replace("/", "-") + ".LICENSE"
        shutil.copyfile(modules / package / "LICENSE", target / licence)
        versions[package] = json.loads((modules / package / "package.json").read_text())["version"]
    for name, text in DECLARATIONS.items():
        (target / name).write_text(text + "\n", encoding="utf-8")
    # Last, so that an interrupted copy is done again.
    record = {"fingerprint": fingerprint, "versions": versions}
    (target / "versions.json").write_text(json.dumps(record, indent=2) + "\n")


def relative_imports(text: str, name: str) -> str:
    """The module with its bare imports pointing at the neighbouring file, without its source-map line.

    Raises RuntimeError for an import that has no neighbour: it would only fail in the browser.
    """

    def replaced(match: re.Match[str]) -> str:
        bare = match["bare"]
        if bare not in IMPORTS:
            raise RuntimeError(f"{name} imports {bare!r}; add it to MODULES and IMPORTS in hatch_build.py")
        return f'{match["before"]}"./{IMPORTS[bare]}"'

    text = re.sub(r"""(?P<before>\b(?:from|import)\s*)["'](?P<bare>[@\w][\w@/.-]*)["']""", replaced, text)
    return re.sub(r"\n?//# sourceMappingURL=.*\s*$", "\n", text)


try:
    from hatchling.builders.hooks.plugin.interface import BuildHookInterface
except ModuleNotFoundError:  # run by hand, where the build backend is not installed
    pass
else:

    class VendorHook(BuildHookInterface):  # type: ignore[type-arg]
        """Called by hatchling before the files of a distribution are collected."""

        PLUGIN_NAME = "custom"

        def initialize(self, version: str, build_data: dict[str, Any]) -> None:
            """Fetch what is missing, and say so among the build's own lines."""
            self.app.display_info(vendor())


if __name__ == "__main__":
    try:
        print(vendor())  # noqa: T201 - run by hand, it answers on the terminal
    except RuntimeError as error:
        sys.exit(str(error))
