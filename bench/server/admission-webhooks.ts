import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { makeTestCertificates } from '@fairway/certificates/testing';
import { DisposalStack } from '@fairway/host';
import { ManualClock, seededRandom, settle } from '@fairway/host/testing';
import { type TestServer, startTestServer } from '@fairway/apiserver/testing';
import { costsInTurns, told } from './in-turns.ts';
import { WebhookConnections } from '../../packages/cli/src/cluster-access/webhook-connections.ts';

type Print = (what: string, result: string) => void;

const rounds = 250;
const samples = { warmUps: 10, rounds: 41 };

/**
 * What a webhook that answers at once costs a write, as CPU time of this process: the webhook is another one,
 * reached by the connections of `fairway up`. All take turns, each on a server of its own.
 */
export async function measureAdmissionWebhooks(print: Print): Promise<void> {
  await using stack = new DisposalStack();
  const { tls, authority } = await makeTestCertificates();
  const webhook = await startWebhook(tls.certificate, tls.key.reveal());
  stack.defer(async () => void webhook.process.kill());
  const host = { clock: new ManualClock(), random: seededRandom(1) };
  const ways = stack.use(new WebhookConnections(host, () => Promise.reject(new Error('no pods'))));
  const start = async (options: Parameters<typeof startTestServer>[0]): Promise<TestServer> =>
    stack.use(await startTestServer(options));
  const withWebhook = async (resources: string): Promise<TestServer> => {
    const server = await start({ dial: { webhook: (each) => ways.dial(each) } });
    const body = configuration('bench', {
      resources,
      url: `https://127.0.0.1:${webhook.port}/`,
      caBundle: Buffer.from(authority.certificate).toString('base64'),
    });
    await server.expect(201, 'POST', configurations, { body });
    return server;
  };
  const servers = {
    'switched off': await start({ disabledAdmissionPlugins: plugins }),
    'on, none there': await start({}),
    'on, one that is not for it': await withWebhook('secrets'),
    'on, one that answers at once': await withWebhook('configmaps'),
  };
  await settle();
  const costs = await costsInTurns(
    Object.fromEntries(
      Object.entries(servers).map(([name, server]) => {
        const write = writer(server);
        return [name, () => cpuOf(server, write)];
      }),
    ),
    samples,
  );
  for (const [name, cost] of Object.entries(costs)) {
    print(`a config map is created, webhooks ${name}`, told(cost));
  }
}

const configMaps = '/api/v1/namespaces/default/configmaps';
const configurations = '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations';

function configuration(
  name: string,
  {
    resources,
    ...clientConfig
  }: { readonly resources: string; readonly url: string; readonly caBundle: string },
): object {
  const rule = {
    apiGroups: [''],
    apiVersions: ['v1'],
    operations: ['CREATE'],
    resources: [resources],
  };
  return {
    metadata: { name },
    webhooks: [
      {
        name: `${name}.example.com`,
        clientConfig,
        admissionReviewVersions: ['v1'],
        sideEffects: 'None',
        rules: [rule],
      },
    ],
  };
}

function writer(server: TestServer): () => Promise<void> {
  let count = 0;
  return async () => {
    count += 1;
    const body = { metadata: { name: `c-${count}` }, data: { key: 'value', other: 'another' } };
    await server.expect(201, 'POST', configMaps, { body });
  };
}

const plugins = ['MutatingAdmissionWebhook', 'ValidatingAdmissionWebhook'];

/** Of one write, in microseconds. */
async function cpuOf(server: TestServer, write: () => Promise<void>): Promise<number> {
  const before = process.cpuUsage();
  for (let round = 0; round < rounds; round++) await write();
  const { user, system } = process.cpuUsage(before);
  await server.expect(200, 'DELETE', configMaps);
  return (user + system) / rounds;
}

/** A webhook of a few lines that allows everything, in a process of its own. */
const program = `
import { createServer } from 'node:https';
const [cert, key] = JSON.parse(process.env.WEBHOOK_TLS);
const server = createServer({ cert, key }, (request, response) => {
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => {
    const { kind, apiVersion, request: { uid } } = JSON.parse(Buffer.concat(chunks));
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ kind, apiVersion, response: { uid, allowed: true } }));
  });
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
`;

async function startWebhook(
  certificate: string,
  key: string,
): Promise<{ readonly process: ChildProcess; readonly port: number }> {
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program], {
    env: { ...process.env, WEBHOOK_TLS: JSON.stringify([certificate, key]) },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
  return { process: child, port: Number(line) };
}
