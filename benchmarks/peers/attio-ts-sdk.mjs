// The client of npm, used as its documentation shows; standard input and output as worker.py has them.
import { createInterface } from "node:readline";
import { createAttioSdk } from "attio-ts-sdk";

const url = process.argv[2];
const sdk = createAttioSdk({ apiKey: "x", baseUrl: url });
const FIVE = ["name", "email_addresses", "job_title", "phone_numbers", "company"];
const RECORD = "11111111-1111-4aaa-8aaa-000000000001";
const SIZE = 500;

const read = (record) => FIVE.map((slug) => record.values[slug]);

const tasks = {
    async pages(times) {
        for (let number = 0; number < times; number++) {
            const found = await sdk.records.query({ object: "people", limit: SIZE, offset: number * SIZE });
            if (found.length !== SIZE) throw new Error(`${found.length} records`);
            found.forEach(read);
        }
        return times * SIZE;
    },
    async get(times) {
        for (let number = 0; number < times; number++) read(await sdk.records.get({ object: "people", recordId: RECORD }));
        return times;
    },
};

console.log(JSON.stringify(Object.keys(tasks)));
for await (const line of createInterface({ input: process.stdin })) {
    const { task, times } = JSON.parse(line);
    const [before, start] = [process.cpuUsage(), performance.now()];
    const count = await tasks[task](times);
    const { user, system } = process.cpuUsage(before);
    console.log(JSON.stringify({ cpu: (user + system) / 1e6, wall: (performance.now() - start) / 1e3, count }));
}
