// The client of npm doing one task, used as its documentation shows; the tasks and what they print are those of
// features_worker.py.
import { createAttioSdk, getFirstValue } from "attio-ts-sdk";

const [url, task] = process.argv.slice(2);
const sdk = createAttioSdk({ apiKey: "test-token", baseUrl: url });
const CREATES = 60;

const read = async () => {
    await sdk.records.query({ object: "people" });
    return "ok";
};

const tasks = {
    read,
    async all() {
        let count = 0;
        for await (const _ of sdk.records.query({ object: "people", paginate: "stream" })) count += 1;
        return count;
    },
    async value() {
        const [person] = await sdk.records.query({ object: "people" });
        const value = getFirstValue(person, "job_title");
        return typeof value === "object" ? JSON.stringify(value) : value;
    },
    async creates() {
        const numbers = Array.from({ length: CREATES }, (_, number) => number);
        await Promise.all(
            numbers.map((number) =>
                sdk.records.create({ object: "companies", values: { name: [{ value: `Company ${number}` }] } }),
            ),
        );
        return "ok";
    },
    async loop() {
        let ticks = 0;
        const ticking = setInterval(() => (ticks += 1), 50);
        await read();
        clearInterval(ticking);
        return ticks > 3 ? "ok" : `${ticks} ticks`;
    },
};

console.log(await tasks[task]());
