// A trial of a client library and the test that started it talk in lines of JSON over the standard streams: the trial
// asks for what a library cannot do (consent in a browser, somebody elsewhere), and ends with a report.

import assert from "node:assert/strict";
import { createInterface } from "node:readline";

const PATIENCE = 15_000;
const PAUSE = 50;
const STEP_LIMIT = 25_000;

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();

// What the test says next.
export async function hear() {
  const { value, done } = await lines.next();
  if (done) throw new Error("the test has gone");
  return JSON.parse(value);
}

// Ask the test for something; its answer.
export async function ask(question) {
  process.stdout.write(`${JSON.stringify(question)}\n`);
  return hear();
}

// What `look` finds once it finds something.
export async function until(what, look) {
  const deadline = Date.now() + PATIENCE;
  for (;;) {
    const found = await look();
    if (found) return found;
    assert.ok(Date.now() < deadline, `${what}: still not so`);
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
  }
}

// That the server refuses with this status, in the way errors of axios tell it.
export async function refused(status, answer) {
  await assert.rejects(answer, (error) => {
    assert.equal(error.response?.status, status, error.message);
    return true;
  });
}

// Run steps ({ "name": async (scene) => … }) one after the other; what went wrong in each that failed.
export async function walkThrough(steps, scene) {
  const failures = [];
  for (const [name, step] of Object.entries(steps)) {
    if (process.env.TRACE) console.error(name, process.uptime());
    try {
      await within(STEP_LIMIT, step(scene));
    } catch (error) {
      failures.push(`${name}: ${error.stack ?? error}`);
    }
  }
  return failures;
}

function within(milliseconds, promise) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`took longer than ${milliseconds} ms`)), milliseconds);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

// What keeps a trial from being whole: answers that do not fit, methods neither tried nor listed as not served, and
// lists that are out of date. `notServed` names methods, or with .* at its end all below a name.
export function gaps(record, roots, notServed) {
  const declared = roots.flatMap((root) => record.declared(root));
  const listed = expand(notServed, declared);
  const untried = declared.filter((path) => !record.tried.has(path) && !listed.includes(path));
  const both = listed.filter((path) => record.tried.has(path));
  const unknown = listed.filter((path) => !declared.includes(path));
  return [
    ...[...record.misfits].map((misfit) => `does not fit its type: ${misfit}`),
    ...untried.map((path) => `${path} is neither tried nor said not to be served`),
    ...both.map((path) => `${path} is tried and said not to be served`),
    ...unknown.map((path) => `${path} is said not to be served, but the library has no such method`),
    ...record.idle.map((pattern) => `the exception ${pattern} excuses nothing`),
  ];
}

// The methods that names, or beginnings with .* at their end, stand for.
export function expand(names, declared) {
  return Object.keys(names).flatMap((name) =>
    name.endsWith(".*") ? declared.filter((path) => path.startsWith(name.slice(0, -1))) : [name],
  );
}

// End with a report: the failures.
export function report(failures) {
  process.stdout.write(`${JSON.stringify({ failures })}\n`, () => process.exit(0));
}
