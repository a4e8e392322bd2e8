"""The types of `attio_async.blocking`; made by `scripts/blocking_types.py` from the async classes."""

import builtins
import os
from collections.abc import AsyncIterable, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack
from datetime import date, datetime, timedelta, tzinfo
from os import PathLike
from pathlib import Path
from types import TracebackType
from typing import Any, Generic, Literal, ParamSpec, Self, TypeVar, Unpack, overload

from polars import DataFrame

from attio_async import (
    Activity,
    ActivityRecord,
    ActorRef,
    Answered,
    AnyFilter,
    Attio as AsyncAttio,
    AttioError,
    AttioList,
    AttioObject,
    Attribute,
    AttributeTarget,
    AttributeType,
    BulkOptions,
    BulkReport,
    CallRecording,
    CallRecordingSummary,
    ClientOptions,
    ClientSettings,
    Comment,
    CreateActivityExtends,
    CreatedWebhook,
    Email,
    EnsuredWebhook,
    Entry,
    ExternalStorageProvider,
    File,
    Found,
    HistoricValue,
    Identity,
    ListView,
    MatchOn,
    Meeting,
    MeetingParticipant,
    MeetingSort,
    MergedAttribute,
    Multiselect,
    Name,
    Note,
    NoteFormat,
    Nulls,
    ObjectSchema,
    ObjectView,
    OnMultiple,
    Page,
    Priority,
    RateLimiter,
    Record,
    RecordEntry,
    RecordRef,
    RequestMeter,
    Results,
    Row,
    SearchHit,
    SelectOption,
    SharedOptions,
    Status,
    StorageProvider,
    Subscription,
    Task,
    TaskSort,
    Thread,
    ThreadSummary,
    TokenSource,
    TranscriptSegment,
    Unset,
    UnsubscribedEmail,
    Uploadable,
    Value,
    Webhook,
    WorkspaceAccess,
    WorkspaceMember,
)
from attio_async.bulk import (
    Also,
    ColumnMapping,
    ExportResult,
    ExportTarget,
    Followed,
    Format,
    FormatName,
    ImportProblem,
    ImportReader,
    ImportSetting,
    ImportSource,
    ImportTable,
    ImportWay,
    InputRows,
    Item,
    Missing,
    MissingReference,
    PlannedRow,
    PostgresSyncState,
    ProgressChoice,
    SyncOptions,
    SyncReport,
    ValueFormats,
)
from attio_async.mirror import Everything, MirrorStatus, RefreshReport
from attio_async.models import EntryModel, Prune, RecordModel, Schema, SchemaChange, SchemaDifference
from attio_async.query import Sorts
from attio_async.webhooks import On, RecordMerged, SecretStore, WebhookReceiver

P = ParamSpec("P")
T = TypeVar("T")
R = TypeVar("R", bound=Record | Entry)
RM = TypeVar("RM", bound=RecordModel)
EM = TypeVar("EM", bound=EntryModel)
R_co = TypeVar("R_co", covariant=True)

__all__ = [
    "Activities",
    "ActivityRecords",
    "Attio",
    "Attributes",
    "BulkJob",
    "CallRecordings",
    "Change",
    "Changed",
    "Comments",
    "Created",
    "Deleted",
    "Emails",
    "Entries",
    "Feed",
    "FileImport",
    "Files",
    "ImportPlan",
    "JobPlan",
    "Lists",
    "Meetings",
    "MergePlan",
    "Merged",
    "Merges",
    "Mirror",
    "MirrorFile",
    "ModelEntries",
    "ModelRecords",
    "Notes",
    "Objects",
    "Pages",
    "Paginator",
    "Plan",
    "PreparedImport",
    "Records",
    "Scan",
    "SchemaPlan",
    "SelectOptions",
    "Sequences",
    "Statuses",
    "SyncJob",
    "SyncPlan",
    "Tasks",
    "Threads",
    "Webhooks",
    "WorkspaceMembers",
    "WorkspaceSchema",
]

class Activities:
    """The activities of the workspace. Give an activity by slug, id, or as the `Activity` that the API returned. Blocking; see `attio_async.Activities`."""
    def create(
        self, api_slug: str, *, singular_noun: str, plural_noun: str, extends: CreateActivityExtends
    ) -> Activity: ...
    def delete(self, activity: str | Activity) -> None: ...
    def get(self, activity: str | Activity) -> Activity: ...
    def list(self, *, limit: int | None = None, page_size: int | None = None) -> Paginator[Activity]: ...
    def records(self, activity: str | Activity) -> ActivityRecords: ...
    def update(
        self,
        activity: str | Activity,
        *,
        api_slug: str | Unset = ...,
        singular_noun: str | Unset = ...,
        plural_noun: str | Unset = ...,
    ) -> Activity: ...

class ActivityRecords:
    """The records of one activity. Making one sends nothing. Blocking; see `attio_async.ActivityRecords`."""

    name: str
    def create(self, values: Mapping[str, object], *, validate: bool = True) -> ActivityRecord: ...
    def delete(self, record: object) -> None: ...
    def first(
        self, filter: Mapping[str, Any] | None = None, *, sorts: Iterable[Mapping[str, Any]] = ...
    ) -> ActivityRecord | None: ...
    def get(self, record: object) -> ActivityRecord: ...
    def query(
        self,
        filter: Mapping[str, Any] | None = None,
        *,
        sorts: Iterable[Mapping[str, Any]] = ...,
        limit: int | None = None,
        page_size: int = ...,
    ) -> Paginator[ActivityRecord]: ...
    def update(
        self,
        record: object,
        values: Mapping[str, object],
        *,
        multiselect: Multiselect = "append",
        validate: bool = True,
        nulls: Nulls = "clear",
    ) -> ActivityRecord: ...
    def upsert(
        self, values: Mapping[str, object], *, match: str, validate: bool = True, nulls: Nulls = "clear"
    ) -> ActivityRecord: ...

