import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { type BesideKubectl, openBesideKubectl, skipBeside } from './beside-kubectl.ts';

const workload = (kind: string, name: string, more = ''): string => `
apiVersion: apps/v1
kind: ${kind}
metadata: {name: ${name}, labels: {tier: all}, annotations: {kubernetes.io/change-cause: made}}
spec:
  ${more}
  selector: {matchLabels: {app: ${name}}}
  template:
    metadata: {labels: {app: ${name}}}
    spec:
      terminationGracePeriodSeconds: 0
      containers: [{name: c, image: 'web:1', ports: [{containerPort: 80}]}]
`;

const manifests = [
  workload('Deployment', 'web', 'replicas: 2'),
  workload('StatefulSet', 'db', 'replicas: 2\n  serviceName: db'),
  workload('DaemonSet', 'log'),
  'apiVersion: v1\nkind: Pod\nmetadata: {name: solo}\nspec: {containers: [{name: c, image: web}]}\n',
].join('---\n');

suite('scaling, rollouts and waits beside kubectl', { skip: skipBeside }, () => {
  let both: BesideKubectl;

  before(async () => {
    both = await openBesideKubectl('--node', 'none', '--simulated-nodes', '3');
    await writeFile(join(both.folder, 'all.yaml'), manifests);
  });
  after(() => both[Symbol.asyncDispose]());

  const each = async (...lines: readonly string[]): Promise<void> => {
    for (const line of lines) await both.same(line);
  };
  /** Those after which our errors say more. */
  const eachOwn = async (...lines: readonly string[]): Promise<void> => {
    for (const line of lines) await both.same({ words: line.split(' '), hasOwnErrors: true });
  };
  const begin = async (name: string): Promise<void> => {
    await both.begin(name);
    await both.same('create -f all.yaml');
  };

  test('scale says and does what kubectl does', async () => {
    await begin('scale');
    await each(
      'scale deploy web --replicas=-1',
      'scale deploy/web sts/db --replicas=3 --timeout=60s',
      'scale deploy/web sts/db --replicas=3 --resource-version=4',
      'scale deploy/web --current-replicas=7 --replicas=3',
      'scale deploy/web sts/db --current-replicas=3 --replicas=1 --timeout=60s',
      'scale deploy -l tier=none --replicas=2',
      'scale deploy -l tier=all --replicas=2',
      'scale deploy --all --replicas=2 -o name',
      'scale deploy web --replicas=5 --dry-run=client',
      'scale deploy web --replicas=5 --dry-run=server -o name',
    );
    await eachOwn(
      'scale deploy web',
      'scale deploy --replicas=2',
      'scale deploy/web --replicas=3 --resource-version=4',
      'scale pod/solo --replicas=2',
      'scale deploy/nope --replicas=2',
      'scale -f all.yaml --replicas=4',
      'scale deploy web --replicas=x',
    );
    const { out } = await both.ours('get deploy,sts -o jsonpath={.items[*].spec.replicas}');
    assert.equal(out, '4 4');
    const late = await both.ours('scale deploy web --replicas=5 --timeout=1ms');
    assert.match(late.err, /^error: timed out waiting for "web" to be synced: it has \d of 5/);
    assert.equal(late.exitCode, 1);
  });

  test('a rollout is followed until it is over, looked back at and undone', async () => {
    await begin('rollout');
    const over = 'rollout status deploy/web';
    const { out } = await both.ours(over);
    assert.match(out, /successfully rolled out\n$/);
    await both.theirs(over);
    for (const who of [both.ours, both.theirs]) await who('rollout status sts/db ds/log');
    await each(
      'rollout status deploy,sts,ds -l tier',
      'rollout status deploy -l tier=none',
      'rollout status deploy/nope',
      'rollout status deploy/web --revision=4',
      'rollout status ds/log --watch=false --timeout=9s',
      'rollout history deploy/web ds/log sts/db',
      'rollout history deploy/web --revision=1',
      'rollout history ds/log --revision=1',
      'rollout history sts/db --revision=1',
      'rollout history deploy/web --revision=9',
      'rollout history deploy/nope',
      'rollout history ds/log -o name',
      'rollout undo deploy/web',
      'rollout undo ds/log',
      'rollout restart deploy/web ds/log sts/db',
    );
    await eachOwn(
      'rollout status',
      'rollout status pod/solo',
      'rollout history pod/solo',
      'rollout undo pod/solo',
      'rollout restart pod/solo',
      'rollout history deploy/web --revision=-1',
    );
    for (const who of [both.ours, both.theirs]) await who('rollout status deploy,sts,ds -l tier');
    await both.sameDocument('rollout history sts/db --revision=1 -o json'.split(' '));
    await each(
      'rollout history deploy/web',
      'rollout history ds/log',
      'rollout undo deploy/web --to-revision=77',
      'rollout undo ds/log --to-revision=77',
      'rollout undo deploy/web --to-revision=2',
      'rollout undo deploy/web --dry-run=client',
      'rollout undo ds/log --dry-run=client',
      'rollout undo sts/db --dry-run=client',
      'rollout undo deploy/web --dry-run=server',
      'rollout undo deploy/web',
      'rollout undo ds/log',
      'rollout undo sts/db --to-revision=1',
      'rollout undo ds/log --to-revision=1',
    );
    for (const who of [both.ours, both.theirs]) await who('rollout status deploy,sts,ds -l tier');
    await each('rollout history deploy/web', 'rollout history deploy/web --revision=3');
  });

  test('a paused deployment is not restarted or undone until it goes on', async () => {
    await begin('pauses');
    for (const who of [both.ours, both.theirs]) {
      await who('rollout status deploy/web');
      await who('rollout restart deploy/web');
      await who('rollout status deploy/web');
    }
    await each(
      'rollout pause deploy/web',
      'rollout pause deploy/web',
      'rollout pause ds/log',
      'rollout restart deploy/web',
      'rollout resume deploy/web',
      'rollout resume deploy/web',
      'rollout resume ds/log',
      'rollout pause deploy -l tier -o name',
    );
    await both.same({ words: ['rollout', 'undo', 'deploy/web'], hasOwnErrors: true });
    const undone = await both.ours('rollout undo deploy/web');
    assert.match(undone.err, /^error: you cannot rollback a paused deployment; resume it first/);
    const first = await both.ours('rollout restart ds/log');
    assert.equal(first.out, 'daemonset.apps/log restarted\n');
  });

  test('a rollout whose time or deadline is over ends its status', async () => {
    await both.begin('stuck');
    const input = workload('Deployment', 'web', 'progressDeadlineSeconds: 1').replace(
      'terminationGracePeriodSeconds: 0',
      'nodeSelector: {none: such}',
    );
    await both.same({ words: ['create', '-f', '-'], input });
    const late = await both.ours('rollout status deploy/web --timeout=1ms');
    assert.match(late.err, /^error: timed out waiting for the condition on deployments\/web/);
    assert.equal(late.exitCode, 1);
    const { exitCode, err } = await both.ours('rollout status deploy/web');
    assert.equal(err, 'error: deployment "web" exceeded its progress deadline\n');
    assert.equal(exitCode, 1);
    await both.theirs('rollout status deploy/web');
    await both.same('rollout status deploy/web');
    await both.same('rollout pause deploy/web');
    await both.same('scale deploy/web --replicas=2');
  });

  test('a rollout whose workload goes ends its status', async () => {
    await both.begin('gone');
    const input = workload('StatefulSet', 'db', 'replicas: 1\n  serviceName: db').replace(
      'terminationGracePeriodSeconds: 0',
      'nodeSelector: {none: such}',
    );
    await both.same({ words: ['create', '-f', '-'], input });
    const status = both.ours('rollout status sts/db');
    const watched = await both.ours('rollout status sts/db --watch=false');
    assert.match(watched.out, /^Waiting for /);
    await both.ours('delete sts/db --wait=false');
    const { err, exitCode } = await status;
    assert.equal(err, 'error: object has been deleted\n');
    assert.equal(exitCode, 1);
  });

  test('wait waits for conditions, values, objects and their end', async () => {
    await begin('waits');
    await each(
      'wait pod/solo --for=condition=Ready',
      'wait pod/solo --for=condition=ready=true',
      'wait deploy/web sts/db --for=create',
      'wait deploy/web --for=condition=Available -o name',
      'wait deploy -l tier --for=condition=Available',
      'wait pod -l tier=none --for=condition=Ready',
      'wait pod -l tier=none --for=delete',
      'wait pod/nope --for=delete',
      'wait pod/nope --for=condition=Ready',
      'wait pod/solo --for=jsonpath={.status.phase}=Running',
      'wait pod/solo --for=jsonpath=.status.phase=Running',
      'wait pod/solo --for=jsonpath={.status.phase}="Running"',
      'wait pod/solo --for=jsonpath={.status.phase}',
      'wait pod/solo --for=jsonpath={.status.conditions[?(@.type=="Ready")].status}=True',
      'wait pod/solo --for=jsonpath={.status.conditions[*].type}=Ready',
      'wait pod/solo --for=jsonpath={.metadata}=x',
      'wait pod/solo --for=jsonpath={.status.phase}=',
      'wait -f all.yaml --for=create',
      'wait pod/solo --for=delete --timeout=0',
    );
    await eachOwn(
      'wait pod/solo',
      'wait pod/solo --for=nonsense',
      'wait pod/solo --for=jsonpath={.status.phase',
      'wait pod --for=condition=Ready',
      'wait pod/solo --for=condition=Ready=False --timeout=1s',
      'wait pod/solo --for=jsonpath={.status.nope} --timeout=1s',
      'wait pod/nope --for=create --timeout=1s',
      'wait pod/solo --for=delete --timeout=1s',
    );
    const gone = both.ours('wait pod/solo --for=delete');
    await both.ours('delete pod/solo --wait=false');
    assert.deepEqual(await gone, {
      out: 'pod/solo condition met\n',
      err: '',
      exitCode: 0,
    });
    const come = both.ours('wait cm -l app=late --for=create');
    await both.ours({
      words: ['create', '-f', '-'],
      input: 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: late, labels: {app: late}}\n',
    });
    assert.equal((await come).out, 'configmap/late condition met\n');
  });
});
