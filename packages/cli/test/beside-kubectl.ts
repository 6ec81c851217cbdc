import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { installedKubectls } from '../../../test/installed-kubectls.ts';
import {
  type CommandLine,
  type RunningCommand,
  commandLine,
  scratchFolder,
} from './command-line.ts';

/** What a command left: what it printed, and how it ended. */
export interface Left {
  readonly out: string;
  readonly err: string;
  readonly exitCode: number;
}

/** A command as a user types it, and what is piped into it. */
export interface Step {
  readonly words: readonly string[];
  readonly input?: string;
  /** Only what it prints to its output and how it ends are compared: our errors say more. */
  readonly hasOwnErrors?: boolean;
  readonly variables?: Readonly<Record<string, string>>;
}

/** A cluster in which the same is done twice, by us and by kubectl, each in a namespace of its own. */
export interface BesideKubectl extends AsyncDisposable {
  readonly folder: string;
  readonly shell: CommandLine;
  /** The namespace of the next steps, made by both. */
  begin(name: string): Promise<void>;
  /** In the next steps both work with the same objects, those of the namespace `default`. */
  share(): void;
  /** Runs a line, words parted by spaces, by both, and expects the same of both. Answers what we left. */
  same(line: string | Step): Promise<Left>;
  /** Expects the same JSON of both, but for what is empty: kubectl writes some of what Go has. */
  sameDocument(words: readonly string[]): Promise<void>;
  /** Expects the same objects in both namespaces, in all that is not by chance. */
  sameObjects(types: string): Promise<void>;
  ours(line: string | Step): Promise<Left>;
  theirs(line: string | Step): Promise<Left>;
}

const kubectl = (await installedKubectls()).at(-1)?.file;

/** Why tests beside kubectl are skipped; in CI they are not. */
export const skipBeside =
  kubectl === undefined && !process.env['CI'] && 'kubectl is not on the PATH';

export async function openBesideKubectl(...flags: readonly string[]): Promise<BesideKubectl> {
  const folder = await scratchFolder();
  // Where no pods run, what controllers write of objects would come at any moment.
  const controllers = '*,-deployment-controller,-job-controller,-cronjob-controller';
  const quiet = ['--node', 'none', '--controllers', controllers];
  const node = flags.length === 0 ? quiet : flags;
  const words = ['up', ...node, '--memory', '--listen', '127.0.0.1:0'];
  const cluster: RunningCommand = commandLine(folder.path).start(...words);
  await cluster.until('Stop it with');
  const variables = { KUBECONFIG: join(folder.path, '.fairway/kubeconfig'), HOME: folder.path };
  const shell = commandLine(folder.path, variables);
  let namespace = 'default';
  let isShared = false;
  const place = (who: string): string => (isShared ? 'default' : `${namespace}-${who}`);
  const ours = async (line: string | Step): Promise<Left> => {
    const { words, input = '', variables: own = {} } = stepOf(line);
    const parts = { input: bytesOf(input) };
    const { exitCode, out, err } = await commandLine(
      folder.path,
      { ...variables, ...own },
      parts,
    ).run(...inNamespace(words, place('ours')));
    return { out, err, exitCode };
  };
  const theirs = (line: string | Step): Promise<Left> => {
    const { words, input = '', variables: own = {} } = stepOf(line);
    const env = { ...process.env, ...variables, ...own };
    return new Promise((resolve) => {
      const child = execFile(
        kubectl ?? 'kubectl',
        inNamespace(words, place('theirs')),
        { env, cwd: folder.path },
        (error, out, err) =>
          resolve({ out, err, exitCode: typeof error?.code === 'number' ? error.code : 0 }),
      );
      // One that does not read may be gone already.
      child.stdin?.on('error', () => {});
      child.stdin?.end(input);
    });
  };
  return {
    folder: folder.path,
    shell,
    ours,
    theirs,
    share() {
      isShared = true;
    },
    async begin(name) {
      [namespace, isShared] = [name, false];
      for (const who of ['ours', 'theirs']) {
        const object = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: place(who) } };
        const shell = commandLine(folder.path, variables, {
          input: bytesOf(JSON.stringify(object)),
        });
        const { err, exitCode } = await shell.run('create', '-f', '-');
        assert.equal(exitCode, 0, err);
      }
    },
    async same(line) {
      const step = stepOf(line);
      const [our, their] = await Promise.all([ours(step), theirs(step)]);
      const pick = ({ out, err, exitCode }: Left): object =>
        step.hasOwnErrors === true ? { out, exitCode } : { out, err, exitCode };
      const told = JSON.stringify({ line, our, their });
      assert.deepEqual(pick(plain(our)), pick(plain(their)), told);
      return our;
    },
    async sameDocument(words) {
      const [our, their] = await Promise.all([ours({ words }), theirs({ words })]);
      assert.equal(our.exitCode, 0, our.err);
      const read = ({ out }: Left): unknown => withoutEmpty(JSON.parse(out, withoutChance));
      assert.deepEqual(read(our), read(their), words.join(' '));
    },
    async sameObjects(types) {
      const read = async (who: string): Promise<unknown> => {
        const words = ['get', types, '-o', 'json', '--show-managed-fields', '-n', place(who)];
        const { out } = await shell.run(...words);
        return JSON.parse(out.replaceAll(uidText, 'UID'), withoutChance) as unknown;
      };
      const [our, their] = await Promise.all([read('ours'), read('theirs')]);
      assert.deepEqual(our, their);
      assert.notDeepEqual((our as { items: unknown[] }).items, []);
    },
    async [Symbol.asyncDispose]() {
      cluster.interrupt();
      await cluster.ended;
      await folder[Symbol.asyncDispose]();
    },
  };
}

