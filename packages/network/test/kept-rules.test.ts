import assert from 'node:assert/strict';
import { test } from 'node:test';
import { admin, startTestServer } from '@fairway/apiserver/testing';
import { type Client, createClient } from '@fairway/client';
import type { Processes } from '@fairway/host';
import { ManualClock, seededRandom, settle } from '@fairway/host/testing';
import { Pod, ServiceAccount } from '@fairway/kinds/core/v1';
import { NetworkPolicy } from '@fairway/kinds/networking/v1';
import { type NetworkOptions, StartingPods, rulesText, runPolicies } from '../src/index.ts';

/** A cluster whose policies are kept by an `nft` that notes what it is given. */
interface KeptPolicies extends AsyncDisposable {
  readonly client: Client;
  readonly clock: ManualClock;
  readonly starting: StartingPods;
  /** What nft was given and took, with the newest last. */
  readonly scripts: readonly string[];
  /** What nft answers from now on; undefined: it takes everything. */
  refuse(why: string | undefined): void;
  /** Has nft lose the table, and tell nobody. */
  loseTable(): void;
  /** Has `nft monitor` tell of a change. */
  tell(text: string): void;
  readonly warnings: readonly string[];
  until(isReached: () => boolean | Promise<boolean>): Promise<void>;
}

async function keepPolicies(): Promise<KeptPolicies> {
  const server = await startTestServer();
  const { api, clock } = server;
  const random = seededRandom(3);
  const scripts: string[] = [];
  const warnings: string[] = [];
  let refusal: string | undefined;
  let isThere = false;
  let monitor: (chunk: Uint8Array) => void = () => {};
  const run: Processes['run'] = async ({ arguments: args, input, onOutput }, signal) => {
    if (args.at(-1) === 'monitor') {
      monitor = onOutput ?? assert.fail();
      await new Promise((_, reject) => {
        signal?.addEventListener('abort', () => reject(signal.reason as Error));
      });
    }
    if (args[0] === 'list') {
      const tables = isThere ? 'table ip fairway-1-policies\n' : '';
      return { exitCode: 0, output: Buffer.from(tables) };
    }
    if (refusal !== undefined) return { exitCode: 1, output: Buffer.from(refusal) };
    isThere = true;
    const text = typeof input === 'object' ? input.text : '';
    scripts.push(text);
    const told = text.split('\n').filter((line) => line.startsWith('add '));
    monitor(Buffer.from(`${told.join('\n')}\n# new generation 3 by process 7 (nft)\n`));
    return { exitCode: 0, output: Buffer.from('') };
  };
  const warn = (message: string, fields?: object): void =>
    void warnings.push(
      `${message} ${String((fields as { error?: unknown } | undefined)?.error ?? '')}`,
    );
  const starting = new StartingPods({ clock });
  const options: NetworkOptions & { readonly starting: StartingPods } = {
    handlerFor: api.handlerFor,
    clock,
    random,
    logger: { debug() {}, info() {}, warn, error: warn },
    processes: { run },
    environment: { variables: {} } as NetworkOptions['environment'],
    nodeName: 'here',
    tableName: 'fairway-1',
    starting,
  };
  const stopping = new AbortController();
  const running = runPolicies(options, stopping.signal);
  const client = createClient({ transport: api.handlerFor(admin), clock, random });
  const until = async (isReached: () => boolean | Promise<boolean>): Promise<void> => {
    for (let round = 0; round < 200 && !(await isReached()); round++) {
      clock.advance(20);
      await settle();
    }
    assert.ok(await isReached(), [...scripts, ...warnings].join('\n'));
  };
  await client.create(ServiceAccount, { metadata: { namespace: 'default', name: 'default' } });
  await until(() => scripts.length === 1);
  return {
    client,
    clock,
    starting,
    scripts,
    warnings,
    until,
    refuse: (why) => (refusal = why),
    loseTable: () => (isThere = false),
    tell: (text) => monitor(Buffer.from(text)),
    async [Symbol.asyncDispose]() {
      stopping.abort();
      await running;
      await server[Symbol.asyncDispose]();
    },
  };
}

