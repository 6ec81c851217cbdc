import assert from 'node:assert/strict';
import { once } from 'node:events';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import http from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import type { ReceivedSignal, Signals } from '@fairway/host';
import { sendHttp1 } from '@fairway/serving/testing';
import {
  type CommandLine,
  type RunningCommand,
  commandLine,
  scratchFolder,
} from './command-line.ts';

suite('fairway proxy while it runs', () => {
  let folder: Awaited<ReturnType<typeof scratchFolder>>;
  let cluster: RunningCommand;
  let shell: CommandLine;
  let sendSignal: (name: ReceivedSignal['name']) => void;
  const file = (name: string): string => join(folder.path, name);

  before(async () => {
    folder = await scratchFolder();
    cluster = await startCluster(folder.path);
    const signals: Signals = {
      isTaken: true,
      take(onSignal) {
        sendSignal = (name) => onSignal({ name, isFromTerminal: false });
        return { [Symbol.dispose]: () => {} };
      },
    };
    const variables = { KUBECONFIG: file('.fairway/kubeconfig') };
    shell = commandLine(folder.path, variables, { signals });
  });
  after(async () => {
    cluster.interrupt();
    await cluster.ended;
    await folder[Symbol.asyncDispose]();
  });

  async function startCluster(path: string): Promise<RunningCommand> {
    const words = 'up --node none --memory --listen 127.0.0.1:0'.split(' ');
    const started = commandLine(path).start(...words);
    await started.until('Stop it with');
    return started;
  }

  async function proxied(...flags: readonly string[]) {
    const command = shell.start('proxy', '--port', '0', ...flags);
    const { out } = await command.until('Starting to serve on');
    const url = `http://127.0.0.1:${/:(\d+)\n/.exec(out)?.[1] ?? assert.fail(out)}`;
    return { url, command, [Symbol.asyncDispose]: () => command[Symbol.asyncDispose]() };
  }

  /** A watch of which everything is kept that came. */
  async function watch(url: string) {
    const request = http.get(`${url}/api/v1/namespaces?watch=1`, { agent: false });
    const [response] = (await once(request, 'response')) as [http.IncomingMessage];
    await once(response, 'readable');
    return response;
  }

  test('--token-file lets in who has a token, who it is passes no further', async () => {
    await writeFile(file('tokens'), 'letmein,ann\n', { mode: 0o600 });
    await using proxy = await proxied('--token-file', file('tokens'), '--request-log', 'json');
    const ask = (headers: Record<string, string>, path = '/api/v1/namespaces/default') =>
      sendHttp1(`${proxy.url}${path}`, { headers });
    const unknown = await ask({});
    assert.equal(unknown.status, 401);
    assert.match(unknown.text, /"kind":"Status".*send a token of its --token-file/);
    assert.match(String(unknown.headers['www-authenticate']), /^Bearer /);
    assert.equal((await ask({ authorization: 'Bearer letmeout' })).status, 401);
    // The cluster does not know this token, and would refuse it.
    assert.equal((await ask({ authorization: 'Bearer letmein' })).status, 200);
    const { err } = await proxy.command.until('"caller":"ann"');
    const lines = err
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    assert.deepEqual(
      lines.map(({ status, caller, refusedBy, resource }) => [status, caller, refusedBy, resource]),
      [
        [401, undefined, 'callers', undefined],
        [401, undefined, 'callers', undefined],
        [200, 'ann', undefined, 'namespaces'],
      ],
    );
    assert.doesNotMatch(err, /letme/);
  });

  test('--token-file is told of when others may read it, and when it is no such file', async () => {
    await writeFile(file('open-tokens'), 'a\n');
    await chmod(file('open-tokens'), 0o644);
    await using proxy = await proxied('--token-file', file('open-tokens'));
    await proxy.command.until('Warning: others may read');
    const { err, exitCode } = await shell.run('proxy', '--port', '0', '--token-file', 'absent');
    assert.match(err, /there is no file absent/);
    assert.equal(exitCode, 1);
  });

  test('--allow-origin lets a page of that origin read, refusals too, and no other', async () => {
    await writeFile(file('tokens'), 'letmein,ann\n', { mode: 0o600 });
    const origin = 'http://app.example:3000';
    await using proxy = await proxied(
      '--allow-origin',
      origin,
      '--read-only',
      '--token-file',
      file('tokens'),
    );
    const path = `${proxy.url}/api/v1/namespaces/default`;
    const ask = (method: string, headers: Record<string, string>) =>
      sendHttp1(path, { method, headers: { authorization: 'Bearer letmein', ...headers } });
    const page = { origin, 'sec-fetch-site': 'cross-site' };
    const preflight = await sendHttp1(path, {
      method: 'OPTIONS',
      headers: { ...page, 'access-control-request-method': 'GET' },
    });
    assert.equal(preflight.status, 204);
    for (const [method, status] of [
      ['GET', 200],
      ['DELETE', 403],
    ] as const) {
      const answer = await ask(method, page);
      assert.equal(answer.status, status);
      assert.equal(answer.headers['access-control-allow-origin'], origin, method);
    }
    const unknown = await sendHttp1(path, { headers: page });
    assert.deepEqual(
      [unknown.status, unknown.headers['access-control-allow-origin']],
      [401, origin],
    );
    for (const foreign of ['http://app.example', 'http://appxexample:3000', `${origin}.evil`]) {
      const { status, headers } = await ask('GET', { ...page, origin: foreign });
      assert.deepEqual([status, headers['access-control-allow-origin']], [403, undefined]);
    }
    for (const wrong of ['*', 'app.example', 'http://a/b', 'null']) {
      const { err } = await shell.run('proxy', '--port', '0', '--allow-origin', wrong);
      assert.match(err, /cannot use --allow-origin .*: write what a browser sends/, wrong);
    }
  });

  test('--unix-socket is for its user, and not in a folder where everyone may replace it', async () => {
    const open = file('open');
    await mkdir(open);
    await chmod(open, 0o777);
    const refused = await shell.run('proxy', '--unix-socket', join(open, 'sock'));
    assert.match(refused.err, /everyone may replace what is in .*open, this socket too/);
    assert.equal(refused.exitCode, 1);
    await chmod(open, 0o1777);
    const command = shell.start('proxy', '--unix-socket', join(open, 'sock'));
    await command.until('Starting to serve on');
    command.interrupt();
    assert.equal((await command.ended).exitCode, 0);
  });

  test('--health-address answers probes and Prometheus, and says when the cluster is gone', async () => {
    await using other = await scratchFolder();
    const gone = await startCluster(other.path);
    await using proxy = await proxied(
      '--kubeconfig',
      join(other.path, '.fairway/kubeconfig'),
      '--deny',
      '* secrets',
      '--health-address',
      '127.0.0.1:0',
    );
    const { err } = await proxy.command.until('Health and metrics on');
    const health = /Health and metrics on (\S+)/.exec(err)?.[1] ?? assert.fail(err);
    assert.equal((await sendHttp1(`${health}readyz`)).text, 'ok');
    assert.equal((await sendHttp1(`${health}healthz`)).text, 'ok');
    await sendHttp1(`${proxy.url}/api/v1/pods`);
    await sendHttp1(`${proxy.url}/api/v1/secrets`);
    const watching = await watch(proxy.url);
    const { text } = await sendHttp1(`${health}metrics`);
    for (const line of [
      'fairway_proxy_requests_total{verb="list",code="200"} 1',
      'fairway_proxy_requests_total{verb="list",code="403"} 1',
      'fairway_proxy_refused_total{by="fence"} 1',
      'fairway_proxy_requests_running 1',
      'fairway_proxy_request_duration_seconds_count{verb="list"} 2',
    ]) {
      assert.ok(text.includes(`${line}\n`), `${line} is not in ${text}`);
    }
    assert.match(text, /^process_resident_memory_bytes \d/m);
    // What is meant to last is in no histogram of time.
    assert.doesNotMatch(text, /duration_seconds_count\{verb="watch"/);
    watching.on('error', () => {});
    gone.interrupt();
    await gone.ended;
    const notReady = await sendHttp1(`${health}readyz`);
    assert.equal(notReady.status, 500);
    assert.match(notReady.text, /\[-\]cluster failed: /);
    assert.equal((await sendHttp1(`${health}healthz`)).status, 200);
  });

  test('an end is announced, ends watches properly, and waits for requests that are under way', async () => {
    await using proxy = await proxied('--drain-timeout', '30s', '--health-address', '127.0.0.1:0');
    const { err } = await proxy.command.until('Health and metrics on');
    const health = /Health and metrics on (\S+)/.exec(err)?.[1] ?? assert.fail(err);
    const watching = await watch(proxy.url);
    // A request whose body is still on its way.
    const { port } = new URL(proxy.url);
    const writing = connect(Number(port), '127.0.0.1').setEncoding('utf8');
    const body = JSON.stringify({ metadata: { name: 'late' } });
    writing.write(
      `POST /api/v1/namespaces HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body.slice(0, 5)}`,
    );
    // The server has read it when it has answered what came after it.
    await sendHttp1(`${proxy.url}/version`);
    const answered = writing.toArray();
    proxy.command.interrupt();
    const left = (await watching.toArray()) as Buffer[];
    assert.equal(watching.complete, true);
    assert.ok(left !== undefined);
    const readyz = await sendHttp1(`${health}readyz`);
    assert.match(readyz.text, /\[-\]ending failed: the proxy ends and takes no new requests/);
    await assert.rejects(sendHttp1(`${proxy.url}/version`), /ECONNREFUSED/);
    writing.write(body.slice(5));
    assert.match((await answered).join(''), /^HTTP\/1.1 201 /);
    assert.equal((await proxy.command.ended).exitCode, 0);
  });

  test('an end waits no longer than --drain-timeout', async () => {
    await using proxy = await proxied('--drain-timeout', '10ms');
    const stuck = connect(Number(new URL(proxy.url).port), '127.0.0.1');
    stuck.on('error', () => {});
    stuck.write(
      'POST /api/v1/namespaces HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n{',
    );
    await sendHttp1(`${proxy.url}/version`);
    proxy.command.interrupt();
    assert.equal((await proxy.command.ended).exitCode, 0);
    const wrong = await shell.run('proxy', '--port', '0', '--drain-timeout', 'soon');
    assert.match(wrong.err, /cannot use --drain-timeout "soon": write a time such as 30s/);
  });

  test('--config is read again: new requests by the new flags, running ones untouched', async () => {
    const config = file('proxy.yaml');
    await writeFile(config, 'deny: ["* secrets"]\nnamespace-fence: default\n');
    await using proxy = await proxied('--config', config, '--drain-timeout', '1s');
    const statusOf = async (path: string, method = 'GET'): Promise<number> =>
      (await sendHttp1(`${proxy.url}${path}`, { method })).status;
    const secrets = '/api/v1/namespaces/default/secrets';
    const running = await watch(`${proxy.url}`).catch(() => assert.fail());
    assert.deepEqual([await statusOf(secrets), await statusOf('/api/v1/nodes')], [403, 403]);
    running.destroy();
    await writeFile(config, '# all but writes\nread-only: true\nport: 1\naddress: 127.0.0.2\n');
    sendSignal('SIGHUP');
    await proxy.command.until('the flags and the kubeconfig were read again');
    await proxy.command.until('some flags count after a restart only flags=address');
    assert.deepEqual([await statusOf(secrets), await statusOf('/api/v1/nodes')], [200, 200]);
    assert.equal(await statusOf('/api/v1/namespaces/default', 'DELETE'), 403);
    const watching = await watch(proxy.url);
    for (const [text, what] of [
      ['deny: [', /cannot use the flags in .*proxy.yaml: /],
      ['nothing-such: 1', /\\?"nothing-such\\?" is no flag that it may have; there are port/],
      ['read-only: perhaps', /read-only is true or false/],
      ['deny: ["see pods"]', /cannot use --deny/],
      ['kubeconfig: /absent', /the proxy goes on as it was/],
      ['- a', /it is no object with the names of flags/],
      ['port: [1, 2]', /port is one text/],
    ] as const) {
      await writeFile(config, text);
      sendSignal('SIGHUP');
      await untilMatch(proxy, what);
      assert.equal(await statusOf('/api/v1/nodes', 'DELETE'), 403, text);
    }
    await writeFile(config, '{}');
    sendSignal('SIGHUP');
    const created = JSON.stringify({ metadata: { name: 'made' } });
    while ((await statusOf('/api/v1/namespaces/absent', 'DELETE')) === 403);
    await sendHttp1(`${proxy.url}/api/v1/namespaces`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: created,
    });
    // The watch that began before sees it.
    let seen = '';
    for await (const part of watching) {
      seen += String(part);
      if (seen.includes('"made"')) break;
    }
    assert.match(seen, /"made"/);
    sendSignal('SIGTERM');
    assert.equal((await proxy.command.ended).exitCode, 0);
  });

  /** Asks something until the error output has it: what happens meanwhile takes no time of its own. */
  async function untilMatch(
    { url, command }: { readonly url: string; readonly command: RunningCommand },
    what: RegExp,
  ): Promise<void> {
    while (!what.test((await command.until('')).err)) await sendHttp1(`${url}/version`);
  }

  test('a file that opens the proxy to others is told of when it is read again', async () => {
    const config = file('opened.yaml');
    await writeFile(config, '{}');
    await using proxy = await proxied('--config', config);
    await writeFile(config, 'disable-filter: true\nunix-socket: /not/before/a/restart\n');
    sendSignal('SIGHUP');
    const { err } = await proxy.command.until('the flags and the kubeconfig were read again');
    assert.match(err, /the filter is off: every web page that you open can use this proxy/);
  });

  test('--as is for every cluster of --clusters', async () => {
    const path = 'clusters/fairway/api/v1/nodes';
    await using full = await proxied('--clusters', 'all');
    assert.equal((await sendHttp1(`${full.url}/${path}`)).status, 200);
    await using proxy = await proxied(
      '--as',
      'visitor',
      '--as-group',
      'guests',
      '--clusters',
      'all',
    );
    const { status, text } = await sendHttp1(`${proxy.url}/${path}`);
    assert.equal(status, 403);
    assert.match(text, /User \\"visitor\\" cannot list resource \\"nodes\\"/);
  });

  test('what was typed counts before what a file says, and the context stays the one of the start', async () => {
    const config = file('typed.yaml');
    await writeFile(config, 'read-only: true\naccept-paths: ^/nothing\n');
    await using proxy = await proxied('--config', config, '--accept-paths', '^/version');
    assert.equal((await sendHttp1(`${proxy.url}/version`)).status, 200);
    assert.equal((await sendHttp1(`${proxy.url}/api`)).status, 403);
    const absent = await shell.run('proxy', '--port', '0', '--config', 'absent.yaml');
    assert.match(absent.err, /there is no file absent.yaml, of --config/);
  });
});
