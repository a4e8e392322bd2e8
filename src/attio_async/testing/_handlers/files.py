"""Files and folders of records: Attio's own, and those connected from elsewhere.

Contents are downloaded from signed addresses that expire, and take no token.
"""

import hashlib
import hmac
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, quote, urlencode

from .. import _timestamps
from .._errors import ApiProblem, invalid, invalid_body, missing, not_found
from .._response import SERVED_HEADER
from .._validation import BodyField, issues_of
from .._workspace.entities import FakeFile, RecordLink
from .._workspace.entity_views import file_view
from .._workspace.find import find_record
from .._workspace.workspace import Workspace
from .call import OperationCall, Reply, data, operation, operations_on, paged

_MAX_CONTENT_BYTES = 50 * 1024 * 1024

_ELSEWHERE = ("dropbox", "box", "google-drive", "microsoft-onedrive")
_OWNER = {
    "object": BodyField("string", shortest=1),
    "record_id": BodyField("string", form="uuid"),
}
_PARENT = {"parent_folder_id": BodyField("string", required=False, form="uuid")}
_FOLDER = {
    **_OWNER,
    "file_type": BodyField("string", options=("folder",)),
    "name": BodyField("string", shortest=1),
    **_PARENT,
}
_CONNECTED = {
    **_OWNER,
    "file_type": BodyField("string", options=("folder", "connected-folder", "connected-file")),
    "storage_provider": BodyField("string", options=_ELSEWHERE),
    "external_provider_file_id": BodyField("string"),
    "microsoft_drive_id": BodyField("string", required=False, nullable=True),
}

LIFETIME_S = 300
_DEFAULT_HOST = "api.example.com"
_PATH = re.compile("/downloads/([0-9a-f-]{36})")
_LOOPBACK = re.compile(r"(127\.0\.0\.1|localhost|\[::1\])(:\d+)?")


@operation
def list_files(call: OperationCall) -> object:
    page = call.request.cursor_page(50, most=200)
    record = call.queried_record("object", "record_id", required=True)
    provider = call.request.word("storage_provider", ("attio", *_ELSEWHERE))
    folder = call.request.query().get("parent_folder_id")
    every = [
        file
        for file in call.entities.files.values()
        if file.record == record
        and provider in (None, file.storage_provider)
        and folder in (None, file.parent_folder_id)
    ]
    files, cursor = page.of(every)
    return paged([file_view(call.workspace, file) for file in files], cursor)


@operation
def create_file(call: OperationCall) -> object:
    is_folder = call.request.json().get("file_type") == "folder"
    body = call.request.fields(_FOLDER if is_folder else _CONNECTED)
    record = find_record(call.workspace, body["object"], body["record_id"])
    file = _add(
        call,
        file_type=body["file_type"],
        record=record,
        storage_provider=body.get("storage_provider", "attio"),
        name=body.get("name"),
        parent_folder_id=_folder_id(call, record, body.get("parent_folder_id")),
        external_id=body.get("external_provider_file_id"),
        microsoft_drive_id=body.get("microsoft_drive_id"),
    )
    return data(file_view(call.workspace, file))


@operation
def upload_file(call: OperationCall) -> object:
    form = call.request.form()
    issues = issues_of(form.fields, {**_OWNER, **_PARENT}, [])
    upload = form.files.get("file")
    if upload is None:
        raise invalid_body(*issues, missing(["file"], "file"))
    if len(upload.content) > _MAX_CONTENT_BYTES:
        issues.append(invalid(["file"], f"Expected at most {_MAX_CONTENT_BYTES} bytes"))
    if issues:
        raise invalid_body(*issues)
    record = find_record(call.workspace, form.fields["object"], form.fields["record_id"])
    file = _add(
        call,
        file_type="file",
        record=record,
        name=upload.name,
        parent_folder_id=_folder_id(call, record, form.fields.get("parent_folder_id")),
        content_type=upload.content_type,
        content=upload.content,
    )
    return Reply(201, data(file_view(call.workspace, file)))


