/**
 * The ingress of a cluster with 100 ingresses, all of which lead to one program, as `fairway up --ingress` runs it.
 * `node serve-ingress.ts ADDRESS PORT FOLDER` prints its port.
 */
import { join } from 'node:path';
import { admin, startTestServer } from '@fairway/apiserver/testing';
import { makeTestCertificates } from '@fairway/certificates/testing';
import { createClient } from '@fairway/client';
import { systemClock, systemRandom } from '@fairway/host/nodejs';
import { Service } from '@fairway/kinds/core/v1';
import { EndpointSlice } from '@fairway/kinds/discovery/v1';
import { Ingress } from '@fairway/kinds/networking/v1';
import { runIngress } from '@fairway/network';

const [, , address = '', port = '', directory = ''] = process.argv;
const ingressCount = 100;
const { api } = await startTestServer();
const doors = { clock: systemClock, random: systemRandom };
const client = createClient({ transport: api.handlerFor(admin), ...doors });
const metadata = { name: 'web', namespace: 'default' };
await client.create(Service, { metadata, spec: { ports: [{ port: 80 }] } });
await client.create(EndpointSlice, {
  metadata: { ...metadata, labels: { 'kubernetes.io/service-name': 'web' } },
  addressType: 'IPv4',
  endpoints: [{ addresses: [address] }],
  ports: [{ port: Number(port) }],
});
for (let at = 0; at < ingressCount; at++) {
  const backend = { service: { name: 'web', port: { number: 80 } } };
  const paths = [{ path: '/', pathType: 'Prefix', backend }] as const;
  await client.create(Ingress, {
    metadata: { name: `web-${at}`, namespace: 'default' },
    spec: { rules: [{ host: `web-${at}.example`, http: { paths } }] },
  });
}
const { tls: certificate } = await makeTestCertificates();
await runIngress(
  {
    handlerFor: api.handlerFor,
    ...doors,
    logger: {
      debug() {},
      info: (_, { http } = {}) => console.log((http as { readonly port: number }).port),
      warn: console.error,
      error: console.error,
    },
    place: { kind: 'ports', http: { host: '127.0.0.1', port: 0 }, addresses: [] },
    certificate,
    isProtected: () => false,
    lookup: async () => [],
    accessLogPath: join(directory, 'access.log'),
  },
  new AbortController().signal,
);
