import assert from 'node:assert/strict';
import type { Handler, KubernetesObject, ManagedFieldsEntry } from '@fairway/protocol';
import { settle } from '@fairway/host/testing';
import type { AnyObject, Answer, TestServer } from './testing.ts';

/** What happened on a kube-apiserver, step by step; the note in the file says how it was kept. */
export interface Story {
  readonly name: string;
  /** `managedFields` stand in their order, and with their times. */
  readonly ordered?: true;
  /** What was there before the first step; a request for each object. */
  readonly given?: readonly { readonly path: string; readonly body: KubernetesObject }[];
  /** Kept without `managedFields`. */
  readonly isUnowned?: true;
  /** Which field of an object `stored` tells of: `spec.replicas`, `env[0].value` of a container. */
  readonly field?: string;
  readonly steps: readonly Step[];
}

export interface Step {
  readonly setup?: true;
  readonly sleepMs?: number;
  /** The answer differed between two recordings. */
  readonly unstable?: true;
  readonly request: {
    readonly method: string;
    readonly path: string;
    readonly headers?: Readonly<Record<string, string>>;
    readonly body?: unknown;
  };
  readonly response: {
    readonly code: number;
    readonly body?: unknown;
    /** What the story's `field` holds; absent: nothing. */
    readonly stored?: unknown;
    readonly headers?: { readonly warning?: readonly string[] };
  };
  readonly observed?: {
    readonly resourceVersion?: 'same' | 'new';
    readonly times?: readonly ('same' | 'later' | 'added')[];
  };
}

/** By story and step, `apply-env 3`: why an answer is another one, and the code where that is too. */
export type KnownGaps = Readonly<
  Record<string, string | { readonly why: string; readonly code: number }>
>;

/**
 * What a story leaves out: what happened before a step, who asks, what masks in the request stand for,
 * and what else is to be looked at in the answer.
 */
export type Cue = (
  at: number,
  step: Step,
) => Promise<{
  readonly step?: Step;
  readonly handler?: Handler;
  readonly check?: (answer: Answer) => void;
}>;

/**
 * Asks what was asked then, and holds each answer against the one recorded. A gap that is closed
 * fails too, so that the list of them can only shrink.
 */
export async function tellStory(
  server: TestServer,
  story: Story,
  gaps: KnownGaps,
  cue?: Cue,
): Promise<void> {
  const seen = new Seen();
  const failures: string[] = [];
  for (const [at, recorded] of story.steps.entries()) {
    const { step = recorded, handler, check } = (await cue?.(at, recorded)) ?? {};
    if (step.sleepMs !== undefined) await server.clock.advance(step.sleepMs);
    const answer = await ask(server, step, { seen, handler });
    const gap = gaps[`${story.name} ${at}`];
    const what = `step ${at}, ${step.request.method} ${step.request.path}: ${answer.text.slice(0, 1_000)}`;
    const difference = differenceOf(() => {
      assert.equal(answer.status, step.response.code, what);
      if (step.setup !== true) compare(answer, step, { story, seen, what });
      if (answer.status < 300) check?.(answer);
    });
    if (gap === undefined && difference !== undefined) failures.push(difference);
    if (gap !== undefined && difference === undefined) failures.push(`step ${at}: no gap any more`);
    const code = typeof gap === 'object' ? gap.code : step.response.code;
    if (gap !== undefined && answer.status !== code) failures.push(`${code} expected, ${what}`);
    if (step.setup === true) await setUp(server, step);
    seen.note(answer, step);
    if (step.request.method !== 'GET') await letServe();
  }
  assert.equal(failures.length, 0, failures.join('\n\n'));
}

function differenceOf(check: () => void): string | undefined {
  try {
    check();
    return undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return `${error}`;
    if (error instanceof assert.AssertionError) {
      const { message, expected, actual } = error;
      const [wanted, found] = [expected, actual].map((value) => JSON.stringify(value));
      return `${message}\n  expected ${wanted}\n  found    ${found}`;
    }
    throw error;
  }
}

/** What answers said last: a request may ask for it, and the next answer is held against it. */
class Seen {
  version = '';
  uid = '';
  readonly #versions = new Map<string, string>();
  readonly #managers = new Map<string, readonly ManagedFieldsEntry[]>();

  note(answer: Answer, { request }: Step): void {
    if (answer.status >= 300 || !answer.text.startsWith('{')) return;
    const { kind = '', metadata } = answer.json as KubernetesObject;
    const { name = '', resourceVersion, uid, managedFields = [] } = metadata ?? {};
    if (resourceVersion !== undefined) this.version = resourceVersion;
    if (uid !== undefined) this.uid = uid;
    if (resourceVersion === undefined) return;
    this.#managers.set(`${kind} ${name}`, managedFields);
    if (!request.path.includes('dryRun')) this.#versions.set(`${kind} ${name}`, resourceVersion);
  }

