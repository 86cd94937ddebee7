// Checks the summary that the sandbox wrote with --json: every job ran, and nothing is left.
import { readFileSync } from 'node:fs';

const file = process.argv[2];
const text = readFileSync(file, 'utf8');
const problems = [];

function number(summary, path) {
  const value = path.split('.').reduce((object, key) => object?.[key], summary);
  if (typeof value !== 'number' || !Number.isFinite(value)) problems.push(`${path} is ${JSON.stringify(value)}, not a number`);
  return value;
}

function check(summary) {
  const jobs = number(summary, 'jobs');
  const completed = number(summary, 'completed');
  for (const path of ['waitSeconds.p50', 'waitSeconds.p95', 'waitSeconds.max', 'peakRunners', 'github.requests',
    'github.counted', 'github.notModified', 'kubernetes.requests', 'kubernetes.perRunner'])
    number(summary, path);
  if (!(jobs > 0)) problems.push('no jobs were played');
  if (completed !== jobs) problems.push(`${completed} of ${jobs} jobs completed`);
  const left = summary?.left;
  for (const kind of ['pods', 'registrations'])
    if (left?.[kind] === undefined) problems.push(`left.${kind} is missing`);
  for (const [kind, count] of Object.entries(left ?? {}))
    if (count !== 0) problems.push(`${count} ${kind} left behind`);
}

try {
  check(JSON.parse(text));
} catch (error) {
  problems.push(`not one JSON object (${error.message}): ${JSON.stringify(text.slice(0, 200))}`);
}

console.log(text.trim());
for (const problem of problems) console.error(`sandbox summary: ${problem}`);
process.exitCode = problems.length === 0 ? 0 : 1;
