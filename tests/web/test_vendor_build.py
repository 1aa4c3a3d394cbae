"""The build hook that takes the JavaScript libraries from npm."""

import importlib.util
import json
import re
import shutil
from pathlib import Path
from types import ModuleType

import pytest

from kwartier.web.assets import STATIC

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def hook() -> ModuleType:
    """hatch_build.py of the repository."""
    spec = importlib.util.spec_from_file_location("hatch_build", ROOT / "hatch_build.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_imports_become_relative(hook: ModuleType) -> None:
    """Bare imports point at the neighbouring file; relative ones, texts and the rest stay; maps go."""
    text = 'import{h as r}from"preact";export{h}from "preact";import \'htm\';import"./x.js";const s="from preact"\n'
    expected = text.replace('from"preact"', 'from"./preact.js"').replace(
        'from "preact"', 'from "./preact.js"'
    )
    expected = expected.replace("'htm'", '"./htm.js"')
    assert hook.relative_imports(text + "//# sourceMappingURL=x.js.map\n", "x.js") == expected


def test_unknown_import_stops_the_build(hook: ModuleType) -> None:
    """An import without a neighbour would only fail in the browser, so the build fails and says what to do."""
    with pytest.raises(RuntimeError, match="'preact/compat'"):
        hook.relative_imports('import x from"preact/compat"', "x.js")


def test_without_npm_the_build_goes_on(
    hook: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A machine without npm gets a package with the plain page, and is told so."""
    monkeypatch.setattr(shutil, "which", lambda _: None)
    assert "/simple" in hook.vendor(ROOT, tmp_path / "vendor")
    assert not (tmp_path / "vendor").exists()


def test_nothing_is_done_twice(hook: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """What is there and fits the lock file is kept, without npm; another lock file asks npm again."""
    monkeypatch.setattr(shutil, "which", lambda _: None)
    target = tmp_path / "vendor"
    target.mkdir()
    record = {"fingerprint": hook._fingerprint(ROOT), "versions": {}}
    (target / "versions.json").write_text(json.dumps(record))
    assert "up to date" in hook.vendor(ROOT, target)
    (target / "versions.json").write_text("{}")
    assert "npm is not installed" in hook.vendor(ROOT, target)


def test_lock_file_names_no_registry() -> None:
    """The lock file holds checksums and versions, never the address that happened to serve them."""
    lock = json.loads((ROOT / "package-lock.json").read_text())
    packages = {name: p for name, p in lock["packages"].items() if name}
    assert packages
    for name, package in packages.items():
        assert "resolved" not in package, name
        assert package["integrity"].startswith("sha512-"), name


def test_vendored_files_are_whole() -> None:
    """Each library is there with its licence, and imports only its neighbours."""
    vendor = STATIC / "vendor"
    versions = json.loads((vendor / "versions.json").read_text())["versions"]
    asked = json.loads((ROOT / "package.json").read_text())["dependencies"]
    assert versions == asked
    assert len(list(vendor.glob("*.LICENSE"))) == len(versions)
    for path in vendor.glob("*.js"):
        for name in re.findall(r"""(?:from|import)\s*["']([^"']+)["']""", path.read_text(encoding="utf-8")):
            assert (vendor / name).is_file(), (path.name, name)
