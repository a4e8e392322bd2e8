"""Files and folders of records: Attio's own, and those connected from elsewhere."""

from typing import Any

from .. import _timestamps
from .._errors import (
    invalid,
    invalid_body,
    missing,
    not_found,
)
from .._request.request import read_form
from .._request.validation import BodyField, issues_of
from .._workspace.entities import FakeFile, RecordLink
from .._workspace.entity_views import Json, object_of, thing_id
from .call import (
    Handlers,
    OperationCall,
    Reply,
    data,
    paged,
    queried_record,
    record_named,
    the,
)
from .downloads import address

_DEFAULT_LIMIT = 50
_MOST = 200
_LARGEST = 50 * 1024 * 1024
"""Bytes of content."""

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


def _list_files(call: OperationCall) -> object:
    page = call.request.cursor_page(_DEFAULT_LIMIT, _MOST)
    record = queried_record(call, "object", "record_id", is_needed=True)
    provider = call.request.word("storage_provider", ("attio", *_ELSEWHERE))
    folder = call.request.query_values().get("parent_folder_id")
    every = [
        file
        for file in call.workspace.data.things.files.values()
        if file.record == record
        and provider in (None, file.storage_provider)
        and folder in (None, file.parent_folder_id)
    ]
    files, cursor = page.of(every)
    return paged([_view(call, file) for file in files], cursor)


def _create_file(call: OperationCall) -> object:
    is_folder = call.request.json().get("file_type") == "folder"
    body = call.request.fields(_FOLDER if is_folder else _CONNECTED)
    record = record_named(call, body["object"], body["record_id"], not_found)
    file = _kept(
        call,
        file_type=body["file_type"],
        record=record,
        storage_provider=body.get("storage_provider", "attio"),
        name=body.get("name"),
        parent_folder_id=_folder(call, record, body.get("parent_folder_id")),
        external_id=body.get("external_provider_file_id"),
        microsoft_drive_id=body.get("microsoft_drive_id"),
    )
    return data(_view(call, file))


def _upload_file(call: OperationCall) -> object:
    form = read_form(call.request.headers.get("content-type", ""), call.request.body)
    issues = issues_of(form.fields, {**_OWNER, **_PARENT}, [])
    upload = form.files.get("file")
    if upload is None:
        raise invalid_body(*issues, missing(["file"], "file"))
    if len(upload.content) > _LARGEST:
        issues.append(invalid(["file"], f"Expected at most {_LARGEST} bytes"))
    if issues:
        raise invalid_body(*issues)
    record = record_named(call, form.fields["object"], form.fields["record_id"], not_found)
    file = _kept(
        call,
        file_type="file",
        record=record,
        name=upload.name,
        parent_folder_id=_folder(call, record, form.fields.get("parent_folder_id")),
        content_type=upload.content_type,
        content=upload.content,
    )
    return Reply(201, data(_view(call, file)))


def _get_file(call: OperationCall) -> object:
    files = call.workspace.data.things.files
    file = the(files, call, "file_id")
    view = _view(call, file)
    if file.file_type == "folder":
        view["has_children"] = any(one.parent_folder_id == file.id for one in files.values())
    return data(view)


def _delete_file(call: OperationCall) -> object:
    files = call.workspace.data.things.files
    _drop(files, the(files, call, "file_id"))
    return {}


def _download_file(call: OperationCall) -> object:
    file = the(call.workspace.data.things.files, call, "file_id")
    if file.file_type != "file":
        raise invalid_body(invalid([], f"A {file.file_type} has no content to download"))
    now = _timestamps.unix(call.author.stamp.now)
    place = address(call.workspace, file, call.request.headers.get("host"), now)
    return Reply(302, None, {"Location": place})


def _kept(call: OperationCall, **fields: Any) -> FakeFile:
    stamp = call.author.stamp
    file = FakeFile(id=call.workspace.new_id(), created_at=stamp.now, created_by=stamp.actor, **fields)
    call.workspace.data.things.files[file.id] = file
    return file


def _folder(call: OperationCall, record: RecordLink, folder_id: str | None) -> str | None:
    """The folder of that record with that id."""
    if folder_id is None:
        return None
    folder = call.workspace.data.things.files.get(folder_id)
    if folder is None or folder.file_type != "folder" or folder.record != record:
        raise not_found(f'folder with ID "{folder_id}" of the record')
    return folder.id


def _drop(files: dict[str, FakeFile], file: FakeFile) -> None:
    """Forget a file, or a folder with all that is in it."""
    del files[file.id]
    for inner in [one for one in files.values() if one.parent_folder_id == file.id]:
        _drop(files, inner)


def _view(call: OperationCall, file: FakeFile) -> Json:
    view: Json = {
        "id": thing_id(call.workspace, "file", file.id),
        "object_id": file.record.object_id,
        "object_slug": object_of(call.workspace, file.record).slug,
        "record_id": file.record.record_id,
        "storage_provider": file.storage_provider,
        "created_by_actor": file.created_by,
        "created_at": file.created_at,
        "file_type": file.file_type,
    }
    if file.file_type.startswith("connected"):
        view["external_provider_file_id"] = file.external_id
        view["microsoft_drive_id"] = file.microsoft_drive_id
        return view
    view["name"] = file.name
    if file.file_type == "file":
        view["content_type"], view["content_size"] = file.content_type, len(file.content)
    view["parent_folder_id"] = file.parent_folder_id
    return view


HANDLERS: Handlers = {
    "list_files": _list_files,
    "create_file": _create_file,
    "upload_file": _upload_file,
    "get_file": _get_file,
    "delete_file": _delete_file,
    "download_file": _download_file,
}
