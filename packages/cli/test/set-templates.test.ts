import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { type BesideKubectl, openBesideKubectl, skipBeside } from './beside-kubectl.ts';

const template = {
  metadata: { labels: { app: 'web' } },
  spec: {
    restartPolicy: 'Always',
    initContainers: [{ name: 'first', image: 'first:1' }],
    containers: [
      { name: 'main', image: 'web:1', env: [{ name: 'OLD', value: '1' }] },
      { name: 'side', image: 'side:1' },
    ],
  },
};
const meta = (name: string): object => ({ name, labels: { app: 'web' } });
const selector = { matchLabels: { app: 'web' } };
const objects = JSON.stringify({
  apiVersion: 'v1',
  kind: 'List',
  items: [
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: meta('web'),
      spec: { replicas: 0, selector, template },
    },
    {
      apiVersion: 'batch/v1',
      kind: 'CronJob',
      metadata: meta('night'),
      spec: {
        schedule: '0 0 1 1 *',
        jobTemplate: {
          spec: { template: { ...template, spec: { ...template.spec, restartPolicy: 'Never' } } },
        },
      },
    },
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: meta('conf'), data: { 'a.b': '1', C: '2' } },
    { apiVersion: 'v1', kind: 'Secret', metadata: meta('key'), stringData: { pw: 'x' } },
  ],
});

suite('set beside kubectl', { skip: skipBeside }, () => {
  let both: BesideKubectl;

  before(async () => {
    both = await openBesideKubectl();
  });
  after(() => both[Symbol.asyncDispose]());

  const begin = async (name: string): Promise<void> => {
    await both.begin(name);
    await both.same({ words: ['create', '-f', '-'], input: objects });
  };
  const each = async (...lines: readonly string[]): Promise<void> => {
    for (const line of lines) await both.same(line);
  };
  const eachOwn = async (...lines: readonly string[]): Promise<void> => {
    for (const line of lines) await both.same({ words: line.split(' '), hasOwnErrors: true });
  };

  test('image sets images of containers by name, or of all', async () => {
    await begin('image');
    await each(
      'set image deploy/web main=web:2',
      'set image deploy/web main=web:2',
      'set image deploy web main=web:3 side=side:3 first=first:3 -o name',
      'set image deploy/web cronjob/night *=all:1',
      'set image deploy --all *=all:2',
      'set image deploy -l app=web main=web:4',
      'set image deploy -l app=none main=web:5',
      'set image deploy/nope main=web:2',
      'set image deploy/web main=web:9 --dry-run=client',
      'set image deploy/web main=web:9 --dry-run=server',
    );
    await eachOwn(
      'set image deploy/web none=web:2',
      'set image deploy/web',
      'set image main=web:2',
      'set image cm/conf main=web:2',
    );
    await both.sameObjects('deployments,cronjobs');
  });

  test('run says what makes pods of an image', async () => {
    for (const words of [
      ['run', 'web', '--image=nginx'],
      ['run', 'web', '--image', 'nginx'],
    ]) {
      const { err, exitCode } = await both.shell.run(...words);
      assert.equal(exitCode, 1);
      assert.match(err, /type: \S*fairway create deployment web --image=nginx\n$/);
    }
  });

  test('env sets, takes away and lists variables', async () => {
    await begin('env');
    await each(
      'set env deploy/web A=b C=d=e',
      'set env deploy/web A=b',
      'set env deploy/web A=c --overwrite=false',
      'set env deploy/web OLD- A=c',
      'set env deploy/web NONE-',
      'set env cronjob/night -e Q=7 -c m*n',
      'set env deploy/web A=b -c nope',
      'set env deploy/web --from=configmap/conf',
      'set env deploy/web --from=secret/key --prefix=MY_ -c side',
      'set env deploy/web --from=cm/conf --keys=C',
      'set env deploy/web cronjob/night --list',
      'set env deploy/nope A=b',
      'set env deploy/web Z=1 --dry-run=server',
      'set env deploy/web Z=1 --dry-run=client',
      'set env deploy/web C=plain',
      'set env deploy --all ALL=1',
      'set env deploy/web A=b A-',
    );
    await eachOwn('set env A=b', 'set env deploy/web 9=b', 'set env cm/conf A=b');
    await both.sameObjects('deployments,cronjobs');
    const { out } = await both.ours('set env deploy/web --list -c side');
    assert.match(out, /# MY_PW from secret key, key pw\nALL=1\n$/);
  });
});
