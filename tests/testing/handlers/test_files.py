from pathlib import Path

import httpx
import pytest

from attio_async import Attio
from attio_async.errors import BadRequest, NotFound
from attio_async.testing import FakeAttio
from attio_async.values import RecordRef

from ..world import Refusal, World

pytestmark = pytest.mark.anyio

CONTENT = bytes(range(256)) + b"\r\n--boundary\r\n\r\n--\n" * 3


async def test_an_uploaded_file_is_downloaded(world: World, tmp_path: Path) -> None:
    files = world.attio.files
    file = await files.upload(world.person, CONTENT, name='Müller "x".pdf')
    assert (file.file_type, file.name, file.content_type, file.content_size) == (
        "file",
        'Müller "x".pdf',
        "application/pdf",
        len(CONTENT),
    )
    place = await files.download(file, tmp_path / "x.pdf")
    assert place.read_bytes() == CONTENT
    assert [call.path for call in world.fake.calls][-1] == f"/downloads/{file.id}"
    await files.delete(file)
    with pytest.raises(NotFound):
        await files.get(file)


async def test_a_folder_is_deleted_with_its_files(world: World) -> None:
    files = world.attio.files
    folder = await files.create_folder(world.person, "Contracts")
    inner = await files.create_folder(world.person, "2026", parent_folder=folder)
    assert (await files.get(folder)).raw["has_children"] is True
    assert (await files.get(inner)).raw["has_children"] is False
    file = await files.upload(world.person, b"x", name="x.txt", parent_folder=inner)
    assert await files.list(world.person, parent_folder=inner) == [file]
    assert [one.id for one in await files.list(world.person, page_size=1)] == [
        folder.id,
        inner.id,
        file.id,
    ]
    assert await files.list(world.company) == []
    await files.delete(folder)
    assert await files.list(world.person) == []


async def test_files_of_other_providers_are_connected(world: World, tmp_path: Path) -> None:
    files = world.attio.files
    file = await files.connect(
        world.person,
        file_type="connected-file",
        storage_provider="microsoft-onedrive",
        external_provider_file_id="abc",
        microsoft_drive_id="d",
    )
    assert (file.raw["external_provider_file_id"], file.raw["microsoft_drive_id"]) == ("abc", "d")
    assert await files.get(file) == file
    assert await files.list(world.person, storage_provider="attio") == []
    assert await files.list(world.person, storage_provider="microsoft-onedrive") == [file]
    with pytest.raises(BadRequest):
        await files.download(file, tmp_path / "x")


async def test_files_are_deleted_with_their_record(world: World) -> None:
    file = await world.attio.files.upload(world.person, b"x", name="x.txt")
    await world.attio.people.delete(world.person)
    with pytest.raises(NotFound):
        await world.attio.files.get(file)


async def test_a_download_link_expires_and_takes_no_token(world: World) -> None:
    file = await world.attio.files.upload(world.person, b"x", name="x.txt")
    token = {"Authorization": f"Bearer {world.fake.token}", "Host": "api.example.com"}
    answer = world.fake.handle("GET", f"/v2/files/{file.id}/download", token, b"")
    origin, _, target = answer.headers["Location"].partition("/downloads")
    target = f"/downloads{target}"
    assert (answer.status, origin) == (302, "https://files.example.com")

    def fetched(headers: dict[str, str] | None = None, change: str = "") -> int:
        return world.fake.handle("GET", target + change, headers or {}, b"").status

    assert fetched() == 200
    assert fetched(token) == 400
    assert fetched(change="0") == 403
    await world.attio.files.delete(file)
    assert fetched() == 404
    assert world.fake.handle("GET", f"/downloads/{file.id}", {}, b"").status == 403
    world.clock.advance(301)
    assert fetched() == 403


