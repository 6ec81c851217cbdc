import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { type BesideKubectl, openBesideKubectl, skipBeside } from './beside-kubectl.ts';

const configMap = (name: string, more = ''): string => `
apiVersion: v1
kind: ConfigMap
metadata: {name: ${name}${more}}
`;

suite('which objects a command means', { skip: skipBeside }, () => {
  let both: BesideKubectl;

  before(async () => {
    both = await openBesideKubectl();
    const write = (path: string, text: string): Promise<void> =>
      writeFile(join(both.folder, path), text);
    await mkdir(join(both.folder, 'all/within'), { recursive: true });
    await write('all/a.yaml', `${configMap('a')}---\n# nothing\n---\n${configMap('b')}`);
    await write(
      'all/list.json',
      JSON.stringify({
        apiVersion: 'v1',
        kind: 'ConfigMapList',
        items: [{ metadata: { name: 'c', labels: { app: 'web' } } }],
      }),
    );
    await write('all/notes.txt', 'no manifest');
    await write('all/within/d.yml', configMap('d'));
    await write('elsewhere.yaml', configMap('e', ', namespace: elsewhere'));
    await write(
      'unknown.yaml',
      `apiVersion: a.example/v1\nkind: Wombat\nmetadata: {name: w}\n---\n${configMap('after')}`,
    );
    await write('broken.yaml', 'a: [');
    await write(
      'two.json',
      '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"j1"}}\n{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"j2"}}\n',
    );
  });
  after(() => both[Symbol.asyncDispose]());

  test('files, folders, lists, several documents and the input, as kubectl reads them', async () => {
    await both.begin('files');
    await both.same('create -f all');
    await both.same('create -f all/within -f two.json');
    await both.same({ words: ['create', '-f', '-'], input: configMap('piped') });
    await both.same('create -f all -R');
    await both.same('create -f all -l app=web --dry-run=client');
    await both.same('delete -f all/a.yaml,two.json');
    await both.sameObjects('configmaps');
  });

  test('what is wrong with one file keeps no other from being done', async () => {
    await both.begin('faults');
    for (const line of [
      'create -f unknown.yaml',
      'create -f broken.yaml -f all/list.json',
      'create -f none.yaml',
      'create -f elsewhere.yaml',
      'create -f all -l app=none',
      'delete -f all pods',
    ]) {
      await both.same({ words: line.split(' '), hasOwnErrors: true });
    }
    await both.sameObjects('configmaps');
    const { err } = await both.ours('create -f unknown.yaml');
    assert.match(err, /unknown\.yaml: no matches for kind "Wombat" in version "a\.example\/v1"/);
  });

  test('words, pairs, selectors and all of a type', async () => {
    await both.begin('words');
    await both.same('create -f all -R');
    await both.same('delete cm a');
    await both.same('delete cm/b configmap/c');
    await both.same('delete configmaps,secrets d');
    await both.same('create -f all -R');
    await both.same('delete cm -l app=web');
    await both.same('delete cm --field-selector metadata.name=a -o name');
    await both.same('delete cm --field-selector metadata.name=a');
    await both.same('delete cm --all --dry-run=server');
    await both.same('delete cm nope --ignore-not-found');
    for (const line of [
      'delete',
      'delete pods',
      'delete pods -l a=b --all',
      'delete pods x -l a=b',
      'delete pods x --all',
      'delete pods/a b',
      'delete pods/a/b',
      'delete pods x -A',
      'delete wombats x',
    ]) {
      await both.same({ words: line.split(' '), hasOwnErrors: true });
    }
    await both.sameObjects('configmaps');
  });

  test('a URL is read, also where it leads on, and says what it answers', async () => {
    await both.begin('url');
    const server = createServer((request, response) => {
      if (request.url === '/moved') response.writeHead(302, { location: '/a.yaml?b=c' }).end();
      else if (request.url === '/round') response.writeHead(302, { location: '/round' }).end();
      else if (request.url === '/a.yaml?b=c') response.end(configMap('fetched'));
      else response.writeHead(404).end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    try {
      await both.same(`create -f http://127.0.0.1:${port}/moved`);
      for (const path of ['none', 'round']) {
        const words = ['create', '-f', `http://127.0.0.1:${port}/${path}`];
        await both.same({ words, hasOwnErrors: true });
      }
    } finally {
      server.close();
    }
  });

  test('flags are written as kubectl takes them', async () => {
    await both.begin('flags');
    await both.same('create -f=all -R=true --save-config=false');
    await both.same('delete cm -l=app=web --wait=false');
    await both.same('delete --wait --dry-run=server cm/a -o=name');
    const spaced = await both.ours('delete cm/a --wait false --dry-run=client');
    assert.equal(spaced.out, 'configmap "a" deleted (dry run)\n');
    const { err } = await both.ours('delete cm --all=maybe');
    assert.match(err, /cannot use --all "maybe": it is true or false/);
  });
});
