"""All models. Each is loaded when it is first used."""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .activity import Activity as Activity
    from .activity_id import ActivityId as ActivityId
    from .activity_parent import ActivityParent as ActivityParent
    from .activity_query import ActivityQuery as ActivityQuery
    from .actor import Actor as Actor
    from .attribute_config import AttributeConfig as AttributeConfig
    from .attribute_config_currency import AttributeConfigCurrency as AttributeConfigCurrency
    from .attribute_config_record_reference import (
        AttributeConfigRecordReference as AttributeConfigRecordReference,
    )
    from .attribute_description import AttributeDescription as AttributeDescription
    from .attribute_id import AttributeId as AttributeId
    from .attribute_relationship import AttributeRelationship as AttributeRelationship
    from .attribute_target import AttributeTarget as AttributeTarget
    from .attribute_type import AttributeType as AttributeType
    from .call_recording import CallRecording as CallRecording
    from .call_recording_id import CallRecordingId as CallRecordingId
    from .call_recording_summary import CallRecordingSummary as CallRecordingSummary
    from .call_recording_transcript import CallRecordingTranscript as CallRecordingTranscript
    from .call_transcript import CallTranscript as CallTranscript
    from .comment import Comment as Comment
    from .comment_entry import CommentEntry as CommentEntry
    from .comment_id import CommentId as CommentId
    from .comment_record import CommentRecord as CommentRecord
    from .create_activity import CreateActivity as CreateActivity
    from .create_activity_extends import CreateActivityExtends as CreateActivityExtends
    from .create_attribute import CreateAttribute as CreateAttribute
    from .create_call_recording import CreateCallRecording as CreateCallRecording
    from .create_comment import CreateComment as CreateComment
    from .create_entry import CreateEntry as CreateEntry
    from .create_file import CreateFile as CreateFile
    from .create_file_file_type import CreateFileFileType as CreateFileFileType
    from .create_list import CreateList as CreateList
    from .create_meeting import CreateMeeting as CreateMeeting
    from .create_note import CreateNote as CreateNote
    from .create_object import CreateObject as CreateObject
    from .create_record import CreateRecord as CreateRecord
    from .create_select_option import CreateSelectOption as CreateSelectOption
    from .create_status import CreateStatus as CreateStatus
    from .create_task import CreateTask as CreateTask
    from .create_webhook import CreateWebhook as CreateWebhook
    from .created_webhook import CreatedWebhook as CreatedWebhook
    from .email import Email as Email
    from .email_id import EmailId as EmailId
    from .email_participant import EmailParticipant as EmailParticipant
    from .external_storage_provider import ExternalStorageProvider as ExternalStorageProvider
    from .file import File as File
    from .file_id import FileId as FileId
    from .linked_record import LinkedRecord as LinkedRecord
    from .list_ import List as List
    from .list_id import ListId as ListId
    from .list_view import ListView as ListView
    from .list_view_id import ListViewId as ListViewId
    from .list_workspace_member_access import ListWorkspaceMemberAccess as ListWorkspaceMemberAccess
    from .meeting import Meeting as Meeting
    from .meeting_id import MeetingId as MeetingId
    from .meeting_participant import MeetingParticipant as MeetingParticipant
    from .meeting_sort import MeetingSort as MeetingSort
    from .meeting_time import MeetingTime as MeetingTime
    from .merge_records import MergeRecords as MergeRecords
    from .merge_result import MergeResult as MergeResult
    from .note import Note as Note
    from .note_format import NoteFormat as NoteFormat
    from .note_id import NoteId as NoteId
    from .note_tag import NoteTag as NoteTag
    from .object_ import Object as Object
    from .object_id import ObjectId as ObjectId
    from .object_view import ObjectView as ObjectView
    from .object_view_id import ObjectViewId as ObjectViewId
    from .plaintext_format import PlaintextFormat as PlaintextFormat
    from .query import Query as Query
    from .record_entry import RecordEntry as RecordEntry
    from .record_id import RecordId as RecordId
    from .run_sql import RunSql as RunSql
    from .search_hit import SearchHit as SearchHit
    from .search_records import SearchRecords as SearchRecords
    from .select_option import SelectOption as SelectOption
    from .select_option_id import SelectOptionId as SelectOptionId
    from .sql_result import SqlResult as SqlResult
    from .status import Status as Status
    from .status_id import StatusId as StatusId
    from .storage_provider import StorageProvider as StorageProvider
    from .stored_file import StoredFile as StoredFile
    from .task import Task as Task
    from .task_assignee import TaskAssignee as TaskAssignee
    from .task_id import TaskId as TaskId
    from .task_linked_record import TaskLinkedRecord as TaskLinkedRecord
    from .task_sort import TaskSort as TaskSort
    from .thread import Thread as Thread
    from .thread_id import ThreadId as ThreadId
    from .thread_summary import ThreadSummary as ThreadSummary
    from .token_description import TokenDescription as TokenDescription
    from .transcript_segment import TranscriptSegment as TranscriptSegment
    from .transcript_speaker import TranscriptSpeaker as TranscriptSpeaker
    from .unsubscribe_emails import UnsubscribeEmails as UnsubscribeEmails
    from .unsubscribed_email import UnsubscribedEmail as UnsubscribedEmail
    from .update_activity import UpdateActivity as UpdateActivity
    from .update_attribute import UpdateAttribute as UpdateAttribute
    from .update_list import UpdateList as UpdateList
    from .update_note import UpdateNote as UpdateNote
    from .update_object import UpdateObject as UpdateObject
    from .update_select_option import UpdateSelectOption as UpdateSelectOption
    from .update_status import UpdateStatus as UpdateStatus
    from .update_task import UpdateTask as UpdateTask
    from .update_webhook import UpdateWebhook as UpdateWebhook
    from .webhook import Webhook as Webhook
    from .webhook_id import WebhookId as WebhookId
    from .webhook_subscription import WebhookSubscription as WebhookSubscription
    from .workspace_access import WorkspaceAccess as WorkspaceAccess
    from .workspace_member import WorkspaceMember as WorkspaceMember
    from .workspace_member_id import WorkspaceMemberId as WorkspaceMemberId
    from .write_attribute_history import WriteAttributeHistory as WriteAttributeHistory
    from .write_entry import WriteEntry as WriteEntry
    from .write_meeting_links import WriteMeetingLinks as WriteMeetingLinks
    from .write_record import WriteRecord as WriteRecord

