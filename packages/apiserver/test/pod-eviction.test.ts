import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Answer, type TestServer, startTestServer } from '@fairway/apiserver/testing';

const place = '/api/v1/namespaces/default';
const budgets = '/apis/policy/v1/namespaces/default/poddisruptionbudgets';
const merge = { 'content-type': 'application/merge-patch+json' };

interface PodState {
  readonly app: string;
  readonly phase?: string;
  readonly isReady?: boolean;
}

class Scene {
  readonly #server: TestServer;

  constructor(server: TestServer) {
    this.#server = server;
  }

  async pod(name: string, { app, phase = 'Running', isReady = true }: PodState): Promise<void> {
    const containers = [{ name: 'app', image: 'registry.example/app:1' }];
    const spec = { automountServiceAccountToken: false, containers, nodeName: 'n1' };
    const body = { metadata: { name, labels: { app } }, spec };
    await this.#server.expect(201, 'POST', `${place}/pods`, { body });
    const ready = { type: 'Ready', status: isReady ? 'True' : 'False' };
    const status = { phase, conditions: [ready] };
    await this.#patch(`${place}/pods/${name}/status`, { status });
  }

  async budget(name: string, spec: object, status: object): Promise<void> {
    const selector = { matchLabels: { app: name } };
    const body = { metadata: { name }, spec: { selector, minAvailable: 1, ...spec } };
    await this.#server.expect(201, 'POST', budgets, { body });
    await this.count(name, status);
  }

  /** As the controller would. */
  async count(name: string, status: object): Promise<void> {
    const { generation } = (await this.#server.expect(200, 'GET', `${budgets}/${name}`)).json
      .metadata;
    await this.#patch(`${budgets}/${name}/status`, {
      status: { observedGeneration: generation, ...status },
    });
  }

  evict(code: number, name: string, more: object = {}, query = ''): Promise<Answer> {
    const body = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name }, ...more };
    return this.#server.expect(code, 'POST', `${place}/pods/${name}/eviction${query}`, { body });
  }

  async deletionOf(name: string): Promise<string | undefined> {
    const { status, json } = await this.#server.request('GET', `${place}/pods/${name}`);
    return status === 404 ? 'gone' : json.metadata.deletionTimestamp;
  }

  async #patch(path: string, body: object): Promise<void> {
    await this.#server.expect(200, 'PATCH', path, { headers: merge, body });
  }
}

