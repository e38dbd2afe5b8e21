"""Who may come in: the file, the passwords, the sessions and the rate limit."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.errors import BadInput
from ui.accounts import Accounts, Attempts, SignIns, add_user, hashed, matches

PASSWORD = "correct horse"


class Time:
    """A clock that goes only when it is told to."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file with one account, Ada's."""
    add_user(tmp_path / "accounts", "Ada", PASSWORD)
    return tmp_path / "accounts"


@pytest.fixture
def accounts(file: Path) -> Accounts:
    return Accounts.read(file)


# --- passwords -----------------------------------------------------------------------------------


def test_a_password_matches_itself_and_no_other() -> None:
    kept = hashed(PASSWORD)
    assert matches(PASSWORD, kept)
    assert not matches(PASSWORD + " ", kept)


def test_the_same_password_is_hashed_to_something_else_each_time() -> None:
    assert hashed(PASSWORD).hash != hashed(PASSWORD).hash


def test_an_accent_typed_as_two_characters_is_the_same_password() -> None:
    assert matches("cafe\u0301 noir", hashed("caf\u00e9 noir"))


def test_a_password_of_more_than_a_thousand_bytes_never_matches() -> None:
    assert not matches("x" * 1_001, hashed("x" * 1_001))


# --- the file ------------------------------------------------------------------------------------


def test_an_added_user_may_come_in_with_that_password_alone(accounts: Accounts) -> None:
    assert accounts.check("Ada", PASSWORD)
    assert not accounts.check("Ada", "wrong horse")
    assert not accounts.check("ada", PASSWORD)


def test_a_name_that_does_not_exist_may_not_come_in(accounts: Accounts) -> None:
    assert not accounts.check("Bob", PASSWORD)


def test_the_password_is_not_in_the_file(file: Path) -> None:
    assert PASSWORD not in file.read_text()


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
def test_nobody_but_the_owner_may_read_the_file(file: Path) -> None:
    file.chmod(0o644)
    add_user(file, "Bob", PASSWORD)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_adding_a_name_again_replaces_its_password(file: Path, accounts: Accounts) -> None:
    add_user(file, "Ada", "another horse")
    assert accounts.check("Ada", "another horse")
    assert not accounts.check("Ada", PASSWORD)


def test_adding_leaves_comments_and_other_accounts_as_they_are(file: Path) -> None:
    file.write_text(f"# the newsroom\n\n{file.read_text()}")
    before = file.read_text()
    add_user(file, "Bob", PASSWORD)
    assert file.read_text().startswith(before)


def test_nothing_is_left_beside_the_file(file: Path) -> None:
    add_user(file, "Bob", PASSWORD)
    assert list(file.parent.iterdir()) == [file]


def test_a_user_taken_out_of_the_file_is_out_at_once(file: Path, accounts: Accounts) -> None:
    add_user(file, "Bob", PASSWORD)
    assert accounts.check("Bob", PASSWORD)
    file.write_text(file.read_text().splitlines()[0])
    assert not accounts.check("Bob", PASSWORD)


def test_nobody_is_in_while_the_file_cannot_be_read(file: Path, accounts: Accounts) -> None:
    kept = file.read_text()
    file.write_text("garbled")
    with pytest.raises(BadInput, match="line 1"):
        accounts.check("Ada", PASSWORD)
    file.write_text(kept)
    assert accounts.check("Ada", PASSWORD)


def test_a_missing_file_is_named_with_the_command_that_makes_one(tmp_path: Path) -> None:
    with pytest.raises(
        BadInput, match=r"nobody: no such file .* `rag ui --auth .*--add-user NAME`"
    ):
        Accounts.read(tmp_path / "nobody")


def test_a_file_without_accounts_is_refused(tmp_path: Path) -> None:
    (tmp_path / "empty").write_text("# nobody yet\n")
    with pytest.raises(BadInput, match="no account in it"):
        Accounts.read(tmp_path / "empty")


SALT, HASH = "00" * 16, "00" * 32


