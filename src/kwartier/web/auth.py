"""Who may change things: one password, chosen at first start; sessions for browsers, tokens for programs.

There is no default password. Until one is chosen nobody can write, and only a person at the machine itself,
or one who reads the one-time code on its console, can choose it.
"""

import asyncio
import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, TypeVar

from kwartier.site.clock import Clock
from kwartier.site.errors import ConfigError, KwartierError
from kwartier.web.backoff import Backoff

T = TypeVar("T")

SESSION_IDLE_S: Final = 12 * 3600.0
SESSION_LONGEST_S: Final = 30 * 86400.0
SESSIONS: Final = 64
SHORTEST_PASSWORD: Final = 10
LONGEST_PASSWORD: Final = 256
ONSITE: Final = "onsite"
"""Tokens whose name begins so are kept at the site and only reset alarms there."""
WAITING: Final = 8
"""Password checks that may queue; one runs at a time, because each takes 19 MiB and a core for ~30 ms."""


class Refused(KwartierError):
    """The person who asked must act; the text says how."""


class WrongPassword(Refused):
    """The password or code does not match. Says nothing more, whatever the cause."""

    def __init__(self) -> None:
        super().__init__("The password or code is not right.")


class TooManyAttempts(Refused):
    """Wait before the next attempt."""

    def __init__(self, wait_s: float) -> None:
        self.wait_s = max(1, int(wait_s + 0.999))
        super().__init__(f"Too many attempts from this address; try again in {self.wait_s} s.")


class WeakPassword(Refused):
    """The chosen password is too easy to guess."""


class NotNow(Refused):
    """The state of the site does not allow this step (a password is, or is not yet, chosen)."""


class Auth:
    """The password, the sessions and the tokens of one site.

    `path` keeps hashes only, mode 0600; None keeps them in memory (a demonstration). `demo` allows writes
    from the machine itself without a password. Raises ConfigError when the file cannot be understood: a
    damaged file must never open the site.
    """

    def __init__(self, path: Path | None, demo: bool, clock: Clock) -> None:
        self.demo = demo
        self._path = path
        self._clock = clock
        self._hash, self._tokens = _load(path)
        self._code = None if self._hash else secrets.token_hex(4)
        self._sessions: dict[str, tuple[float, float]] = {}
        self._backoff = Backoff()
        self._checking = asyncio.Lock()
        self._waiting = 0
        self._key = secrets.token_bytes(32)
        self._recent: bytes | None = None

    @property
    def has_password(self) -> bool:
        """Whether a password was chosen."""
        return self._hash is not None

    @property
    def setup_code(self) -> str | None:
        """The one-time code to print on the console at start; None once a password exists."""
        return self._code

    async def choose_password(self, client: str, password: str, *, local: bool, code: str = "") -> None:
        """Choose the first password. `local`: the request comes from the machine itself.

        Raises NotNow (one exists), TooManyAttempts, WrongPassword (the code is wrong), WeakPassword.
        """
        if self._code is None:
            raise NotNow("A password is already chosen; log in with it.")
        if not local:
            self._admit(client)
            if not hmac.compare_digest(code.strip().lower().encode(), self._code.encode()):
                raise WrongPassword
            self._backoff.forget(client)
        check_strength(password)
        hashed = await self._slowly(lambda: _hash(password))
        if self._hash is not None:
            raise NotNow("A password is already chosen; log in with it.")
        self._hash, self._code = hashed, None
        await asyncio.to_thread(self._save)

    async def login(self, client: str, password: str) -> str:
        """A new session's secret for the cookie. Raises NotNow, TooManyAttempts, WrongPassword."""
        await self._check(client, password)
        now_s = self._clock.monotonic_s()
        if len(self._sessions) >= SESSIONS:
            del self._sessions[min(self._sessions, key=lambda k: self._sessions[k][1])]
        secret = secrets.token_urlsafe(32)
        self._sessions[_digest(secret)] = (now_s, now_s)
        return secret

    def logout(self, secret: str) -> None:
        """End a session; an unknown one is none."""
        self._sessions.pop(_digest(secret), None)

    def session(self, secret: str | None) -> bool:
        """Whether this session is alive; asking keeps it so."""
        if not secret or (times := self._sessions.get(key := _digest(secret))) is None:
            return False
        now_s = self._clock.monotonic_s()
        began_s, used_s = times
        if now_s - used_s > SESSION_IDLE_S or now_s - began_s > SESSION_LONGEST_S:
            del self._sessions[key]
            return False
        self._sessions[key] = (began_s, now_s)
        return True

    async def basic(self, client: str, password: str) -> None:
        """Check a password that comes with every request. Raises as `login`.

        The last right one is recognised by a keyed hash in memory: a client that polls each second must
        not cost 30 ms of a core each time.
        """
        mark = hashlib.blake2b(password.encode(), key=self._key).digest()
        if self._recent is not None and hmac.compare_digest(mark, self._recent):
            return
        await self._check(client, password)
        self._recent = mark

    def token(self, client: str, secret: str) -> str:
        """Check a program's token; returns its name. Raises TooManyAttempts, WrongPassword."""
        digest = _digest(secret)
        for name, known in self._tokens.items():
            if hmac.compare_digest(known, digest):
                return (
                    name  # also while the address waits: nobody guesses 256 bits, and an alarm may be in it
                )
        self._admit(client)
        raise WrongPassword

    def token_names(self) -> list[str]:
        """Names of the tokens, in the order they were made."""
        return list(self._tokens)

    async def add_token(self, name: str) -> str:
        """Make a token and return its secret, which is shown this once. Raises NotNow (the name is taken)."""
        if name in self._tokens:
            raise NotNow(f"A token called {name!r} exists; remove it first or choose another name.")
        secret = secrets.token_urlsafe(32)
        self._tokens[name] = _digest(secret)
        await asyncio.to_thread(self._save)
        return secret

    async def remove_token(self, name: str) -> None:
        """Remove a token. Raises KeyError."""
        if name not in self._tokens:
            raise KeyError(f"There is no token called {name!r}.")
        del self._tokens[name]
        await asyncio.to_thread(self._save)

    def _admit(self, client: str) -> None:
        now_s = self._clock.monotonic_s()
        if wait_s := self._backoff.wait_s(client, now_s):
            raise TooManyAttempts(wait_s)
        self._backoff.attempt(client, now_s)

    async def _check(self, client: str, password: str) -> None:
        known = self._hash
        if known is None:
            raise NotNow("No password is chosen yet; open /setup on the machine itself.")
        self._admit(client)
        if len(password) > LONGEST_PASSWORD or not await self._slowly(lambda: _matches(known, password)):
            raise WrongPassword
        self._backoff.forget(client)

    async def _slowly(self, work: Callable[[], T]) -> T:
        if self._waiting >= WAITING:
            raise TooManyAttempts(1)
        self._waiting += 1
        try:
            async with self._checking:
                return await asyncio.to_thread(work)
        finally:
            self._waiting -= 1

    def _save(self) -> None:
        if self._path is None:
            return
        text = json.dumps({"version": 1, "password": self._hash, "tokens": self._tokens}, indent=2)
        fresh = self._path.with_suffix(".new")
        fresh.unlink(missing_ok=True)
        handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self._path)


