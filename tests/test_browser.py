"""The watch on pages sees what it is there for; tried on pages of the tests' own."""

import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from browser import READY_S, Open, axe_serious, is_local, shot

pytestmark = pytest.mark.slow

Publish = Callable[[str], str]


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing on stderr."""


@pytest.fixture
def publish(tmp_path: Path) -> Iterator[Publish]:
    """`publish(body)`: the address of a page with this body, on a server of this machine.

    Tests name it before `opened`, so that the pages are closed before their server is.
    """
    site = tmp_path / "site"
    site.mkdir()
    (site / "favicon.ico").touch()
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=site)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()

        def write(body: str) -> str:
            head = '<!doctype html><html lang="en"><title>A page</title>'
            name = f"{len(list(site.iterdir()))}.html"  # a new one each time: browsers remember
            (site / name).write_text(f"{head}<main><h1>A page</h1>{body}</main>")
            return f"http://127.0.0.1:{server.server_port}/{name}"

        yield write
        server.shutdown()


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        ("<script>throw Error('broken')</script>", "thrown: broken"),
        ("<script>console.error('broken')</script>", "logged: broken"),
        ("<img alt='' src='missing.png'>", "logged: Failed to load resource"),
        ("<img alt='' src='http://192.0.2.1/a.png'>", "asked for: http://192.0.2.1/a.png"),
        ("<script src='https://example.org/a.js'></script>", "asked for: https://example.org/a.js"),
        ("<script>new WebSocket('ws://example.org')</script>", "logged: WebSocket connection"),
    ],
)
def test_what_a_page_may_not_do_is_noted(
    body: str, complaint: str, publish: Publish, opened: Open, complaints: list[str]
) -> None:
    """An error, thrown or logged, and whatever would leave the machine; none of it gets out."""
    page = opened()
    page.goto(publish(body))
    patience = time.monotonic() + READY_S
    while not any(noted.startswith(complaint) for noted in complaints):
        assert time.monotonic() < patience, complaints
        page.wait_for_timeout(50)
    page.context.close()  # one thing that goes wrong may bring another complaint
    complaints.clear()


def test_each_visitor_has_cookies_of_their_own(publish: Publish, opened: Open) -> None:
    first, second = opened(), opened()
    first.goto(publish("<script>document.cookie = 'name=first'</script>"))
    second.goto(publish("<p>Plain.</p>"))
    assert [len(page.context.cookies()) for page in (first, second)] == [1, 0]


def test_a_page_without_contrast_or_labels_is_a_serious_matter(
    publish: Publish, opened: Open
) -> None:
    page = opened()
    page.goto(publish("<p>Plain.</p>"))
    assert axe_serious(page) == []
    page.goto(publish("<p style='color: #ccc'>Faint.</p><input>"))
    contrast, label = axe_serious(page)
    assert contrast.startswith("color-contrast: ")
    assert label.startswith("label: ")


def test_a_screenshot_goes_where_it_is_asked_to(
    publish: Publish, opened: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RAG_SCREENSHOTS", str(tmp_path / "shots"))
    page = opened(viewport={"width": 390, "height": 844})
    page.goto(publish("<p>Plain.</p>"))
    assert shot(page, "plain") == tmp_path / "shots" / "plain.png"
    assert (tmp_path / "shots" / "plain.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("url", "local"),
    [
        ("http://127.0.0.1:7860/", True),
        ("http://[::1]/", True),
        ("http://localhost/", True),
        ("data:text/plain,a", True),
        ("http://localhost.example.org/", False),
        ("http://127.0.0.1.example.org/", False),
        ("http://169.254.169.254/", False),
        ("https://fonts.example.org/", False),
    ],
)
def test_only_loopback_is_local(url: str, local: bool) -> None:
    assert is_local(url) == local
