// Counts the pods of all namespaces every ten seconds until Ctrl-C, from inside a pod.
// Finds the cluster by the service account that every pod gets: KUBERNETES_SERVICE_HOST and
// KUBERNETES_SERVICE_PORT, and the files token, ca.crt and namespace.
//
// The service account needs a role that may list pods; until it has one, this says what is missing.
//
//   npm run example -- examples/in-cluster.ts [folder of the service account] [seconds between two counts]
import { setTimeout as pause } from 'node:timers/promises';
import { isForbidden } from '@fairway/client';
import { connect } from '@fairway/client/connect';
import { Pod } from '@fairway/kinds/core/v1';

const [, , serviceAccountDirectory, seconds = '10'] = process.argv;
await using client = await connect({
  order: 'controller',
  ...(serviceAccountDirectory && { serviceAccountDirectory }),
});

while (true) {
  try {
    const { items } = await client.list(Pod, { allNamespaces: true }).all();
    console.log(`There are ${items.length} pods in the cluster`);
  } catch (error) {
    if (!isForbidden(error)) throw error;
    console.log(error.message);
  }
  await pause(Number(seconds) * 1_000);
}