_HOMES = {
    "Activity": ".activity",
    "ActivityId": ".activity_id",
    "ActivityParent": ".activity_parent",
    "ActivityQuery": ".activity_query",
    "Actor": ".actor",
    "AttributeConfig": ".attribute_config",
    "AttributeConfigCurrency": ".attribute_config_currency",
    "AttributeConfigRecordReference": ".attribute_config_record_reference",
    "AttributeDescription": ".attribute_description",
    "AttributeId": ".attribute_id",
    "AttributeRelationship": ".attribute_relationship",
    "AttributeTarget": ".attribute_target",
    "AttributeType": ".attribute_type",
    "CallRecording": ".call_recording",
    "CallRecordingId": ".call_recording_id",
    "CallRecordingSummary": ".call_recording_summary",
    "CallRecordingTranscript": ".call_recording_transcript",
    "CallTranscript": ".call_transcript",
    "Comment": ".comment",
    "CommentEntry": ".comment_entry",
    "CommentId": ".comment_id",
    "CommentRecord": ".comment_record",
    "CreateActivity": ".create_activity",
    "CreateActivityExtends": ".create_activity_extends",
    "CreateAttribute": ".create_attribute",
    "CreateCallRecording": ".create_call_recording",
    "CreateComment": ".create_comment",
    "CreateEntry": ".create_entry",
    "CreateFile": ".create_file",
    "CreateFileFileType": ".create_file_file_type",
    "CreateList": ".create_list",
    "CreateMeeting": ".create_meeting",
    "CreateNote": ".create_note",
    "CreateObject": ".create_object",
    "CreateRecord": ".create_record",
    "CreateSelectOption": ".create_select_option",
    "CreateStatus": ".create_status",
    "CreateTask": ".create_task",
    "CreateWebhook": ".create_webhook",
    "CreatedWebhook": ".created_webhook",
    "Email": ".email",
    "EmailId": ".email_id",
    "EmailParticipant": ".email_participant",
    "ExternalStorageProvider": ".external_storage_provider",
    "File": ".file",
    "FileId": ".file_id",
    "LinkedRecord": ".linked_record",
    "List": ".list_",
    "ListId": ".list_id",
    "ListView": ".list_view",
    "ListViewId": ".list_view_id",
    "ListWorkspaceMemberAccess": ".list_workspace_member_access",
    "Meeting": ".meeting",
    "MeetingId": ".meeting_id",
    "MeetingParticipant": ".meeting_participant",
    "MeetingSort": ".meeting_sort",
    "MeetingTime": ".meeting_time",
    "MergeRecords": ".merge_records",
    "MergeResult": ".merge_result",
    "Note": ".note",
    "NoteFormat": ".note_format",
    "NoteId": ".note_id",
    "NoteTag": ".note_tag",
    "Object": ".object_",
    "ObjectId": ".object_id",
    "ObjectView": ".object_view",
    "ObjectViewId": ".object_view_id",
    "PlaintextFormat": ".plaintext_format",
    "Query": ".query",
    "RecordEntry": ".record_entry",
    "RecordId": ".record_id",
    "RunSql": ".run_sql",
    "SearchHit": ".search_hit",
    "SearchRecords": ".search_records",
    "SelectOption": ".select_option",
    "SelectOptionId": ".select_option_id",
    "SqlResult": ".sql_result",
    "Status": ".status",
    "StatusId": ".status_id",
    "StorageProvider": ".storage_provider",
    "StoredFile": ".stored_file",
    "Task": ".task",
    "TaskAssignee": ".task_assignee",
    "TaskId": ".task_id",
    "TaskLinkedRecord": ".task_linked_record",
    "TaskSort": ".task_sort",
    "Thread": ".thread",
    "ThreadId": ".thread_id",
    "ThreadSummary": ".thread_summary",
    "TokenDescription": ".token_description",
    "TranscriptSegment": ".transcript_segment",
    "TranscriptSpeaker": ".transcript_speaker",
    "UnsubscribeEmails": ".unsubscribe_emails",
    "UnsubscribedEmail": ".unsubscribed_email",
    "UpdateActivity": ".update_activity",
    "UpdateAttribute": ".update_attribute",
    "UpdateList": ".update_list",
    "UpdateNote": ".update_note",
    "UpdateObject": ".update_object",
    "UpdateSelectOption": ".update_select_option",
    "UpdateStatus": ".update_status",
    "UpdateTask": ".update_task",
    "UpdateWebhook": ".update_webhook",
    "Webhook": ".webhook",
    "WebhookId": ".webhook_id",
    "WebhookSubscription": ".webhook_subscription",
    "WorkspaceAccess": ".workspace_access",
    "WorkspaceMember": ".workspace_member",
    "WorkspaceMemberId": ".workspace_member_id",
    "WriteAttributeHistory": ".write_attribute_history",
    "WriteEntry": ".write_entry",
    "WriteMeetingLinks": ".write_meeting_links",
    "WriteRecord": ".write_record",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name], __name__), name)
