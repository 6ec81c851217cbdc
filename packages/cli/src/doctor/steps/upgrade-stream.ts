import type { Client } from '@fairway/client';
import { SelfSubjectRulesReview } from '@fairway/kinds/authorization/v1';
import { type HttpHeaders, headerOf } from '@fairway/protocol';
import { webSocketAccept } from '@fairway/protocol/streams';
import { type Finding, type Tools, step } from '../step.ts';

/**
 * Whether a request can become a WebSocket on the way to the server, as exec, attach and port-forward need
 * it: by a watch over one, which needs no pod. Of a server that refuses before it looks at the upgrade,
 * nothing can be learnt, so it takes a right to watch something.
 */
export const streamStep = step({
  name: 'streams',
  exitCode: 21,
  needs: ['access', 'user'],
  async probe(tools, { access: { client, transport } }) {
    const { signal } = tools;
    const resource = await watchable(client, signal);
    if (resource === undefined) {
      const found = `nothing may be watched in namespace ${client.namespace}, so that upgrades cannot be tried`;
      return { finding: { status: 'unknown', tried: 'a watch over a WebSocket', found } };
    }
    const path = `/api/v1/namespaces/${client.namespace}/${resource}`;
    const tried = `a watch of ${resource} over a WebSocket`;
    const headers = handshake(tools);
    const query = 'watch=true&timeoutSeconds=1&fieldSelector=metadata.name%3Dfairway-doctor';
    const request = { method: 'GET', path, query, headers, body: undefined, signal };
    const answer = await transport.upgrade(request);
    if (answer.kind === 'refused') {
      return { finding: { tried, ...judgeRefusal(answer.response.status) } };
    }
    answer.stream.destroy();
    const isOurs = headerOf(answer.headers, 'sec-websocket-accept') === webSocketAccept(headers);
    return { finding: { tried, ...(isOurs ? upgraded : foreign) } };
  },
});

const upgraded: Pick<Finding, 'status' | 'found'> = {
  status: 'ok',
  found: 'a WebSocket opens: exec, attach and port-forward can pass',
};

const allowUpgrades =
  'have what is in between pass on the headers Connection and Upgrade (nginx: proxy_set_header), and HTTP/1.1';

const foreign: Pick<Finding, 'status' | 'found' | 'remedies'> = {
  status: 'failed',
  found: 'somebody else than the server answers the WebSocket handshake',
  remedies: [allowUpgrades],
};

function judgeRefusal(code: number): Pick<Finding, 'status' | 'found' | 'remedies' | 'details'> {
  const details = { code };
  if (code === 401 || code === 403 || code === 404 || code === 429) {
    return {
      status: 'unknown',
      found: `the server refuses the watch (${code}), so that upgrades cannot be tried`,
      details,
    };
  }
  const found =
    code === 200
      ? 'the answer is 200 and no WebSocket: something in between takes the Upgrade header out, and exec, attach and port-forward do not work'
      : `the answer is ${code} and no WebSocket: exec, attach and port-forward do not work`;
  return { status: 'failed', found, remedies: [allowUpgrades], details };
}

function handshake({ host: { random } }: Tools): HttpHeaders {
  return {
    connection: 'Upgrade',
    upgrade: 'websocket',
    'sec-websocket-version': '13',
    'sec-websocket-key': Buffer.from(random.bytes(16)).toString('base64'),
  };
}

/** Resources of the core group that are in namespaces. */
const candidates = [
  'pods',
  'configmaps',
  'services',
  'events',
  'endpoints',
  'serviceaccounts',
  'secrets',
];

/** Something that the caller may watch. */
async function watchable(client: Client, signal: AbortSignal): Promise<string | undefined> {
  const review = { spec: { namespace: client.namespace } };
  const { status } = await client.create(SelfSubjectRulesReview, review, { signal });
  const rules = (status?.resourceRules ?? []).filter(
    ({ verbs, apiGroups = [], resourceNames = [] }) =>
      resourceNames.length === 0 &&
      (verbs.includes('watch') || verbs.includes('*')) &&
      (apiGroups.includes('') || apiGroups.includes('*')),
  );
  return candidates.find((each) =>
    rules.some(({ resources = [] }) => resources.includes(each) || resources.includes('*')),
  );
}
