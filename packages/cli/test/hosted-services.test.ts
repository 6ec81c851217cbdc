import assert from 'node:assert/strict';
import { Agent, type IncomingMessage, type RequestOptions, request as send } from 'node:http';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { type ConnectedClient, connect } from '@fairway/client/connect';
import { Pod } from '@fairway/kinds/core/v1';
import { Role, RoleBinding } from '@fairway/kinds/rbac/v1';
import { skipWithoutNamespaces } from '@fairway/node-agent/testing';
import {
  type CommandLine,
  type RunningCommand,
  commandLine,
  scratchFolder,
} from './command-line.ts';
import { type Said, runHostedApplication } from './hosted-application.ts';

const web = 'web.default.svc.localhost';

interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly text: string;
}

suite('services by host name', { skip: await skipWithoutNamespaces() }, () => {
  let folder: Awaited<ReturnType<typeof scratchFolder>>;
  let cluster: RunningCommand;
  let shell: CommandLine;
  let admin: ConnectedClient;
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });

  before(async () => {
    folder = await scratchFolder();
    const bare = commandLine(folder.path);
    cluster = bare.start('up', '--listen', '127.0.0.1:0', '--node', 'process');
    await cluster.until('Stop it with');
    const kubeconfig = join(folder.path, '.fairway/kubeconfig');
    shell = commandLine(folder.path, { KUBECONFIG: kubeconfig });
    admin = await connect({ kubeconfig });
    await runHostedApplication(admin);
  });
  after(async () => {
    agent.destroy();
    await admin.close();
    cluster.interrupt();
    await cluster.ended;
    await folder[Symbol.asyncDispose]();
  });

  async function serve(...flags: readonly string[]): Promise<RunningCommand & { port: number }> {
    const command = shell.start('proxy', '-p', '0', ...flags);
    const { out } = await command.until('Starting to serve on ');
    return Object.assign(command, { port: Number(/:(\d+)\n/.exec(out)?.[1]) });
  }

  /** A browser finds these hosts by itself; Node.js asks the machine, which may not know them. */
  async function ask(
    port: number,
    host: string,
    options: RequestOptions & { readonly body?: string } = {},
  ): Promise<Answer> {
    const { body, headers, ...rest } = options;
    const request = send({
      agent,
      host: '127.0.0.1',
      port,
      ...rest,
      headers: { host: `${host}:${port}`, ...(headers as Record<string, string>) },
    });
    request.end(body);
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    const text = Buffer.concat(await response.toArray()).toString();
    return { status: response.statusCode ?? 0, headers: response.headers, text };
  }

  test('an application gets its requests as they are, at an origin of its own', async () => {
    await using proxy = await serve();
    const host = `${web}:${proxy.port}`;
    const { text } = await ask(proxy.port, web, {
      method: 'PUT',
      path: '/a%2Fb?c=d',
      headers: { authorization: 'Basic YTpi', cookie: 'session=1' },
      body: 'text',
    });
    const { pod, ...said } = JSON.parse(text) as Said;
    assert.match(pod, /^web-[ab]$/);
    assert.deepEqual(said, {
      method: 'PUT',
      url: '/a%2Fb?c=d',
      host,
      cookie: 'session=1',
      authorization: 'Basic YTpi',
      body: 'text',
    });
    const login = await ask(proxy.port, web, { method: 'POST', path: '/login' });
    assert.equal(login.headers.location, `http://${host}/`);
    assert.deepEqual(login.headers['set-cookie'], ['session=1; Path=/; HttpOnly']);
  });

  test('ports, pods and what is not there', async () => {
    await using proxy = await serve();
    for (const host of [`http.${web}`, `80.${web}`, 'web-a.default.pod.localhost']) {
      assert.equal((await ask(proxy.port, host, { path: '/said' })).status, 200, host);
    }
    const absent = await ask(proxy.port, 'nothing.default.svc.localhost');
    assert.equal(absent.status, 404);
    assert.match(absent.text, /services \\"nothing\\" not found/);
    assert.match(
      (await ask(proxy.port, `9.${web}`)).text,
      /has no port \\"9\\"; it has http \(80\)/,
    );
    const closed = await ask(proxy.port, '9.web-a.default.pod.localhost');
    assert.equal(closed.status, 502);
    assert.match(closed.text, /web-a/);
    await using without = await serve('--no-service-hosts');
    assert.equal((await ask(without.port, web)).status, 403);
  });

  test('fences stand before applications too, and tokens of callers do not come to them', async () => {
    await using fenced = await serve('--read-only');
    // A port that is forwarded may carry anything, so what reads goes through the API server.
    const read = await ask(fenced.port, web, { path: '/said' });
    assert.equal((JSON.parse(read.text) as Said & { readonly way?: string }).method, 'GET');
    assert.match(read.text, /"way":"\/api\/v1\/namespaces\/default\/services\//);
    const write = await ask(fenced.port, web, { method: 'POST', path: '/said' });
    assert.equal(write.status, 403);
    assert.match(write.text, /--read-only of this proxy refuses to create services\/proxy/);
    await using elsewhere = await serve('--namespace-fence', 'shop');
    assert.match((await ask(elsewhere.port, web)).text, /--namespace-fence shop of this proxy/);
    const tokens = join(folder.path, 'tokens');
    await writeFile(tokens, 'letmein\n', { mode: 0o600 });
    await using known = await serve('--token-file', tokens);
    const headers = { authorization: 'Bearer letmein' };
    assert.equal((await ask(known.port, web, { path: '/said' })).status, 401);
    const said = await ask(known.port, web, { path: '/said', headers });
    assert.equal(said.status, 200);
    assert.doesNotMatch(said.text, /letmein/);
  });

  test('another pod answers when one goes', async () => {
    await using proxy = await serve();
    const first = JSON.parse((await ask(proxy.port, web, { path: '/said' })).text) as Said;
    await admin.delete(Pod, first.pod);
    await admin.waitFor(Pod, first.pod, { isDeleted: true });
    const second = JSON.parse((await ask(proxy.port, web, { path: '/said' })).text) as Said;
    assert.notEqual(second.pod, first.pod);
  });

  test('who may not forward ports goes through the API server', async () => {
    const apiGroup = 'rbac.authorization.k8s.io';
    await admin.create(Role, {
      metadata: { name: 'visitor' },
      rules: [{ apiGroups: [''], resources: ['services/proxy'], verbs: ['get'] }],
    });
    await admin.create(RoleBinding, {
      metadata: { name: 'visitor' },
      roleRef: { apiGroup, kind: 'Role', name: 'visitor' },
      subjects: [{ apiGroup, kind: 'User', name: 'visitor' }],
    });
    await using proxy = await serve('--as', 'visitor');
    const { text } = await ask(proxy.port, `http.${web}`, { path: '/said' });
    const { way } = JSON.parse(text) as Said;
    assert.equal(way, '/api/v1/namespaces/default/services/web:http/proxy/said');
    const refused = await ask(proxy.port, `http.${web}`, { method: 'POST', path: '/said' });
    assert.equal(refused.status, 403);
  });

  test('other contexts are below a path and at a host, each as its own user', async () => {
    await using proxy = await serve('--clusters', 'all');
    const path = '/api/v1/namespaces/default';
    const { port } = proxy;
    const below = await ask(port, 'localhost', { path: `/clusters/fairway${path}` });
    assert.deepEqual([below.status, below.text.includes('"default"')], [200, true]);
    assert.equal((await ask(port, 'fairway.cluster.localhost', { path })).status, 200);
    assert.equal((await ask(port, 'localhost', { path: `/clusters/nobody${path}` })).status, 404);
    const unknown = await ask(port, 'nobody.cluster.localhost', { path });
    assert.equal(unknown.status, 404);
    assert.match(unknown.text, /no cluster \\"nobody\\"; it has fairway/);
    const { exitCode, err } = await shell.run('proxy', '-p', '0', '--clusters', 'nobody');
    assert.equal(exitCode, 1);
    assert.match(err, /no context is called "nobody"; there are fairway/);
  });

  test('fairway open says where a service is, and offers nothing else', async () => {
    await using opened = shell.start('open', 'svc/web:http', '--no-browser');
    const { out } = await opened.until('\n');
    const port = Number(/^http:\/\/http\.web\.default\.svc\.localhost:(\d+)\/\n$/.exec(out)?.[1]);
    assert.equal((await ask(port, `http.${web}`)).status, 200);
    const api = await ask(port, 'localhost', { path: '/api/v1/namespaces' });
    assert.equal(api.status, 403);
    assert.equal((await ask(port, 'web-a.default.pod.localhost')).status, 403);
    const absent = await shell.run('open', 'svc/nothing', '--no-browser');
    assert.match(absent.err, /services "nothing" not found/);
    const odd = await shell.run('open', 'deploy/web', '--no-browser');
    assert.match(odd.err, /cannot open "deploy\/web": write svc\/NAME or pod\/NAME/);
  });
});
