import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { after, before, suite, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { installedKubectls } from '../../../test/installed-kubectls.ts';
import { finished } from '../../../test/kubectl-process.ts';
import { skipBeside as skip } from './beside-kubectl.ts';
import { type CommandLine, type Printed, commandLine, scratchFolder } from './command-line.ts';
import {
  type DescribedServer,
  describedObjects,
  serveDescribedObjects,
} from './described-server.ts';

const kubectl = (await installedKubectls()).at(-1);

/** What kubectl 1.36 prints otherwise than those before it, and how to make it alike. */
const newer: readonly { readonly why: string; readonly alike: (text: string) => string }[] = [
  {
    why: 'service accounts do not own secrets any more',
    alike: (text) =>
      text.replaceAll(/^(Mountable secrets|Tokens): .*\n/gm, '').replaceAll(' (not found)', ''),
  },
  {
    why: 'ports of services tell their protocol, and services how traffic is distributed',
    alike: (text) => text.replaceAll(/^(AppProtocol|Traffic Distribution): .*\n/gm, ''),
  },
  {
    why: 'ports of containers tell their names',
    alike: (text) =>
      text.replaceAll(/^ +(Host )?Ports?: .*$/gm, (line) => line.replaceAll(/ \([^)]*\)/g, '')),
  },
  {
    why: 'events tell which container they are about',
    alike: (text) => text.replaceAll(/spec\.\w+\{\w+\}: /g, ''),
  },
  {
    why: 'cron jobs tell that they have no time zone',
    alike: (text) => text.replaceAll(/^Time Zone: +<unset>\n/gm, ''),
  },
  {
    why: 'nodes do not tell of a kube-proxy any more',
    alike: (text) => text.replaceAll(/^ {2}Kube-Proxy Version: .*\n/gm, ''),
  },
];
const isNewest = Number(kubectl?.version.split('.')[1]) >= 36;

suite('fairway describe', () => {
  let folder: Awaited<ReturnType<typeof scratchFolder>>;
  let server: DescribedServer;
  let shell: CommandLine;

  before(async () => {
    folder = await scratchFolder();
    server = await serveDescribedObjects();
    shell = commandLine(folder.path, { HOME: folder.path });
  });
  after(async () => {
    await server[Symbol.asyncDispose]();
    await folder[Symbol.asyncDispose]();
  });

  type Outcome = Printed & { readonly exitCode: number };

  function ours(...words: readonly string[]): Promise<Outcome> {
    return shell.run('describe', ...words, '-s', server.url);
  }

  function theirs(...words: readonly string[]): Promise<Outcome> {
    return theirsAt(process.env['TZ'], words);
  }

  async function theirsAt(zone: string | undefined, words: readonly string[]): Promise<Outcome> {
    const env = { PATH: process.env['PATH'] ?? '', HOME: folder.path, TZ: zone };
    const all = ['describe', ...words, '-s', server.url];
    const child = spawn(kubectl?.file ?? 'kubectl', all, { env, cwd: folder.path });
    const [out, err, exitCode] = await finished(child);
    return { out, err, exitCode: exitCode ?? 1 };
  }

  function alike(text: string): string {
    if (isNewest) return text;
    return newer.reduce((changed, { alike: change }) => change(changed), text);
  }

  /** Each description by itself, so that a difference is told with its object. */
  function parts({ out }: Outcome): readonly string[] {
    return alike(out).split(/\n\n\n(?=Name: )/);
  }

  test('tells of every kind what kubectl tells', { skip }, async () => {
    const words = ['-f', describedObjects];
    const [mine, other] = await Promise.all([ours(...words), theirs(...words)]);
    assert.deepEqual([mine.err, mine.exitCode], [other.err, other.exitCode]);
    const expected = parts(other);
    for (const [at, part] of parts(mine).entries()) assert.equal(part, expected[at]);
    assert.deepEqual([parts(mine).length, expected.length], [65, 65]);
  });

  test('tells times by the clock of whoever looks', { skip }, async () => {
    const { environment, ...host } = shell.host;
    const there = { ...environment, utcOffsetMinutes: () => 330 };
    const traveller = commandLine(folder.path, {}, { host: { ...host, environment: there } });
    const words = ['pod/states', 'netpol/np', '-n', 'shop', '-s', server.url];
    const mine = await traveller.run('describe', ...words);
    const other = await theirsAt('Asia/Kolkata', words.slice(0, -2));
    // Go knows the name of the zone too.
    assert.equal(alike(mine.out), alike(other.out).replace('+0530 IST', '+0530 +0530'));
    assert.match(mine.out, /Start Time: +Thu, 01 Jan 2026 05:30:05 \+0530/);
  });

  test('loads the describer of the kind that is described, and no other', async () => {
    const file = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
    const loading = ['--conditions=@fairway/source', '--import', file('list-loaded.mjs')];
    const words = ['describe', 'priorityclass', 'pc', '-s', server.url];
    const { stdout, stderr } = await promisify(execFile)(
      process.execPath,
      [...loading, file('../bin/fairway.js'), ...words],
      {
        cwd: folder.path,
        // Who tests may have a kubeconfig of their own, which would be read.
        env: { PATH: process.env['PATH'], HOME: folder.path },
        maxBuffer: 64 * 1024 * 1024,
      },
    );
    assert.match(stdout, /^Name: +pc\n/);
    const kinds = [...stderr.matchAll(/describe\/kinds\/(\S+)$/gm)].map(([, name]) => name);
    assert.deepEqual(kinds.sort(), ['any-object.ts', 'priority-classes.ts']);
    assert.doesNotMatch(stderr, /packages\/(access|certificates)\/|node_modules\/yaml\//);
  });

  test('finds, refuses and exits as kubectl does', { skip }, async () => {
    const asked = [
      'pod states -n shop --show-events=false',
      'pod m -n shop',
      'pods -l app=web -n shop',
      'svc,pdb -n shop --chunk-size=1',
      'sts/ss svc/sel -n shop',
      'pods absent -n shop',
      'pods states absent gone -n shop',
      'pods -n empty',
      'pods -A -l none=such',
      'pod x -A',
      'pod x -l a=b',
      'wombats',
      'wombats x',
      '-f nowhere.yaml',
      'things.v1.x.example -n shop',
      'role -A',
    ];
    for (const words of asked) {
      const each = words.split(' ');
      const [mine, other] = await Promise.all([ours(...each), theirs(...each)]);
      const text = (outcome: Outcome): Outcome => ({ ...outcome, out: alike(outcome.out) });
      assert.deepEqual(text(mine), text(other), words);
    }
  });
});
