import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { ConfigMap } from '@fairway/kinds/core/v1';
import { type JsonValue, applyJsonPatch, collectBody } from '@fairway/protocol';
import { allow, changeTo, deny } from './admission-answer.ts';
import { type Decide, answerAdmission } from './answer-admission.ts';
import { jsonPatchBetween } from './json-patch-between.ts';

const question = {
  uid: 'u',
  operation: 'CREATE',
  kind: { group: '', version: 'v1', kind: 'ConfigMap' },
  resource: { group: '', version: 'v1', resource: 'configmaps' },
  name: 'a',
  namespace: 'n',
  userInfo: { username: 'ann', groups: ['ops'] },
  object: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' }, data: { k: 'v' } },
  oldObject: null,
  dryRun: false,
  options: { kind: 'CreateOptions', apiVersion: 'meta.k8s.io/v1' },
};

async function ask(
  decide: Decide<ConfigMap>,
  { version = 'v1', request = question as object } = {},
  // oxlint-disable-next-line typescript/no-explicit-any -- a review, as loosely as tests look at it
): Promise<any> {
  const review = { kind: 'AdmissionReview', apiVersion: `admission.k8s.io/${version}`, request };
  const response = await answerAdmission(decide)({
    method: 'POST',
    path: '/',
    query: '',
    headers: {},
    body: Buffer.from(JSON.stringify(review)),
    signal: new AbortController().signal,
  });
  assert.equal(response.status, 200);
  return JSON.parse(Buffer.from(await collectBody(response.body)).toString());
}

suite('answerAdmission', () => {
  test('refuses a review of more than sixteen MiB without reading on', async () => {
    const megabyte = Buffer.alloc(1024 * 1024, ' ');
    let read = 0;
    async function* endless(): AsyncGenerator<Uint8Array> {
      for (; read < 1_000; read++) yield megabyte;
    }
    const refused = answerAdmission(() => allow())({
      method: 'POST',
      path: '/',
      query: '',
      headers: {},
      body: endless(),
      signal: new AbortController().signal,
    });
    await assert.rejects(refused, { code: 413, message: 'a review has 16777216 bytes at most' });
    assert.equal(read, 16);
  });

  test('asks in typed words and answers in those of the API, in its version', async () => {
    const asked: object[] = [];
    const answer = await ask((each) => {
      asked.push(each);
      return allow({ warnings: ['look out'], auditAnnotations: { why: 'so' } });
    });
    assert.deepEqual(answer, {
      kind: 'AdmissionReview',
      apiVersion: 'admission.k8s.io/v1',
      response: {
        uid: 'u',
        allowed: true,
        warnings: ['look out'],
        auditAnnotations: { why: 'so' },
      },
    });
    const { userInfo: user, oldObject: _, dryRun: isDryRun, ...rest } = question;
    assert.deepEqual(asked, [{ ...rest, subresource: '', user, isDryRun }]);
    const old = await ask(() => deny('no', { code: 403, reason: 'Forbidden' }), {
      version: 'v1beta1',
    });
    assert.equal(old.apiVersion, 'admission.k8s.io/v1beta1');
    assert.deepEqual(old.response, {
      uid: 'u',
      allowed: false,
      status: { message: 'no', code: 403, reason: 'Forbidden' },
    });
  });

  test('a changed object becomes a patch of what is different', async () => {
    const { response } = await ask(({ object }) =>
      changeTo({ ...object, metadata: { ...object?.metadata, labels: { 'a/b': 'c' } } }),
    );
    assert.equal(response.patchType, 'JSONPatch');
    assert.deepEqual(JSON.parse(Buffer.from(response.patch, 'base64').toString()), [
      { op: 'add', path: '/metadata/labels', value: { 'a/b': 'c' } },
    ]);
    const same = await ask(({ object }) => changeTo(object ?? {}));
    assert.deepEqual(same.response, { uid: 'u', allowed: true });
  });

  test('what is no review is refused, and what a handler throws is no verdict', async () => {
    await assert.rejects(
      ask(() => allow(), { version: 'v2' }),
      /must be an AdmissionReview/,
    );
    await assert.rejects(
      ask(() => allow(), { request: {} }),
      /no request with a uid/,
    );
    await assert.rejects(
      ask(() => {
        throw new Error('the database is away');
      }),
      /the database is away/,
    );
    const deleted = { ...question, operation: 'DELETE', object: null };
    await assert.rejects(
      ask(() => changeTo({}), { request: deleted }),
      /there is no object to be changed in a DELETE/,
    );
  });
});

test('jsonPatchBetween() makes one value of another, whatever they are', () => {
  const values: readonly JsonValue[] = [
    null,
    1,
    'a',
    {},
    [],
    [1, 2, 3],
    [3, 1],
    [{ a: 1 }, { b: [1] }],
    [{ a: 2 }],
    { a: { b: { 'c/d~e': 1 } }, list: [1, 2] },
    { a: { b: { 'c/d~e': null } }, list: [2], '': 1, __proto__own: 1 },
    { list: { not: 'a list' } },
    [null],
    { a: null },
    JSON.parse('{"__proto__": 1, "toString": 2}') as JsonValue,
  ];
  for (const before of values) {
    for (const after of values) {
      const patch = jsonPatchBetween(before, after);
      assert.deepEqual(applyJsonPatch(before, patch), { kind: 'patched', value: after });
      if (before === after) assert.deepEqual(patch, []);
    }
  }
});
