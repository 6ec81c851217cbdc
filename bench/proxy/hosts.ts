import { join } from 'node:path';
import { connect } from '@fairway/client/connect';
import { Pod, Service, ServiceAccount } from '@fairway/kinds/core/v1';
import { end, startClusterProcess } from '../server/server-process.ts';
import { measureInTurns, startProxy } from './in-turns.ts';

const source = `
const body = Buffer.alloc(1024, 'x');
require('node:http').createServer((_, response) => {
  response.writeHead(200, { 'content-length': body.length }).end(body);
}).listen(8080);
`;

/** A service by its host, beside the same one below the path of the API server's proxy. */
export async function measureHosts(launcher: string, directory: string): Promise<void> {
  const place = { directory: join(directory, 'hosts'), compileCache: join(directory, 'cache') };
  await using cluster = await startClusterProcess({ ...place, flags: ['--node', 'process'] });
  await using client = await connect({ kubeconfig: cluster.kubeconfig });
  await client.waitFor(ServiceAccount, 'default', () => true);
  await client.create(Pod, {
    metadata: { name: 'web', labels: { app: 'web' } },
    spec: {
      containers: [
        {
          name: 'app',
          image: 'host',
          command: ['node', '-e', source],
          readinessProbe: { httpGet: { port: 8080 }, periodSeconds: 1 },
        },
      ],
    },
  });
  await client.create(Service, {
    metadata: { name: 'web' },
    spec: { selector: { app: 'web' }, ports: [{ port: 80, targetPort: 8080 }] },
  });
  await client.waitFor(Pod, 'web', { condition: 'Ready' });
  const program = {
    name: 'path',
    command: [process.execPath, launcher, 'proxy', '-p', '0'],
  } as const;
  const proxy = await startProxy(program, cluster.kubeconfig);
  const path = '/api/v1/namespaces/default/services/web:80/proxy/';
  const load = {
    name: 'a service, 1 KB, 16 at once',
    path,
    bytes: 1024,
    connections: 16,
    seconds: 3,
  };
  const hosted = { host: 'web.default.svc.localhost', path: '/' };
  await measureInTurns([proxy, { ...proxy, name: 'host', place: hosted }], load);
  await end(proxy.child, 'SIGKILL');
}
