// Writes the chart's dashboards, deploy/chart/dashboards/*.json, from the files beside this one:
//
//   node deploy/dashboards/generate.mjs           writes them
//   node deploy/dashboards/generate.mjs --check   exits with 1, and says which, if one is not as it would be written
import { readFileSync, writeFileSync } from 'node:fs';
import builds from './builds-and-pods.mjs';
import fleet from './fleet.mjs';
import github from './github.mjs';
import scaling from './scaling.mjs';

const all = { scaling, github, 'builds-and-pods': builds, fleet };
const isCheck = process.argv.includes('--check');
for (const [name, dashboard] of Object.entries(all)) {
  const file = new URL(`../chart/dashboards/${name}.json`, import.meta.url);
  const text = `${JSON.stringify(dashboard, null, 1)}\n`;
  if (!isCheck) writeFileSync(file, text);
  else if (readFileSync(file, 'utf8') !== text) {
    console.error(`deploy/chart/dashboards/${name}.json is not what deploy/dashboards says: run node deploy/dashboards/generate.mjs`);
    process.exitCode = 1;
  }
}
