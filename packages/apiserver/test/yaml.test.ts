import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { settle } from '@fairway/host/testing';
import { type Answer, type TestServer, admin, startTestServer } from '@fairway/apiserver/testing';

const configMaps = '/api/v1/namespaces/default/configmaps';
const reviews = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews';
const headers = { 'content-type': 'application/yaml' };

const post = (server: TestServer, body: string, path = configMaps): Promise<Answer> =>
  server.request('POST', path, { headers, body });

suite('YAML', () => {
  test('is read as JSON is, short or long', async () => {
    await using server = await startTestServer();
    for (const lines of [1, 2_000]) {
      const data = Array.from({ length: lines }, (_, at) => `  k${at}: "yes"\n`).join('');
      const start = `metadata:\n  name: c${lines}\n  name: c${lines}\nimmutable: yes\ndata:\n${data}`;
      const { status, json, headers: answered } = await post(server, start);
      assert.equal(status, 201, JSON.stringify(json).slice(0, 300));
      assert.equal(Object.keys(json['data'] as object).length, lines);
      assert.equal(json['immutable'], true);
      assert.match(String(answered['warning']), /line 3: key \\"name\\" already set in map/);
    }
  });

  test('of any account is refused before anybody else has waited for it', async () => {
    await using server = await startTestServer();
    const nobody = server.api.handlerFor({ username: 'nobody', groups: ['system:authenticated'] });
    const count = 260_000;
    const hostile = {
      commas: `[${','.repeat(count)}]`,
      anchors: '&a '.repeat(count / 3),
      tags: '!a '.repeat(count / 3),
      aliases: '*a '.repeat(count / 3),
      maps: `{${','.repeat(count)}}`,
      keys: '? '.repeat(count / 2),
      nested: '['.repeat(count),
    };
    for (const [name, body] of Object.entries(hostile)) {
      const before = performance.eventLoopUtilization();
      const { status } = await server.request('POST', reviews, { headers, body, handler: nobody });
      const { active } = performance.eventLoopUtilization(before);
      assert.equal(status, 400, name);
      assert.ok(active < 500, `${name}: the event loop was held for ${active} ms`);
    }
  });

  test('that takes too long is given up, and the next is read', async () => {
    await using server = await startTestServer();
    const slow = post(server, `[${'{a: [b]},'.repeat(110_000)}]`);
    const queued = post(server, `metadata: {name: queued}\n${'#'.repeat(5_000)}`);
    await settle();
    await server.clock.advance(5_000);
    const { status, json } = await slow;
    assert.equal(status, 400);
    assert.match(json.message, /takes longer than 5000 ms to read; send it as JSON/);
    assert.equal((await queued).status, 201);
  });

  test('is not queued without end, and what is queued ends with the server', async () => {
    const codes: number[] = [];
    const answers: Promise<unknown>[] = [];
    const refused = Promise.withResolvers<void>();
    {
      await using server = await startTestServer();
      const slow = `[${'{a: [b]},'.repeat(110_000)}]`;
      for (let at = 0; at < 20; at++) {
        const answer = post(server, slow).then(({ status }) => {
          if (codes.push(status) === 3) refused.resolve();
        });
        answers.push(answer);
      }
      await refused.promise;
    }
    await Promise.all(answers);
    assert.deepEqual(codes.slice(0, 3), [429, 429, 429]);
    assert.deepEqual(new Set(codes.slice(3)), new Set([400]));
  });

  test('is bounded in bytes, and in what its references stand for', async () => {
    await using server = await startTestServer();
    const comment = await post(server, `#${'x'.repeat(1024 * 1024)}`);
    assert.match(comment.json.message, /more than 1048576 bytes; send it as JSON/);
    const wide = `[${'1,'.repeat(20_000)}]`;
    const references = await post(server, `a: &a ${wide}\nb: [*a,*a,*a,*a,*a]`);
    assert.equal(references.status, 413);
    assert.match(references.json.message, /more than 100000 fields and elements/);
    const long = `"${'x'.repeat(500_000)}"`;
    const texts = await post(server, `a: &a ${long}\nb: [*a,*a,*a]`);
    assert.match(texts.json.message, /more than 1572864 bytes as JSON/);
    const deep = await post(server, `a: ${'\n'.repeat(5_000)}b: &b [*b]`);
    assert.equal(deep.status, 400);
  });

  test('is refused to who may not write before it is read', async () => {
    await using server = await startTestServer();
    const nobody = server.api.handlerFor({ username: 'nobody', groups: [] });
    const body = `[${','.repeat(5_000)}]`;
    const { status } = await server.request('POST', configMaps, { headers, body, handler: nobody });
    assert.equal(status, 403);
    assert.equal(
      (
        await server.request('POST', configMaps, {
          headers,
          body,
          handler: server.api.handlerFor(admin),
        })
      ).status,
      400,
    );
  });
});
