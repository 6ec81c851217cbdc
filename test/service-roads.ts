import assert from 'node:assert/strict';
import { execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { TestContext } from 'node:test';
import { promisify } from 'node:util';
import { Deployment } from '@fairway/kinds/apps/v1';
import { Pod, Service } from '@fairway/kinds/core/v1';
import { Ingress } from '@fairway/kinds/networking/v1';
import { until } from '@fairway/node-agent/testing';
import type { RealCluster } from './real-cluster.ts';

const namespace = 'default';
const labels = { app: 'road' };
const serve = 'mkdir /www; echo arrived > /www/index.html; exec httpd -f -p 8080 -h /www';

/** Goes by every road to a program, from a pod and from the machine, and counts what arrives there. */
export async function countRoads(
  t: TestContext,
  cluster: RealCluster,
  from: string,
): Promise<void> {
  const { admin, output } = cluster;
  const pod = await deployProgram(cluster);
  const { status } = await admin.get(Pod, pod, { namespace });
  await using arrivals = await Arrivals.count(status?.podIP ?? '');
  const places = await placesOf(cluster, status?.podIP ?? '');
  for (const [road, { url, host }] of Object.entries(places)) {
    await t.test(`from a pod, by ${road}`, async () => {
      const header = host === undefined ? '' : `--header 'Host: ${host}'`;
      const ask = (): Promise<string> =>
        output('exec', from, '--container=main', '--', 'sh', '-c', `wget -qO- ${header} ${url}`);
      await arrivals.expectOne(ask);
    });
    if (road === 'name') continue;
    await t.test(`from the machine, by ${road}`, () => arrivals.expectOne(() => curl(url, host)));
  }
  await t.test('through the API server', () =>
    arrivals.expectOne(() =>
      output('get', '--raw', `/api/v1/namespaces/${namespace}/services/road/proxy/`),
    ),
  );
  await t.test('and not by an ingress to the API server', async () => {
    await createIngress(cluster, 'to-api', { name: 'kubernetes', port: 443 });
    const { url = '' } = places['an ingress'] ?? {};
    const code = ['-sS', '-o', '/dev/null', '-w', '%{http_code}', '-H', 'Host: to-api.example'];
    await until('a rule', async () => (await curlWith(...code, url)) === '503' || undefined);
    await until(
      'an event',
      async () =>
        (await output('get', 'events')).includes('default/kubernetes leads to') || undefined,
    );
  });
  await output('delete', 'deployment,service,ingress', 'road');
  await output('delete', 'ingress', 'to-api');
}

async function createIngress(
  { admin }: RealCluster,
  name: string,
  to: { readonly name: string; readonly port: number },
): Promise<void> {
  const backend = { service: { name: to.name, port: { number: to.port } } };
  const paths = [{ path: '/', pathType: 'Prefix', backend }] as const;
  await admin.create(Ingress, {
    metadata: { name, namespace },
    spec: { rules: [{ host: `${name}.example`, http: { paths } }] },
  });
}

/** Answers the name of its pod. */
async function deployProgram(cluster: RealCluster): Promise<string> {
  const { admin, output } = cluster;
  await admin.create(Deployment, {
    metadata: { name: 'road', namespace },
    spec: {
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          terminationGracePeriodSeconds: 1,
          containers: [{ name: 'main', image: 'busybox', command: ['sh', '-c', serve] }],
        },
      },
    },
  });
  await admin.create(Service, {
    metadata: { name: 'road', namespace },
    spec: { type: 'LoadBalancer', selector: labels, ports: [{ port: 80, targetPort: 8080 }] },
  });
  await createIngress(cluster, 'road', { name: 'road', port: 80 });
  assert.match(await output('rollout', 'status', 'deployment/road'), /successfully rolled out\n$/);
  const [pod] = await admin
    .list(Pod, { namespace, labelSelector: 'app=road' })
    .all()
    .then(({ items }) => items);
  return pod?.metadata?.name ?? '';
}

interface Place {
  readonly url: string;
  readonly host?: string;
}

/** By the name of a road, where it begins, once all of them lead somewhere. */
async function placesOf(
  { admin, addresses }: RealCluster,
  podIP: string,
): Promise<Readonly<Record<string, Place>>> {
  const balanced = await until('a load balancer', async () => {
    const service = await admin.get(Service, 'road', { namespace });
    return service.status?.loadBalancer?.ingress?.[0]?.ip === undefined ? undefined : service;
  });
  const entry = await until('an ingress', async () => {
    const { status } = await admin.get(Ingress, 'road', { namespace });
    return status?.loadBalancer?.ingress?.[0]?.ip;
  });
  const [port] = balanced.spec?.ports ?? [];
  const node = addresses.pods.replace('.0/16', '.1');
  const address = balanced.status?.loadBalancer?.ingress?.[0]?.ip;
  assert.notEqual(entry, address);
  await until('programs behind all of them', () =>
    curl(`http://${entry}/`, 'road.example').then(
      (text) => text === 'arrived\n' || undefined,
      () => undefined,
    ),
  );
  return {
    'its own address': { url: `http://${podIP}:8080/` },
    name: { url: 'http://road/' },
    'the address of its service': { url: `http://${balanced.spec?.clusterIP}/` },
    'a node port': { url: `http://${node}:${port?.nodePort}/` },
    'a load balancer': { url: `http://${address}/` },
    'an ingress': { url: `http://${entry}/`, host: 'road.example' },
  };
}

async function curl(url: string, host?: string): Promise<string> {
  const header = host === undefined ? [] : ['-H', `Host: ${host}`];
  return curlWith('-sS', '--fail', ...header, url);
}

async function curlWith(...args: string[]): Promise<string> {
  return (await promisify(execFile)('curl', ['--max-time', '5', ...args])).stdout;
}

/** Counts in the kernel what comes to the program of a pod. */
class Arrivals implements AsyncDisposable {
  readonly #table: string;

  private constructor(table: string) {
    this.#table = table;
  }

  static async count(address: string): Promise<Arrivals> {
    const table = `counted-${address.replaceAll('.', '-')}`;
    const nft = spawn('nft', ['-f', '-'], { stdio: ['pipe', 'inherit', 'inherit'] });
    nft.stdin.end(`
      table ip ${table} {
        counter arrivals { }
        chain leave {
          type filter hook postrouting priority 200;
          ip daddr ${address} tcp dport 8080 counter name arrivals
        }
      }\n`);
    const [code] = await once(nft, 'close');
    assert.equal(code, 0);
    return new Arrivals(table);
  }

  /** Whoever asks is answered, by packets that arrive there. */
  async expectOne(ask: () => Promise<string>): Promise<void> {
    const before = this.#packets();
    assert.equal(await ask(), 'arrived\n');
    assert.ok(this.#packets() > before, 'no packet has arrived');
  }

  #packets(): number {
    const listed = execFileSync('nft', ['list', 'counter', 'ip', this.#table, 'arrivals']);
    return Number(/packets (\d+)/.exec(String(listed))?.[1]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    execFileSync('nft', ['delete', 'table', 'ip', this.#table]);
  }
}
