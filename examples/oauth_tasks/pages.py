"""The pages, as HTML. Text from users and from Attio is escaped."""

from collections.abc import Iterable
from html import escape

from starlette.responses import HTMLResponse

from attio_async import Task

_PAGE = """\
<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Tasks</title>
<style>
body {{ font: 16px/1.5 system-ui, sans-serif; max-width: 30rem; margin: 3rem auto; padding: 0 1rem; }}
li form, li {{ display: flex; justify-content: space-between; gap: 1rem; }}
.note {{ background: #fff3cd; padding: .5rem 1rem; }}
</style>
<h1>Tasks</h1>
{body}
</html>
"""
_SIGN = """\
<form method="post">
{field}
<p><label>Name <input name="name" required autocomplete="username"></label></p>
<p><label>Password <input name="password" type="password" required minlength="8"></label></p>
<p><button>{button}</button></p>
</form>
<p><a href="/">Back</a></p>"""


def page(body: str, *, note: str = "", status: int = 200) -> HTMLResponse:
    """Return a page with this HTML, and a note above it if there is one."""
    noted = f'<p class="note" role="status">{escape(note)}</p>\n' if note else ""
    headers = {
        "Cache-Control": "no-store",
        "Content-Security-Policy": "default-src 'self'; style-src 'unsafe-inline'",
    }
    return HTMLResponse(_PAGE.format(body=noted + body), status, headers)


def welcome() -> str:
    """Return the content for a visitor who is not signed in."""
    return (
        '<p>You are not signed in.</p>\n<p><a href="/signup">Sign up</a> or <a href="/login">sign in</a></p>'
    )


def form_field(token: str) -> str:
    """Return the hidden field that shows that a form was on a page of this session."""
    return f'<input type="hidden" name="form_token" value="{escape(token)}">'


def sign(button: str, field: str) -> str:
    """Return a form for a name and a password."""
    return _SIGN.format(button=escape(button), field=field)


def home(name: str, body: str, field: str) -> str:
    """Return the content for a user who is signed in."""
    sign_out = f'<form method="post" action="/logout">{field}<button>Sign out</button></form>'
    return f"<p>You are signed in as <strong>{escape(name)}</strong>.</p>\n{body}\n{sign_out}"


def connect() -> str:
    """Return a link that connects Attio."""
    return '<p><a href="/integrations/attio/connect">Connect Attio</a></p>'


def tasks(found: Iterable[Task], field: str) -> str:
    """Return a list of open tasks, and a button that disconnects Attio."""
    rows = "\n".join(
        f"<li><span>{escape(task.content_plaintext)}</span>"
        f'<form method="post" action="/tasks/{escape(str(task.id))}/complete">{field}<button>Done</button></form></li>'
        for task in found
    )
    disconnect = (
        f'<form method="post" action="/integrations/attio/disconnect">{field}'
        "<button>Disconnect Attio</button></form>"
    )
    return (f"<ul>\n{rows}\n</ul>" if rows else "<p>No open tasks.</p>") + f"\n{disconnect}"
