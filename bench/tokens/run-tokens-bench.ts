import { generateKeyPairSync } from 'node:crypto';
import { readSigningKey, serviceAccountKeys } from '@fairway/access';
import { type TestServer, startTestServer } from '@fairway/apiserver/testing';

const accounts = '/api/v1/namespaces/default/serviceaccounts';
const reviews = '/apis/authentication.k8s.io/v1/tokenreviews';

/** Reviews of tokens, in CPU time: whole requests to the API, without a socket. */
export async function runTokensBench(): Promise<void> {
  for (const algorithm of ['ES256', 'RS256'] as const) {
    const pem = privateKey(algorithm).export({ type: 'pkcs8', format: 'pem' });
    const keys = serviceAccountKeys(readSigningKey(Buffer.from(pem), algorithm));
    await using server = await startTestServer({ serviceAccountTokens: { keys: () => keys } });
    await server.expect(201, 'POST', accounts, { body: { metadata: { name: 'bot' } } });
    // Before anything is counted, so that the code is compiled.
    await measure(server, await issue(server, 500));
    const issueUs = await cpuUs(async () => void (await issue(server, 500)), 500);
    const fresh = await issue(server, 2_000);
    const firstUs = await measure(server, fresh);
    const againUs = await measure(server, [...fresh, ...fresh, ...fresh]);
    const shown = (us: number): string => `${us.toFixed(0)} µs (${Math.round(1e6 / us)}/s)`;
    console.log(`${algorithm}  a token issued          ${shown(issueUs)}`);
    console.log(`${algorithm}  a review, seen first    ${shown(firstUs)}`);
    console.log(`${algorithm}  a review, seen before   ${shown(againUs)}`);
  }
}

function privateKey(algorithm: 'ES256' | 'RS256') {
  return algorithm === 'ES256'
    ? generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
    : generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
}

async function issue(server: TestServer, count: number): Promise<readonly string[]> {
  const tokens: string[] = [];
  for (let at = 0; at < count; at++) {
    const { json } = await server.expect(201, 'POST', `${accounts}/bot/token`, { body: {} });
    tokens.push(json['status'].token as string);
  }
  return tokens;
}

/** Reviews each token once. CPU time of one, of all threads. */
function measure(server: TestServer, tokens: readonly string[]): Promise<number> {
  return cpuUs(async () => {
    for (const token of tokens) {
      const { text } = await server.expect(201, 'POST', reviews, { body: { spec: { token } } });
      if (!text.includes('"authenticated":true')) throw new Error(`a token is refused: ${text}`);
    }
  }, tokens.length);
}

async function cpuUs(work: () => Promise<void>, count: number): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / count;
}
