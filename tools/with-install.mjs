// The door to every npm script: installs what is missing, then runs the task on the pinned Node.
// Plain JavaScript, because it starts on whatever Node the system has.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const modules = join(root, 'node_modules');
const marker = join(modules, '.fairway-installed');
const source = '--conditions=@fairway/source';
const quiet = '--disable-warning=ExperimentalWarning';
// A server lives long and idles much: half of the usual room for young objects gives back 10 MB (decision 41).
const smallYoungGeneration = '--max-semi-space-size=8';

// The threads of Node.js give an arena each back to nobody: one for all is about 40 MB less after load.
const oneArena = { MALLOC_ARENA_MAX: '1' };

const tasks = {
  up: [smallYoungGeneration, 'packages/cli/bin/fairway.js', 'up'],
  test: ['tools/run-tests.ts'],
  check: ['tools/check.ts'],
  bench: ['bench/run.ts'],
  stress: ['bench/stress/run-stress.ts'],
  'stress:pods': ['bench/stress/run-pod-churn.ts'],
  generate: ['tools/generate-kinds.ts'],
  build: ['tools/build.ts'],
  example: ['tools/run-example.ts'],
};

const [name = '', ...rest] = process.argv.slice(2);
const task = tasks[name];
if (task === undefined) fail(`no such task: ${name} (there are ${Object.keys(tasks).join(', ')})`);
await installWhenChanged();
runOnPinnedNode([source, quiet, ...task, ...rest], name === 'up' ? oneArena : {});

async function installWhenChanged() {
  const lock = readFileSync(join(root, 'package-lock.json'));
  const wanted = createHash('sha256').update(lock).digest('hex');
  if (existsSync(marker) && readFileSync(marker, 'utf8') === wanted) return;
  const started = Date.now();
  const isTerminal = process.stderr.isTTY === true;
  process.stderr.write('Installing dependencies …');
  const progress = isTerminal ? setInterval(() => process.stderr.write('.'), 1000) : undefined;
  // What the lock file says and nothing else; it stays as it is.
  const result = await capture('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error']);
  clearInterval(progress);
  if (result.code !== 0) {
    process.stderr.write(`\n${result.output}\n`);
    fail('cannot install the dependencies: `npm ci` failed, see above');
  }
  mkdirSync(modules, { recursive: true });
  writeFileSync(marker, wanted);
  process.stderr.write(` done in ${Math.round((Date.now() - started) / 1000)} s\n`);
}

function capture(command, args) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    child.stdout.on('data', (chunk) => (output += chunk));
    child.stderr.on('data', (chunk) => (output += chunk));
    child.on('error', (error) => resolve({ code: 1, output: error.message }));
    child.on('close', (code) => resolve({ code, output }));
  });
}

function runOnPinnedNode(args, variables) {
  const env = { ...variables, ...process.env };
  const child = spawn(pinnedNode(), args, { cwd: root, stdio: 'inherit', env });
  // The child has the terminal and hears Ctrl-C itself; a signal sent to us alone is passed on.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => {
      if (signal !== 'SIGINT' || process.stdin.isTTY !== true) child.kill(signal);
    });
  }
  child.on('error', (error) => fail(`cannot run ${pinnedNode()}: ${error.message}`));
  child.on('close', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : 143)));
}

function pinnedNode() {
  const pinned = join(modules, '.bin', 'node');
  if (existsSync(pinned)) return pinned;
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major > 22 || (major === 22 && minor >= 18)) return process.execPath;
  const found = spawnSync('node', ['--version'], { encoding: 'utf8' }).stdout?.trim();
  return fail(
    `Fairway's sources need Node 22.18 or newer, and this is ${found ?? process.version}. ` +
      'No packaged Node exists for this platform: install a newer one.',
  );
}

function fail(message) {
  process.stderr.write(`error: ${message}\n`);
  process.exit(1);
}
