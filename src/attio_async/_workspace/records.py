"""Records as rows: their operations."""

from attio_async_api.api.records import (
    assert_record,
    create_record,
    delete_record,
    get_record,
    list_record_attribute_values,
    overwrite_record,
    overwrite_record_attribute_values,
    query_records,
    update_record,
)
from attio_async_api.operations import (
    ASSERT_RECORD,
    CREATE_RECORD,
    DELETE_RECORD,
    GET_RECORD,
    LIST_RECORD_ATTRIBUTE_VALUES,
    OVERWRITE_RECORD,
    OVERWRITE_RECORD_ATTRIBUTE_VALUES,
    QUERY_RECORDS,
    UPDATE_RECORD,
)

from .._records.models import Record, record_id
from .history import History
from .rows import Endpoint, RowKind

RECORDS = RowKind(
    target="objects",
    plural="records",
    type=Record,
    id_slug="record_id",
    id_of=record_id,
    values_key="values",
    query=Endpoint(QUERY_RECORDS, query_records.build_request),
    get=Endpoint(GET_RECORD, get_record.build_request),
    create=Endpoint(CREATE_RECORD, create_record.build_request),
    upsert=Endpoint(ASSERT_RECORD, assert_record.build_request),
    update=Endpoint(UPDATE_RECORD, update_record.build_request),
    overwrite=Endpoint(OVERWRITE_RECORD, overwrite_record.build_request),
    delete=Endpoint(DELETE_RECORD, delete_record.build_request),
)

RECORD_HISTORY = History(
    get=Endpoint(LIST_RECORD_ATTRIBUTE_VALUES, list_record_attribute_values.build_request),
    overwrite=Endpoint(OVERWRITE_RECORD_ATTRIBUTE_VALUES, overwrite_record_attribute_values.build_request),
)
