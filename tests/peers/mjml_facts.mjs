// What the official MJML allows, of the tags named as arguments: attributes with the type of
// their values, and the tags that may stand inside. newsletter/rendering/mjml.json is its output.
import { need } from "./installed.mjs";

need("mjml"); // registers the components
const { components } = need("mjml-core");
const { dependencies } = need("mjml-preset-core");
const colours = need("mjml-core/lib/types/helpers/colors.js");

const tags = process.argv.slice(2).sort();
const facts = tags.map((tag) => {
  const known = components[tag] ?? {};
  const allows = (each) =>
    (dependencies[tag] ?? []).some((it) => (it instanceof RegExp ? it.test(each) : it === each));
  const inside = tags.filter(allows);
  const attributes = known.allowedAttributes ?? {};
  const sorted = Object.fromEntries(Object.keys(attributes).sort().map((it) => [it, attributes[it]]));
  return `    "${tag}": ${JSON.stringify({ text: known.endingTag ?? false, inside, attributes: sorted })}`;
});
const version = JSON.stringify(need("mjml/package.json").version);
const names = JSON.stringify([...(colours.default ?? colours)].sort());
console.log(`{\n  "mjml": ${version},\n  "colours": ${names},\n  "tags": {\n${facts.join(",\n")}\n  }\n}`);
