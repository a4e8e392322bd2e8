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

from .._records.models import Record, record_id
from .history import History
from .rows import RowKind

RECORDS = RowKind(
    target="objects",
    plural="records",
    type=Record,
    id_slug="record_id",
    id_of=record_id,
    values_key="values",
    query=query_records,
    get=get_record,
    create=create_record,
    upsert=assert_record,
    update=update_record,
    overwrite=overwrite_record,
    delete=delete_record,
)

RECORD_HISTORY = History(
    get=list_record_attribute_values,
    overwrite=overwrite_record_attribute_values,
)