test('an eviction deletes a pod when its budget lets it go', async (t) => {
  await using server = await startTestServer();
  await server.expect(201, 'POST', `${place}/serviceaccounts`, {
    body: { metadata: { name: 'default' } },
  });
  const scene = new Scene(server);
  const counted = { currentHealthy: 2, desiredHealthy: 1, expectedPods: 2, disruptionsAllowed: 1 };

  await t.test('and says so on the pod and to the budget', async () => {
    await scene.budget('web', {}, counted);
    await scene.pod('web-0', { app: 'web' });
    await scene.pod('web-1', { app: 'web' });
    await scene.evict(201, 'web-0', {}, '?dryRun=All');
    assert.equal(await scene.deletionOf('web-0'), undefined);
    const { json } = await scene.evict(201, 'web-0', { deleteOptions: { gracePeriodSeconds: 7 } });
    assert.deepEqual([json.kind, json.status, json.code], ['Status', 'Success', 201]);
    const { json: pod } = await server.expect(200, 'GET', `${place}/pods/web-0`);
    assert.equal(pod.metadata.deletionGracePeriodSeconds, 7);
    assert.deepEqual(pod['status'].conditions[1], {
      type: 'DisruptionTarget',
      status: 'True',
      lastProbeTime: null,
      lastTransitionTime: pod.metadata.creationTimestamp,
      reason: 'EvictionByEvictionAPI',
      message: 'Eviction API: evicting',
    });
    const { json: budget } = await server.expect(200, 'GET', `${budgets}/web`);
    assert.equal(budget['status'].disruptionsAllowed, 0);
    assert.deepEqual(Object.keys(budget['status'].disruptedPods), ['web-0']);
    const [condition] = budget['status'].conditions;
    assert.deepEqual([condition.status, condition.reason], ['False', 'InsufficientPods']);
    const refused = await scene.evict(429, 'web-1');
    assert.equal(refused.json.reason, 'TooManyRequests');
    assert.deepEqual(refused.json['details'], {
      causes: [
        {
          reason: 'DisruptionBudget',
          message: 'The disruption budget web needs 1 healthy pods and has 2 currently',
        },
      ],
    });
    assert.equal(await scene.deletionOf('web-1'), undefined);
    // It goes already, so nothing more is spent.
    await scene.evict(201, 'web-0');
  });

  await t.test('in earlier words of kubectl too, and without a budget', async () => {
    await scene.pod('bare', { app: 'bare' });
    await scene.evict(201, 'bare', { apiVersion: 'policy/v1beta1' });
    assert.notEqual(await scene.deletionOf('bare'), undefined);
  });

  await t.test('at once when it is not up or over', async () => {
    await scene.budget('idle', {}, { ...counted, disruptionsAllowed: 0 });
    await scene.pod('waits', { app: 'idle', phase: 'Pending', isReady: false });
    await scene.pod('done', { app: 'idle', phase: 'Succeeded', isReady: false });
    await scene.pod('broken', { app: 'idle', phase: 'Failed', isReady: false });
    for (const name of ['waits', 'done', 'broken']) {
      await scene.evict(201, name);
      assert.notEqual(await scene.deletionOf(name), undefined, name);
    }
  });

  await t.test('and one that is not ready as its budget says', async () => {
    const short = { currentHealthy: 0, desiredHealthy: 1, expectedPods: 1, disruptionsAllowed: 0 };
    await scene.budget('ill', {}, short);
    await scene.pod('ill-0', { app: 'ill', isReady: false });
    await scene.evict(429, 'ill-0');
    await scene.count('ill', { ...short, currentHealthy: 1 });
    await scene.evict(201, 'ill-0');
    await scene.budget('any', { unhealthyPodEvictionPolicy: 'AlwaysAllow' }, short);
    await scene.pod('any-0', { app: 'any', isReady: false });
    await scene.evict(201, 'any-0');
    const { json } = await server.expect(200, 'GET', `${budgets}/any`);
    assert.equal(json['status'].disruptedPods, undefined);
  });

  await t.test('not before the controller has counted, nor when it cannot', async () => {
    await scene.budget('new', {}, { ...counted, observedGeneration: 0 });
    await scene.pod('new-0', { app: 'new' });
    const early = await scene.evict(429, 'new-0');
    assert.equal(early.headers['retry-after'], '10');
    assert.match(early.json['details'].causes[0].message, /is still being processed by the server/);
    const failed = { type: 'DisruptionAllowed', status: 'False', reason: 'SyncFailed' };
    const lastTransitionTime = '2026-01-01T00:00:00Z';
    const conditions = [{ ...failed, message: 'no owner', lastTransitionTime }];
    await scene.count('new', { disruptionsAllowed: 0, conditions });
    const { json } = await scene.evict(429, 'new-0');
    assert.match(json['details'].causes[0].message, /because it failed sync: no owner$/);
  });

  await t.test('not with two budgets', async () => {
    await scene.budget('two', {}, counted);
    await scene.budget('all', { selector: { matchExpressions: [] } }, counted);
    await scene.pod('two-0', { app: 'two' });
    const { json } = await scene.evict(500, 'two-0');
    assert.match(json.message, /^This pod has more than one PodDisruptionBudget, which/);
    await server.expect(200, 'DELETE', `${budgets}/all`);
  });

  await t.test('only the pod that it was meant for', async () => {
    await scene.pod('pin', { app: 'pin' });
    const { json } = await server.expect(200, 'GET', `${place}/pods/pin`);
    const { uid = '', resourceVersion = '' } = json.metadata;
    const meant = (preconditions: object): object => ({ deleteOptions: { preconditions } });
    const other = await scene.evict(409, 'pin', meant({ uid: 'other' }));
    assert.match(other.json.message, /the UID in the precondition \(other\) does not match/);
    await scene.evict(409, 'pin', meant({ uid, resourceVersion: '1' }));
    await scene.evict(201, 'pin', meant({ uid, resourceVersion }));
    await scene.evict(404, 'nobody');
    await scene.evict(400, 'pin', { metadata: { name: 'other' } });
    await scene.evict(422, 'pin', { deleteOptions: { dryRun: ['Some'] } });
  });

  await t.test('of many at once no more than the budget has', async () => {
    await scene.budget('big', {}, { ...counted, disruptionsAllowed: 25 });
    const names = Array.from({ length: 60 }, (_, at) => `big-${at}`);
    for (const name of names) await scene.pod(name, { app: 'big' });
    const answers = await Promise.all(
      names.map((name) =>
        server.request('POST', `${place}/pods/${name}/eviction`, { body: { metadata: { name } } }),
      ),
    );
    const codes = answers.map(({ status }) => status);
    assert.deepEqual(
      [201, 429].map((code) => codes.filter((each) => each === code).length),
      [25, 35],
    );
    const { json } = await server.expect(200, 'GET', `${budgets}/big`);
    assert.equal(json['status'].disruptionsAllowed, 0);
    assert.equal(Object.keys(json['status'].disruptedPods).length, 25);
  });
});