class Attio:
    """A client of one Attio workspace. Safe to share between any number of tasks of one event loop. Blocking; see `attio_async.Attio`."""
    def __init__(
        self,
        token: TokenSource | None = None,
        *,
        limiter: RateLimiter | None = None,
        **options: Unpack[SharedOptions],
    ) -> None: ...
    @classmethod
    def of_async(cls, client: AsyncAttio) -> Self: ...
    def with_options(self, **changes: Unpack[ClientOptions]) -> Attio: ...
    def with_response(self, call: Callable[P, T], *arguments: P.args, **named: P.kwargs) -> Answered[T]: ...
    def meter(self) -> AbstractContextManager[RequestMeter]: ...
    @property
    def limiter(self) -> RateLimiter: ...
    @overload
    def of(self, model: type[RM]) -> ModelRecords[RM]: ...
    @overload
    def of(self, model: type[EM]) -> ModelEntries[EM]: ...
    def __enter__(self) -> Self: ...
    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None: ...
    def close(self) -> None: ...
    @property
    def settings(self) -> ClientSettings: ...
    @property
    def merges(self) -> Merges: ...
    @property
    def people(self) -> Records: ...
    @property
    def companies(self) -> Records: ...
    @property
    def deals(self) -> Records: ...
    @property
    def users(self) -> Records: ...
    @property
    def workspaces(self) -> Records: ...
    @property
    def objects(self) -> Objects: ...
    @property
    def workspace_schema(self) -> WorkspaceSchema: ...
    @property
    def lists(self) -> Lists: ...
    @property
    def notes(self) -> Notes: ...
    @property
    def tasks(self) -> Tasks: ...
    @property
    def threads(self) -> Threads: ...
    @property
    def comments(self) -> Comments: ...
    @property
    def meetings(self) -> Meetings: ...
    @property
    def call_recordings(self) -> CallRecordings: ...
    @property
    def files(self) -> Files: ...
    @property
    def emails(self) -> Emails: ...
    @property
    def sequences(self) -> Sequences: ...
    @property
    def activities(self) -> Activities: ...
    @property
    def workspace_members(self) -> WorkspaceMembers: ...
    @property
    def webhooks(self) -> Webhooks: ...
    def attributes(self, of: object, *, target: Literal["objects", "lists"] = "objects") -> Attributes: ...
    def entries(self, list: object) -> Entries: ...
    @overload
    def feed(
        self,
        state: str | os.PathLike[str],
        *,
        objects: Followed,
        history: Iterable[str] = ...,
        receiver: WebhookReceiver | None = None,
        sweep_every: float | None = None,
        baseline: bool = False,
        parallel: int = 32,
    ) -> Feed[Record]: ...
    @overload
    def feed(
        self,
        state: str | os.PathLike[str],
        *,
        lists: Followed,
        history: Iterable[str] = ...,
        receiver: WebhookReceiver | None = None,
        sweep_every: float | None = None,
        baseline: bool = False,
        parallel: int = 32,
    ) -> Feed[Entry]: ...
    @overload
    def feed(
        self,
        state: str | os.PathLike[str],
        *,
        objects: Followed = ...,
        lists: Followed = ...,
        also: Iterable[Also] = ...,
        history: Iterable[str] = ...,
        receiver: WebhookReceiver | None = None,
        sweep_every: float | None = None,
        baseline: bool = False,
        parallel: int = 32,
    ) -> Feed[Item]: ...
    def identify(self) -> Identity: ...
    def mirror(
        self,
        where: str | os.PathLike[str],
        *,
        objects: Iterable[str] | Everything = "all",
        lists: Iterable[str] | Everything = "all",
        also: Iterable[str] | Everything = ...,
        history: Iterable[str] = ...,
        retention: timedelta | None = None,
    ) -> Mirror: ...
    def priority(self, level: Priority) -> AbstractContextManager[None]: ...
    def records(self, object: object) -> Records: ...
    def request(
        self, method: str, path: str, *, json: Any = None, params: Mapping[str, Any] | None = None
    ) -> Any: ...
    def schema(
        self, name: str, *, target: AttributeTarget = "objects", options: bool = False
    ) -> ObjectSchema: ...
    def search(
        self, query: str, *, objects: Iterable[object], limit: int | None = None, as_member: object = None
    ) -> list[SearchHit]: ...
    def sql(self, query: str) -> list[dict[str, Any]]: ...
    def sql_frame(self, query: str) -> DataFrame: ...

class Attributes:
    """The attributes of one object or list. Making one sends nothing. Blocking; see `attio_async.Attributes`."""
    def create(
        self,
        title: str,
        *,
        api_slug: str,
        type: AttributeType,
        description: str | None = None,
        is_required: bool = False,
        is_unique: bool = False,
        is_multiselect: bool = False,
        config: Mapping[str, Any] | None = None,
        default_value: Mapping[str, Any] | None = None,
        relationship: Mapping[str, Any] | None = None,
    ) -> Attribute: ...
    def get(self, attribute: str | Attribute) -> Attribute: ...
    def list(
        self, *, show_archived: bool = False, limit: int | None = None, page_size: int | None = None
    ) -> Paginator[Attribute]: ...
    def options(self, attribute: str | Attribute) -> SelectOptions: ...
    def statuses(self, attribute: str | Attribute) -> Statuses: ...
    def update(
        self,
        attribute: str | Attribute,
        *,
        title: str | Unset = ...,
        description: str | Unset | None = ...,
        api_slug: str | Unset = ...,
        is_required: bool | Unset = ...,
        is_unique: bool | Unset = ...,
        is_archived: bool | Unset = ...,
        config: Mapping[str, Any] | Unset = ...,
        default_value: Mapping[str, Any] | Unset | None = ...,
    ) -> Attribute: ...

class BulkJob:
    """A job over many rows. Creating one sends nothing; ``await`` runs it, and ``await job.plan()`` says what it would do. Blocking; see `attio_async.BulkJob`."""
    @property
    def in_flight(self) -> int: ...
    def plan(self) -> JobPlan: ...
    def stop(self, reason: str = "the job was told to stop") -> None: ...
    def run(self) -> BulkReport: ...

