"""A served workspace with something of everything in it.

Prints its address, then the ids of what requests can be about as NAME=value, then an empty line, and serves until its input
ends.
"""

import asyncio
import sys
from datetime import UTC, datetime

from attio_async.testing import FakeAttio, companies, people

LIST = "pipeline"


async def fill(fake: FakeAttio) -> None:
    """Through requests and without e-mail addresses: some clients refuse values that the system wrote by itself."""
    async with fake.client() as attio:
        for values in companies(30):
            await attio.companies.create(values)
        for values in people(300):
            await attio.people.create({name: values[name] for name in ("name", "job_title")})


async def extras(fake: FakeAttio) -> dict[str, str]:
    """Return one of each thing that has an id, about one company."""
    fake.seed.add_list(LIST, parent="companies")
    fake.seed.add_attribute(LIST, "stage", "status", options=["Open", "Won"])
    fake.seed.add_activity("visits")
    start = datetime(2026, 5, 4, 9, tzinfo=UTC)
    meeting = fake.seed.add_meeting("Talk", start=start, end=start.replace(hour=10))
    recording = fake.seed.add_call_recording(meeting, transcript=[("Ada", "Hello.")])
    async with fake.client() as attio:
        company = await attio.companies.create({"name": "Tested", "domains": ["tested.example.com"]})
        member = await attio.workspace_members.list().first()
        note = await attio.notes.create(company, title="Note", content="Text")
        task = await attio.tasks.create("Do", linked_records=[company])
        comment = await attio.comments.create("Said", author=member, record=company)
        file = await attio.files.create_folder(company, "Folder")
        webhook = await attio.webhooks.create("https://conformance.example.com/served", ["record.created"])
        entry = await attio.entries(LIST).create(company, {})
    return {
        "RECORD_ID": company.id,
        "ENTRY_ID": entry.id,
        "NOTE_ID": note.id.note_id,
        "TASK_ID": task.id.task_id,
        "COMMENT_ID": comment.id.comment_id,
        "THREAD_ID": comment.thread_id,
        "MEETING_ID": meeting,
        "CALL_RECORDING_ID": recording,
        "FILE_ID": file.id.file_id,
        "WEBHOOK_ID": webhook.id.webhook_id,
        "MEMBER_ID": member.id.workspace_member_id,
    }


def main() -> None:
    fake = FakeAttio(token="conformance")
    asyncio.run(fill(fake))
    ids = asyncio.run(extras(fake))
    with fake.serve() as server:
        print(server.url)
        for name, value in ids.items():
            print(f"{name}={value}")
        print(flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main()
