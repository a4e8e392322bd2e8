"""The page of an engine in a real browser: its look on wide and narrow screens, and that nothing in it runs."""

from collections.abc import Iterator
from typing import Any

import pytest

from attio_async.engine import Overview, TenantStatus
from tests.browser import free_port, needs_a_browser, running_browser, served

from .made_up import AT, overview, run

pytestmark = [pytest.mark.full, needs_a_browser]

HOSTILE = "<script>document.title = 'ran'</script><img src=x onerror=alert(1)>"
LONG = "a-tenant-with-a-name-that-is-longer-than-any-screen-is-wide-" * 3

CONTRASTS = """
() => {
    const channels = (colour) => colour.match(/[\\d.]+/g).map(Number);
    const luminance = (colour) => {
        const [r, g, b] = channels(colour).slice(0, 3).map((c) => c / 255)
            .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const ground = (element) => {
        for (let each = element; each; each = each.parentElement) {
            const colour = getComputedStyle(each).backgroundColor;
            if (channels(colour)[3] !== 0) return colour;
        }
        return "rgb(255, 255, 255)";
    };
    const texts = [...document.querySelectorAll("body *")].filter((element) =>
        [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim()));
    return texts.map((element) => {
        const [dark, light] = [luminance(getComputedStyle(element).color), luminance(ground(element))]
            .sort((a, b) => a - b);
        return [(light + 0.05) / (dark + 0.05), element.textContent];
    });
}
"""
"""The contrast of each text with what is behind it, as WCAG defines it."""


class Shown:
    """The state that the page shows; `auth` lets in a visitor with a cookie."""

    def __init__(self) -> None:
        self.overview = overview()
        self.url = ""

    async def read(self) -> Overview:
        return self.overview


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with running_browser() as started:
        yield started


@pytest.fixture(scope="module")
def shown() -> Iterator[Shown]:
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.routing import Mount

    from attio_async.engine._page import status_app

    def auth(request: Request) -> bool:
        return request.cookies.get("who") == "ada"

    shown, port = Shown(), free_port()
    shown.url = f"http://127.0.0.1:{port}/engine/"
    app = Starlette(routes=[Mount("/engine", status_app(shown.read, auth))])
    with served(app, port):
        yield shown


def opened(browser: Any, shown: Shown, *, width: int = 1280, scheme: str = "light", who: str = "ada") -> Any:
    """Open the page; what the browser complains of is in `page.complaints`."""
    context = browser.new_context(viewport={"width": width, "height": 844}, color_scheme=scheme)
    context.set_default_timeout(15_000)
    context.add_cookies([{"name": "who", "value": who, "url": shown.url}])
    page = context.new_page()
    page.complaints = []
    page.on("console", lambda message: page.complaints.append(message.text))
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    page.on("dialog", lambda dialog: (page.complaints.append(dialog.message), dialog.dismiss()))
    page.answer = page.goto(shown.url)
    return page


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_the_page_fits_the_screen_and_can_be_read(
    browser: Any, shown: Shown, width: int, scheme: str
) -> None:
    shown.overview = overview()
    page = opened(browser, shown, width=width, scheme=scheme)
    assert page.answer.status == 200
    assert page.evaluate("document.documentElement.scrollWidth") == width
    contrasts = page.evaluate(CONTRASTS)
    assert len(contrasts) > 100
    assert [text for contrast, text in contrasts if contrast < 4.5] == []
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert ground == ("rgb(14, 17, 22)" if scheme == "dark" else "rgb(245, 246, 248)")
    assert page.get_by_role("heading").all_inner_texts() == [
        "Engine",
        "Dead letters",
        "Tenants",
        "Runs",
        "Next runs",
    ]
    assert page.get_by_text("24.6 of 25").is_visible()
    titles = page.evaluate("document.querySelector('th').getBoundingClientRect().x")
    beside = page.evaluate("getComputedStyle(document.querySelector('td.rate'), '::before').content")
    assert (titles > 0, beside) == ((True, "none") if width == 1280 else (False, '"Writes"'))
    assert page.complaints == []
    page.context.close()


@pytest.mark.parametrize("width", [1280, 390])
def test_hostile_and_long_names_are_text(browser: Any, shown: Shown, width: int) -> None:
    shown.overview = overview(
        tenants=(
            TenantStatus(tenant=HOSTILE, added_at=AT, paused_at=AT, paused_reason=HOSTILE),
            TenantStatus(tenant=LONG, added_at=AT, paused_at=AT, paused_reason=LONG * 2),
        ),
        runs=(run(HOSTILE, error=HOSTILE), run(LONG, job=LONG, worker=LONG, error=LONG)),
        dead_letters=(run(LONG, run=LONG, job=LONG, error=LONG, reason=LONG * 3, state="dead"),),
    )
    page = opened(browser, shown, width=width)
    assert page.title() == "Engine"
    assert page.get_by_text(HOSTILE).count() == 4
    assert page.locator("script, img").count() == 0
    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert page.complaints == []
    page.context.close()


def test_a_script_would_not_run_even_if_it_got_into_the_page(browser: Any, shown: Shown) -> None:
    page = opened(browser, shown)
    page.evaluate("""
        const script = document.createElement("script");
        script.textContent = "document.title = 'ran'";
        document.body.append(script);
    """)
    assert page.title() == "Engine"
    assert "Content Security Policy" in " ".join(page.complaints)
    page.context.close()


def test_strangers_see_nothing(browser: Any, shown: Shown) -> None:
    page = opened(browser, shown, who="mallory")
    assert page.answer.status == 403
    assert page.inner_text("body").strip() == "You may not look at this page."
    page.context.close()
