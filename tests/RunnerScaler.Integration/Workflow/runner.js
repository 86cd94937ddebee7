#!/home/runner/externals/node20/bin/node
'use strict';
// Stands in for GitHub's Runner.Listener and Runner.Worker, which speak to nothing but GitHub: takes one job and runs
// its workflow's steps as they do. Actions run as they are:
// https://docs.github.com/actions/reference/workflows-and-actions/metadata-syntax and .../workflow-commands.
const {execFileSync, spawn} = require('child_process');
const fs = require('fs');
const home = '/home/runner', work = `${home}/_work`, temp = `${work}/_temp`, files = `${temp}/_runner_file_commands`;
const given = JSON.parse(fs.readFileSync(`${home}/workflow.json`, 'utf8'));
const github = {...given.github, workspace: `${work}/app/app`};
const sessions = process.env.SANDBOX_SESSIONS;
const jobEnv = {}, jobPath = [], outputs = {}, log = [];

function say(text) {
  log.push(text);
  process.stdout.write(text);
}

function jitConfig() {
  const whole = process.env.ACTIONS_RUNNER_INPUT_JITCONFIG;
  if (whole) return whole;
  const parts = {};
  for (const name of ['.runner', '.credentials', '.credentials_rsaparams'])
    parts[name] = fs.readFileSync(`${home}/${name}`).toString('base64');
  return Buffer.from(JSON.stringify(parts)).toString('base64');
}

async function connect() {
  const answer = await fetch(sessions, {method: 'POST', body: jitConfig()});
  for (const name of ['.credentials', '.credentials_rsaparams']) fs.rmSync(`${home}/${name}`, {force: true});
  if (answer.status !== 201) throw new Error(`GitHub does not know the registration (${answer.status})`);
  return `${sessions}/${await answer.text()}`;
}

async function take(session) {
  for (;;) {
    const answer = await fetch(`${session}/take`, {method: 'POST'});
    if (answer.status === 200) return (await answer.text()).trim().split(' ');
    if (answer.status !== 204) return null;
  }
}

// ${{ github.x }}, ${{ secrets.X }}, ${{ env.X }} and ${{ steps.x.outputs.y }}: all that the workflows use.
function expand(text) {
  return String(text).replace(/\$\{\{\s*([\w.-]+)\s*\}\}/g, (_, path) => {
    const value = path.split('.').reduce(
      (at, key) => at?.[key], {github, secrets: given.secrets, env: jobEnv, steps: outputs});
    if (value === undefined) throw new Error(`the expression ${path} is not known here`);
    return value;
  });
}

function expandAll(env) {
  return Object.fromEntries(Object.entries(env ?? {}).map(([key, value]) => [key, expand(value)]));
}

function unpack(uses) {
  const folder = `${work}/_actions/${uses}`;
  if (!fs.existsSync(folder)) {
    const archive = `${process.env.ACTIONS_RUNNER_ACTION_ARCHIVE_CACHE}/${given.actions[uses]}.tar.gz`;
    fs.mkdirSync(folder, {recursive: true});
    execFileSync('tar', ['-xzf', archive, '--strip-components=1', '-C', folder]);
  }
  return {folder, ...metadata(fs.readFileSync(`${folder}/action.yml`, 'utf8').replaceAll('\r', ''))};
}