def check_strength(password: str) -> None:
    """Raises WeakPassword with the rule that is broken."""
    if len(password) < SHORTEST_PASSWORD:
        raise WeakPassword(f"Choose a password of at least {SHORTEST_PASSWORD} characters.")
    if len(password) > LONGEST_PASSWORD:
        raise WeakPassword(f"Choose a password of at most {LONGEST_PASSWORD} characters.")
    if len(set(password.lower())) < 5:
        raise WeakPassword("Choose a password with at least five different characters.")


def _hash(password: str) -> str:
    """Argon2id with the OWASP minimum: 19 MiB, two passes, one lane; a Pi 4 needs about 0.1 s."""
    from argon2 import PasswordHasher  # noqa: PLC0415 - only a password check needs it

    return PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1).hash(password)


def _matches(known: str, password: str) -> bool:
    from argon2 import PasswordHasher  # noqa: PLC0415 - see _hash
    from argon2.exceptions import VerifyMismatchError  # noqa: PLC0415 - see _hash

    try:
        return PasswordHasher().verify(known, password)
    except VerifyMismatchError:
        return False


def _digest(secret: str) -> str:
    """Secrets of 256 random bits need no slow hash."""
    return hashlib.sha256(secret.encode()).hexdigest()


def _load(path: Path | None) -> tuple[str | None, dict[str, str]]:
    if path is None or not path.exists():
        return None, {}
    try:
        return _kept(json.loads(path.read_text(encoding="utf-8")))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ConfigError(
            f"{path} does not hold a password as Kwartier writes it ({error}); restore it from a backup, "
            "or remove it and choose a new password at the machine itself"
        ) from error


def _kept(kept: dict[str, Any]) -> tuple[str, dict[str, str]]:
    password, tokens = kept["password"], kept["tokens"]
    if kept["version"] != 1 or not isinstance(password, str) or not password.startswith("$argon2id$"):
        raise ValueError("not a version 1 file with an argon2id hash")
    return password, {str(name): str(digest) for name, digest in tokens.items()}