def _get(call: OperationCall, file: FakeFile) -> object:
    view = file_view(call.workspace, file)
    if file.file_type == "folder":
        view["has_children"] = any(one.parent_folder_id == file.id for one in call.entities.files.values())
    return data(view)


def _delete(call: OperationCall, file: FakeFile) -> object:
    """Delete a file, or a folder with all files in it."""
    del call.entities.files[file.id]
    for inner in [one for one in call.entities.files.values() if one.parent_folder_id == file.id]:
        _delete(call, inner)
    return {}


def _download(call: OperationCall, file: FakeFile) -> object:
    if file.file_type != "file":
        raise invalid_body(invalid([], f"A {file.file_type} has no content to download"))
    now = _timestamps.unix(call.stamp.now)
    location = _address(call, file, now)
    return Reply(302, None, {"Location": location})


def _add(call: OperationCall, **fields: Any) -> FakeFile:
    file = FakeFile(
        id=call.workspace.new_id(), created_at=call.stamp.now, created_by=call.stamp.actor, **fields
    )
    call.entities.files[file.id] = file
    return file


def _folder_id(call: OperationCall, record: RecordLink, folder_id: str | None) -> str | None:
    """Return the id of a folder, which must belong to the same record."""
    if folder_id is None:
        return None
    folder = call.entities.files.get(folder_id)
    if folder is None or folder.file_type != "folder" or folder.record != record:
        raise not_found(f'folder with ID "{folder_id}" of the record')
    return folder.id


def _address(call: OperationCall, file: FakeFile, now: float) -> str:
    """Return the address of a file's content, until `LIFETIME_S` have passed.

    A served fake answers there itself. Otherwise the address has another host, as it has with Attio.
    """
    host = call.request.headers.get("host", _DEFAULT_HOST)
    is_served = SERVED_HEADER in call.request.headers or _LOOPBACK.fullmatch(host) is not None
    origin = f"http://{host}" if is_served else f"https://files.{host.removeprefix('api.')}"
    expires = int(now) + LIFETIME_S
    query = urlencode({"expires": expires, "signature": _signature(call.workspace, file.id, str(expires))})
    return f"{origin}/downloads/{file.id}?{query}"


def file_at(
    workspace: Workspace, method: str, target: str, headers: Mapping[str, str], now: float
) -> FakeFile | None:
    """Return the file that a request fetches the content of; None if it fetches none.

    Raises:
        ApiProblem: The address has expired or is not signed, or the request has a token.
    """
    path, _, query = target.partition("?")
    match = _PATH.fullmatch(path)
    if match is None or method != "GET":
        return None
    if "authorization" in headers:
        raise ApiProblem(400, "validation_type", "Only one way of authorization is allowed, not two.")
    given = {name: values[-1] for name, values in parse_qs(query).items()}
    expires, signature = given.get("expires", ""), given.get("signature", "")
    expected = _signature(workspace, match[1], expires)
    is_signed = hmac.compare_digest(expected.encode(), signature.encode())
    if not is_signed or not expires.isdecimal() or int(expires) < now:
        raise ApiProblem(403, "unauthorized", "The address is invalid or has expired.", type="auth_error")
    file = workspace.data.entities.files.get(match[1])
    if file is None:
        raise ApiProblem(404, "not_found", "The file has been deleted.")
    return file


def download_headers(file: FakeFile) -> Mapping[str, str]:
    """Return the headers that the content of a file is sent with."""
    name = quote(file.name or "file")
    return {
        "Content-Type": file.content_type or "application/octet-stream",
        "Content-Disposition": f"attachment; filename*=UTF-8''{name}",
    }


def _signature(workspace: Workspace, file_id: str, expires: str) -> str:
    key = f"downloads of {workspace.data.id}".encode()
    return hmac.new(key, f"{file_id}/{expires}".encode(), hashlib.sha256).hexdigest()


operations_on(
    lambda call: call.entity(call.entities.files, "file_id"),
    get_file=_get,
    delete_file=_delete,
    download_file=_download,
)
