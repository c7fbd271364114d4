// For `make lock`: names the packages to renew, or takes out of the lock file what is no hash.
import { readFileSync, writeFileSync } from "node:fs";

const read = (file) => JSON.parse(readFileSync(file, "utf8"));

if (process.argv[2] === "names") {
  const names = Object.keys(read("package.json").devDependencies);
  console.log(names.map((name) => `${name}@latest`).join(" "));
} else {
  const lock = read("package-lock.json");
  for (const each of Object.values(lock.packages)) {
    delete each.funding; // whom one might give money, and at which address
    delete each.license;
  }
  writeFileSync("package-lock.json", JSON.stringify(lock, null, 2) + "\n");
}