class CallRecordings:
    """The call recordings of meetings. Blocking; see `attio_async.CallRecordings`."""
    def create(
        self,
        meeting: object,
        *,
        video_url: str | None = None,
        transcript: Iterable[Mapping[str, Any] | TranscriptSegment] | None = None,
    ) -> CallRecordingSummary: ...
    def delete(self, recording: object, *, meeting: object = None) -> None: ...
    def get(self, recording: object, *, meeting: object = None) -> CallRecording: ...
    def list(
        self, meeting: object, *, limit: int | None = None, page_size: int | None = None
    ) -> Paginator[CallRecordingSummary]: ...
    def transcript(self, recording: object, *, meeting: object = None) -> Paginator[TranscriptSegment]: ...

class Change:
    """The common part of all changes. Blocking; see `attio_async.bulk.Change`."""

    object: str
    record_id: str
    at: datetime | None
    actor: ActorRef | None
    noticed_at: datetime
    place: int
    def ack(self) -> None: ...
    def to_dict(self, *, mode: Literal["python", "json"] = "python") -> dict[str, Any]: ...
    def to_json(self) -> str: ...

class Comments:
    """The comments of the workspace; `threads` lists them. Give a comment by id, or as the API returned it. Blocking; see `attio_async.Comments`."""
    def create(
        self,
        content: str,
        *,
        author: object,
        record: object = None,
        entry: object = None,
        thread: object = None,
        created_at: datetime | str | None = None,
    ) -> Comment: ...
    def delete(self, comment: str | Comment) -> None: ...
    def get(self, comment: str | Comment) -> Comment: ...

class Emails:
    """The e-mails of the workspace. Attio enables this on request, per workspace and app. Blocking; see `attio_async.Emails`."""
    def list(
        self,
        *,
        records: Iterable[object] = ...,
        participants: Iterable[str] = ...,
        domain: str | None = None,
        sent_after: datetime | str | None = None,
        sent_before: datetime | str | None = None,
        exclude_automated_participants: bool = False,
        limit: int | None = None,
        page_size: int | None = None,
    ) -> Paginator[Email]: ...

class Entries:
    """The entries of one list. Making one sends nothing. Blocking; see `attio_async.Entries`."""

    name: str
    def create(
        self, parent: object, values: Mapping[str, object] | None = None, *, validate: bool = True
    ) -> Entry: ...
    def create_many(self, rows: InputRows | None, **options: Unpack[BulkOptions]) -> BulkJob: ...
    def delete(self, id: object) -> None: ...
    def delete_many(self, rows: InputRows | None, **options: Unpack[BulkOptions]) -> BulkJob: ...
    def edit(
        self,
        id: object,
        *,
        set: Mapping[str, object] | None = None,
        add: Mapping[str, object] | None = None,
        remove: Mapping[str, object] | None = None,
        clear: Iterable[str] = ...,
        merge: bool = False,
    ) -> Entry: ...
    def explain(self, filter: AnyFilter) -> str: ...
    def export(
        self,
        target: ExportTarget,
        *,
        format: FormatName | Format | None = None,
        filter: AnyFilter | None = None,
        view: object = None,
        select: Iterable[str] | None = None,
        resume: bool = False,
        parallel: int = ...,
        ordered: bool = False,
        progress: ProgressChoice = False,
    ) -> ExportResult: ...
    def first(self, filter: AnyFilter | None = None, *, sorts: Sorts = None) -> Entry | None: ...
    def get(self, id: object) -> Entry: ...
    def get_many(self, ids: Iterable[object]) -> Found[Entry]: ...
    def history(self, id: object, attribute: object) -> list[Value]: ...
    def import_from(
        self,
        source: ImportSource,
        *,
        way: ImportWay = "upsert",
        match: str | None = None,
        parent_match: str | None = None,
        mapping: ColumnMapping | None = None,
        formats: ValueFormats | None = None,
        reader: ImportReader | None = None,
        create_options: bool = False,
        create_parents: bool = False,
        **options: Unpack[BulkOptions],
    ) -> FileImport: ...
    def move(self, id: object, stage: object) -> Entry: ...
    def query(
        self,
        filter: AnyFilter | None = None,
        *,
        sorts: Sorts = None,
        view: object = None,
        limit: int | None = None,
        page_size: int = ...,
        with_parents: bool = False,
    ) -> Paginator[Entry]: ...
    def replace_history(
        self, id: object, attribute: object, values: Iterable[HistoricValue | Value], *, confirm: bool = False
    ) -> list[Value]: ...
    def scan(
        self,
        filter: AnyFilter | None = None,
        *,
        view: object = None,
        limit: int | None = None,
        page_size: int = ...,
        resume: str | None = None,
        parallel: int = 1,
        ordered: bool = False,
    ) -> Scan[Entry]: ...
    def schema(self) -> ObjectSchema: ...
    def sync_to(
        self,
        rows: InputRows,
        *,
        owned: Iterable[str] = ...,
        missing: Missing = "ignore",
        state: str | PathLike[str] | PostgresSyncState | None = None,
        scope: AnyFilter | None = None,
        **options: Unpack[SyncOptions],
    ) -> SyncJob: ...
    def update(
        self,
        id: object,
        values: Mapping[str, object],
        *,
        multiselect: Multiselect = "append",
        validate: bool = True,
        nulls: Nulls = "clear",
    ) -> Entry: ...
    def update_many(
        self,
        rows: InputRows | None,
        *,
        multiselect: Multiselect = "append",
        compare: bool = True,
        **options: Unpack[BulkOptions],
    ) -> BulkJob: ...
    def upsert(
        self,
        parent: object,
        values: Mapping[str, object] | None = None,
        *,
        on_multiple: OnMultiple = "error",
        validate: bool = True,
        nulls: Nulls = "clear",
    ) -> Entry: ...
    def upsert_many(
        self, rows: InputRows | None, *, compare: bool = True, **options: Unpack[BulkOptions]
    ) -> BulkJob: ...

class Feed(Generic[R_co]):
    """The changes of a workspace, each told until it is confirmed, and never after that. Async iterator and context manager. Blocking; see `attio_async.bulk.Feed`."""
    @property
    def subscriptions(self) -> tuple[On, ...]: ...
    def ack(self, *changes: Change) -> None: ...
    def ack_through(self, change: Change) -> None: ...
    def close(self) -> None: ...
    def latest(self, *changes: Change) -> list[R_co | None]: ...
    def __enter__(self) -> Self: ...
    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None: ...
    def __iter__(self) -> Iterator[Created[R_co] | Changed | Deleted[R_co] | Merged[R_co]]: ...

