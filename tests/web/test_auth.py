"""The password, sessions, tokens and the waiting after wrong ones."""

import asyncio
import json
import logging
from pathlib import Path
from typing import Any

import pytest

from kwartier.site.errors import ConfigError
from kwartier.web.auth import (
    SESSION_IDLE_S,
    Auth,
    NotNow,
    Refused,
    TooManyAttempts,
    WeakPassword,
    WrongPassword,
)
from kwartier.web.backoff import CLIENTS, LONGEST_S, Backoff

HOME = "192.168.1.20"


async def test_first_password_from_the_machine_itself(web: Any, password: str, tmp_path: Path) -> None:
    """A person at the machine chooses the first password without a code, and it is kept as a hash, 0600."""
    assert web.auth.setup_code
    await web.auth.choose_password("127.0.0.1", password, local=True)
    kept = tmp_path / "password.json"
    assert kept.stat().st_mode & 0o777 == 0o600
    assert "$argon2id$" in kept.read_text()
    assert password not in kept.read_text()
    assert web.auth.setup_code is None
    again = Auth(kept, False, web.clock)
    assert again.session(await again.login(HOME, password))


async def test_code_is_needed_from_another_machine(web: Any, password: str) -> None:
    """From elsewhere the code on the console is needed, and guessing it is slowed down."""
    with pytest.raises(WrongPassword):
        await web.auth.choose_password(HOME, password, local=False, code="00000000x")
    with pytest.raises(TooManyAttempts):
        await web.auth.choose_password(HOME, password, local=False, code=web.auth.setup_code)
    web.clock.now_s += 2
    await web.auth.choose_password(HOME, password, local=False, code=f" {web.auth.setup_code.upper()} ")
    assert web.auth.has_password


async def test_password_is_chosen_once(secured: Any) -> None:
    """Nobody can choose a second first password."""
    with pytest.raises(NotNow):
        await secured.auth.choose_password("127.0.0.1", "another good password", local=True)


async def test_two_at_once_choose_one(web: Any, password: str) -> None:
    """Of two people who choose at the same moment one wins, and the other is told."""
    both = await asyncio.gather(
        web.auth.choose_password("127.0.0.1", password, local=True),
        web.auth.choose_password("127.0.0.1", "another good password", local=True),
        return_exceptions=True,
    )
    assert sorted(type(b).__name__ for b in both) == ["NoneType", "NotNow"]


@pytest.mark.parametrize("weak", ["short", "aaaaaaaaaaaaaaaa", "ababababababab", "x" * 300])
async def test_weak_password(web: Any, weak: str) -> None:
    """A password that is short, endless or of few characters is refused."""
    with pytest.raises(WeakPassword):
        await web.auth.choose_password("127.0.0.1", weak, local=True)


async def test_back_off_doubles(secured: Any, password: str) -> None:
    """Each wrong password doubles the wait of that client, even the right one must wait, others need not."""
    for expected_s in (1, 2, 4, 8):
        with pytest.raises(WrongPassword):
            await secured.auth.login(HOME, "wrong password")
        with pytest.raises(TooManyAttempts) as refused:
            await secured.auth.login(HOME, password)
        assert refused.value.wait_s == expected_s
        assert await secured.auth.login("192.168.1.21", password)
        secured.clock.now_s += expected_s
    assert await secured.auth.login(HOME, password)
    with pytest.raises(WrongPassword):
        await secured.auth.login(HOME, "wrong password")
    secured.clock.now_s += 1
    assert await secured.auth.login(HOME, password)


async def test_parallel_guesses_count_first(secured: Any) -> None:
    """Many guesses at once are one guess: the others are told to wait before any is checked."""
    guesses = await asyncio.gather(
        *(secured.auth.login(HOME, f"wrong password {i}") for i in range(10)), return_exceptions=True
    )
    assert [type(g).__name__ for g in guesses].count("WrongPassword") == 1
    assert [type(g).__name__ for g in guesses].count("TooManyAttempts") == 9


async def test_checks_do_not_queue_without_end(secured: Any, password: str) -> None:
    """A flood from many addresses is turned away instead of queued: a check costs memory and time."""
    floods = await asyncio.gather(
        *(secured.auth.login(f"10.0.0.{i}", password) for i in range(30)), return_exceptions=True
    )
    assert sum(isinstance(f, TooManyAttempts) for f in floods) > 15
    assert sum(isinstance(f, str) for f in floods) >= 8


def test_back_off_groups_and_forgets() -> None:
    """IPv6 addresses of one network count together, the wait is bounded, and so is the memory."""
    backoff = Backoff()
    for _ in range(40):
        backoff.attempt("2001:db8::1", 0.0)
    assert backoff.wait_s("2001:db8::ffff:2", 0.0) == LONGEST_S
    assert backoff.wait_s("2001:db8:0:1::1", 0.0) == 0.0
    assert backoff.wait_s("2001:db8::1", LONGEST_S) == 0.0
    for i in range(CLIENTS):
        backoff.attempt(f"10.1.{i // 256}.{i % 256}", 1.0)
    assert backoff.wait_s("2001:db8::1", 0.0) == 0.0


async def test_session_ends(secured: Any, password: str) -> None:
    """A session ends by itself when unused, and at once at log-out; others are not touched."""
    one, two = [await secured.auth.login(HOME, password) for _ in range(2)]
    secured.auth.logout(one)
    assert not secured.auth.session(one)
    assert secured.auth.session(two)
    secured.clock.now_s += SESSION_IDLE_S - 1
    assert secured.auth.session(two)
    secured.clock.now_s += SESSION_IDLE_S + 1
    assert not secured.auth.session(two)
    assert not secured.auth.session(None)


async def test_tokens_survive_a_restart(secured: Any, tmp_path: Path) -> None:
    """A program's token works after a restart, is not in the file, and ends when removed."""
    secret = await secured.auth.add_token("evcc")
    kept = tmp_path / "password.json"
    assert secret not in kept.read_text()
    again = Auth(kept, False, secured.clock)
    again.token(HOME, secret)
    await again.remove_token("evcc")
    with pytest.raises(WrongPassword):
        again.token(HOME, secret)
    with pytest.raises(TooManyAttempts):
        again.token(HOME, secret)


@pytest.mark.parametrize(
    "content",
    ["", "{}", "[]", '{"version": 1, "password": null, "tokens": {}}', '{"version": 1, "password": "x"}'],
)
def test_damaged_file_never_opens_the_site(web: Any, tmp_path: Path, content: str) -> None:
    """A password file that cannot be understood stops the start instead of offering a new password."""
    path = tmp_path / "damaged.json"
    path.write_text(content)
    with pytest.raises(ConfigError, match=r"damaged\.json"):
        Auth(path, False, web.clock)


async def test_secrets_stay_out_of_texts(secured: Any, caplog: pytest.LogCaptureFixture) -> None:
    """No refusal and no log line repeats what was typed."""
    caplog.set_level(logging.DEBUG)
    with pytest.raises(Refused) as refused:
        await secured.auth.login(HOME, "my secret typing error")
    async with secured.client() as client:
        body = {"password": ["my secret typing error"]}
        answer = await client.post("/api/v1/session", json=body)
    assert answer.status_code == 422
    said = str(refused.value) + caplog.text + answer.text
    assert "my secret" not in said


def test_token_file_shape(secured: Any, tmp_path: Path) -> None:
    """The file has a version, so that a later program can read it."""
    assert json.loads((tmp_path / "password.json").read_text())["version"] == 1
