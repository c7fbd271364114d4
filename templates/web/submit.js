// Counts, says weekdays. The form works without this script; nothing here cuts or forbids.
"use strict";

const form = document.getElementById("item");
const live = document.getElementById("live");
const tongue = document.documentElement.lang;
const full = new Intl.DateTimeFormat(tongue, { weekday: "long", day: "numeric", month: "long", year: "numeric", timeZone: "UTC" });

// One polite region: what is said last is said, after a pause in typing.
let saying = 0;
function say(words) {
  clearTimeout(saying);
  saying = setTimeout(() => { live.textContent = words; }, 700);
}

function filled(words, facts) {
  return words.replace(/\{(\w+)\}/g, (all, name) => facts[name] ?? all);
}

function count(place) {
  const n = [...form.elements[place.dataset.counts].value.trim()].length;
  const facts = { n, good: place.dataset.good, most: place.dataset.most };
  const level = n > facts.most ? "most" : n > place.dataset.long ? "long" : "counted";
  place.textContent = n ? filled(form.dataset[level], facts) : "";
  place.classList.toggle("long", level !== "counted");
  if (level !== (place.dataset.level || "counted")) say(place.textContent);
  place.dataset.level = level;
}

function today() {
  const now = new Date();
  return new Date(Date.UTC(now.getFullYear(), now.getMonth(), now.getDate()));
}

// 16.3. is the next such day, as the server reads it: an end's counts from the beginning.
function nextDay(day, month, since) {
  for (let year = since.getUTCFullYear(); year < since.getUTCFullYear() + 9; year += 1) {
    const date = new Date(Date.UTC(year, month - 1, day));
    if (date >= since && date.getUTCMonth() === month - 1) return date;
  }
  return null;
}

// The day as people write it: 16.3.27, 16. März 2027 is left to the server, 2027-03-16.
function readDay(text, since = today()) {
  let found = /^(\d{1,2})\.\s?(\d{1,2})\.\s?(\d{4}|\d{2})$/.exec(text);
  const short = /^(\d{1,2})\.\s?(\d{1,2})\.?$/.exec(text);
  if (short) return nextDay(...short.slice(1).map(Number), since);
  if (found) found = [0, found[3].length === 2 ? `20${found[3]}` : found[3], found[2], found[1]];
  else found = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text);
  if (!found) return null;
  const [year, month, day] = found.slice(1).map(Number);
  const date = new Date(Date.UTC(year, month - 1, day));
  return date.getUTCMonth() === month - 1 ? date : null;
}

function sayDay(input, done) {
  const text = input.value.trim();
  const said = document.getElementById(`${input.id}-said`);
  const begins = input.name === "ends_on" && readDay(form.elements.starts_on.value.trim());
  const day = readDay(text, begins || undefined);
  const unread = done && text && !day && !/[a-zä]{3}/i.test(text) ? form.dataset.noDay : "";
  said.textContent = day ? full.format(day) : unread;
  if (input.name === "starts_on" && form.elements.ends_on.value) sayDay(form.elements.ends_on, done);
}

form.addEventListener("input", ({ target }) => {
  const place = target.name && form.querySelector(`[data-counts="${target.name}"]`);
  if (place) count(place);
  if ("day" in target.dataset) sayDay(target, false);
});
// A file that is too large is told before it travels; the server would say the same.
function sayLarge(input) {
  const said = document.getElementById(`${input.id}-said`);
  const size = input.files[0]?.size ?? 0;
  const inMB = (bytes) => (bytes / 1e6).toLocaleString(tongue, { maximumFractionDigits: 1 });
  const large = size > input.dataset.largest;
  said.textContent = large ? filled(form.dataset.large, { size: inMB(size), most: inMB(input.dataset.largest) }) : "";
  said.hidden = !large;
  if (large) say(said.textContent);
}

form.addEventListener("change", ({ target }) => {
  if ("largest" in target.dataset) sayLarge(target);
  if (!("day" in target.dataset)) return;
  sayDay(target, true);
  say(document.getElementById(`${target.id}-said`).textContent);
});
form.querySelectorAll("[data-counts]").forEach(count);
form.querySelectorAll("[data-day]").forEach((input) => sayDay(input, true));
// A link to a field that is folded away opens the fold.
document.addEventListener("click", ({ target }) => {
  const goal = target.closest("a[href^='#']")?.getAttribute("href").slice(1);
  const fold = goal && document.getElementById(goal)?.closest("details");
  if (fold) fold.open = true;
});

