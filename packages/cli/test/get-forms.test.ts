import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { type BesideKubectl, openBesideKubectl, skipBeside } from './beside-kubectl.ts';

/** Quotas of which the amounts are in no order as texts; one has a field that the others have not. */
const objects = [
  ['a', '900m', '2Gi', { app: 'web', 'example.com/tier': 'front' }],
  ['b10', '2', '500Mi', { app: 'db' }],
  ['b9', '1500m', '1Ti', {}],
  ['plain', '10', '3000', {}],
].map(([name, cpu, memory, labels]) => ({
  apiVersion: 'v1',
  kind: 'ResourceQuota',
  metadata: { name, labels },
  spec: {
    hard: { cpu, memory, ...(name === 'a' ? { pods: '3' } : {}) },
    ...(name === 'plain' ? { scopes: ['BestEffort', 'NotTerminating'] } : {}),
  },
}));

const deployment = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web' },
  spec: {
    replicas: 0,
    selector: { matchLabels: { app: 'd' } },
    template: {
      metadata: { labels: { app: 'd' } },
      spec: {
        containers: [
          { name: 'one', image: 'x' },
          { name: 'two', image: 'y' },
        ],
      },
    },
  },
};

suite('the forms in which get shows objects', { skip: skipBeside }, () => {
  let both: BesideKubectl;
  /** Without the flags that a line cannot hold because it is parted by spaces. */
  const sameWords = (...words: readonly string[]): Promise<unknown> => both.same({ words });

  before(async () => {
    both = await openBesideKubectl();
    const write = (path: string, text: string): Promise<void> =>
      writeFile(join(both.folder, path), text);
    const quotas = objects.filter(({ metadata }) => metadata.name !== 'plain');
    await write(
      'all.json',
      JSON.stringify({ apiVersion: 'v1', kind: 'List', items: [...quotas, deployment] }),
    );
    await write(
      'columns',
      'NAME  IMAGES\n.metadata.name   {.spec.template.spec.containers[*].image}\n',
    );
    await write('uneven', 'NAME  IMAGES\n.metadata.name\n');
    await write('path', '{.metadata.name}{"\\n"}');
    await both.begin('forms');
    await both.same('create -f all.json');
  });
  after(() => both[Symbol.asyncDispose]());

  test('columns that the user names', async () => {
    const nested = '.spec.template.spec';
    for (const columns of [
      'NAME:.metadata.name,CPU:.spec.hard.cpu,NONE:.no.such,LABELS:.metadata.labels',
      'NAME:metadata.name,KIND:{.kind},EMPTY:,IN:{metadata.namespace}',
    ]) {
      await both.same(`get quota -o custom-columns=${columns}`);
      await both.same(`get quota a b9 -o custom-columns=${columns} --no-headers`);
    }
    await both.same(
      `get deploy -o custom-columns=C:${nested}.containers[*].name,ALL:${nested}.containers,R:.spec.replicas,N:${nested}.containers[0].none`,
    );
    await both.same('get deploy,quota -o custom-columns=NAME:.metadata.name,V:.apiVersion');
    await both.same('get deploy -o custom-columns-file=columns');
    await both.same('get quota -l app=none -o custom-columns=NAME:.metadata.name');
    await both.same('get quota none a -o custom-columns=NAME:.metadata.name');
    await both.same('get quota none --ignore-not-found -o custom-columns=NAME:.metadata.name');
    for (const wrong of ['=NAME', '=', '', '-file=none', '-file=uneven', '=A:{.x']) {
      await both.same({
        words: ['get', 'quota', '-o', `custom-columns${wrong}`],
        hasOwnErrors: true,
      });
    }
  });

  test('JSONPath from a file, from --template, and as JSON', async () => {
    await both.same('get quota a -o jsonpath-file=path');
    await sameWords('get', 'quota', 'a', '-o', 'jsonpath', '--template', '{.spec.hard.cpu}');
    for (const template of [
      '{.metadata.name}{.spec.hard}',
      'x{.none}{.metadata.labels}',
      `{range .metadata.labels['app']}{@}{","}{end}`,
    ]) {
      await sameWords('get', 'quota', 'a', '-o', `jsonpath-as-json=${template}`);
    }
    for (const wrong of ['jsonpath-file', 'jsonpath-file=none', 'jsonpath-as-json', 'bogus']) {
      await both.same({ words: ['get', 'quota', 'a', '-o', wrong], hasOwnErrors: true });
    }
    for (const asked of [
      ['-o', 'go-template={{.metadata.name}}'],
      ['--template', '{{.metadata.name}}'],
    ]) {
      const { err, exitCode } = await both.ours({ words: ['get', 'quota', 'a', ...asked] });
      assert.equal(exitCode, 1);
      assert.match(err, /^error: templates of Go are not built into fairway: write -o jsonpath=/);
    }
  });

  test('in the order of a field: amounts, texts and times', async () => {
    for (const path of [
      '.metadata.name',
      '{.spec.hard.cpu}',
      'spec.hard.memory',
      '{metadata.creationTimestamp}',
    ]) {
      for (const form of ['name', 'wide', 'custom-columns=N:.metadata.name']) {
        await both.same(`get quota --sort-by=${path} -o ${form}`);
      }
    }
    await both.same('get deploy,quota --sort-by .metadata.name -o name');
    await both.same('get quota -l app=none --sort-by=.metadata.name');
    await both.same({
      words: ['get', 'quota', '-o', 'name', '--sort-by=.none'],
      hasOwnErrors: true,
    });
    for (const [path, what] of [
      ['.spec.hard', 'an object'],
      ['.spec.none', undefined],
    ] as const) {
      const { err, exitCode } = await both.ours(`get quota --sort-by=${path}`);
      assert.equal(exitCode, 1);
      assert.match(
        err,
        what === undefined
          ? /couldn't find any field with path "\{\.spec\.none\}"/
          : /it is an object/,
      );
    }
    // What has no such field comes first.
    const { out } = await both.ours('get quota --sort-by=.spec.hard.pods -o name');
    assert.equal(out.trim().split('\n').at(-1), 'resourcequota/a');
  });

  test('labels as columns', async () => {
    await both.same('get quota -L app,example.com/tier');
    await both.same('get quota -L app -L none --show-labels --no-headers');
    await both.same('get quota,deploy --label-columns=app');
  });

  test('what a file names, and part of an object', async () => {
    await both.same('get -f all.json');
    await both.same('get -f all.json -o name');
    await both.same('get -f all.json -o jsonpath={.items[*].metadata.name}');
    await both.same({ words: ['get', '-f', '-', '-o', 'name'], input: JSON.stringify(deployment) });
    await both.same({ words: ['get', '-f', '-'], input: JSON.stringify(objects.at(-1)) });
    await both.same('get -f all.json quota');
    await both.same('get deploy web --subresource=scale');
    await both.same('get deploy web --subresource=status -o jsonpath={.metadata.name}');
    await both.same('get deploy web --subresource=none');
    await both.same({ words: ['get', 'deploy', '--subresource=scale'], hasOwnErrors: true });
  });

  test('several resources are watched at once', async () => {
    const words = ['get', 'quota,deploy', '-w', '-n', 'forms-ours', '-o', 'name'];
    await using watch = both.shell.start(...words);
    await watch.until('resourcequota/b9');
    await watch.until('deployment.apps/web');
    const [quota] = objects;
    for (const object of [quota, deployment]) {
      const input = JSON.stringify({ ...object, metadata: { name: 'extra' } });
      await both.ours({ words: ['create', '-f', '-'], input });
    }
    await watch.until('resourcequota/extra');
    await watch.until('deployment.apps/extra');
    watch.interrupt();
    assert.equal((await watch.ended).exitCode, 0);
  });

  test('what is refused ends a watch of several', async () => {
    const { err, exitCode } = await both.ours('get quota/a deploy/none -w');
    assert.match(err, /deployments\.apps "none" not found/);
    assert.equal(exitCode, 1);
  });
});
