// Checks the summary that the sandbox wrote with --json: every job ran, nothing is left, and it took no more requests
// than it should. Those are counts, which do not hang on how fast the machine is; times are not looked at.
import { readFileSync } from 'node:fs';

const file = process.argv[2];
const text = readFileSync(file, 'utf8');
const problems = [];

function number(summary, path) {
  const value = path.split('.').reduce((object, key) => object?.[key], summary);
  if (typeof value !== 'number' || !Number.isFinite(value)) problems.push(`${path} is ${JSON.stringify(value)}, not a number`);
  return value;
}

// Creating a pod, giving it its identity, deleting it; and telling of some jobs on their pods. A life took 3.0.
const mostPodCalls = 3.3;

// A registration is for a job that waits; some are for one that was cancelled, or that another runner was given.
const mostRegistrations = 1.2;

function sum(counts, wanted) {
  return Object.entries(counts ?? {}).filter(([name]) => wanted(name)).reduce((all, [, count]) => all + count, 0);
}

function checkCounts(summary, jobs) {
  const kinds = summary?.kubernetes?.byKind;
  const podCalls = sum(kinds, (kind) => /^(create|patch|delete) pods$/.test(kind)) / number(summary, 'kubernetes.runners');
  if (!(podCalls > 0 && podCalls <= mostPodCalls))
    problems.push(`pods took ${podCalls.toFixed(2)} requests for each runner, at most ${mostPodCalls} are expected`);
  const reviews = sum(kinds, (kind) => kind === 'create tokenreviews');
  if (reviews !== 0) problems.push(`${reviews} tokens were reviewed by the API server: claims are to cost no request`);
  const registrations = sum(summary?.github?.byRoute, (route) => route.endsWith('/generate-jitconfig')) / jobs;
  if (!(registrations > 0 && registrations <= mostRegistrations))
    problems.push(`there were ${registrations.toFixed(2)} registrations for each job, at most ${mostRegistrations} are expected`);
}

function check(summary) {
  const jobs = number(summary, 'jobs');
  const completed = number(summary, 'completed');
  for (const path of ['waitSeconds.p50', 'waitSeconds.p95', 'waitSeconds.max', 'peakRunners', 'github.requests',
    'github.counted', 'github.notModified', 'kubernetes.requests', 'kubernetes.perRunner'])
    number(summary, path);
  if (!(jobs > 0)) problems.push('no jobs were played');
  checkCounts(summary, jobs);
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