  compare({ json }: Answer, { observed }: Step, what: string): void {
    const { kind = '', metadata } = json as KubernetesObject;
    const { name = '', resourceVersion, managedFields = [] } = metadata ?? {};
    const before = this.#versions.get(`${kind} ${name}`);
    if (observed?.resourceVersion !== undefined && before !== undefined) {
      const isSame = resourceVersion === before;
      assert.equal(isSame ? 'same' : 'new', observed.resourceVersion, `resourceVersion, ${what}`);
    }
    if (observed?.times === undefined) return;
    const entries = this.#managers.get(`${kind} ${name}`) ?? [];
    const times = managedFields.map((entry) => {
      const last = entries.find((each) => isSameManager(each, entry));
      if (last?.time === undefined || entry.time === undefined) return 'added';
      return last.time === entry.time ? 'same' : 'later';
    });
    assert.deepEqual(times, observed.times, `times, ${what}`);
  }
}

function isSameManager(one: ManagedFieldsEntry, other: ManagedFieldsEntry): boolean {
  return (
    one.manager === other.manager &&
    one.operation === other.operation &&
    one.apiVersion === other.apiVersion &&
    one.subresource === other.subresource
  );
}

function ask(
  server: TestServer,
  { request }: Step,
  { seen, handler }: { readonly seen: Seen; readonly handler: Handler | undefined },
): Promise<Answer> {
  const { method, path, headers = {} } = request;
  const given = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]);
  const body = typeof request.body === 'string' ? request.body : fillIn(request.body, seen);
  return server.request(method, path, {
    headers: { 'user-agent': 'rec/1.0', accept: 'application/json', ...Object.fromEntries(given) },
    ...(body === undefined ? {} : { body }),
    ...(handler === undefined ? {} : { handler }),
  });
}

function fillIn(body: unknown, { version, uid }: Seen): unknown {
  const text = JSON.stringify(body);
  if (text === undefined) return undefined;
  const filled = text.replaceAll('"<rv>"', JSON.stringify(version));
  return JSON.parse(filled.replaceAll('"<uid>"', JSON.stringify(uid)));
}

/** What controllers did beside, and the time that it takes to serve a definition. */
async function setUp(server: TestServer, { request }: Step): Promise<void> {
  const { name = '' } = (request.body as KubernetesObject | undefined)?.metadata ?? {};
  if (request.method === 'POST' && request.path === '/api/v1/namespaces') {
    const accounts = `/api/v1/namespaces/${name}/serviceaccounts`;
    await server.expect(201, 'POST', accounts, { body: { metadata: { name: 'default' } } });
  }
  await letServe();
}

/** What a definition says is served a little later. */
async function letServe(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await settle();
}

interface Comparison {
  readonly story: Story;
  readonly seen: Seen;
  readonly what: string;
}

function compare(answer: Answer, step: Step, { story, seen, what }: Comparison): void {
  const { response } = step;
  const warnings = [[answer.headers['warning'] ?? []].flat(), response.headers?.warning ?? []];
  // Of a map, Go warns in any order.
  const [told, expectedToBe] =
    step.unstable === true ? warnings.map((each) => each.toSorted()) : warnings;
  assert.deepEqual(told, expectedToBe, what);
  if (story.field !== undefined && answer.status < 300) {
    assert.deepEqual(valueAt(answer.json, story.field), response.stored, what);
  }
  if (response.body === undefined) return;
  if (typeof response.body === 'string') {
    assertLike(answer.text, response.body, what);
    return;
  }
  if (!answer.text.startsWith('{')) {
    assert.deepEqual(answer.text, response.body, what);
    return;
  }
  if (answer.status >= 400) {
    compareStatus(answer, step, what);
    return;
  }
  const [found, expected] = [answer.json, response.body].map((each) => comparable(each, story));
  assertLike(likeKept(withoutStatus(found, expected), expected), expected, what);
  seen.compare(answer, step, what);
}

function valueAt(object: unknown, field: string): unknown {
  let value = object;
  for (const step of field.split(/[.[\]]+/)) {
    if (step !== '') value = (value as Readonly<Record<string, unknown>> | undefined)?.[step];
  }
  return value;
}

interface StatusLike {
  readonly message?: string;
  readonly details?: { readonly causes?: readonly Cause[] };
}

interface Cause {
  readonly field: string;
  readonly message: string;
}

/** Kept without what is the same for all of them. */
function compareStatus({ json }: Answer, { response, unstable }: Step, what: string): void {
  const found = withoutCommon(json);
  const expected: StatusLike = withoutCommon(response.body as AnyObject);
  const isMessageKept = unstable !== true && expected.message !== '<causes>';
  const message = isMessageKept ? {} : { message: found.message };
  assertLike(withCauses(found), withCauses({ ...expected, ...message }), what);
}

