// What mail programs do with HTML and CSS, from the data of caniemail.com (MIT) as the folder
// named first holds it: of each feature one letter per program, as its newest version was seen:
// y yes, a partly, n no, u unknown. newsletter/checks/mail_clients.json is its output.
import { readFileSync } from "node:fs";

const CLIENTS = [
  ["outlook", "windows", "Outlook (Word)"],
  ["outlook", "outlook-com", "Outlook.com"],
  ["outlook", "macos", "Outlook (macOS)"],
  ["outlook", "ios", "Outlook (iOS)"],
  ["outlook", "android", "Outlook (Android)"],
  ["gmail", "desktop-webmail", "Gmail"],
  ["gmail", "mobile-webmail", "Gmail (mobile web)"],
  ["gmail", "ios", "Gmail (iOS)"],
  ["gmail", "android", "Gmail (Android)"],
  ["apple-mail", "macos", "Apple Mail"],
  ["apple-mail", "ios", "Apple Mail (iOS)"],
  ["gmx", "desktop-webmail", "GMX"],
  ["gmx", "ios", "GMX (iOS)"],
  ["gmx", "android", "GMX (Android)"],
  ["web-de", "desktop-webmail", "WEB.DE"],
  ["web-de", "ios", "WEB.DE (iOS)"],
  ["web-de", "android", "WEB.DE (Android)"],
  ["thunderbird", "macos", "Thunderbird"],
  ["t-online-de", "desktop-webmail", "T-Online"],
  ["samsung-email", "android", "Samsung Email"],
  ["yahoo", "desktop-webmail", "Yahoo"],
];

// JavaScript sorts keys that are numbers to the front; versions are to stay as they follow.
const text = readFileSync(`${process.argv[2]}/data/caniemail.json`, "utf8");
const given = JSON.parse(text.replaceAll(/"(\d+)":/g, '"v$1":'));
const newest = (versions) => Object.values(versions ?? {}).at(-1)?.[0] ?? "u";
const features = given.data
  .filter(({ category }) => category !== "others")
  .sort((one, other) => (one.slug < other.slug ? -1 : 1))
  .map(({ slug, stats }) => {
    const letters = CLIENTS.map(([family, platform]) => newest(stats[family]?.[platform]));
    return `    "${slug}": "${letters.join("")}"`;
  });
const names = JSON.stringify(CLIENTS.map(([, , name]) => name));
const day = given.last_update_date.slice(0, 10);
console.log(`{\n  "date": "${day}",\n  "source": "caniemail.com (MIT)",`);
console.log(`  "clients": ${names},\n  "features": {\n${features.join(",\n")}\n  }\n}`);
