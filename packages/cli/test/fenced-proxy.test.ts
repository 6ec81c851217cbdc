import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { sendHttp1, sendRaw } from '@fairway/serving/testing';
import {
  type CommandLine,
  type RunningCommand,
  commandLine,
  scratchFolder,
} from './command-line.ts';

const upgrade =
  'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n';

suite('fairway proxy with fences', () => {
  let folder: Awaited<ReturnType<typeof scratchFolder>>;
  let cluster: RunningCommand;
  let shell: CommandLine;

  before(async () => {
    folder = await scratchFolder();
    cluster = commandLine(folder.path).start(
      ...'up --node none --memory --listen 127.0.0.1:0'.split(' '),
    );
    await cluster.until('Stop it with');
    shell = commandLine(folder.path, { KUBECONFIG: join(folder.path, '.fairway/kubeconfig') });
  });
  after(async () => {
    cluster.interrupt();
    await cluster.ended;
    await folder[Symbol.asyncDispose]();
  });

  async function proxied(...flags: readonly string[]) {
    const command = shell.start('proxy', '--port', '0', '--reject-paths', '', ...flags);
    const { out } = await command.until('Starting to serve on');
    const port = Number(/:(\d+)\n/.exec(out)?.[1] ?? assert.fail(out));
    return {
      port,
      url: `http://127.0.0.1:${port}`,
      command,
      [Symbol.asyncDispose]: () => command[Symbol.asyncDispose](),
    };
  }

  test('refuses with a Status that names the fence, streams too', async () => {
    await using proxy = await proxied('--read-only');
    const read = await sendHttp1(`${proxy.url}/api/v1/namespaces/default`);
    assert.equal(read.status, 200);
    const refused = await sendHttp1(`${proxy.url}/api/v1/namespaces/default`, { method: 'DELETE' });
    assert.equal(refused.status, 403);
    const status = JSON.parse(refused.text) as { kind: string; reason: string; message: string };
    assert.deepEqual([status.kind, status.reason], ['Status', 'Forbidden']);
    assert.match(
      status.message,
      /--read-only of this proxy refuses to delete namespaces "default"/,
    );
    const stream = await sendRaw(
      proxy.port,
      `GET /api/v1/namespaces/default/pods/a/exec?command=ls HTTP/1.1\r\nHost: localhost\r\n${upgrade}\r\n`,
    );
    assert.match(stream, /^HTTP\/1.1 403 .*--read-only of this proxy/s);
  });

  test('judges a request by what it is, however its line and its head are written', async () => {
    await using proxy = await proxied('--deny', '* secrets');
    const ask = async (line: string, head = ''): Promise<string> =>
      sendRaw(
        proxy.port,
        `${line} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n${head}\r\n`,
      );
    const secrets = '/api/v1/namespaces/default/secrets';
    for (const line of [
      `GET ${secrets}`,
      `GET http://localhost${secrets}`,
      'GET http://localhost/api/v1/n%61mespaces/default/secrets',
      `GET ${secrets}?w%61tch=1`,
      'GET /api/v1/namespaces/default/s%65crets',
    ]) {
      assert.match(await ask(line), /^HTTP\/1.1 403 /, line);
    }
    for (const line of [
      `GET /${secrets}`,
      `GET http://localhost/${secrets}`,
      'GET /api/v1/namespaces/default/pods/%2e%2e/secrets',
      'GET /api%2fv1%2fnamespaces%2fdefault%2fsecrets',
      `GET ${secrets};x`,
      'GET /API/v1/namespaces/default/secrets',
      'GET /%61pi/v1/namespaces/default/secrets',
    ]) {
      assert.match(await ask(line), /^HTTP\/1.1 400 .*the proxy has fences/s, line);
    }
    const pods = 'GET /api/v1/namespaces/default/pods';
    assert.match(await ask(pods), /^HTTP\/1.1 200 /);
    assert.match(await ask(pods, 'X-HTTP-Method-Override: DELETE\r\n'), /^HTTP\/1.1 400 /);
    assert.match(await ask(pods, `X-Original-URL: ${secrets}\r\n`), /^HTTP\/1.1 400 /);
  });

  test('a namespace of kubectl is no fence, and --namespace-fence is one', async () => {
    await using plain = await proxied('-n', 'default');
    assert.equal((await sendHttp1(`${plain.url}/api/v1/nodes`)).status, 200);
    await using fenced = await proxied('--namespace-fence', 'default,shop');
    assert.equal((await sendHttp1(`${fenced.url}/api/v1/namespaces/default/pods`)).status, 200);
    const refused = await sendHttp1(`${fenced.url}/api/v1/pods`);
    assert.match(refused.text, /--namespace-fence default,shop of this proxy refuses to list pods/);
  });

  test('knows short names, and says what is wrong with a rule', async () => {
    await using proxy = await proxied('--allow', 'get,list ns', '--allow', 'list deploy');
    assert.equal((await sendHttp1(`${proxy.url}/api/v1/namespaces`)).status, 200);
    assert.equal((await sendHttp1(`${proxy.url}/api/v1/services`)).status, 403);
    for (const [rule, what] of [
      ['create pods/exec', /cannot use --deny: .*write pods\/\*\/exec/],
      ['see pods', /cannot use --deny: .*has the verb "see"/],
    ] as const) {
      const { err, exitCode } = await shell.run('proxy', '--port', '0', '--deny', rule);
      assert.match(err, what);
      assert.equal(exitCode, 1);
    }
    await using warned = await proxied('--deny', 'get widget');
    assert.match(
      (await warned.command.until('exactly this plural name')).err,
      /Warning: 'get widget' names widget, which Kubernetes does not have/,
    );
    await using half = await proxied('--deny', 'get,watch secrets');
    assert.match(
      (await half.command.until('hides nothing')).err,
      /--deny 'get,watch secrets' hides nothing: list can show the same objects/,
    );
    const wrong = await shell.run('proxy', '--port', '0', '--namespace-fence', 'a,B!');
    assert.match(wrong.err, /cannot use --namespace-fence: "B!" is no name of a namespace/);
  });

  test('a watch passes a fence as a stream, and goes on', async () => {
    await using proxy = await proxied('--read-only');
    const socket = connect(proxy.port, '127.0.0.1');
    socket.write('GET /api/v1/namespaces?watch=1 HTTP/1.1\r\nHost: localhost\r\n\r\n');
    const [first] = (await once(socket, 'data')) as [Buffer];
    assert.match(first.toString(), /^HTTP\/1.1 200 /);
    socket.destroy();
  });
});