class FileImport:
    """An import of one file. Creating one sends nothing; ``await`` runs it, and ``await import.plan()`` says what it would do. Blocking; see `attio_async.bulk.FileImport`."""
    @property
    def in_flight(self) -> int: ...
    def plan(self) -> ImportPlan: ...
    def prepare(self, files: ExitStack) -> PreparedImport: ...
    def stop(self, reason: str = "the import was told to stop") -> None: ...
    def with_options(self, options: BulkOptions, *, expected: Sequence[str] = ...) -> FileImport: ...
    def run(self) -> BulkReport: ...

class Files:
    """The files and folders of records. Give a file by id, or as the `File` that the API returned. Blocking; see `attio_async.Files`."""
    def connect(
        self,
        record: object,
        *,
        file_type: Literal["connected-file", "connected-folder"],
        storage_provider: ExternalStorageProvider,
        external_provider_file_id: str,
        microsoft_drive_id: str | None = None,
    ) -> File: ...
    def create_folder(self, record: object, name: str, *, parent_folder: object = None) -> File: ...
    def delete(self, file: str | File) -> None: ...
    @overload
    def download(self, file: str | File) -> bytes: ...
    @overload
    def download(self, file: str | File, to: str | os.PathLike[str]) -> Path: ...
    def get(self, file: str | File) -> File: ...
    def list(
        self,
        record: object,
        *,
        storage_provider: StorageProvider | None = None,
        parent_folder: object = None,
        limit: int | None = None,
        page_size: int | None = None,
    ) -> Paginator[File]: ...
    def stream(self, file: str | File) -> AbstractContextManager[Iterator[bytes]]: ...
    def upload(
        self,
        record: object,
        source: Uploadable,
        *,
        name: str | None = None,
        media_type: str | None = None,
        parent_folder: object = None,
    ) -> File: ...

class ImportPlan:
    """The writes that an import would send, and the problems in its way. Nothing was written. Blocking; see `attio_async.bulk.ImportPlan`."""

    source: str
    target: str
    match: str
    rows: int
    create: int
    update: int
    unchanged: int
    invalid: int
    duplicate: int
    columns: dict[str, str]
    guessed_columns: tuple[str, ...]
    skipped: tuple[str, ...]
    new_options: dict[str, tuple[str, ...]]
    missing_references: tuple[MissingReference, ...]
    creates_references: bool
    new_parents: int
    guessed_names: int
    first_guess: tuple[int | str, str, Name] | None
    problems: tuple[ImportProblem, ...]
    proposals: tuple[tuple[ImportSetting, int], ...]
    notes: tuple[str, ...]
    stop_reason: AttioError | str | None
    def __str__(self) -> str: ...
    def close(self) -> None: ...
    def apply(self) -> BulkReport: ...
    def planned_rows(self) -> Iterator[PlannedRow]: ...
    def table(self, *, limit: int = 50, details: bool = False) -> str: ...
    def to_dict(self, *, mode: Literal["python", "json"] = "python") -> dict[str, Any]: ...
    def to_json(self) -> str: ...

class Lists:
    """The lists of the workspace; `entries` has what is in them. Blocking; see `attio_async.Lists`."""
    def create(
        self,
        name: str,
        *,
        api_slug: str,
        parent_object: object,
        workspace_access: WorkspaceAccess | None = ...,
        workspace_member_access: Mapping[str, WorkspaceAccess] | None = None,
    ) -> AttioList: ...
    def get(self, list: str | AttioList) -> AttioList: ...
    def list(self) -> Paginator[AttioList]: ...
    def update(
        self,
        list: str | AttioList,
        *,
        name: str | Unset = ...,
        api_slug: str | Unset = ...,
        workspace_access: WorkspaceAccess | Unset | None = ...,
        workspace_member_access: Mapping[str, WorkspaceAccess] | Unset = ...,
    ) -> AttioList: ...
    def views(
        self,
        list: str | AttioList,
        *,
        show_archived: bool = False,
        limit: int | None = None,
        page_size: int | None = None,
    ) -> Paginator[ListView]: ...

class Meetings:
    """The meetings of the workspace. Give a meeting by id, or as the `Meeting` that the API returned. Blocking; see `attio_async.Meetings`."""
    def add_links(self, meeting: str | Meeting, records: Iterable[object]) -> Meeting: ...
    def create(
        self,
        title: str,
        *,
        start: date,
        end: date,
        description: str = "",
        participants: Iterable[str | Mapping[str, Any] | MeetingParticipant] = ...,
        linked_records: Iterable[object] = ...,
    ) -> Meeting: ...
    def delete(self, meeting: str | Meeting) -> None: ...
    def get(self, meeting: str | Meeting) -> Meeting: ...
    def list(
        self,
        *,
        record: object = None,
        participants: Iterable[str] = ...,
        ends_from: datetime | str | None = None,
        starts_before: datetime | str | None = None,
        timezone: str | None = None,
        sort: MeetingSort | None = None,
        limit: int | None = None,
        page_size: int | None = None,
    ) -> Paginator[Meeting]: ...
    def replace_links(self, meeting: str | Meeting, records: Iterable[object]) -> Meeting: ...

class Merges:
    """A store of merges: the ids of merged records, and the new record that each leads to. Blocking; see `attio_async.Merges`."""
    def close(self) -> None: ...
    def add(self, new: object, *old: object) -> None: ...
    def add_event(self, event: RecordMerged) -> None: ...
    def follow(self, record: object) -> str: ...
    def __enter__(self) -> Self: ...
    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None: ...

class Mirror:
    """A workspace as tables in a DuckDB file, which `refresh` brings up to date. Blocking; see `attio_async.mirror.Mirror`."""
    @property
    def subscriptions(self) -> tuple[On, ...]: ...
    def close(self) -> None: ...
    def refresh(self) -> RefreshReport: ...
    def watch(self, *, every: float, receiver: WebhookReceiver | None = None) -> Iterator[RefreshReport]: ...

