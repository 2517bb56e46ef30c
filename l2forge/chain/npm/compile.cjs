// Reads a standard-JSON request on stdin, compiles it with the pinned solc, writes the answer to stdout.
// The first argument is the node_modules directory to take solc from. Every source travels in the request,
// so there is no import callback: what is compiled is exactly what was hashed.
"use strict";
const path = require("node:path");
const fs = require("node:fs");

const solc = require(path.join(process.argv[2], "solc"));
const request = fs.readFileSync(0, "utf8");
const answer = request === "" ? JSON.stringify({ version: solc.version() }) : solc.compile(request);
// Not process.stdout.write: on a pipe that is asynchronous, and an exit would cut a long answer short.
let rest = Buffer.from(answer, "utf8");
while (rest.length > 0) {
  try {
    rest = rest.subarray(fs.writeSync(1, rest));
  } catch (error) {
    if (error.code !== "EAGAIN") throw error;
  }
}