// The few lines of an action's metadata that matter here; it is YAML of a known form.
function metadata(text) {
  const inputs = {}, value = s => s.trim().replace(/^null$/, '').replace(/^(['"])(.*)\1$/, '$2');
  const section = /^inputs:\n((?:[ #].*\n|\n)*)/m.exec(text)?.[1] ?? '';
  let name;
  for (const line of section.split('\n')) {
    name = /^ {2}([\w-]+):\s*$/.exec(line)?.[1] ?? name;
    const found = /^ {4}default:\s*(.*)$/.exec(line);
    if (/^ {2}[\w-]+:\s*$/.test(line)) inputs[name] = '';
    else if (found) inputs[name] = value(found[1]);
  }
  const of = key => { const m = new RegExp(`^ {2}${key}:\\s*(.+)$`, 'm').exec(text); return m && value(m[1]); };
  return {inputs, main: of('main'), post: of('post'), using: of('using')};
}

function variables() {
  const own = {
    CI: 'true', GITHUB_ACTIONS: 'true', RUNNER_OS: 'Linux', RUNNER_ARCH: 'X64', RUNNER_ENVIRONMENT: 'self-hosted',
    RUNNER_NAME: 'runner', RUNNER_TEMP: temp, RUNNER_TOOL_CACHE: `${work}/_tool`, RUNNER_WORKSPACE: `${work}/app`,
    GITHUB_EVENT_PATH: `${temp}/event.json`, GITHUB_RUN_NUMBER: '1', GITHUB_RUN_ATTEMPT: '1', GITHUB_JOB: 'build',
    GITHUB_WORKFLOW: 'ci', GITHUB_RETENTION_DAYS: '90', GITHUB_REPOSITORY_ID: '1', GITHUB_REPOSITORY_OWNER_ID: '1',
  };
  for (const [key, value] of Object.entries(github))
    if (key !== 'token') own[`GITHUB_${key.toUpperCase()}`] = value;
  const all = {...process.env, ...own, ...jobEnv};
  all.PATH = [...jobPath, process.env.PATH].join(':');
  delete all.SANDBOX_SESSIONS;
  return all;
}

function read(file) {
  const found = {}, lines = fs.readFileSync(file, 'utf8').split(/\r?\n/);
  for (let i = 0; i < lines.length; i++) {
    const many = /^([^=<]+)<<(.+)$/.exec(lines[i]), one = /^([^=]+)=(.*)$/.exec(lines[i]);
    if (many) {
      const end = lines.indexOf(many[2], i + 1);
      found[many[1]] = lines.slice(i + 1, end).join('\n');
      i = end;
    } else if (one) found[one[1]] = one[2];
  }
  return found;
}

function start(command, args, env) {
  return new Promise((done, fail) => {
    const child = spawn(command, args, {cwd: fs.existsSync(github.workspace) ? github.workspace : home, env,
      stdio: ['ignore', 'pipe', 'pipe']});
    child.stdout.on('data', say);
    child.stderr.on('data', say);
    child.on('error', fail);
    child.on('close', (code, signal) => done(signal ? 1 : code));
  });
}

let steps = 0;
async function run(title, command, args, more, id) {
  const env = {...variables(), ...more}, mine = {};
  for (const name of ['OUTPUT', 'ENV', 'PATH', 'STATE', 'STEP_SUMMARY']) {
    mine[name] = env[`GITHUB_${name}`] = `${files}/${name.toLowerCase()}_${steps}`;
    fs.writeFileSync(mine[name], '');
  }
  steps++;
  const began = Date.now();
  say(`##[group]${title}\n`);
  const code = await start(command, args, env);
  say(`##[endgroup]${title}: ${code} after ${Date.now() - began} ms\n`);
  Object.assign(jobEnv, read(mine.ENV));
  jobPath.unshift(...fs.readFileSync(mine.PATH, 'utf8').split('\n').filter(Boolean));
  if (id) outputs[id] = {outputs: read(mine.OUTPUT)};
  return {ok: code === 0, state: read(mine.STATE)};
}

function actionVariables(action, step, state) {
  const env = {...given.actionVariables, GITHUB_ACTION: 'step', GITHUB_ACTION_REPOSITORY: step.uses.split('@')[0],
    GITHUB_ACTION_REF: step.uses.split('@')[1]};
  for (const [key, value] of Object.entries({...action.inputs, ...step.with}))
    env[`INPUT_${key.replace(/ /g, '_').toUpperCase()}`] = expand(value);
  for (const [key, value] of Object.entries(state)) env[`STATE_${key}`] = value;
  return env;
}

async function workflow() {
  let ok = true;
  const after = [];
  for (const step of given.steps) {
    if (!ok) break;
    if (step.run) {
      const env = expandAll(step.env);
      ({ok} = await run('run', 'bash', ['-e', '-o', 'pipefail', '-c', expand(step.run)], env, step.id));
      continue;
    }
    const action = unpack(step.uses), node = `${home}/externals/${action.using}/bin/node`;
    const result = await run(step.uses, node, [`${action.folder}/${action.main}`],
      actionVariables(action, step, {}), step.id);
    ok = result.ok;
    if (action.post)
      after.unshift(() => run(`post ${step.uses}`, node, [`${action.folder}/${action.post}`],
        actionVariables(action, step, result.state)));
  }
  for (const post of after) ok = (await post()).ok && ok;
  return ok;
}

async function job() {
  Object.assign(jobEnv, expandAll(given.env));
  for (const folder of [files, `${work}/_tool`, github.workspace]) fs.mkdirSync(folder, {recursive: true});
  fs.writeFileSync(`${temp}/event.json`, JSON.stringify({ref: github.ref, repository: {full_name: github.repository}}));
  const hook = name => start('bash', [process.env[`ACTIONS_RUNNER_HOOK_JOB_${name}`]], variables());
  let ok = await hook('STARTED') === 0;
  ok = ok && await workflow();
  return await hook('COMPLETED') === 0 && ok;
}

(async () => {
  const session = await connect();
  process.on('SIGTERM', () => fetch(session, {method: 'DELETE'}).finally(() => process.exit(0)));
  console.log('Listening for Jobs');
  const taken = await take(session);
  if (!taken) return 0;
  console.log(`Running job: ${taken[4]}`);
  process.removeAllListeners('SIGTERM').on('SIGTERM', () => {});
  github.run_id = taken[0];
  const beat = setInterval(() => fetch(session).catch(() => {}), 2000);
  const ok = await job().catch(error => { say(`##[error]${error.stack}\n`); return false; });
  clearInterval(beat);
  await fetch(`${github.server_url}/log`, {method: 'POST', body: log.join('')});
  await fetch(`${session}/complete`, {method: 'POST', body: ok ? 'success' : 'failure'});
  console.log(`Job ${taken[4]} completed with result: ${ok ? 'Succeeded' : 'Failed'}`);
  return process.env.ACTIONS_RUNNER_RETURN_JOB_RESULT_FOR_HOSTED === 'true' ? (ok ? 100 : 102) : 0;
})().then(code => process.exit(code), error => { console.log(error.message); process.exit(1); });
