import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { createClient } from '@fairway/client';
import { ManualClock, seededRandom } from '@fairway/host/testing';
import {
  type HttpRequest,
  type HttpResponse,
  type JsonValue,
  type KubernetesObject,
  apiVersionOf,
  fieldOf,
  matchesFieldSelector,
  matchesLabelSelector,
  parseRequestTarget,
} from '@fairway/protocol';
import { parse } from 'yaml';
import { describeObject } from './describe-object.ts';
import { describerFor } from './describer-table.ts';
import { fetchRelated } from './fetch-related.ts';

const fixtures = join(import.meta.dirname, 'fixtures');
const objects = parse(await readFile(join(fixtures, 'objects.yaml'), 'utf8')) as Named[];
const recordings = (await readFile(join(fixtures, 'recorded.txt'), 'utf8'))
  .split(/^### kubectl describe /m)
  .slice(1)
  .map((text) => {
    const end = text.indexOf('\n');
    return { words: text.slice(0, end), shown: text.slice(end + 1).trimEnd() };
  });

type Named = KubernetesObject & { readonly apiVersion: string; readonly kind: string };

const kinds: Readonly<Record<string, string>> = {
  pv: 'PersistentVolume',
  pvc: 'PersistentVolumeClaim',
  pdb: 'PodDisruptionBudget',
  hpa: 'HorizontalPodAutoscaler',
  crd: 'CustomResourceDefinition',
  csr: 'CertificateSigningRequest',
  recbs: 'Recb',
  quota: 'ResourceQuota',
};

/** Objects of `fixtures/objects.yaml` by the words that name them. */
function named(words: string): readonly Named[] {
  const [type = '', name = '-n'] = words.split(' ');
  const kind = kinds[type] ?? type;
  return objects.filter(
    (each) =>
      each.kind.toLowerCase() === kind.toLowerCase() &&
      (name === '-n' || each.metadata?.name === name),
  );
}

/** What kubectl cannot print the same way twice, or what was masked, is made alike. */
function masked(words: string, text: string): string {
  const [before = '', events = ''] = text
    .trimEnd()
    .replaceAll(/^\[stderr\].*\n?/gm, '')
    .trimEnd()
    .replaceAll(/\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d [+-]\d{4}/g, '<time>')
    .replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?Z/g, '<time>')
    .replaceAll(/[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}/g, '<uid>')
    .replaceAll(/(Resource Version: +)\S+/g, '$1<rv>')
    .split(/^(?=Events:\n)/m);
  const ages = /(?<= )\d+[smhdy]\b( \(x)?(\d+)?( over )?(\d+[smhdy])?/g;
  const age = (_: string, many?: string): string =>
    many === undefined ? '<age>' : '<age> (xN over <age>';
  const both = before + events.replaceAll(ages, age);
  // Rows of limits come in random order there.
  const isUnordered = words.startsWith('limitrange') || words.startsWith('namespace');
  return isUnordered ? both.split('\n').sort().join('\n') : both;
}

const clock = new ManualClock(Date.parse('2026-11-28T16:43:52Z'));
const client = createClient({ transport: serveObjects, clock, random: seededRandom(1) });

/** The fixtures as a server has them. */
async function serveObjects(request: HttpRequest): Promise<HttpResponse> {
  const target = parseRequestTarget(request);
  assert.ok(target.isResource, request.path);
  const { name, namespace, plural, verb, labelSelector = [], fieldSelector = [] } = target;
  const found = objects.filter(({ apiVersion, kind, metadata }) => {
    const isOf = apiVersion === apiVersionOf(target) && `${kind.toLowerCase()}s` === plural;
    return isOf && (namespace === '' || metadata?.namespace === namespace);
  });
  if (verb === 'get') {
    const one = found.find(({ metadata }) => metadata?.name === name);
    const message = `${plural} "${name}" not found`;
    return one === undefined
      ? answer(404, { kind: 'Status', status: 'Failure', reason: 'NotFound', code: 404, message })
      : answer(200, one);
  }
  const items = found.filter(
    (each) =>
      matchesLabelSelector(labelSelector, each.metadata?.labels) &&
      matchesFieldSelector(fieldSelector, (field) => textAt(each, field)),
  );
  return answer(200, { kind: 'List', apiVersion: 'v1', metadata: {}, items });
}

function answer(status: number, body: unknown): HttpResponse {
  const headers = { 'content-type': 'application/json' };
  return { status, headers, body: Buffer.from(JSON.stringify(body)) };
}

function textAt(object: KubernetesObject, field: string): string {
  let value = object as unknown as JsonValue | undefined;
  for (const step of field.split('.')) value = fieldOf(value as never, step);
  return typeof value === 'string' ? value : '';
}

async function describeOne(object: Named): Promise<string> {
  const [group = '', version = ''] = object.apiVersion.includes('/')
    ? object.apiVersion.split('/')
    : ['', object.apiVersion];
  const isNamespaced = object.metadata?.namespace !== undefined;
  const resource = { group, version, kind: object.kind, plural: '', isNamespaced };
  const describer = await describerFor(resource);
  const { signal } = new AbortController();
  const options = { signal, chunkSize: 500, showsEvents: true };
  const related = await fetchRelated(client, describer, object, options);
  const moment = { nowMs: clock.now(), utcOffsetMinutes: () => 0 };
  return describeObject(describer, object, related, moment);
}

const approved = { conditions: [{ type: 'Approved', status: 'True' }], certificate: 'eA==' };

for (const { words, shown } of recordings) {
  test(`describe ${words} is what kubectl prints`, async () => {
    const isIssued = shown.includes('Approved,Issued');
    const found = named(words).map((each) => (isIssued ? { ...each, status: approved } : each));
    assert.ok(found.length > 0, 'it is not among the fixtures');
    const texts = await Promise.all(found.map(describeOne));
    assert.equal(masked(words, texts.join('\n\n')), masked(words, shown));
  });
}
