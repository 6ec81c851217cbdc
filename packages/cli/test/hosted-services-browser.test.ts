import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { type ConnectedClient, connect } from '@fairway/client/connect';
import { ConfigMap, Secret } from '@fairway/kinds/core/v1';
import { DisposalStack } from '@fairway/host';
import { skipWithoutNamespaces } from '@fairway/node-agent/testing';
import { openChromium, skipWithoutChromium } from '../../../test/chromium.ts';
import { commandLine, scratchFolder } from './command-line.ts';
import { runHostedApplication } from './hosted-application.ts';

/** A name that an attacker lets mean this machine. */
const rebound = 'rebound.example';
const skip = (await skipWithoutChromium()) || (await skipWithoutNamespaces());

suite('the proxy before a browser', { skip }, () => {
  const opened = new DisposalStack();
  let admin: ConnectedClient;
  let browser: Browser;
  let port: number;
  let evil: string;

  before(async () => {
    const folder = opened.use(await scratchFolder());
    const bare = commandLine(folder.path);
    const cluster = opened.use(bare.start('up', '--listen', '127.0.0.1:0', '--node', 'process'));
    await cluster.until('Stop it with');
    const kubeconfig = join(folder.path, '.fairway/kubeconfig');
    admin = opened.use(await connect({ kubeconfig }));
    await runHostedApplication(admin);
    await admin.create(Secret, {
      metadata: { name: 'hidden' },
      stringData: { key: 'hidden-value' },
    });
    const shell = commandLine(folder.path, { KUBECONFIG: kubeconfig });
    const proxy = opened.use(shell.start('proxy', '-p', '0'));
    const { out } = await proxy.until('Starting to serve on ');
    port = Number(/:(\d+)\n/.exec(out)?.[1]);
    evil = await serveEvilSite(opened);
    browser = await openChromium([rebound, 'evil.example']);
    opened.defer(() => browser.close());
  });
  after(() => opened[Symbol.asyncDispose]());

  test('an application that knows no prefix works: absolute paths, a login, a cookie, a WebSocket', async () => {
    const page = await browser.newPage();
    const failed: string[] = [];
    page.on('requestfailed', (request) => failed.push(request.url()));
    page.on('pageerror', (error) => failed.push(error.message));
    const home = `http://web.default.svc.localhost:${port}/`;
    await page.goto(home);
    await page.getByText('hello').waitFor();
    assert.equal(await page.locator('#said').textContent(), `web.default.svc.localhost:${port}`);
    assert.equal(await page.evaluate('document.images[0].naturalWidth'), 16);
    await page.getByRole('button').click();
    await page.getByText('hello').waitFor();
    assert.equal(page.url(), home);
    const cookies = await page.context().cookies(home);
    assert.deepEqual(
      cookies.map(({ name, domain }) => [name, domain]),
      [['session', 'web.default.svc.localhost']],
    );
    assert.deepEqual(await page.context().cookies(`http://localhost:${port}/`), []);
    assert.deepEqual(failed, []);
    await page.close();
  });

  test('a link of another site leads to an application, and to nothing of the API', async () => {
    const statusOf = async (url: string): Promise<number> => {
      const page = await browser.newPage();
      await page.goto(evil);
      const [answer] = await Promise.all([
        page.waitForResponse(url),
        page.evaluate(`location.assign(${JSON.stringify(url)})`),
      ]);
      await page.close();
      return answer.status();
    };
    assert.equal(await statusOf(`http://localhost:${port}/api/v1/secrets`), 403);
    assert.equal(await statusOf(`http://web.default.svc.localhost:${port}/`), 200);
  });

  for (const from of ['another site', 'a page of an application'] as const) {
    test(`a script of ${from} reads and changes nothing of the API`, async () => {
      const page = await browser.newPage();
      await page.goto(from === 'another site' ? evil : `http://web.default.svc.localhost:${port}/`);
      const api = `localhost:${port}/api/v1/namespaces/default`;
      const outcome = (await page.evaluate(attack(api))) as Readonly<Record<string, string>>;
      assert.deepEqual(outcome, {
        read: 'TypeError: Failed to fetch',
        watch: 'error',
        posted: 'opaque',
        asJson: 'TypeError: Failed to fetch',
        framed: 'null',
      });
      assert.deepEqual((await admin.list(ConfigMap, {}).all()).items.map(nameOf), [
        'kube-root-ca.crt',
      ]);
      await page.close();
    });
  }

  test('a page of another site cannot call an application, nor be around one', async () => {
    const page = await browser.newPage();
    await page.goto(evil);
    const web = `web.default.svc.localhost:${port}`;
    const outcome = (await page.evaluate(`(async () => {
      const socket = new WebSocket('ws://${web}/chat');
      const chat = await new Promise((done) => { socket.onopen = socket.onerror = (e) => done(e.type) });
      const read = await fetch('http://${web}/said').then((r) => r.text(), String);
      return { chat, read };
    })()`)) as object;
    assert.deepEqual(outcome, { chat: 'error', read: 'TypeError: Failed to fetch' });
    const [framed] = await Promise.all([
      page.waitForResponse(`http://${web}/said`),
      page.evaluate(`document.body.innerHTML = '<iframe src="http://${web}/said"></iframe>'`),
    ]);
    assert.equal(framed.status(), 403);
    await page.close();
  });

  test('a name that is made to mean this machine leads nowhere', async () => {
    const page = await browser.newPage();
    const answer = await page.goto(`http://${rebound}:${port}/api/v1/namespaces/default/secrets`);
    assert.equal(answer?.status(), 403);
    assert.doesNotMatch(await page.content(), /hidden-value/);
    await page.close();
  });
});

/** What a page tries that is not the proxy's own: to read, to follow, to change by a form and by a script. */
function attack(api: string): string {
  const configMap = `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"made-by-attack"}}`;
  return `(async () => {
    const read = await fetch('http://${api}/secrets').then((r) => r.text(), String);
    const socket = new WebSocket('ws://${api}/secrets?watch=true');
    const watch = await new Promise((done) => { socket.onmessage = socket.onerror = (e) => done(e.type) });
    const body = new Blob(['${configMap}']);
    const to = 'http://${api}/configmaps';
    const posted = await fetch(to, { method: 'POST', mode: 'no-cors', body }).then((r) => r.type, String);
    const headers = { 'content-type': 'application/json' };
    const asJson = await fetch(to, { method: 'POST', headers, body }).then((r) => r.text(), String);
    const frame = document.createElement('iframe');
    frame.src = 'http://${api}/secrets';
    document.body.append(frame);
    await new Promise((done) => { frame.onload = done });
    const framed = String(frame.contentDocument);
    return { read, watch, posted, asJson, framed };
  })()`;
}

function nameOf({ metadata }: { readonly metadata?: { readonly name?: string } }): string {
  return metadata?.name ?? '';
}

async function serveEvilSite(opened: DisposalStack): Promise<string> {
  const server = createServer((_, response) => {
    response.setHeader('content-type', 'text/html').end('<!doctype html><body>evil');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  opened.defer(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://evil.example:${(server.address() as AddressInfo).port}/`;
}