@pytest.mark.parametrize(
    "line",
    [
        "Ada",
        "Ada:secret",
        f":scrypt$16384$8$1${SALT}${HASH}",
        f"Ada :scrypt$16384$8$1${SALT}${HASH}",
        f"Ada:bcrypt$16384$8$1${SALT}${HASH}",
        f"Ada:scrypt$16385$8$1${SALT}${HASH}",
        f"Ada:scrypt$0$8$1${SALT}${HASH}",
        f"Ada:scrypt$16384$0$1${SALT}${HASH}",
        f"Ada:scrypt$16384$8$0${SALT}${HASH}",
        f"Ada:scrypt$1073741824$8$1${SALT}${HASH}",
        f"Ada:scrypt$16384$8$1${SALT}${HASH[2:]}",
        f"Ada:scrypt$16384$8$1${SALT}$zz",
        f"Ada:scrypt$16384$8$1$${HASH}",
    ],
)
def test_the_line_that_is_wrong_is_named(file: Path, line: str) -> None:
    file.write_text(f"# one\n{line}\n")
    with pytest.raises(BadInput, match="line 2"):
        Accounts.read(file)


def test_a_name_that_stands_there_twice_is_refused(file: Path) -> None:
    file.write_text(file.read_text() * 2)
    with pytest.raises(BadInput, match="line 2 stands there twice"):
        Accounts.read(file)


def test_a_file_that_is_not_text_is_refused(file: Path) -> None:
    file.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(BadInput, match="not UTF-8"):
        Accounts.read(file)


def test_a_broken_file_is_not_written_over(file: Path) -> None:
    file.write_text("garbled\n")
    with pytest.raises(BadInput, match="line 1"):
        add_user(file, "Bob", PASSWORD)
    assert file.read_text() == "garbled\n"


def test_a_folder_that_is_not_there_is_an_error_that_names_the_file(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="accounts: No such file"):
        add_user(tmp_path / "nowhere" / "accounts", "Ada", PASSWORD)


@pytest.mark.parametrize(
    "name", ["", "x" * 65, "a:b", " Ada", "Ada\t", "A\nda", "A\u202eda", "# Ada", "\ud800"]
)
def test_a_name_that_cannot_be_is_refused(file: Path, name: str) -> None:
    before = file.read_text()
    with pytest.raises(BadInput, match="choose another"):
        add_user(file, name, PASSWORD)
    assert file.read_text() == before


@pytest.mark.parametrize("password", ["", "1234567", "x" * 1_001, "\u00e9" * 501])
def test_a_password_too_short_or_too_long_is_refused(file: Path, password: str) -> None:
    with pytest.raises(BadInput, match="the password is too"):
        add_user(file, "Bob", password)


@settings(max_examples=20)
@given(
    name=st.text(st.characters(exclude_categories=("C", "Z"), exclude_characters=":#"), min_size=1)
    .filter(lambda text: len(text) <= 60)
    .map(lambda text: f"a{text}"),
    password=st.text(min_size=8, max_size=100),
)
def test_whoever_was_added_may_come_in(
    tmp_path_factory: pytest.TempPathFactory, name: str, password: str
) -> None:
    file = tmp_path_factory.mktemp("made") / "accounts"
    add_user(file, name, password)
    assert Accounts.read(file).check(name, password)


# --- sessions ------------------------------------------------------------------------------------


@pytest.fixture
def clock() -> Iterator[Time]:
    return Time()


@pytest.fixture
def sign_ins(accounts: Accounts, clock: Time) -> SignIns:
    return SignIns(accounts, idle_s=60, clock=clock)


def opened(sign_ins: SignIns, name: str = "Ada") -> str:
    token = sign_ins.open(name)
    assert token is not None
    return token


def test_a_token_is_its_owners(sign_ins: SignIns) -> None:
    assert sign_ins.who(opened(sign_ins)) == "Ada"


@pytest.mark.parametrize("token", ["", "x" * 43, "\udcff", "Ada"])
def test_a_made_up_token_is_nobodys(sign_ins: SignIns, token: str) -> None:
    opened(sign_ins)
    assert sign_ins.who(token) is None


