// Says which tests were skipped and why, by group: from what dotnet test has written to a file.
import { readFileSync } from 'node:fs';

const lines = readFileSync(process.argv[2], 'utf8').split('\n');
const counts = new Map();
for (let at = 0; at < lines.length; at++) {
  const name = /^skipped ([\w.]+)/.exec(lines[at])?.[1];
  if (!name) continue;
  // RunnerScaler.Integration.Node.EndOnNodeTests.AName: the folder is the group
  const group = name.split('.').slice(1, -2).join('/');
  const reason = [];
  while (lines[at + 1]?.startsWith('  ') && !lines[at + 1].startsWith('  from ')) reason.push(lines[++at].trim());
  const key = `${group}: ${reason.join(' ') || 'no reason given'}`;
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
for (const [key, count] of [...counts].sort()) console.log(`skipped ${String(count).padStart(4)}  ${key}`);
