"""What is built holds the whole program, and nothing of the machine that built it."""

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src"


def _build(target: str, project: Path, folder: Path) -> Path:
    command = [sys.executable, "-m", "hatchling", "build", "--target", target, "--directory", str(folder)]
    ran = subprocess.run(command, cwd=project, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    (built,) = folder.glob("*.tar.gz" if target == "sdist" else "*.whl")
    return built


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The files of a wheel that was built the long way round, from the source distribution."""
    folder = tmp_path_factory.mktemp("dist")
    shutil.unpack_archive(_build("sdist", ROOT, folder / "sdist"), folder)
    (project,) = folder.glob("kwartier-*")
    with zipfile.ZipFile(_build("wheel", project, folder / "wheel")) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_the_wheel_holds_every_file_of_the_package(wheel: dict[str, bytes]) -> None:
    """Catalogue, examples, words, templates, schema, scripts of the dashboard: all that lies in src/kwartier."""
    files = (f for f in (SOURCE / "kwartier").rglob("*") if f.is_file() and "__pycache__" not in f.parts)
    missing = {str(f.relative_to(SOURCE)) for f in files} - set(wheel)
    assert not missing
    assert "kwartier/config/examples/household.yaml" in wheel


def test_the_wheel_names_no_folder_of_the_machine(wheel: dict[str, bytes]) -> None:
    """No absolute path of the checkout or the environment got into a file."""
    for folder in {str(ROOT), sys.prefix}:
        assert [name for name, data in wheel.items() if folder.encode() in data] == []
