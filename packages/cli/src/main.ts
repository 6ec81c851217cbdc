import { nodejsHost } from '@fairway/host/nodejs';
import { startCluster } from './cluster/start-cluster.ts';
const host = nodejsHost();
const dir = process.argv[2] ?? '/tmp/fairway-data';
const t0 = performance.now();
const cluster = await startCluster(host, {
  dataDirectory: dir,
  isInMemory: process.argv[3] === '--memory',
  listen: { host: '127.0.0.1', port: Number(process.env['PORT'] ?? 0) },
  extraNames: [],
  serviceClusterIpRange: '10.0.0.0/24',
  kubeconfig: `${dir}/kubeconfig`,
});
console.log(
  cluster.url,
  performance.now() - t0,
  performance.now(),
  process.memoryUsage().rss / 1e6,
);
setInterval(() => {}, 1000);
