import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import {
  appendFile,
  chmod,
  mkdtemp,
  readFile,
  readdir,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { describe, test } from 'node:test';
import { silentLogger } from '@fairway/host';
import { nodejsBackgroundProcesses, nodejsMachineFiles } from '@fairway/host/machine';
import { nodejsHost } from '@fairway/host/nodejs';
import {
  type CriRuntime,
  type PrivateContainerd,
  type PrivateContainerdOptions,
  containerHost,
  criImages,
  criRuntime,
  openContainerd,
} from '@fairway/node-agent';
import { skipWithoutContainerd, until } from '@fairway/node-agent/testing';

const host = {
  ...nodejsHost(),
  background: nodejsBackgroundProcesses,
  machine: nodejsMachineFiles,
};
const skip = await skipWithoutContainerd();

describe('a containerd of its own', { skip }, () => {
  test('is started again when it is killed, and taken over by the next agent', async () => {
    await using place = await scratchPlace();
    const containerd = await openContainerd(place.options);
    const runtime = await criRuntime(containerd.client, host);
    const before = await place.pid();
    process.kill(before, 'SIGKILL');
    const after = await until('it is started again', async () => {
      const pid = await place.pid();
      return pid !== before && (await runtime.problem())?.includes('NetworkReady')
        ? pid
        : undefined;
    });
    await runtime[Symbol.asyncDispose]();
    await containerd[Symbol.asyncDispose]();
    const next = await openContainerd(place.options);
    assert.equal(await place.pid(), after);
    await next[Symbol.asyncDispose]();
    // As if the agent had been killed before it wrote down whom it started.
    await rm(join(place.options.stateDirectory, 'containerd.json'));
    const last = await openContainerd(place.options);
    assert.equal(await place.pid(), after);
    await last.stop();
    assert.equal(await host.background.identityOf(after), undefined);
  });

  test('keeps the end of a log that has grown large, and writes on', async () => {
    await using place = await scratchPlace();
    const containerd = await openContainerd(place.options);
    const { log } = containerd.folders;
    await appendFile(log, Buffer.alloc(10 * 1024 * 1024, 'x'));
    const kept = await until('the log begins anew', async () => {
      const facts = await stat(`${log}.old`).catch(() => undefined);
      return facts !== undefined && (await stat(log)).size < 1024 * 1024 ? facts : undefined;
    });
    assert.equal(kept.size, 1024 * 1024);
    await containerd.stop();
    assert.match(await readFile(log, 'utf8'), /^time=/, 'what came last stands at the beginning');
  });

  test('belongs to one agent at a time', async () => {
    await using place = await scratchPlace();
    const containerd = await openContainerd(place.options);
    await assert.rejects(openContainerd(place.options), {
      name: 'RuntimeError',
      message: /another node agent uses .*; stop it, or choose another directory/,
    });
    await containerd.stop();
  });

  test('is another one when it is to be told something else', async () => {
    await using place = await scratchPlace();
    const first = await openContainerd(place.options);
    const before = await place.pid();
    await first[Symbol.asyncDispose]();
    const { facts } = place.options;
    const changed = { ...facts, hasHugetlb: !facts.hasHugetlb };
    const second = await openContainerd({ ...place.options, facts: changed });
    assert.notEqual(await place.pid(), before);
    assert.equal(await host.background.identityOf(before), undefined);
    // What it has kept is there.
    const images = await criImages(second.client).list();
    assert.deepEqual(images.map(({ tags }) => tags).flat(), ['fairway.invalid/pause:1']);
    await second.stop();
  });

  test('leaves nothing behind when it is destroyed', async () => {
    await using place = await scratchPlace();
    const containerd = await openContainerd(place.options);
    const runtime = await withPod(containerd, place);
    assert.ok((await place.traces()).length > 0);
    const hasAddresses = async (): Promise<boolean> =>
      (await readFile('/proc/net/fib_trie', 'utf8')).includes(`${place.network}.`);
    assert.ok(await hasAddresses());
    await runtime[Symbol.asyncDispose]();
    await containerd.destroy();
    // A shim ends on its own after the last thing it was asked for.
    await until('its processes have ended', async () =>
      (await place.traces()).length === 0 ? true : undefined,
    );
    // The kernel takes interfaces away a moment after what used them.
    await until('its addresses are gone', async () => ((await hasAddresses()) ? undefined : true));
    assert.deepEqual(await readdir(place.options.directory), ['containerd.lock']);
  });

  test('ends with what it has lost, and keeps its images', async () => {
    await using place = await scratchPlace();
    const containerd = await openContainerd(place.options);
    // As if it had been killed while this one was coming up, after it had looked.
    const words = ['-c', 'read line', '-id', 'lost', '-address', containerd.folders.socket];
    const lost = spawn('sh', words, { argv0: 'containerd-shim-runc-v2', stdio: 'pipe' });
    const over = once(lost, 'close');
    await containerd.end();
    await over;
    assert.deepEqual(await place.traces(), []);
    assert.equal(await host.files.stat(place.options.stateDirectory), undefined);
    assert.ok((await readdir(containerd.folders.root)).length > 0);
  });

  test('takes away what it does not know any more', async () => {
    await using place = await scratchPlace();
    const { directory } = place.options;
    const containerd = await openContainerd(place.options);
    const runtime = await withPod(containerd, place);
    await runtime[Symbol.asyncDispose]();
    await containerd[Symbol.asyncDispose]();
    process.kill(await place.pid(), 'SIGKILL');
    // As if it had been killed before it wrote down what it was making.
    await rm(join(directory, 'containerd/io.containerd.metadata.v1.bolt/meta.db'));
    const next = await openContainerd(place.options);
    await until('only containerd is left', async () => {
      const others = (await place.traces()).filter((text) => !text.startsWith('containerd\0'));
      return others.length === 0 ? true : undefined;
    });
    const taken = await readdir(join(next.folders.addresses, 'fairway'));
    assert.deepEqual(
      taken.filter((name) => name.startsWith('10.')),
      [],
    );
    await next.destroy();
  });

  test('tells why it does not start', async () => {
    await using place = await scratchPlace();
    const tools = join(place.options.directory, 'tools');
    await host.files.makeDirectory(tools);
    await writeFile(join(tools, 'containerd'), '#!/bin/sh\necho it is broken\nexit 3\n');
    await chmod(join(tools, 'containerd'), 0o755);
    const environment = { ...host.environment, variables: { PATH: `${tools}:/usr/bin:/bin` } };
    const options = { ...place.options, host: { ...place.options.host, environment } };
    await assert.rejects(openContainerd(options), {
      name: 'RuntimeError',
      problem: 'unavailable',
      message: /containerd did not start[^]*it is broken/,
    });
  });
});

test('openContainerd() names what the machine lacks, and the remedy', async () => {
  const processes = { run: () => Promise.reject(new Error('not to be run')) };
  const facts = await containerHost({ ...host, environment: nowhere });
  const options = { directory: '/nowhere', stateDirectory: '/nowhere', facts };
  await assert.rejects(openContainerd({ ...options, host: { ...host, processes } }), {
    name: 'RuntimeError',
    problem: 'unsupported',
    message: /^the machine lacks linux.*: containers need Linux/,
  });
});

const nowhere = { ...host.environment, platform: 'darwin' };

/** Starts a pod in it. */
async function withPod(containerd: PrivateContainerd, place: ScratchPlace): Promise<CriRuntime> {
  await containerd.setNetwork([`${place.network}.0/24`]);
  const runtime = await criRuntime(containerd.client, host);
  await until('the network is ready', async () =>
    (await runtime.problem()) === undefined ? true : undefined,
  );
  await runtime.startSandbox({
    pod: { name: 'a', namespace: 'b', uid: 'c' },
    attempt: 0,
    hostname: 'a',
    logDirectory: join(place.options.directory, 'logs'),
    portMappings: [],
    labels: {},
    annotations: {},
    cgroupParent: '/',
    namespaces: { network: 'pod', pid: 'pod', ipc: 'pod' },
    sysctls: {},
    security: {},
  });
  return runtime;
}

interface ScratchPlace extends AsyncDisposable {
  /** Of its pods, without the last part: no other test has it. */
  readonly network: string;
  readonly options: PrivateContainerdOptions;
  /** Of the containerd that the record names. */
  pid(): Promise<number>;
  /** Mounts and processes that have to do with it. */
  traces(): Promise<readonly string[]>;
}

async function scratchPlace(): Promise<ScratchPlace> {
  const directory = await mkdtemp(join(tmpdir(), 'fairway-containerd-'));
  const stateDirectory = `/run/${basename(directory)}`;
  const facts = await containerHost(host);
  return {
    network: `10.199.${randomInt(256)}`,
    options: { directory, stateDirectory, facts, host: { ...host, logger: silentLogger } },
    async pid() {
      const record = await readFile(join(stateDirectory, 'containerd.json'), 'utf8');
      return (JSON.parse(record) as { readonly pid: number }).pid;
    },
    async traces() {
      const mounts = (await nodejsMachineFiles.mounts()).map(({ path }) => path);
      const processes = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
      const commands = await Promise.all(
        processes.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')),
      );
      return [...mounts, ...commands].filter((text) => text.includes(stateDirectory));
    },
    async [Symbol.asyncDispose]() {
      await rm(stateDirectory, { recursive: true, force: true });
      await rm(directory, { recursive: true });
    },
  };
}
