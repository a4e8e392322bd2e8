"""Records, and merging two of them."""

from datetime import datetime, timedelta

from .._errors import ApiProblem
from .._request.validation import BodyField
from .._schema import FakeRecord, ObjectType
from .._timestamps import iso_nanoseconds
from .._workspace.find import find_row
from .._writes.merge import merge
from .._writes.writer import prepended, replaced
from .call import OperationCall, Reply, data, operation
from .rows import (
    assert_row,
    create_row,
    delete_row,
    get_row,
    list_values,
    overwrite_values,
    query_rows,
    update_row,
)

_MERGE = {
    "primary_record_id": BodyField("string", form="uuid"),
    "secondary_record_id": BodyField("string", form="uuid"),
}


@operation
def query_records(call: OperationCall) -> object:
    return query_rows(call, call.object_type())


@operation
def create_record(call: OperationCall) -> object:
    return create_row(call, call.object_type())


@operation
def assert_record(call: OperationCall) -> object:
    return assert_row(call, call.object_type())


@operation
def get_record(call: OperationCall) -> object:
    return get_row(call, call.object_type())


@operation
def update_record(call: OperationCall) -> object:
    return update_row(call, call.object_type(), prepended)


@operation
def overwrite_record(call: OperationCall) -> object:
    return update_row(call, call.object_type(), replaced)


@operation
def delete_record(call: OperationCall) -> object:
    return delete_row(call, call.object_type())


@operation
def list_record_attribute_values(call: OperationCall) -> object:
    return list_values(call, call.object_type())


@operation
def overwrite_record_attribute_values(call: OperationCall) -> object:
    return overwrite_values(call, call.object_type())


@operation
def merge_records(call: OperationCall) -> object:
    kind = call.object_type()
    body = call.request.data(_MERGE)
    primary = _merged(call, kind, body["primary_record_id"])
    secondary = _merged(call, kind, body["secondary_record_id"])
    if primary is secondary:
        raise ApiProblem(400, "self_merge", "A record cannot be merged with itself.")
    record = merge(call.workspace, kind, primary, secondary, call.stamp)
    answer = data({"new_record_id": record.id})
    if not call.workspace.data.merge_delay:
        return answer
    now = datetime.fromisoformat(f"{call.stamp.now[:26]}+00:00")
    until = iso_nanoseconds((now + timedelta(seconds=call.workspace.data.merge_delay)).timestamp())
    call.workspace.data.merging.update(dict.fromkeys((primary.id, secondary.id, record.id), until))
    return Reply(202, answer)


def _merged(call: OperationCall, kind: ObjectType, record_id: str) -> FakeRecord:
    call.check_merging(record_id)
    return find_row(
        call.workspace,
        kind,
        record_id,
        lambda what: ApiProblem(404, "value_not_found", f"Cannot find {what}."),
    )
