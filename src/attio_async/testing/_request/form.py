"""Forms of the type multipart/form-data."""

import re
from collections.abc import Mapping
from urllib.parse import unquote

import attrs

from .._errors import invalid, invalid_body

_BOUNDARY = re.compile(r'multipart/form-data\s*;(?:.*;)?\s*boundary=(?:"([^"]+)"|([^\s;]+))', re.IGNORECASE)
_DISPOSITION = re.compile(rb"^content-disposition:\s*form-data\s*;(.*)$", re.IGNORECASE | re.MULTILINE)
_TYPE = re.compile(rb"^content-type:\s*(.*?)\s*$", re.IGNORECASE | re.MULTILINE)
_PARAMETER = re.compile(r';?\s*([\w*]+)=(?:"([^"]*)"|([^\s;]*))')


@attrs.frozen
class Upload:
    """A file in a form."""

    name: str
    content_type: str | None
    content: bytes = attrs.field(repr=False)


@attrs.frozen
class MultipartForm:
    """The plain fields of a form, and its files by the name of their field."""

    fields: Mapping[str, str]
    files: Mapping[str, Upload]


def read_form(content_type: str, body: bytes) -> MultipartForm:
    """Read the form in the body of a request.

    Raises:
        ApiProblem: The body is not a valid form.
    """
    match = _BOUNDARY.match(content_type)
    if match is None:
        raise invalid_body(invalid([], "Expected multipart/form-data"))
    boundary = b"\r\n--" + (match[1] or match[2]).encode()
    first, *parts = (b"\r\n" + body).split(boundary)
    if first.strip() or not parts or not parts[-1].startswith(b"--"):
        raise invalid_body(invalid([], "The form is broken"))
    fields: dict[str, str] = {}
    files: dict[str, Upload] = {}
    for part in parts[:-1]:
        head, separator, content = part.partition(b"\r\n\r\n")
        parameters = _parameters(head)
        name = parameters.get("name")
        if not separator or name is None:
            raise invalid_body(invalid([], "The form is broken"))
        file_name = parameters.get("filename")
        if file_name is None:
            fields[name] = content.decode(errors="replace")
        else:
            found = _TYPE.search(head)
            files[name] = Upload(file_name, found[1].decode("latin-1") if found else None, content)
    return MultipartForm(fields, files)


def _parameters(head: bytes) -> dict[str, str]:
    """Return the parameters of a part's Content-Disposition.

    The name of a file may be percent-encoded, or written in the form of RFC 5987.
    """
    found = _DISPOSITION.search(head)
    if found is None:
        return {}
    text = found[1].decode(errors="replace").strip()
    parameters: dict[str, str] = {}
    for name, quoted, bare in _PARAMETER.findall(text):
        value = quoted or bare
        if name.endswith("*"):
            parameters[name[:-1]] = unquote(value.rpartition("'")[2])
        else:
            parameters.setdefault(name.lower(), value.replace("%22", '"'))
    return parameters
