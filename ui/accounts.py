"""Who may come in: the file of names and hashed passwords, the sessions, and the rate limit."""

import hashlib
import hmac
import math
import os
import secrets
import tempfile
import time
import unicodedata
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from ipaddress import ip_address, ip_network
from pathlib import Path
from threading import Lock

from rag.errors import BadInput, printable

NAME_LENGTH = 64  # characters
PASSWORD_LENGTH = 8  # characters, at least
PASSWORD_BYTES = 1_000  # at most; a longer one is not worth hashing
_MEMORY = 64 * 2**20  # bytes; scrypt takes 128 * n * r
_SESSIONS = 10_000
_ADDRESSES = 10_000

Seconds = Callable[[], float]


@dataclass(frozen=True, slots=True)
class Hashed:
    """A password as the file keeps it: scrypt's cost, the salt and the 32 bytes that come out."""

    n: int
    r: int
    p: int
    salt: bytes
    hash: bytes

    def __str__(self) -> str:
        return f"scrypt${self.n}${self.r}${self.p}${self.salt.hex()}${self.hash.hex()}"


# --- passwords and their file --------------------------------------------------------------------


def hashed(password: str) -> Hashed:
    """The password under a salt of its own; 16 MB and some 50 ms."""
    salt = secrets.token_bytes(16)
    return Hashed(2**14, 8, 1, salt, _scrypt(password, 2**14, 8, 1, salt))


def matches(password: str, kept: Hashed) -> bool:
    """Whether it is the password that was kept; one over PASSWORD_BYTES is not, unhashed."""
    if len(_bytes(password)) > PASSWORD_BYTES:
        return False
    found = _scrypt(password, kept.n, kept.r, kept.p, kept.salt)
    return hmac.compare_digest(found, kept.hash)


def add_user(file: Path, name: str, password: str) -> None:
    """Adds the account to the file, or replaces its password; the other lines stay as they are.

    The file is for its owner's eyes alone (mode 0600), and written whole or not at all.
    Raises BadInput for a name or password that cannot be, or a file that cannot be read or written.
    """
    name = unicodedata.normalize("NFC", name)
    if why := _name_fault(name) or _password_fault(password):
        raise BadInput(why)
    text = _text(file) if file.exists() else ""
    _parsed(text, file)
    others = [line for line in _lines(text) if _name(line) != name]
    _write(file, "".join(f"{line}\n" for line in [*others, f"{name}:{hashed(password)}"]))