class MirrorFile:
    """A mirror that is there already: read it, and forget people. Needs no client. Blocking; see `attio_async.mirror.MirrorFile`."""
    def close(self) -> None: ...
    def forget(self, *ids: str) -> int: ...
    def sql(self, query: str, *, timeout: float = 30.0, max_rows: int = 100000) -> list[dict[str, Any]]: ...
    def status(self) -> MirrorStatus: ...
    def __enter__(self) -> Self: ...
    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None: ...

class Notes:
    """The notes of the workspace. Give a note by id, or as the `Note` that the API returned. Blocking; see `attio_async.Notes`."""
    def create(
        self,
        record: object,
        *,
        title: str,
        content: str,
        format: NoteFormat = "plaintext",
        created_at: datetime | str | None = None,
        meeting: object = None,
    ) -> Note: ...
    def delete(self, note: str | Note) -> None: ...
    def get(self, note: str | Note) -> Note: ...
    def list(
        self, record: object = None, *, limit: int | None = None, page_size: int | None = None
    ) -> Paginator[Note]: ...
    def recent(self, record: object, *, limit: int | None = None) -> builtins.list[Note]: ...
    def update(
        self,
        note: str | Note,
        *,
        title: str | Unset = ...,
        content: str | Unset = ...,
        format: NoteFormat = "plaintext",
    ) -> Note: ...

class Objects:
    """The objects of the workspace. Give an object by slug, title, id, or as the `AttioObject` that the API returned. Blocking; see `attio_async.Objects`."""
    def create(self, api_slug: str, *, singular_noun: str, plural_noun: str) -> AttioObject: ...
    def delete(self, object: str | AttioObject) -> None: ...
    def get(self, object: str | AttioObject) -> AttioObject: ...
    def list(self) -> Paginator[AttioObject]: ...
    def update(
        self,
        object: str | AttioObject,
        *,
        api_slug: str | Unset = ...,
        singular_noun: str | Unset = ...,
        plural_noun: str | Unset = ...,
    ) -> AttioObject: ...
    def views(
        self,
        object: str | AttioObject,
        *,
        show_archived: bool = False,
        limit: int | None = None,
        page_size: int | None = None,
    ) -> Paginator[ObjectView]: ...

class Pages(Generic[T]):
    """An iterator over pages; see `Paginator.pages`. Blocking; see `attio_async.Pages`."""

    has_more: bool
    def items(self) -> Iterator[T]: ...
    def part(self) -> Sequence[T]: ...
    def __enter__(self) -> Self: ...
    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None: ...
    def __iter__(self) -> Iterator[Page[T]]: ...

class Paginator(Generic[T]):
    """All results of a query or list, at most `limit` of them. Creating one sends nothing. Blocking; see `attio_async.Paginator`."""
    def collect(self, *, limit: int | None = None) -> Results[T]: ...
    def count(self) -> int: ...
    def first(self) -> T | None: ...
    def ids(self) -> list[str]: ...
    def one(self) -> T: ...
    def one_or_none(self) -> T | None: ...
    def page(self, after: Page[T] | int | str | None = None) -> Page[T]: ...
    def pages(self, *, prefetch: int = 0) -> Pages[T]: ...
    def __iter__(self) -> Iterator[T]: ...

class Plan(Generic[R_co]):
    """The writes of a job, a merge or another change, before anything is written. All plans have this interface. Blocking; see `attio_async.Plan`."""
    def close(self) -> None: ...
    def apply(self) -> R_co: ...
    def table(self, *, limit: int = 50) -> str: ...
    def to_dict(self, *, mode: Literal["python", "json"] = "python") -> dict[str, Any]: ...
    def to_json(self) -> str: ...
    def __enter__(self) -> Self: ...
    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None: ...

class PreparedImport:
    """An import whose file was read, and whose columns fit. Nothing was written. Blocking; see `attio_async.bulk.PreparedImport`."""

    table: ImportTable
    schema: ObjectSchema
    match: str
    mapping: ColumnMapping
    read_only: tuple[str, ...]
    refers_to: frozenset[str]
    new_options: Mapping[str, Sequence[str]]
    def create_new_options(self) -> None: ...
    def job(self, options: BulkOptions, rows: InputRows | None = None) -> BulkJob: ...
    def rows(self) -> InputRows: ...

