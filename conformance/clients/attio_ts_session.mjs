// A session with the npm package attio-ts-sdk; fails with the first call that it cannot make sense of.
import assert from "node:assert/strict";
import * as attio from "attio-ts-sdk";

const [url, token] = process.argv.slice(2);
const client = attio.createAttioClient({ apiKey: token, baseUrl: url, responseStyle: "data", throwOnError: true });
const sdk = attio.createAttioSdk({ client });
const data = (answer) => answer?.data?.data ?? answer?.data ?? answer;

const members = await sdk.workspaceMembers.list();
const member = members[0].id.workspace_member_id;
const objects = await sdk.objects.list();
// Its own check of attributes expects a currency of every attribute; the API sends null for those of other types.
const attributes = data(
  await attio.getV2ByTargetByIdentifierAttributes({
    client,
    path: { target: "objects", identifier: "companies" },
    responseValidator: undefined,
  }),
);
assert(objects.some((each) => each.api_slug === "people"));
assert(attributes.some((each) => each.api_slug === "domains"));
console.log("schema", objects.length, "objects,", attributes.length, "attributes of companies");

const values = { name: attio.value.string("Typed Ltd"), domains: attio.value.domain("typed.example.com") };
const made = await sdk.records.create({ object: "companies", values });
const upserted = await sdk.records.upsert({
  object: "companies",
  matchingAttribute: "domains",
  values: { ...values, name: attio.value.string("Typed Inc") },
});
assert.equal(upserted.id.record_id, made.id.record_id);
const found = await sdk.records.query({ object: "companies", filter: attio.filters.contains("name", "typed") });
assert.deepEqual(found.map((each) => each.id.record_id), [made.id.record_id]);
const everybody = await sdk.records.query({ object: "people", paginate: true, limit: 100 });
assert.equal(new Set(everybody.map((each) => each.id.record_id)).size, 300);
await sdk.records.update({
  object: "companies",
  recordId: made.id.record_id,
  values: { description: attio.value.string("Checked") },
});
console.log("records", made.id.record_id, everybody.length);

await attio.postV2Lists({
  client,
  body: {
    data: {
      name: "Typed",
      api_slug: "conformance_node",
      parent_object: "companies",
      workspace_access: "full-access",
      workspace_member_access: [],
    },
  },
});
const entry = await sdk.lists.addEntry({
  list: "conformance_node",
  parentObject: "companies",
  parentRecordId: made.id.record_id,
  entryValues: {},
});
const entries = await sdk.lists.queryEntries({ list: "conformance_node" });
assert.deepEqual(entries.map((each) => each.id.entry_id), [entry.id.entry_id]);
console.log("lists and entries", entry.id.entry_id);

const note = await sdk.notes.create({
  parentObject: "companies",
  parentRecordId: made.id.record_id,
  title: "Conformance",
  format: "plaintext",
  content: "Checked.",
});
const task = await sdk.tasks.create({
  data: {
    content: "Check again",
    format: "plaintext",
    deadline_at: null,
    is_completed: false,
    linked_records: [{ target_object: "companies", target_record_id: made.id.record_id }],
    assignees: [{ referenced_actor_type: "workspace-member", referenced_actor_id: member }],
  },
});
await sdk.tasks.update({ taskId: task.id.task_id, data: { is_completed: true } });
// Nor does it take a comment that nobody has resolved yet.
const comment = data(
  await attio.postV2Comments({
    client,
    responseValidator: undefined,
    body: {
      data: {
        format: "plaintext",
        content: "Well checked",
        author: { type: "workspace-member", id: member },
        record: { object: "companies", record_id: made.id.record_id },
      },
    },
  }),
);
console.log("notes, tasks, comments", note.id.note_id, task.id.task_id, comment.id.comment_id);

const webhook = data(
  await attio.postV2Webhooks({
    client,
    body: {
      data: {
        target_url: "https://conformance.example.com/hook",
        subscriptions: [{ event_type: "record.created", filter: null }],
      },
    },
  }),
);
const webhooks = data(await attio.getV2Webhooks({ client }));
assert(webhooks.some((each) => each.id.webhook_id === webhook.id.webhook_id));
await attio.deleteV2WebhooksByWebhookId({ client, path: { webhook_id: webhook.id.webhook_id } });
const hits = await sdk.search.records({ query: "typed", objects: ["companies"] });
assert.deepEqual(hits.map((each) => each.id.record_id), [made.id.record_id]);
console.log("webhooks and search", webhook.id.webhook_id);
