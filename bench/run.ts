import { describeMachine } from './machine.ts';

/** `npm run bench -- server` measures one part, `npm run bench` all of them. */
const benches: Readonly<Record<string, () => Promise<void>>> = {
  access: async () => (await import('./access/run-access-bench.ts')).runAccessBench(),
  ambassador: async () =>
    (await import('./ambassador/run-ambassador-bench.ts')).runAmbassadorBench(),
  client: async () => (await import('./client/run-client-bench.ts')).runClientBench(),
  command: async () => (await import('./command/run-command-bench.ts')).runCommandBench(),
  entrances: async () => (await import('./network/run-entrances-bench.ts')).runEntrancesBench(),
  envtest: async () => (await import('./envtest/run-envtest-bench.ts')).runEnvtestBench(),
  ingress: async () => (await import('./ingress/run-ingress-bench.ts')).runIngressBench(),
  kubelet: async () => (await import('./kubelet/run-kubelet-bench.ts')).runKubeletBench(),
  names: async () => (await import('./names/run-names-bench.ts')).runNamesBench(),
  network: async () => (await import('./network/run-network-bench.ts')).runNetworkBench(),
  node: async () => (await import('./node/run-node-bench.ts')).runNodeBench(),
  proxy: async () => (await import('./proxy/run-proxy-bench.ts')).runProxyBench(),
  proxying: async () => (await import('./proxying/run-proxying-bench.ts')).runProxyingBench(),
  rules: async () => (await import('./rules/run-rules-bench.ts')).runRulesBench(),
  scheduler: async () => (await import('./scheduler/run-scheduler-bench.ts')).runSchedulerBench(),
  server: async () => (await import('./server/run-server-bench.ts')).runServerBench(),
  workloads: async () => (await import('./workloads/run-workloads-bench.ts')).runWorkloadsBench(),
  tokens: async () => (await import('./tokens/run-tokens-bench.ts')).runTokensBench(),
};

const names = process.argv.slice(2);
for (const name of names.length === 0 ? Object.keys(benches) : names) {
  const bench = benches[name];
  if (bench === undefined) {
    console.error(`error: no such bench: ${name} (there are ${Object.keys(benches).join(', ')})`);
    process.exit(1);
  }
  console.log(describeMachine());
  await bench();
}