class Records:
    """The records of one object. Making one sends nothing. Blocking; see `attio_async.Records`."""

    name: str
    def create(self, values: Mapping[str, object], *, validate: bool = True) -> Record: ...
    def create_many(self, rows: InputRows | None, **options: Unpack[BulkOptions]) -> BulkJob: ...
    def delete(self, id: object) -> None: ...
    def delete_many(self, rows: InputRows | None, **options: Unpack[BulkOptions]) -> BulkJob: ...
    def edit(
        self,
        id: object,
        *,
        set: Mapping[str, object] | None = None,
        add: Mapping[str, object] | None = None,
        remove: Mapping[str, object] | None = None,
        clear: Iterable[str] = ...,
        merge: bool = False,
    ) -> Record: ...
    @overload
    def entries(
        self,
        record: object,
        *,
        values: Literal[False] = False,
        limit: int | None = None,
        page_size: int | None = None,
    ) -> Paginator[RecordEntry]: ...
    @overload
    def entries(
        self, record: object, *, values: Literal[True], limit: int | None = None, page_size: int | None = None
    ) -> Paginator[Entry]: ...
    def explain(self, filter: AnyFilter) -> str: ...
    def export(
        self,
        target: ExportTarget,
        *,
        format: FormatName | Format | None = None,
        filter: AnyFilter | None = None,
        view: object = None,
        select: Iterable[str] | None = None,
        resume: bool = False,
        parallel: int = ...,
        ordered: bool = False,
        progress: ProgressChoice = False,
    ) -> ExportResult: ...
    def first(self, filter: AnyFilter | None = None, *, sorts: Sorts = None) -> Record | None: ...
    def get(self, id: object) -> Record: ...
    def get_many(self, ids: Iterable[object]) -> Found[Record]: ...
    def history(self, id: object, attribute: object) -> list[Value]: ...
    def import_from(
        self,
        source: ImportSource,
        *,
        way: ImportWay = "upsert",
        match: str | MatchOn | None = None,
        mapping: ColumnMapping | None = None,
        formats: ValueFormats | None = None,
        reader: ImportReader | None = None,
        create_options: bool = False,
        create_unmatched: bool = False,
        **options: Unpack[BulkOptions],
    ) -> FileImport: ...
    @overload
    def merge(self, keep: object, drop: object, *, wait: Literal[True] = True) -> Record: ...
    @overload
    def merge(self, keep: object, drop: object, *, wait: Literal[False]) -> RecordRef: ...
    def merge_plan(self, keep: object, drop: object) -> MergePlan: ...
    def query(
        self,
        filter: AnyFilter | None = None,
        *,
        sorts: Sorts = None,
        view: object = None,
        limit: int | None = None,
        page_size: int = ...,
    ) -> Paginator[Record]: ...
    def replace_history(
        self, id: object, attribute: object, values: Iterable[HistoricValue | Value], *, confirm: bool = False
    ) -> list[Value]: ...
    def scan(
        self,
        filter: AnyFilter | None = None,
        *,
        view: object = None,
        limit: int | None = None,
        page_size: int = ...,
        resume: str | None = None,
        parallel: int = 1,
        ordered: bool = False,
    ) -> Scan[Record]: ...
    def schema(self) -> ObjectSchema: ...
    def sync_to(
        self,
        rows: InputRows,
        *,
        match: str,
        owned: Iterable[str],
        missing: Missing = "ignore",
        state: str | PathLike[str] | PostgresSyncState | None = None,
        scope: AnyFilter | None = None,
        **options: Unpack[SyncOptions],
    ) -> SyncJob: ...
    def update(
        self,
        id: object,
        values: Mapping[str, object],
        *,
        multiselect: Multiselect = "append",
        validate: bool = True,
        nulls: Nulls = "clear",
    ) -> Record: ...
    def update_many(
        self,
        rows: InputRows | None,
        *,
        multiselect: Multiselect = "append",
        compare: bool = True,
        **options: Unpack[BulkOptions],
    ) -> BulkJob: ...
    def upsert(
        self, values: Mapping[str, object], *, match: str, validate: bool = True, nulls: Nulls = "clear"
    ) -> Record: ...
    def upsert_many(
        self,
        rows: InputRows | None,
        *,
        match: str | MatchOn,
        compare: bool = True,
        **options: Unpack[BulkOptions],
    ) -> BulkJob: ...

class Scan(Generic[R]):
    """All matching records, each once: an async iterator. Making one sends nothing. Blocking; see `attio_async.Scan`."""
    @property
    def token(self) -> str: ...
    def pages(self) -> Iterator[Sequence[R]]: ...
    def stop(self) -> None: ...
    def __enter__(self) -> Self: ...
    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None: ...
    def __iter__(self) -> Iterator[R]: ...

class SelectOptions:
    """The options of one select attribute. Give an option by id, or as the `SelectOption` that the API returned. Blocking; see `attio_async.SelectOptions`."""
    def create(self, title: str) -> SelectOption: ...
    def list(self, *, show_archived: bool = False) -> Paginator[SelectOption]: ...
    def update(
        self, option: str | SelectOption, *, title: str | Unset = ..., is_archived: bool | Unset = ...
    ) -> SelectOption: ...

class Sequences:
    """The e-mail sequences of the workspace. Blocking; see `attio_async.Sequences`."""
    def unsubscribe(self, email_addresses: Iterable[str]) -> list[UnsubscribedEmail]: ...

class Statuses:
    """The statuses of one status attribute. Give a status by id, or as the `Status` that the API returned. Blocking; see `attio_async.Statuses`."""
    def create(
        self,
        title: str,
        *,
        celebration_enabled: bool | Unset = ...,
        target_time_in_status: str | Unset | None = ...,
    ) -> Status: ...
    def list(self, *, show_archived: bool = False) -> Paginator[Status]: ...
    def update(
        self,
        status: str | Status,
        *,
        title: str | Unset = ...,
        celebration_enabled: bool | Unset = ...,
        target_time_in_status: str | Unset | None = ...,
        is_archived: bool | Unset = ...,
    ) -> Status: ...

class SyncJob:
    """A sync. Creating one sends nothing; ``await`` runs it, and ``await sync.plan()`` says what it would do. Blocking; see `attio_async.bulk.SyncJob`."""
    def plan(self) -> SyncPlan: ...
    def run(self) -> SyncReport: ...

class SyncPlan:
    """The writes that a sync would send. Nothing was written. Blocking; see `attio_async.bulk.SyncPlan`."""

    clear: int
    flag: int
    withheld: str | None
    def __str__(self) -> str: ...
    def close(self) -> None: ...
    def apply(self) -> SyncReport: ...
    def export_dead_letters(self, path: str | os.PathLike[str]) -> int: ...
    def table(self, *, limit: int = 50) -> str: ...
    def to_dict(self, *, mode: Literal["python", "json"] = "python") -> dict[str, Any]: ...
    def to_json(self) -> str: ...

class Tasks:
    """The tasks of the workspace. Give a task by id, or as the `Task` that the API returned. Blocking; see `attio_async.Tasks`."""
    def create(
        self,
        content: str,
        *,
        deadline_at: datetime | str | None = None,
        is_completed: bool = False,
        linked_records: Iterable[object] = ...,
        assignees: Iterable[object] = ...,
    ) -> Task: ...
    def delete(self, task: str | Task) -> None: ...
    def due_on(
        self, day: date, *, tz: tzinfo = ..., assignee: object = None, is_completed: bool | None = False
    ) -> builtins.list[Task]: ...
    def get(self, task: str | Task) -> Task: ...
    def list(
        self,
        *,
        record: object = None,
        assignee: object = None,
        is_completed: bool | None = None,
        sort: TaskSort | None = None,
        limit: int | None = None,
        page_size: int | None = None,
    ) -> Paginator[Task]: ...
    def update(
        self,
        task: str | Task,
        *,
        deadline_at: datetime | str | Unset | None = ...,
        is_completed: bool | Unset = ...,
        linked_records: Iterable[object] | Unset = ...,
        assignees: Iterable[object] | Unset = ...,
    ) -> Task: ...

