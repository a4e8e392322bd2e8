"""Files and folders of records: Attio's own, and those connected from elsewhere."""

from typing import Any

from .. import _timestamps
from .._errors import invalid, invalid_body, missing, not_found
from .._http.downloads import address
from .._request.validation import BodyField, issues_of
from .._workspace.entities import FakeFile, RecordLink
from .._workspace.entity_views import file_view
from .._workspace.find import find_record
from .call import OperationCall, Reply, data, operation, paged

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


@operation
def get_file(call: OperationCall) -> object:
    files = call.entities.files
    file = call.entity(files, "file_id")
    view = file_view(call.workspace, file)
    if file.file_type == "folder":
        view["has_children"] = any(one.parent_folder_id == file.id for one in files.values())
    return data(view)


@operation
def delete_file(call: OperationCall) -> object:
    _delete(call.entities.files, call.entity(call.entities.files, "file_id"))
    return {}


@operation
def download_file(call: OperationCall) -> object:
    file = call.entity(call.entities.files, "file_id")
    if file.file_type != "file":
        raise invalid_body(invalid([], f"A {file.file_type} has no content to download"))
    now = _timestamps.unix(call.stamp.now)
    location = address(call.workspace, file, call.request.headers.get("host"), now)
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


def _delete(files: dict[str, FakeFile], file: FakeFile) -> None:
    """Delete a file, or a folder with all files in it."""
    del files[file.id]
    for inner in [one for one in files.values() if one.parent_folder_id == file.id]:
        _delete(files, inner)
