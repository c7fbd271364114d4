// The packages of package.json, as `make peers` has put them beside the tests' Python.
import { createRequire } from "node:module";

export const need = createRequire(new URL("../../.venv/peers/package.json", import.meta.url));
