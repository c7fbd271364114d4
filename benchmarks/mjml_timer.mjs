// {"source": mjml, "runs": n} on standard input -> the milliseconds of each of n runs, after one
// that warms up. The process is warm, and the clock its own: nothing of starting node counts.
import { need } from "../tests/peers/installed.mjs";

const mjml2html = need("mjml");
const { source, runs } = JSON.parse(await new Response(process.stdin).text());
const took = [];
for (let run = 0; run <= runs; run++) {
  const start = performance.now();
  await mjml2html(source, { validationLevel: "skip", fonts: {} });
  took.push(performance.now() - start);
}
console.log(JSON.stringify(took.slice(1)));
