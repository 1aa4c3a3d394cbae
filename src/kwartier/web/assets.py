"""Files that do not change while the program runs: read once, kept compressed, answered with an ETag."""

import gzip
import hashlib
import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

from kwartier.site.reasons import LANGUAGES
from kwartier.web.problems import Problem

HERE = Path(__file__).resolve().parent
STATIC = HERE / "static"
LOCALES = HERE / "locales"
OF_OTHERS = frozenset({"refresh.js", "plan.js", "axis.js", "lanes.js", "goal.js"})
"""What only the pages of the server load."""
TYPES = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".json": "application/json",
    ".webmanifest": "application/manifest+json",
}


@dataclass(frozen=True)
class Asset:
    """One file."""

    body: bytes
    media_type: str

    @cached_property
    def etag(self) -> str:
        """Changes with the content."""
        return f'"{hashlib.sha256(self.body).hexdigest()[:20]}"'

    @cached_property
    def packed(self) -> bytes:
        """The body, gzipped once."""
        return gzip.compress(self.body, 9, mtime=0)

    def answer(self, request: Request) -> Response:
        """200 or 304. Browsers keep the file but ask each time: an update shows at once."""
        headers = {"ETag": self.etag, "Cache-Control": "no-cache", "Vary": "Accept-Encoding"}
        if self.etag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        if not takes_gzip(request):
            return Response(self.body, headers=headers, media_type=self.media_type)
        headers["Content-Encoding"] = "gzip"
        return Response(self.packed, headers=headers, media_type=self.media_type)


class Assets:
    """All static files by their path below `folder`, and the catalogues of words."""

    def __init__(self, folder: Path = STATIC) -> None:
        self.files = {
            path.relative_to(folder).as_posix(): Asset(path.read_bytes(), TYPES[path.suffix])
            for path in sorted(folder.rglob("*"))
            if path.suffix in TYPES
        }
        self.locales = {
            language: Asset((LOCALES / f"{language}.json").read_bytes(), TYPES[".json"])
            for language in LANGUAGES
        }
        self.words: dict[str, dict[str, str]] = {
            language: json.loads(asset.body) for language, asset in self.locales.items()
        }

    @property
    def has_vendor(self) -> bool:
        """Whether the JavaScript libraries were there when this program was built."""
        return "vendor/versions.json" in self.files

    @property
    def modules(self) -> list[str]:
        """Paths of all ES modules of the dashboard, for the browser to fetch at once."""
        return [path for path in self.files if path.endswith(".js") and path not in OF_OTHERS]

    def file(self, path: str) -> Asset:
        """Raises Problem (404)."""
        try:
            return self.files[path]
        except KeyError:
            raise Problem(404, "not-found", f"There is no file {path!r}.") from None


def takes_gzip(request: Request) -> bool:
    """Whether the client unpacks gzip."""
    return "gzip" in request.headers.get("accept-encoding", "")


def language_of(request: Request) -> str:
    """The asked language: in the address, from before, by the browser's own order, else English."""
    asked = [request.query_params.get("lang", ""), request.cookies.get("lang", "")]
    preferred = request.headers.get("accept-language", "").split(",")
    for tag in (*asked, *(p.partition(";")[0] for p in preferred)):
        short = tag.strip().lower().partition("-")[0]
        if short in LANGUAGES:
            return short
    return LANGUAGES[0]
