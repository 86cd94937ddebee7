// Writes values.schema.json and the table of README.md from the lines "# @param" of values.yaml, and the names of a pool's
// fields from the CustomResourceDefinition:
//
//   node deploy/chart/generate.mjs           writes them
//   node deploy/chart/generate.mjs --check   exits with 1, and says which, if one is not as it would be written
import { readFileSync, writeFileSync } from 'node:fs';

const folder = new URL('./', import.meta.url);
const read = (name) => readFileSync(new URL(name, folder), 'utf8');

/** {type} of a JSON schema for what stands in brackets. */
function schemaOf(type) {
  if (type === 'map') return { type: 'object' };
  if (type.endsWith('[]')) return { type: 'array', items: schemaOf(type.slice(0, -2)) };
  if (!type.includes('|')) return { type };
  const words = type.split('|');
  if (words.every((w) => /^[0-9]+$/.test(w))) return { enum: words.map(Number) };
  return words.every((w) => /^[a-z]+$/.test(w)) ? { type: words } : { enum: words };
}

/** The values in order: {section, path, type, text, default}. */
function parameters(text) {
  const found = [];
  const path = [];
  let section = '';
  let pending = null;
  for (const line of text.split('\n')) {
    const sectionLine = /^# @section (.+)$/.exec(line);
    const param = /^ *# @param (\S+) \[([^\]]*(?:\[\])?)\] (.+)$/.exec(line);
    const key = /^( *)([A-Za-z][A-Za-z0-9]*):(?: (.*))?$/.exec(line);
    if (sectionLine) section = sectionLine[1];
    else if (param) pending = { section, path: param[1], type: param[2], text: param[3] };
    else if (key) {
      path.length = key[1].length / 2;
      path.push(key[2]);
      if (pending === null) {
        if (path.length === 1 && key[3]) throw new Error(`values.yaml: ${path.join('.')} has no line "# @param"`);
        continue;
      }
      if (pending.path !== path.join('.')) throw new Error(`values.yaml: "# @param ${pending.path}" stands above ${path.join('.')}`);
      found.push({ ...pending, value: key[3] ?? '…' });
      pending = null;
    }
  }
  return found;
}

/** The names of the fields of a RunnerPool's spec. */
function poolFields() {
  const lines = read('../crds/runnerpools.yaml').split('\n');
  const start = lines.findIndex((l) => l === '          spec:');
  const properties = lines.findIndex((l, i) => i > start && l === '            properties:');
  const names = [];
  for (const line of lines.slice(properties + 1)) {
    if (/^ {0,12}\S/.test(line)) break;
    const name = /^ {14}([a-zA-Z]+):$/.exec(line);
    if (name) names.push(name[1]);
  }
  if (!names.includes('github') || !names.includes('template')) throw new Error('the fields of RunnerPool were not found');
  return names.filter((n) => n !== 'github');
}

function schema(all) {
  const root = { $schema: 'http://json-schema.org/draft-07/schema#', type: 'object', additionalProperties: false, properties: {} };
  // Helm adds it for charts that are part of others.
  root.properties.global = { type: 'object' };
  for (const { path, type, text } of all) {
    let at = root;
    const names = path.split('.');
    for (const name of names.slice(0, -1))
      at = at.properties[name] ??= { type: 'object', additionalProperties: false, properties: {} };
    at.properties[names.at(-1)] = { description: text, ...schemaOf(type) };
  }
  const fields = Object.fromEntries(poolFields().map((n) => [n, {}]));
  root.properties.pools.propertyNames = { pattern: '^[a-z0-9]([-a-z0-9]*[a-z0-9])?$', maxLength: 46 };
  const credential = Object.fromEntries(Object.entries(root.properties.github.properties).filter(([n]) => n !== 'existingSecret'));
  root.properties.credentials.additionalProperties = { type: 'object', additionalProperties: false, properties: credential };
  root.properties.pools.additionalProperties = {
    type: 'object',
    additionalProperties: false,
    properties: {
      serves: { type: 'array', items: { type: 'object' } },
      credentialsSecret: { type: 'string' },
      namespace: { type: 'string' },
      ...fields,
    },
  };
  return `${JSON.stringify(root, null, 2)}\n`;
}

function table(all) {
  const out = [];
  for (const section of new Set(all.map((p) => p.section))) {
    out.push(`### ${section}`, '', '| value | meaning | default |', '|---|---|---|');
    for (const p of all.filter((x) => x.section === section))
      out.push(`| \`${p.path}\` | ${p.text.replaceAll('|', '\\|')} | ${p.value === '…' ? 'see values.yaml' : `\`${p.value.replaceAll('|', '\\|')}\``} |`);
    out.push('');
  }
  return out.join('\n');
}

const all = parameters(read('values.yaml'));
const readme = read('README.md');
const marker = '<!-- Below this line: node deploy/chart/generate.mjs -->';
const files = {
  'values.schema.json': schema(all),
  'README.md': `${readme.slice(0, readme.indexOf(marker) + marker.length)}\n\n${table(all).trimEnd()}\n`,
};
if (!readme.includes(marker)) throw new Error(`README.md lacks the line ${marker}`);
let stale = 0;
for (const [name, text] of Object.entries(files)) {
  if (!process.argv.includes('--check')) writeFileSync(new URL(name, folder), text);
  else if (readFileSync(new URL(name, folder), 'utf8') !== text) {
    console.error(`deploy/chart/${name} is not what values.yaml says: run node deploy/chart/generate.mjs`);
    stale = 1;
  }
}
process.exitCode = stale;