// -- the draft: kept as one types; whoever has no script has a button ---------------------------

const saved = document.getElementById("saved");
let dirty = false;   // typed since the last time it was kept
let away = false;    // the last try did not come through
let gone = false;    // not even to our server
let under = null;    // a try that is under way
let told = false;    // the first success is said aloud, later ones only written
let over = false;    // handed in already: somebody has come back to it
let leaving = false; // the form itself is on its way, with all that was typed
let timer = 0;
// a picture comes with the form itself; what is to be read comes with its own button
const NOT_KEPT = ["image", "brought_file", "brought_link", "brought"];

function write(words, aloud) {
  saved.textContent = words;
  if (aloud) say(words);
}

function fieldsOnly() {
  const data = new FormData(form);
  for (const name of NOT_KEPT) data.delete(name);
  return data;
}

// Likely twins, issues that come too late: named beside the form, stopping nobody.
const hints = document.getElementById("hints");
function showHints(html) {
  const fresh = html.trim();
  if (hints.dataset.shown === fresh) return;
  hints.dataset.shown = fresh;
  hints.innerHTML = fresh;  // our own page's, with everything typed escaped
  if (fresh) say(hints.dataset.new);
}

async function tryToSave() {
  dirty = false;
  try {
    const answer = await fetch(document.getElementById("save").formAction, {
      method: "POST", body: fieldsOnly(), headers: { Accept: "application/json" },
      keepalive: document.hidden, signal: AbortSignal.timeout(8000),
    });
    if (!answer.ok) throw new Error(String(answer.status));
    const kept = await answer.json();
    form.elements.draft.value = kept.draft;
    form.elements.draft_version.value = kept.version;
    if (!kept.lapsed) history.replaceState(null, "", `${form.getAttribute("action")}?draft=${kept.draft}`);
    showHints(kept.hints);
    over = Boolean(kept.handed_in);
    write(kept.said, (!told && !kept.hints.trim()) || away || kept.apart || kept.lapsed || over);
    told = true;
    away = gone = false;
  } catch (wrong) {
    dirty = true;
    gone = wrong instanceof TypeError;  // so fetch calls a missing network
    if (!away || gone) write(gone ? form.dataset.offline : form.dataset.over, !away);
    away = true;
  }
}

// One at a time, so that this window never takes itself for another one.
async function save() {
  clearTimeout(timer);
  while (under) await under;
  if (!dirty || leaving) return;
  under = tryToSave();
  await under;
  under = null;
  if (dirty) later(away ? 5000 : 1500);
}

function later(ms) {
  clearTimeout(timer);
  timer = setTimeout(save, ms);
}

form.addEventListener("input", ({ target }) => {
  if (NOT_KEPT.includes(target.name)) return;
  dirty = !over;
  leaving = false;
  if (dirty && !away) later(1500);
});
window.addEventListener("online", () => later(0));
document.addEventListener("visibilitychange", () => { if (document.hidden && dirty) save(); });
// What cannot be kept cannot be sent either: then the form stays, instead of the browser's
// own page about a missing connection.
form.addEventListener("submit", async (event) => {
  clearTimeout(timer);
  if (!gone && navigator.onLine) {
    // A save under way is there first; sent as if there were none, this would be another window.
    // One that began now, as the page goes, would be another window's too.
    leaving = true;
    if (under) form.elements.draft_version.value = Number(form.elements.draft_version.value) + 1;
    return;
  }
  event.preventDefault();
  const button = event.submitter;
  await save();
  if (dirty && gone) return;
  clearTimeout(timer);
  dirty = false;
  form.requestSubmit(button);
});

// What Word puts into the clipboard is HTML: the server makes text of it, in which lists, links
// and bold survive. If it does not answer, the plain text is pasted.
form.elements.body?.addEventListener("paste", async (event) => {
  const html = event.clipboardData.getData("text/html");
  const plain = event.clipboardData.getData("text/plain");
  if (!html) return;
  event.preventDefault();
  let text = plain;
  try {
    const answer = await fetch(`${form.getAttribute("action")}/pasted`, { method: "POST", body: html, headers: { "Content-Type": "text/html; charset=utf-8" }, signal: AbortSignal.timeout(4000) });
    if (answer.ok) text = await answer.text();
  } catch { /* no network, or a slow one: the plain text will do */ }
  const field = form.elements.body;
  field.setRangeText(text, field.selectionStart, field.selectionEnd, "end");
  field.dispatchEvent(new Event("input", { bubbles: true }));
});
