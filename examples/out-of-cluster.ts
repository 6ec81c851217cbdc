// Counts the pods of all namespaces every ten seconds until Ctrl-C, from outside the cluster.
// Finds it as kubectl does: $KUBECONFIG, then ~/.kube/config.
//
//   npm run example -- examples/out-of-cluster.ts
import { setTimeout as pause } from 'node:timers/promises';
import { connect } from '@fairway/client/connect';
import { Pod } from '@fairway/kinds/core/v1';

await using client = await connect();

while (true) {
  const { items } = await client.list(Pod, { allNamespaces: true }).all();
  console.log(`There are ${items.length} pods in the cluster`);
  await pause(10_000);
}