function withoutCommon(status: AnyObject): Omit<AnyObject, keyof KubernetesObject | 'code'> {
  const { kind: _, apiVersion: __, metadata: ___, code: ____, ...rest } = status;
  return rest;
}

/** A real server checks an updated object twice, and names some causes twice. */
function withCauses(status: StatusLike): unknown {
  const { causes } = status.details ?? {};
  if (causes === undefined) return status;
  const texts = new Map(causes.map((each) => [`${each.field} ${each.message}`, each]));
  const sorted = [...texts].sort(([one], [other]) => (one < other ? -1 : 1));
  return { ...status, details: { ...status.details, causes: sorted.map(([, each]) => each) } };
}

function comparable(object: unknown, story: Story): unknown {
  const { ordered, isUnowned } = story;
  const { metadata, items } = object as KubernetesObject & { readonly items?: readonly unknown[] };
  if (items !== undefined) {
    return { ...(object as object), items: items.map((each) => comparable(each, story)) };
  }
  const { managedFields, ...rest } = metadata ?? {};
  if (managedFields === undefined || ordered === true) return object;
  if (isUnowned === true) return { ...(object as object), metadata: rest };
  const key = (entry: ManagedFieldsEntry): string =>
    [entry.operation, entry.manager, entry.apiVersion, entry.subresource ?? ''].join('\0');
  const sorted = [...managedFields].sort((one, other) => (key(one) < key(other) ? -1 : 1));
  return { ...(object as object), metadata: { ...metadata, managedFields: sorted } };
}

/** The status of workloads, which a controller fills in, was not kept; nor was that of claims in one. */
function withoutStatus(found: unknown, expected: unknown): unknown {
  const { kind, status: _, ...rest } = found as WithClaims & { kind: string; status?: unknown };
  const isFilledIn = /^(Deployment|StatefulSet|HorizontalPodAutoscaler)$/.test(kind);
  const isKept = (expected as { status?: unknown }).status !== undefined;
  if (!isFilledIn || isKept) return found;
  const claims = rest.spec?.volumeClaimTemplates;
  if (claims === undefined) return { kind, ...rest };
  const volumeClaimTemplates = claims.map(({ status: __, ...claim }) => claim);
  return { kind, ...rest, spec: { ...rest.spec, volumeClaimTemplates } };
}

interface WithClaims {
  readonly spec?: { readonly volumeClaimTemplates?: readonly { readonly status?: unknown }[] };
}

/** Of the items of some lists only the names were kept. */
function likeKept(found: unknown, expected: unknown): unknown {
  const list = found as { readonly items?: readonly KubernetesObject[] };
  const kept = (expected as typeof list).items?.[0];
  if (list.items === undefined || kept === undefined || Object.keys(kept).length > 1) return found;
  return {
    ...list,
    items: list.items.map(({ metadata }) => ({ metadata: { name: metadata?.name } })),
  };
}

const masks: Readonly<Record<string, RegExp>> = {
  '<rv>': /^\d+$/,
  '<uid>': /^[0-9a-f-]{36}$/,
  '<time>': /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/,
  '<ip>': /^\d+(\.\d+){3}$/,
  '<port>': /^\d+$/,
  '<unix>': /^\d{10}$/,
  '<kid>': /^[\w-]{43}$/,
  '<jwt>': /^[\w-]+\.[\w-]+\.[\w-]+$/,
  '<modulus>': /^[\w-]{342}$/,
  '<base64 pem>': /^[A-Za-z0-9+/]+=*$/,
  '<base64 jwt>': /^[A-Za-z0-9+/]+=*$/,
};

/** `<nil>` is what Go writes where there is no field. */
const masked = /<(?!nil>)[a-z]+>/;

/** Compares, with what was made up anew put in the place of its mask. */
export function assertLike(found: unknown, expected: unknown, what: string): void {
  assert.deepEqual(found, unmasked(expected, found), what);
}

function unmasked(expected: unknown, found: unknown): unknown {
  if (typeof expected === 'string') return unmaskedText(expected, found);
  if (Array.isArray(expected)) {
    return expected.map((each, at) => unmasked(each, Array.isArray(found) ? found[at] : undefined));
  }
  if (typeof expected !== 'object' || expected === null) return expected;
  const other = (found ?? {}) as Readonly<Record<string, unknown>>;
  return Object.fromEntries(
    Object.entries(expected).map(([name, value]) => [name, unmasked(value, other[name])]),
  );
}

function unmaskedText(expected: string, found: unknown): unknown {
  const mask = masks[expected];
  if (mask !== undefined) return mask.test(String(found)) ? found : expected;
  if (typeof found !== 'string' || !masked.test(expected)) return expected;
  const parts = expected.split(masked).map(escape);
  return new RegExp(`^${parts.join('[^"]*')}$`).test(found) ? found : expected;
}

function escape(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