def test_no_session_is_opened_for_a_name_without_account(sign_ins: SignIns) -> None:
    assert sign_ins.open("Bob") is None


def test_the_token_itself_is_not_kept(sign_ins: SignIns) -> None:
    token = opened(sign_ins)
    assert token not in repr(vars(sign_ins))


def test_an_ended_session_is_nobodys(sign_ins: SignIns) -> None:
    token, other = opened(sign_ins), opened(sign_ins)
    sign_ins.end(token)
    assert sign_ins.who(token) is None
    assert sign_ins.who(other) == "Ada"


def test_a_session_lasts_as_long_as_it_is_used(sign_ins: SignIns, clock: Time) -> None:
    token = opened(sign_ins)
    for _ in range(5):
        clock.now += 59
        assert sign_ins.who(token) == "Ada"
    clock.now += 60
    assert sign_ins.who(token) is None


def test_the_sessions_of_a_removed_user_are_over(sign_ins: SignIns, file: Path) -> None:
    token = opened(sign_ins)
    file.write_text("# nobody\n")
    assert sign_ins.who(token) is None


def test_a_new_password_ends_the_sessions_under_the_old_one(sign_ins: SignIns, file: Path) -> None:
    token = opened(sign_ins)
    add_user(file, "Ada", "another horse")
    assert sign_ins.who(token) is None


# --- the rate limit ------------------------------------------------------------------------------

HERE, THERE = "192.0.2.1", "198.51.100.7"


@pytest.fixture
def attempts(clock: Time) -> Attempts:
    return Attempts(clock=clock)


def test_after_five_failures_a_name_has_to_wait(attempts: Attempts, clock: Time) -> None:
    for _ in range(5):
        assert attempts.take("Ada", HERE) == 0
        clock.now += 60
    assert attempts.take("Ada", HERE) == 15 * 60 - 5 * 60


def test_an_attempt_during_the_wait_does_not_lengthen_it(attempts: Attempts, clock: Time) -> None:
    for _ in range(50):
        attempts.take("Ada", HERE)
    clock.now += 15 * 60
    assert attempts.take("Ada", HERE) == 0


def test_nobody_is_locked_out_from_another_address(attempts: Attempts) -> None:
    for _ in range(50):
        attempts.take("Ada", HERE)
    assert attempts.take("Ada", THERE) == 0


def test_after_twenty_failures_an_address_has_to_wait_whatever_the_name(
    attempts: Attempts,
) -> None:
    waits = [attempts.take(f"user {number}", HERE) for number in range(21)]
    assert waits == [0] * 20 + [15 * 60]


def test_a_success_counts_for_nothing(attempts: Attempts) -> None:
    for _ in range(100):
        assert attempts.take("Ada", HERE) == 0
        attempts.succeeded("Ada", HERE)


def test_one_persons_success_does_not_wipe_out_failures_under_other_names(
    attempts: Attempts,
) -> None:
    """Who has an account cannot guess at others' passwords without end."""
    for number in range(20):
        attempts.take("Ada", HERE)
        attempts.succeeded("Ada", HERE)
        assert attempts.take(f"user {number}", HERE) == 0
    assert attempts.take("Ada", HERE) > 0


def test_a_network_of_ipv6_addresses_counts_as_one(attempts: Attempts) -> None:
    for number in range(5):
        attempts.take("Ada", f"2001:db8::{number}")
    assert attempts.take("Ada", "2001:db8::ffff") > 0
    assert attempts.take("Ada", "2001:db8:0:1::1") == 0


def test_an_ipv4_address_is_the_same_when_written_as_ipv6(attempts: Attempts) -> None:
    for _ in range(5):
        attempts.take("Ada", HERE)
    assert attempts.take("Ada", f"::ffff:{HERE}") > 0


def test_what_it_remembers_is_bounded(clock: Time) -> None:
    attempts = Attempts(by_address=10**9, clock=clock)
    for number in range(30_000):
        attempts.take(f"{number}" + "x" * 100_000, f"10.{number % 200}.{number // 200}.1")
    kept = attempts._failures
    assert len(kept) <= 20_000
    assert all(len(part) < 100 for key in kept for part in key)
