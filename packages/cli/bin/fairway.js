#!/usr/bin/env node
// The launcher, in JavaScript that any Node can read: it finds a Node that can run Fairway and,
// inside a clone, runs the sources; where it is installed, the build.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import nodeModule from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const home = join(dirname(fileURLToPath(import.meta.url)), '..');
const source = join(home, 'src', 'main.ts');
const built = join(home, 'dist', 'main.js');
const isClone = existsSync(source);

const sourceFlags = [
  '--conditions=@fairway/source',
  '--disable-warning=ExperimentalWarning',
  // A server lives long and idles much: a young generation of half the usual size gives back 10 MB.
  '--max-semi-space-size=8',
];
const hasSourceFlags = process.execArgv.includes(sourceFlags[0]);

if (isModernEnough(process.versions.node) && (!isClone || hasSourceFlags)) {
  nodeModule.enableCompileCache?.();
  // Worker threads have a cache only when the environment names one.
  process.env.NODE_COMPILE_CACHE ??= nodeModule.getCompileCacheDir?.();
  await import(pathToFileURL(isClone ? source : built).href);
} else {
  const pinned = join(home, '..', '..', 'node_modules', '.bin', 'node');
  const node = existsSync(pinned) ? pinned : process.execPath;
  if (node === process.execPath && !isModernEnough(process.versions.node)) {
    process.stderr.write(
      `error: fairway needs Node 22.18 or newer; this is Node ${process.versions.node}\n`,
    );
    process.exit(1);
  }
  relay(node, [...(isClone ? sourceFlags : []), fileURLToPath(import.meta.url)]);
}

function isModernEnough(version) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > 22 || (major === 22 && minor >= 18);
}

function relay(node, args) {
  // A server frees more memory when its threads share one heap of the C library.
  const variables = process.argv.includes('up') ? { MALLOC_ARENA_MAX: '1' } : {};
  const env = { ...variables, ...process.env };
  const child = spawn(node, [...args, ...process.argv.slice(2)], { stdio: 'inherit', env });
  for (const signal of ['SIGINT', 'SIGQUIT', 'SIGTERM', 'SIGHUP', 'SIGUSR1', 'SIGUSR2']) {
    process.on(signal, () => {
      // A terminal sends what its keys mean to the child as well.
      const isKey = signal === 'SIGINT' || signal === 'SIGQUIT';
      if (!isKey || process.stdin.isTTY !== true) child.kill(signal);
    });
  }
  child.on('close', (code, signal) => {
    if (signal === null) process.exit(code ?? 1);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}
