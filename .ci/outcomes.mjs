// Says which tests were skipped and why, by group, and which failed and how: from what dotnet test has written to a file.
// A log's reader sees its end: the failures come last, each cut short.
import { readFileSync } from 'node:fs';

const mostFailures = 20;
const mostLines = 14;
const longestLine = 300;

const lines = readFileSync(process.argv[2], 'utf8').split('\n');
const counts = new Map();
const failures = [];
for (let at = 0; at < lines.length; at++) {
  const [, outcome, name] = /^(skipped|failed) ([\w.]+)/.exec(lines[at]) ?? [];
  if (!outcome) continue;
  const title = lines[at];
  const told = [];
  while (lines[at + 1]?.startsWith('  ')) told.push(lines[++at]);
  const words = told.filter((line) => !line.startsWith('  from '));
  if (outcome === 'failed') {
    failures.push([title, ...words.slice(0, mostLines)]);
    continue;
  }
  // RunnerScaler.Integration.Node.EndOnNodeTests.AName: the folder is the group
  const group = name.split('.').slice(1, -2).join('/');
  const key = `${group}: ${words.map((line) => line.trim()).join(' ') || 'no reason given'}`;
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
for (const [key, count] of [...counts].sort()) console.log(`skipped ${String(count).padStart(4)}  ${key}`);
for (const failure of failures.slice(0, mostFailures))
  for (const line of failure) console.log(line.slice(0, longestLine));
if (failures.length > mostFailures) console.log(`and ${failures.length - mostFailures} more failures`);
