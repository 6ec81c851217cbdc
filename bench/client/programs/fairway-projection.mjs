import { connect } from '@fairway/client/connect';
import { Pod } from '@fairway/kinds/core/v1';
import { createInformer } from '@fairway/reconcile';
import { heapMegabytes, report } from './report.mjs';

const client = await connect();
// Now all code is loaded.
for await (const _ of client.reflect(Pod, { allNamespaces: true })) break;
const before = heapMegabytes();
const stop = new AbortController();
const pods = createInformer(client, Pod, {
  allNamespaces: true,
  signal: stop.signal,
  keep({ metadata: { name, namespace, uid, resourceVersion }, status: { phase } }) {
    return { metadata: { name, namespace, uid, resourceVersion }, status: { phase } };
  },
});
await pods.synced;
report({ heapMegabytes: heapMegabytes() - before, count: pods.size });
stop.abort();
await client.close();
