import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { Agent, request as sendRequest } from 'node:https';
import { suite, test } from 'node:test';
import { makeTestCertificates } from '@fairway/certificates/testing';
import { seededRandom, ManualClock, MemoryFiles, settle } from '@fairway/host/testing';
import { collectBody } from '@fairway/protocol';
import { allow } from '../admission/admission-answer.ts';
import { answerAdmission } from '../admission/answer-admission.ts';
import { type ServedWebhooks, serveWebhooks } from './serve-webhooks.ts';

const review = {
  kind: 'AdmissionReview',
  apiVersion: 'admission.k8s.io/v1',
  request: { uid: 'u', operation: 'DELETE', object: null },
};

const handlers = {
  '/allow': answerAdmission(() => allow()),
  '/throw': answerAdmission(() => {
    throw new Error('the database is away');
  }),
};

interface Asked {
  readonly path: string;
  readonly method?: string;
  readonly ca: string;
}

async function ask(
  { port }: ServedWebhooks,
  { path, method = 'POST', ca }: Asked,
): Promise<{ readonly status: number | undefined; readonly text: string }> {
  const agent = new Agent();
  const sent = sendRequest({ agent, host: '127.0.0.1', port, path, method, ca });
  sent.end(method === 'POST' ? JSON.stringify(review) : undefined);
  const [answer] = (await once(sent, 'response')) as [IncomingMessage];
  const text = Buffer.from(await collectBody(answer)).toString();
  agent.destroy();
  return { status: answer.statusCode, text };
}

suite('serveWebhooks', () => {
  test('shows a certificate of its own, and answers by paths', async () => {
    await using served = await serveWebhooks({
      handlers,
      certificate: { selfMadeFor: ['127.0.0.1', 'policy.shop.svc'] },
      host: '127.0.0.1',
      port: 0,
    });
    const ca = served.authority ?? '';
    const allowed = await ask(served, { path: '/allow', ca });
    assert.equal(allowed.status, 200);
    assert.deepEqual(JSON.parse(allowed.text), {
      kind: 'AdmissionReview',
      apiVersion: 'admission.k8s.io/v1',
      response: { uid: 'u', allowed: true },
    });
    assert.equal((await ask(served, { path: '/healthz', method: 'GET', ca })).text, 'ok');
    const unknown = await ask(served, { path: '/other', ca });
    assert.equal(unknown.status, 404);
    assert.match(unknown.text, /nothing answers \/other; there are \/allow, \/throw/);
    const failed = await ask(served, { path: '/throw', ca });
    assert.equal(failed.status, 500);
    assert.doesNotMatch(failed.text, /database/);
    const { authority } = await makeTestCertificates();
    await assert.rejects(ask(served, { path: '/allow', ca: authority.certificate }), {
      code: /UNABLE|SELF_SIGNED|DEPTH/,
    });
  });

  test('reads the files of its certificate again, and goes on where it cannot', async () => {
    const [first, second] = [await makeTestCertificates(), await makeTestCertificates()];
    const files = new MemoryFiles();
    const clock = new ManualClock();
    const write = async ({ tls }: typeof first): Promise<void> => {
      await files.write('/tls.crt', Buffer.from(tls.certificate));
      await files.write('/tls.key', Buffer.from(tls.key.reveal()));
    };
    const options = {
      handlers,
      certificate: { certificate: '/tls.crt', key: '/tls.key' },
      host: '127.0.0.1',
      port: 0,
      files,
      clock,
      random: seededRandom(1),
    };
    await assert.rejects(serveWebhooks(options), /certificate: there is no file \/tls.crt/);
    await write(first);
    const served = await serveWebhooks(options);
    assert.equal(served.authority, undefined);
    const [old, now] = [first.authority.certificate, second.authority.certificate];
    assert.equal((await ask(served, { path: '/allow', ca: old })).status, 200);
    await files.remove('/tls.key');
    await clock.advance(60_000);
    await settle();
    assert.equal((await ask(served, { path: '/allow', ca: old })).status, 200);
    await write(second);
    await clock.advance(60_000);
    await settle();
    assert.equal((await ask(served, { path: '/allow', ca: now })).status, 200);
    await served[Symbol.asyncDispose]();
    assert.equal(clock.pending, 0);
  });
});