const deny: NetworkPolicy = {
  metadata: { namespace: 'default', name: 'deny' },
  spec: { podSelector: {}, policyTypes: ['Ingress'] },
};
const web = {
  metadata: { namespace: 'default', name: 'web', labels: { app: 'web' } },
  spec: { nodeName: 'here', containers: [{ name: 'main', image: 'x' }] },
} satisfies Pod;

async function giveAddress(client: Client): Promise<void> {
  const status = { podIPs: [{ ip: '10.244.0.2' }] };
  await client
    .subresource(Pod, 'web', 'status', { namespace: 'default' })
    .apply({ status }, { fieldManager: 'agent' });
}

test('policies become rules with the pods and policies of the cluster', async () => {
  await using kept = await keepPolicies();
  const { client, scripts, until } = kept;
  await client.create(Pod, web);
  await client.create(NetworkPolicy, deny);
  await giveAddress(client);
  await until(() => scripts.some((each) => each.includes('entering { 10')));
  assert.match(
    scripts.join(''),
    /add element ip fairway-1-policies entering \{ 10\.244\.0\.2 : goto entering\/default\/web \}/,
  );
  await client.delete(NetworkPolicy, 'deny', { namespace: 'default' });
  await until(() => scripts.at(-1)?.includes('delete chain') === true);
});

test('a pod that starts waits for its rules, and is isolated before the API knows its address', async () => {
  await using kept = await keepPolicies();
  const { client, scripts, starting, until } = kept;
  await client.create(NetworkPolicy, deny);
  const pod = await client.create(Pod, web);
  let isKnown = false;
  const known = starting.untilKnown(pod, ['10.244.0.2']).then(() => (isKnown = true));
  await until(() => isKnown);
  await known;
  assert.match(scripts.at(-1) ?? '', /entering \{ 10\.244\.0\.2 : goto/);
});

test('an nft that fails is asked again with the whole table, and the log says why', async () => {
  await using kept = await keepPolicies();
  const { client, scripts, warnings, refuse, until } = kept;
  refuse('Error: Could not process rule: Device or resource busy');
  await client.create(NetworkPolicy, deny);
  await client.create(Pod, web);
  await giveAddress(client);
  await until(() => warnings.some((each) => each.includes('Device or resource busy')));
  refuse(undefined);
  await until(() => scripts.length > 1);
  assert.match(scripts[1] ?? '', /^add table[^]*delete table[^]*entering \{ 10\.244\.0\.2/);
  const ranges = { clusterCidr: '10.244.0.0/16', serviceCidr: '10.0.0.0/24' };
  const place = { ...ranges, node: { name: 'here', addresses: [] }, tableName: 'fairway-1' };
  const text = await rulesText(client, place, new AbortController().signal);
  const [rules] = scripts[1]?.split('flush set ip fairway-1-policies applied') ?? [];
  assert.ok(text.endsWith(`\n${rules}`), 'a dry run prints the same');
});

test('a table that somebody has taken away is put back', async () => {
  await using kept = await keepPolicies();
  kept.loseTable();
  kept.clock.advance(10_000);
  await kept.until(() => kept.scripts.length > 1);
  assert.match(kept.warnings.join(), /were taken away, and are put back/);
});

test('a table that somebody has changed is made anew at once, and others are left alone', async () => {
  await using kept = await keepPolicies();
  const { client, scripts, tell, until } = kept;
  await client.create(NetworkPolicy, deny);
  tell('delete rule ip other forward handle 3\n# new generation 8 by process 9 (nft)\n');
  tell('delete rule ip fairway-1-polic');
  tell('ies forward handle 3\n# new generation 9 by process 9 (nft)\n');
  await until(() => scripts.length > 1);
  assert.match(scripts[1] ?? '', /^add table/);
  assert.match(kept.warnings.join(), /somebody else has changed the rules of network policies/);
  kept.clock.advance(20_000);
  await settle();
  assert.equal(scripts.length, 2, 'what it changes itself is no reason to change it again');
});