class Threads:
    """The comment threads of the workspace. Give a thread by id, or as the API returned it. Blocking; see `attio_async.Threads`."""
    def comments(
        self,
        thread: str | Thread | ThreadSummary,
        *,
        created_after: datetime | str | None = None,
        limit: int | None = None,
        page_size: int | None = None,
    ) -> Paginator[Comment]: ...
    def get(self, thread: str | Thread | ThreadSummary) -> Thread: ...
    def list(
        self,
        *,
        record: object = None,
        entry: object = None,
        limit: int | None = None,
        page_size: int | None = None,
    ) -> Paginator[ThreadSummary]: ...

class Webhooks:
    """The webhooks of the token's app. Give a webhook by id, or as the API returned it. Blocking; see `attio_async.Webhooks`."""
    def create(self, target_url: str, subscriptions: Iterable[Subscription]) -> CreatedWebhook: ...
    def delete(self, webhook: str | Webhook | CreatedWebhook) -> None: ...
    def ensure(
        self, target_url: str, subscriptions: Iterable[Subscription], *, secrets: SecretStore
    ) -> EnsuredWebhook: ...
    def get(self, webhook: str | Webhook | CreatedWebhook) -> Webhook: ...
    def list(self, *, limit: int | None = None, page_size: int | None = None) -> Paginator[Webhook]: ...
    def update(
        self,
        webhook: str | Webhook | CreatedWebhook,
        *,
        target_url: str | Unset = ...,
        subscriptions: Iterable[Subscription] | Unset = ...,
    ) -> Webhook: ...

class WorkspaceMembers:
    """The members of the workspace. Blocking; see `attio_async.WorkspaceMembers`."""
    def by_email(self, email_address: str) -> WorkspaceMember | None: ...
    def get(self, member: object) -> WorkspaceMember: ...
    def list(self) -> Paginator[WorkspaceMember]: ...

class WorkspaceSchema:
    """The objects, lists, attributes, options and statuses of the workspace, as one value. Making one sends nothing. Blocking; see `attio_async.models.WorkspaceSchema`."""
    def check(self, schema: Schema) -> list[SchemaDifference]: ...
    def plan(self, schema: Schema, *, prune: Prune | None = None) -> SchemaPlan: ...
    def pull(self, *, objects: Iterable[str] | None = None, lists: Iterable[str] | None = None) -> Schema: ...

class Changed(Change):
    """An attribute whose values differ from those that the feed saw last, or were set again. Blocking; see `attio_async.bulk.Changed`."""

    attribute: str
    attribute_id: str
    before: Any
    after: Any
    before_values: Sequence[Value]
    after_values: Sequence[Value]
    def to_dict(self, *, mode: Literal["python", "json"] = "python") -> dict[str, Any]: ...
    def to_json(self) -> str: ...

class Created(Change, Generic[R_co]):
    """A record, entry, note, task or comment that is new since the feed looked last. Blocking; see `attio_async.bulk.Created`."""

    record: R_co
    def to_dict(self, *, mode: Literal["python", "json"] = "python") -> dict[str, Any]: ...
    def to_json(self) -> str: ...

class Deleted(Change, Generic[R_co]):
    """A record, entry, note, task or comment that is gone. Blocking; see `attio_async.bulk.Deleted`."""

    record: R_co
    def to_dict(self, *, mode: Literal["python", "json"] = "python") -> dict[str, Any]: ...
    def to_json(self) -> str: ...

class JobPlan(Plan[BulkReport]):
    """The writes that a job would send for each row. Nothing was written. Blocking; see `attio_async.JobPlan`."""

    create: int
    update: int
    delete: int
    unchanged: int
    invalid: int
    duplicate: int
    stop_reason: AttioError | str | None
    notes: dict[str, int]
    missing_references: tuple[MissingReference, ...]
    def __str__(self) -> str: ...
    def close(self) -> None: ...
    def apply(self) -> BulkReport: ...
    def rows(self) -> Iterator[PlannedRow]: ...
    def table(self, *, limit: int = 50) -> str: ...
    def to_dict(self, *, mode: Literal["python", "json"] = "python") -> dict[str, Any]: ...
    def to_json(self) -> str: ...

class MergePlan(Plan[Record]):
    """A merge before it is made, by Attio's rules. `str()` is a readable list. Blocking; see `attio_async.MergePlan`."""

    keep: Record
    drop: Record
    attributes: tuple[MergedAttribute, ...]
    @property
    def losses(self) -> tuple[MergedAttribute, ...]: ...
    def __str__(self) -> str: ...
    def apply(self) -> Record: ...
    def table(self, *, limit: int = 50) -> str: ...
    def to_dict(self, *, mode: Literal["python", "json"] = "python") -> dict[str, Any]: ...
    def to_json(self) -> str: ...

class Merged(Change, Generic[R_co]):
    """A record that is gone because it was merged into another one. Blocking; see `attio_async.bulk.Merged`."""

    record: R_co
    into: str
    def to_dict(self, *, mode: Literal["python", "json"] = "python") -> dict[str, Any]: ...
    def to_json(self) -> str: ...

