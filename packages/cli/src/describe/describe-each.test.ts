import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type DiscoveredResource, createClient } from '@fairway/client';
import { systemRandom } from '@fairway/host/nodejs';
import { ManualClock } from '@fairway/host/testing';
import { type Handler, apiError } from '@fairway/protocol';
import { StatefulSet } from '@fairway/kinds/apps/v1';
import type { CommandContext } from '../command-context.ts';
import type { SelectedObject } from '../selection/select-objects.ts';
import { describeEach } from './describe-each.ts';

const clock = new ManualClock();

/** The answers come when they are let through. */
function slowServer(answer: Handler) {
  const waiting: (() => void)[] = [];
  let most = 0;
  let open = 0;
  const transport: Handler = async (request) => {
    open += 1;
    most = Math.max(most, open);
    await new Promise<void>((resolve) => waiting.push(resolve));
    open -= 1;
    return await answer(request);
  };
  /** The latest first, until nobody asks any more. */
  const answerAll = async (): Promise<void> => {
    for (let turn = 0; turn < 200; turn += 1) {
      waiting.pop()?.();
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  return {
    client: createClient({ transport, clock, random: systemRandom }),
    answerAll,
    most: () => most,
  };
}

function selected(
  kind: Pick<DiscoveredResource, 'group' | 'kind' | 'plural'>,
  name: string,
): SelectedObject {
  const resource = {
    version: 'v1',
    isNamespaced: true,
    singular: '',
    shortNames: [],
    categories: [],
    verbs: [],
    subresources: [],
    ...kind,
  };
  const metadata = { name, namespace: 'shop', uid: name };
  return { resource, name, namespace: 'shop', object: { metadata }, source: undefined };
}

function contextOf(): { context: CommandContext; out: string[]; err: string[] } {
  const out: string[] = [];
  const err: string[] = [];
  const output = {
    write: async (text: string) => void out.push(text),
    writeError: async (text: string) => void err.push(text),
  };
  const host = { clock, environment: { utcOffsetMinutes: () => 0 } };
  const { signal } = new AbortController();
  return { context: { output, host, signal } as unknown as CommandContext, out, err };
}

const json = (body: unknown): ReturnType<Handler> =>
  Promise.resolve({
    status: 200,
    headers: { 'content-type': 'application/json' },
    body: Buffer.from(JSON.stringify(body)),
  });

const accounts = { group: '', kind: 'ServiceAccount', plural: 'serviceaccounts' };

test('describeEach() asks about eight objects at a time, and prints in their order', async () => {
  const queries: string[] = [];
  const { client, answerAll, most } = slowServer(({ query }) => {
    queries.push(query);
    return json({ metadata: {}, items: [] });
  });
  const { context, out, err } = contextOf();
  const names = Array.from({ length: 20 }, (_, at) => `account-${at}`);
  const objects = names.map((name) => selected(accounts, name));
  const task = { context, client, chunkSize: 7, showsEvents: true };
  const [failures] = await Promise.all([
    describeEach(task, objects, { before: '\n\n', after: '|' }),
    answerAll(),
  ]);
  assert.equal(most(), 8);
  assert.ok(queries.every((query) => /(^|&)limit=7(&|$)/.test(query)));
  assert.deepEqual([failures, err], [[], []]);
  const shown = out.join('').split('|').slice(0, -1);
  assert.deepEqual(
    shown.map((text) => /^(\n\n)?Name: +(\S+)\n/.exec(text)?.slice(1)),
    names.map((name, at) => [at === 0 ? undefined : '\n\n', name]),
  );
});

test('describeEach() says once why some cannot be described, and that events are missing', async () => {
  const refused = apiError('Forbidden', 'you may not');
  const { client, answerAll } = slowServer(() => Promise.reject(refused));
  const { context, out, err } = contextOf();
  const sets = { ...StatefulSet, plural: 'statefulsets' };
  const objects = [
    selected(sets, 'a'),
    selected(accounts, 'b'),
    selected(sets, 'c'),
    selected(accounts, 'd'),
  ];
  const task = { context, client, chunkSize: 500, showsEvents: true };
  const [failures] = await Promise.all([
    describeEach(task, objects, { before: '\n\n', after: '' }),
    answerAll(),
  ]);
  assert.deepEqual(
    failures.map((each) => (each as Error).message),
    ['Unable to list "pods": you may not'],
  );
  assert.match(
    out.join(''),
    /^Name: +b\n[^]*\nEvents: +<none>\n\n\nName: +d\n[^]*\nEvents: +<none>\n$/,
  );
  assert.deepEqual(err, ['Warning: events are missing: you may not\n']);
});

test('describeEach() tells which object is none of its kind, and goes on', async () => {
  const { client, answerAll } = slowServer(() => json({ metadata: {}, items: [] }));
  const { context, out } = contextOf();
  const odd = selected(accounts, 'odd');
  const object = { ...odd.object, imagePullSecrets: 'none' };
  const ingresses = { group: 'networking.k8s.io', kind: 'Ingress', plural: 'ingresses' };
  const entry = selected(ingresses, 'entry');
  const oddEntry = { ...entry, object: { ...entry.object, spec: { rules: 5 } } };
  const task = { context, client, chunkSize: 500, showsEvents: false };
  const [failures] = await Promise.all([
    describeEach(task, [{ ...odd, object }, oddEntry, selected(accounts, 'b')], {
      before: '',
      after: '',
    }),
    answerAll(),
  ]);
  assert.match(
    String(failures[0]),
    /^CommandError: the server sent a ServiceAccount "odd" that is none \(.*\); see it with: fairway get serviceaccounts odd -o yaml$/,
  );
  assert.match(String(failures[1]), /sent an? Ingress "entry" that is none/);
  assert.match(out.join(''), /^Name: +b\n/);
});