/** What follows `--` is for another program. */
function inNamespace(words: readonly string[], namespace: string): string[] {
  const end = words.includes('--') ? words.indexOf('--') : words.length;
  return [...words.slice(0, end), '-n', namespace, ...words.slice(end)];
}

function stepOf(line: string | Step): Step {
  return typeof line === 'string' ? { words: line.split(' ') } : line;
}

async function* bytesOf(text: string): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(Buffer.from(text));
}

const uidText = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;
const timeText = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g;

/** Without what differs between two clusters, or two moments. */
function plain({ out, err, exitCode }: Left): Left {
  const text = (value: string): string =>
    value
      .replaceAll(/\b([a-z0-9]+)-(ours|theirs)\b/g, '$1')
      .replaceAll(uidText, 'UID')
      .replaceAll(timeText, 'TIME')
      .replaceAll(/(?<= )\d+s(?=\s)/g, 'AGE')
      .replaceAll(/("?resourceVersion"?: )"?\d+"?/g, '$1RV')
      .replaceAll(/kubectl\.1\.\d+/g, 'kubectl');
  return { out: text(out), err: text(err), exitCode };
}

const chance = new Set([
  'uid',
  'resourceVersion',
  'creationTimestamp',
  'time',
  'clusterIP',
  'clusterIPs',
  'selfLink',
]);

function withoutChance(key: string, value: unknown): unknown {
  if (chance.has(key)) return undefined;
  // They stand in the order of their seconds.
  if (key === 'managedFields') return (value as Owner[]).toSorted(byManager);
  return typeof value === 'string'
    ? value.replaceAll(/\b([a-z0-9]+)-(ours|theirs)\b/g, '$1').replaceAll(uidText, 'UID')
    : value;
}

function withoutEmpty(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutEmpty);
  if (typeof value !== 'object' || value === null) return value;
  const fields = Object.entries(value)
    .map(([key, each]) => [key, withoutEmpty(each)] as const)
    .filter(([key, each]) => key !== 'status' && each !== null && !isEmpty(each));
  return Object.fromEntries(fields);
}

function isEmpty(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}

interface Owner {
  readonly manager: string;
}

function byManager(left: Owner, right: Owner): number {
  return left.manager < right.manager ? -1 : 1;
}
