// A list of MJML documents on standard input -> per document what the official validator says.
import { need } from "./installed.mjs";

const mjml2html = need("mjml");
const documents = JSON.parse(await new Response(process.stdin).text());
const judged = [];
for (const each of documents) {
  const { html, errors } = await mjml2html(each, { validationLevel: "soft", fonts: {} });
  judged.push({ html, errors: errors.map((it) => it.message) });
}
console.log(JSON.stringify(judged));
