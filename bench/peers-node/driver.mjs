// A driver of @gradio/client: URL OUT_DIR IMAGES CONCURRENCY.

import { writeFile } from "node:fs/promises";
import { Client } from "@gradio/client";

const [url, outDir, images, concurrency] = process.argv.slice(2);
const app = await Client.connect(url);
let next = 0;

async function fetchImage(number) {
	const { data } = await app.predict("/infer", ["a cat wearing a hat", 7, false, 256, 256, 4]);
	const response = await fetch(data[0].url);
	if (!response.ok) throw new Error(`status ${response.status}`);
	await writeFile(`${outDir}/${number}.png`, Buffer.from(await response.arrayBuffer()));
}

async function worker() {
	while (next < Number(images)) {
		try {
			await fetchImage(next++);
		} catch (error) {
			console.error("lost:", error?.message ?? error);
		}
	}
}

await Promise.all(Array.from({ length: Number(concurrency) }, worker));
// Exclude closing connections from the measurement.
process.exit(0);