class ModelEntries(Generic[EM]):
    """The entries of a model: what `Entries` is, with values that a type checker knows. Blocking; see `attio_async.models.ModelEntries`."""
    def create(
        self, parent: object, values: Mapping[str, object] | None = None, *, validate: bool = ...
    ) -> EM: ...
    name: str
    def create_many(
        self,
        rows: Iterable[tuple[object, Mapping[str, object]] | Row]
        | AsyncIterable[tuple[object, Mapping[str, object]] | Row]
        | None,
        **options: Unpack[BulkOptions],
    ) -> BulkJob: ...
    def delete(self, id: object) -> None: ...
    def delete_many(self, rows: InputRows | None, **options: Unpack[BulkOptions]) -> BulkJob: ...
    def edit(
        self,
        id: object,
        *,
        set: Mapping[str, object] | None = None,
        add: Mapping[str, object] | None = None,
        remove: Mapping[str, object] | None = None,
        clear: Iterable[str] = ...,
        merge: bool = False,
    ) -> EM: ...
    def explain(self, filter: AnyFilter) -> str: ...
    def export(
        self,
        target: ExportTarget,
        *,
        format: FormatName | Format | None = None,
        filter: AnyFilter | None = None,
        view: object = None,
        select: Iterable[str] | None = None,
        resume: bool = False,
        parallel: int = ...,
        ordered: bool = False,
        progress: ProgressChoice = False,
    ) -> ExportResult: ...
    def first(self, filter: AnyFilter | None = None, *, sorts: Sorts = None) -> EM | None: ...
    def get(self, id: object) -> EM: ...
    def get_many(self, ids: Iterable[object]) -> Found[EM]: ...
    def history(self, id: object, attribute: object) -> list[Value]: ...
    def query(
        self,
        filter: AnyFilter | None = None,
        *,
        sorts: Sorts = None,
        view: object = None,
        limit: int | None = None,
        page_size: int = ...,
    ) -> Paginator[EM]: ...
    def replace_history(
        self, id: object, attribute: object, values: Iterable[HistoricValue | Value], *, confirm: bool = False
    ) -> list[Value]: ...
    def scan(
        self,
        filter: AnyFilter | None = None,
        *,
        view: object = None,
        limit: int | None = None,
        page_size: int = ...,
        resume: str | None = None,
        parallel: int = 1,
        ordered: bool = False,
    ) -> Scan[EM]: ...
    def schema(self) -> ObjectSchema: ...
    def update(
        self,
        id: object,
        values: Mapping[str, object],
        *,
        multiselect: Multiselect = "append",
        validate: bool = True,
    ) -> EM: ...
    def update_many(
        self,
        rows: Iterable[tuple[object, Mapping[str, object]] | Row]
        | AsyncIterable[tuple[object, Mapping[str, object]] | Row]
        | None,
        *,
        multiselect: Multiselect = "append",
        compare: bool = True,
        **options: Unpack[BulkOptions],
    ) -> BulkJob: ...
    def upsert(
        self, parent: object, values: Mapping[str, object] | None = None, *, validate: bool = True
    ) -> EM: ...
    def upsert_many(
        self,
        rows: Iterable[tuple[object, Mapping[str, object]] | Row]
        | AsyncIterable[tuple[object, Mapping[str, object]] | Row]
        | None,
        *,
        compare: bool = True,
        **options: Unpack[BulkOptions],
    ) -> BulkJob: ...

class ModelRecords(Generic[RM]):
    """The records of a model: what `Records` is, with values that a type checker knows. Blocking; see `attio_async.models.ModelRecords`."""
    def create(self, values: Mapping[str, object], *, validate: bool = ...) -> RM: ...
    name: str
    def create_many(
        self,
        rows: Iterable[Mapping[str, object] | Row] | AsyncIterable[Mapping[str, object] | Row] | None,
        **options: Unpack[BulkOptions],
    ) -> BulkJob: ...
    def delete(self, id: object) -> None: ...
    def delete_many(self, rows: InputRows | None, **options: Unpack[BulkOptions]) -> BulkJob: ...
    def edit(
        self,
        id: object,
        *,
        set: Mapping[str, object] | None = None,
        add: Mapping[str, object] | None = None,
        remove: Mapping[str, object] | None = None,
        clear: Iterable[str] = ...,
        merge: bool = False,
    ) -> RM: ...
    def explain(self, filter: AnyFilter) -> str: ...
    def export(
        self,
        target: ExportTarget,
        *,
        format: FormatName | Format | None = None,
        filter: AnyFilter | None = None,
        view: object = None,
        select: Iterable[str] | None = None,
        resume: bool = False,
        parallel: int = ...,
        ordered: bool = False,
        progress: ProgressChoice = False,
    ) -> ExportResult: ...
    def first(self, filter: AnyFilter | None = None, *, sorts: Sorts = None) -> RM | None: ...
    def get(self, id: object) -> RM: ...
    def get_many(self, ids: Iterable[object]) -> Found[RM]: ...
    def history(self, id: object, attribute: object) -> list[Value]: ...
    def query(
        self,
        filter: AnyFilter | None = None,
        *,
        sorts: Sorts = None,
        view: object = None,
        limit: int | None = None,
        page_size: int = ...,
    ) -> Paginator[RM]: ...
    def replace_history(
        self, id: object, attribute: object, values: Iterable[HistoricValue | Value], *, confirm: bool = False
    ) -> list[Value]: ...
    def scan(
        self,
        filter: AnyFilter | None = None,
        *,
        view: object = None,
        limit: int | None = None,
        page_size: int = ...,
        resume: str | None = None,
        parallel: int = 1,
        ordered: bool = False,
    ) -> Scan[RM]: ...
    def schema(self) -> ObjectSchema: ...
    def update(
        self,
        id: object,
        values: Mapping[str, object],
        *,
        multiselect: Multiselect = "append",
        validate: bool = True,
    ) -> RM: ...
    def update_many(
        self,
        rows: Iterable[tuple[object, Mapping[str, object]] | Row]
        | AsyncIterable[tuple[object, Mapping[str, object]] | Row]
        | None,
        *,
        multiselect: Multiselect = "append",
        compare: bool = True,
        **options: Unpack[BulkOptions],
    ) -> BulkJob: ...
    def upsert(self, values: Mapping[str, object], *, match: str, validate: bool = True) -> RM: ...
    def upsert_many(
        self,
        rows: Iterable[Mapping[str, object] | Row] | AsyncIterable[Mapping[str, object] | Row] | None,
        *,
        match: str | MatchOn,
        compare: bool = True,
        **options: Unpack[BulkOptions],
    ) -> BulkJob: ...

class SchemaPlan(Plan["SchemaPlan"]):
    """The changes that make a workspace have what a schema says. `apply` makes them. Blocking; see `attio_async.models.SchemaPlan`."""

    changes: tuple[SchemaChange, ...]
    impossible: tuple[SchemaChange, ...]
    done: list[SchemaChange]
    @property
    def caution(self) -> str: ...
    def __str__(self) -> str: ...
    def apply(self) -> SchemaPlan: ...
    def table(self, *, limit: int = 50) -> str: ...
    def to_dict(self, *, mode: Literal["python", "json"] = "python") -> dict[str, Any]: ...
    def to_json(self) -> str: ...
