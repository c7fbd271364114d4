// {"mjml": [source…], "mails": [html…], "pages": [html…]} on standard input -> what the official
// MJML makes of the sources and what its validator says, and what html-validate says of the rest.
import { need } from "./installed.mjs";
import { mail, page } from "./profiles.mjs";

const given = JSON.parse(await new Response(process.stdin).text());

async function drawn(sources = []) {
  const mjml2html = sources.length && need("mjml");
  const answers = [];
  for (const each of sources) {
    const { html, errors } = await mjml2html(each, { validationLevel: "soft", fonts: {} });
    answers.push({ html, errors: errors.map((it) => it.formattedMessage) });
  }
  return answers;
}

async function validated(pages = [], profile) {
  if (!pages.length) return [];
  const { HtmlValidate, StaticConfigLoader } = need("html-validate");
  const judge = new HtmlValidate(new StaticConfigLoader(profile));
  const answers = [];
  for (const page of pages) {
    const { results } = await judge.validateString(page);
    const said = results.flatMap((it) => it.messages);
    answers.push(said.map((it) => `${it.line}:${it.column} ${it.ruleId}: ${it.message}`));
  }
  return answers;
}

console.log(
  JSON.stringify({
    mjml: await drawn(given.mjml),
    mails: await validated(given.mails, mail),
    pages: await validated(given.pages, page),
  }),
);