async def test_a_served_fake_serves_downloads(tmp_path: Path) -> None:
    fake = FakeAttio()
    person = RecordRef("people", fake.seed.add_record("people", {})["id"]["record_id"])
    with fake.serve() as server:
        async with Attio(token=fake.token, base_url=server.url) as attio:
            file = await attio.files.upload(person, CONTENT, name="x.bin")
            place = await attio.files.download(file, tmp_path / "x.bin")
    assert place.read_bytes() == CONTENT


TWO_PARTS = (
    b'--b\r\nContent-Disposition: form-data; name="x"\r\n\r\n1\r\n'
    b'--b\r\nContent-Disposition: form-data; name="file"; filename="x"\r\n\r\n\r\n--b--\r\n'
)
MISSING = "11111111-2222-4333-8444-555555555555"


INVALID_FILES: list[tuple[dict[str, str], Refusal]] = [
    ({"name": ""}, (400, "validation_type", ["name"])),
    ({"record_id": MISSING}, (404, "not_found", [])),
    ({"object": "planets"}, (404, "not_found", [])),
    ({"parent_folder_id": MISSING}, (404, "not_found", [])),
    (
        {"file_type": "connected-file"},
        (400, "validation_type", ["storage_provider", "external_provider_file_id", ""]),
    ),
    (
        {"file_type": "file"},
        (400, "validation_type", ["file_type", "storage_provider", "external_provider_file_id", ""]),
    ),
]


async def test_invalid_files_are_refused(world: World) -> None:
    folder = {"object": "people", "record_id": world.person.record_id, "file_type": "folder", "name": "x"}
    misfits = [
        (change, answer)
        for change, refusal in INVALID_FILES
        if (answer := await world.refusal("POST", "/v2/files", json=folder | change)) != refusal
    ]
    assert misfits == []


async def test_files_are_listed_for_a_record_only(world: World) -> None:
    refused = (400, "validation_type", ["object", "record_id"])
    assert await world.refusal("GET", "/v2/files") == refused


INVALID_FORMS = [
    ("application/json", b"{}", [""]),
    ("multipart/form-data; boundary=b", b"", [""]),
    ("multipart/form-data; boundary=b", b"--b\r\nno head\r\n--b--", [""]),
    ("multipart/form-data; boundary=b", b"--b--\r\n", ["object", "record_id", "file"]),
    (
        'multipart/form-data; boundary="b"',
        TWO_PARTS,
        ["object", "record_id", ""],
    ),
]


def test_invalid_forms_are_refused(fake: FakeAttio) -> None:
    for content_type, body, paths in INVALID_FORMS:
        headers = {"Authorization": f"Bearer {fake.token}", "Content-Type": content_type}
        answer = fake.handle("POST", "/v2/files/upload", headers, body)
        issues = httpx.Response(answer.status, content=answer.body).json()["validation_errors"]
        assert [".".join(issue["path"]) for issue in issues] == paths, (content_type, body)


async def test_a_large_file_is_refused(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("attio_async.testing._handlers.files._MAX_CONTENT_BYTES", 3)
    await world.attio.files.upload(world.person, b"123", name="x.txt")
    with pytest.raises(BadRequest) as caught:
        await world.attio.files.upload(world.person, b"1234", name="x.txt")
    assert [error["path"] for error in caught.value.validation_errors] == [["file"]]
    assert len(await world.attio.files.list(world.person)) == 1


async def test_the_form_of_another_client_is_read(world: World) -> None:
    transport = world.fake.transport()
    async with httpx.AsyncClient(transport=transport, base_url="https://api.example.com") as client:
        answer = await client.post(
            "/v2/files/upload",
            headers={"Authorization": f"Bearer {world.fake.token}"},
            data={"object": "people", "record_id": world.person.record_id},
            files={"file": ("é.txt", CONTENT, "text/plain")},
        )
    assert answer.status_code == 201
    assert (answer.json()["data"]["name"], answer.json()["data"]["content_size"]) == ("é.txt", len(CONTENT))
