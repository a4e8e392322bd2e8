"""Merging two records into a new one."""

from datetime import datetime, timedelta

from ..bodies import Field
from ..merges import merge_records
from ..moments import iso_nanoseconds
from ..problems import ApiProblem, merge_in_progress
from ..schema import ObjectType, Record
from .call import Call, Handlers, Reply, data

_MERGE = {
    "primary_record_id": Field("string", form="uuid"),
    "secondary_record_id": Field("string", form="uuid"),
}


def _merge_records(call: Call) -> object:
    kind = call.object_type()
    body = call.request.data(_MERGE)
    primary = _found(call, kind, body["primary_record_id"])
    secondary = _found(call, kind, body["secondary_record_id"])
    if primary is secondary:
        raise ApiProblem(400, "self_merge", "A record cannot be merged with itself.")
    workspace, stamp = call.workspace, call.author.stamp
    record = merge_records(workspace, kind, primary, secondary, stamp)
    answer = data({"new_record_id": record.id})
    if not workspace.data.merge_seconds:
        return answer
    until = _later(stamp.now, workspace.data.merge_seconds)
    workspace.data.merging.update(dict.fromkeys((primary.id, secondary.id, record.id), until))
    return Reply(202, answer)


def _found(call: Call, kind: ObjectType, record_id: str) -> Record:
    if call.workspace.is_merging(record_id, call.author.stamp.now):
        raise merge_in_progress(record_id)
    record = call.workspace.record(kind, record_id)
    if record is None:
        message = f'Cannot find record with ID "{record_id}" of object "{kind.slug}".'
        raise ApiProblem(404, "value_not_found", message)
    return record


def _later(now: str, seconds: float) -> str:
    moment = datetime.fromisoformat(f"{now[:26]}+00:00") + timedelta(seconds=seconds)
    return iso_nanoseconds(moment.timestamp())


HANDLERS: Handlers = {"merge_records": _merge_records}