class Accounts:
    """The names that may sign in. The file is read again whenever it has changed."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._lock = Lock()
        self._stamp: tuple[int, ...] = ()
        self._kept: Mapping[str, Hashed] = {}
        self._nobody = hashed(secrets.token_urlsafe())

    @classmethod
    def read(cls, file: Path) -> "Accounts":
        """The accounts of the file.

        Raises BadInput when it is missing or empty, or names the line that is wrong.
        """
        accounts = cls(file)
        if not accounts._current():
            raise BadInput(f"{printable(str(file))}: no account in it; {_remedy(file)}.")
        return accounts

    def kept(self, name: str) -> Hashed | None:
        """The hashed password of a name, None where there is no such account.

        Raises BadInput, as `check` does, when the file has become unreadable: then nobody is in.
        """
        return self._current().get(unicodedata.normalize("NFC", name))

    def check(self, name: str, password: str) -> bool:
        """Whether name and password belong together; as slow for a name that does not exist."""
        kept = self.kept(name)
        return matches(password, kept or self._nobody) and kept is not None

    def _current(self) -> Mapping[str, Hashed]:
        with self._lock:
            stamp = _stamp(self._file)
            if stamp != self._stamp:
                self._kept = _parsed(_text(self._file), self._file)
                self._stamp = stamp
            return self._kept


def _scrypt(password: str, n: int, r: int, p: int, salt: bytes) -> bytes:
    # 2 MB over scrypt's own formula, since OpenSSL counts its bookkeeping too
    return hashlib.scrypt(
        _bytes(password), salt=salt, n=n, r=r, p=p, dklen=32, maxmem=_MEMORY + 2 * 2**20
    )


def _bytes(password: str) -> bytes:
    # composed, since keyboards differ in how they type an é
    return unicodedata.normalize("NFC", password).encode("utf-8", "surrogatepass")


def _name_fault(name: str) -> str:
    shown = printable(name) if name else "an empty name"
    if not 1 <= len(name) <= NAME_LENGTH:
        return f"{shown}: a name has 1 to {NAME_LENGTH} characters; choose another."
    if ":" in name or name.startswith("#") or name != name.strip() or not name.isprintable():
        return (
            f"{shown}: a name has no colon, control character or white space at its ends, "
            "and no # first; choose another."
        )
    return ""


def _password_fault(password: str) -> str:
    if len(password) < PASSWORD_LENGTH:
        return f"the password is too short; choose one of at least {PASSWORD_LENGTH} characters."
    if len(_bytes(password)) > PASSWORD_BYTES:
        return f"the password is too long; choose one of at most {PASSWORD_BYTES} bytes."
    return ""


def _remedy(file: Path) -> str:
    return f"make one with `rag ui --auth {printable(str(file))} --add-user NAME`"


def _stamp(file: Path) -> tuple[int, ...]:
    try:
        found = file.stat()
    except OSError as error:
        raise _unreadable(file, error) from error
    return found.st_mtime_ns, found.st_size, found.st_ino


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise _unreadable(file, error) from error


def _unreadable(file: Path, error: OSError | UnicodeDecodeError) -> BadInput:
    shown = printable(str(file))
    if isinstance(error, FileNotFoundError):
        return BadInput(f"{shown}: no such file of accounts; {_remedy(file)}.")
    why = error.strerror if isinstance(error, OSError) else "is not UTF-8 text"
    return BadInput(f"{shown}: {why}; name a file of accounts that can be read.")


def _parsed(text: str, file: Path) -> dict[str, Hashed]:
    """Hashed passwords by name; raises BadInput for the first line that is wrong."""
    accounts: dict[str, Hashed] = {}
    for number, line in enumerate(_lines(text), 1):
        name = _name(line)
        if name is None:
            continue
        kept = _hashed(line.partition(":")[2].strip())
        if kept is None or _name_fault(name) or name in accounts:
            why = "stands there twice" if name in accounts else "is not NAME:scrypt$n$r$p$salt$hash"
            raise BadInput(
                f"{printable(str(file))}, line {number} {why}; "
                "take it out and add the user again with --add-user."
            )
        accounts[name] = kept
    return accounts


def _lines(text: str) -> list[str]:
    # splitlines would also cut a comment at a form feed or U+2028
    return text.rstrip("\n").split("\n") if text else []


def _name(line: str) -> str | None:
    """The name on a line of the file, None for an empty line and a comment."""
    if not line.strip() or line.startswith("#"):
        return None
    return unicodedata.normalize("NFC", line.partition(":")[0])


def _hashed(field: str) -> Hashed | None:
    """The field read, None where it is not one, or costs more memory than we give."""
    try:
        method, n, r, p, salt, digest = field.split("$")
        kept = Hashed(int(n), int(r), int(p), bytes.fromhex(salt), bytes.fromhex(digest))
    except ValueError:
        return None
    power_of_two = kept.n > 1 and kept.n & (kept.n - 1) == 0
    affordable = kept.r > 0 and 128 * kept.n * kept.r <= _MEMORY and 1 <= kept.p <= 16
    whole = method == "scrypt" and len(kept.hash) == 32 and len(kept.salt) >= 8
    return kept if power_of_two and affordable and whole else None


def _write(file: Path, text: str) -> None:
    target = file.resolve()  # a link goes on pointing to the file
    try:
        descriptor, scratch = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    except OSError as error:
        raise BadInput(
            f"{printable(str(file))}: {error.strerror}; name a file in a folder you can write to."
        ) from error
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="\n") as opened:
            opened.write(text)
            opened.flush()
            os.fsync(opened.fileno())
        Path(scratch).replace(target)
    except OSError as error:
        with suppress(OSError):
            Path(scratch).unlink()
        raise BadInput(
            f"{printable(str(file))}: {error.strerror}; the file is as it was before."
        ) from error


# --- sessions ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Session:
    name: str
    kept: Hashed  # as it was at the door: a new password ends the sessions under the old one
    used: float  # on the clock


class SignIns:
    """The opened sessions, in memory alone, under the SHA-256 of their tokens."""

    def __init__(
        self, accounts: Accounts, *, idle_s: float = 12 * 3600, clock: Seconds = time.monotonic
    ) -> None:
        self._accounts = accounts
        self._idle_s = idle_s
        self._clock = clock
        self._lock = Lock()
        self._sessions: OrderedDict[str, _Session] = OrderedDict()  # least lately used first

    def open(self, name: str) -> str | None:
        """A token for the person of that name, None when the account has gone meanwhile."""
        kept = self._accounts.kept(name)
        if kept is None:
            return None
        token = secrets.token_urlsafe(32)
        with self._lock:
            self._forget_the_idle()
            if len(self._sessions) >= _SESSIONS:
                self._sessions.popitem(last=False)
            name = unicodedata.normalize("NFC", name)
            self._sessions[_digest(token)] = _Session(name, kept, self._clock())
        return token

    def who(self, token: str) -> str | None:
        """The name signed in under the token, None where it is nobody's, or no longer anybody's."""
        key = _digest(token)
        with self._lock:
            self._forget_the_idle()
            session = self._sessions.get(key)
            if session is None:
                return None
            if self._accounts.kept(session.name) != session.kept:
                del self._sessions[key]
                return None
            self._sessions[key] = replace(session, used=self._clock())
            self._sessions.move_to_end(key)
            return session.name

    def end(self, token: str) -> None:
        with self._lock:
            self._sessions.pop(_digest(token), None)

    def _forget_the_idle(self) -> None:
        idle_since = self._clock() - self._idle_s
        for key in list(_while_old(self._sessions, idle_since)):
            del self._sessions[key]


def _while_old(sessions: Mapping[str, _Session], idle_since: float) -> Iterator[str]:
    for key, session in sessions.items():
        if session.used > idle_since:
            return
        yield key


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


# --- the rate limit ------------------------------------------------------------------------------


class Attempts:
    """Counts failed sign-ins: so many for a name from an address, so many for an address.

    Nothing is counted for a name alone, so that nobody can lock out a person at another address.
    Behind a proxy all people have its address: there `by_name` bounds the failures of everybody
    together, and has to leave room for those of others.
    """

    def __init__(
        self,
        *,
        by_name: int = 5,
        by_address: int = 20,
        window_s: float = 15 * 60,
        clock: Seconds = time.monotonic,
    ) -> None:
        self._window_s = window_s
        self._clock = clock
        self._lock = Lock()
        self._limits = (by_name, by_address)
        self._failures: OrderedDict[tuple[str, ...], list[float]] = OrderedDict()

    def take(self, name: str, address: str) -> int:
        """Seconds to wait, or 0: then the attempt may be made, and counts as failed.

        Counted beforehand, since many at once would else all pass before the first has failed.
        """
        with self._lock:
            keys = _keys(name, address)
            now = self._clock()
            limited = zip(keys, self._limits, strict=True)
            waits = [self._wait_s(self._recent(key, now), most, now) for key, most in limited]
            if any(waits):
                return math.ceil(max(waits))
            for key in keys:
                self._failures[key] = [*self._recent(key, now), now]
                self._failures.move_to_end(key)
            while len(self._failures) > 2 * _ADDRESSES:
                self._failures.popitem(last=False)
            return 0

    def succeeded(self, name: str, address: str) -> None:
        """Takes back the attempt just counted; other names' failures from the address stay."""
        with self._lock:
            by_name, by_address = _keys(name, address)
            self._failures.pop(by_name, None)
            if times := self._failures.get(by_address):
                times.pop()

    def _recent(self, key: tuple[str, ...], now: float) -> list[float]:
        return [t for t in self._failures.get(key, []) if t > now - self._window_s]

    def _wait_s(self, times: list[float], most: int, now: float) -> float:
        return times[-most] + self._window_s - now if len(times) >= most else 0.0


def _keys(name: str, address: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    near = network(address)
    # no account has a longer name, and memory is bounded
    return (unicodedata.normalize("NFC", name)[: NAME_LENGTH + 1], near), (near,)


def network(address: str) -> str:
    """The address, or the /64 of an IPv6 one: who has one of those has them all."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if parsed.version == 4:
        return str(parsed)
    mapped = getattr(parsed, "ipv4_mapped", None)
    return str(mapped or ip_network((parsed, 64), strict=False))
