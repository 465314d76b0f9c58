// A driver of @gradio/client: URL OUT_DIR PICTURES CONCURRENCY.

import { writeFile } from "node:fs/promises";
import { Client } from "@gradio/client";

const [url, outDir, pictures, concurrency] = process.argv.slice(2);
const app = await Client.connect(url);
let next = 0;

async function fetchPicture(number) {
	const { data } = await app.predict("/infer", ["a cat wearing a hat", 7, false, 256, 256, 4]);
	const response = await fetch(data[0].url);
	if (!response.ok) throw new Error(`status ${response.status}`);
	await writeFile(`${outDir}/${number}.png`, Buffer.from(await response.arrayBuffer()));
}

async function worker() {
	while (next < Number(pictures)) {
		try {
			await fetchPicture(next++);
		} catch (error) {
			console.error("lost:", error?.message ?? error);
		}
	}
}

await Promise.all(Array.from({ length: Number(concurrency) }, worker));
// Do not measure closing connections.
process.exit(0);
