// Follows what happens to the pods of all namespaces, for as long as it runs. Connections break,
// servers restart, versions expire: it goes on, and tells what has happened meanwhile.
//
//   npm run example -- examples/watch-pods.ts
import { connect } from '@fairway/client/connect';
import { Pod } from '@fairway/kinds/core/v1';
import { createInformer } from '@fairway/reconcile';

await using client = await connect();
const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => stop.abort());

const pods = createInformer(client, Pod, { allNamespaces: true, signal: stop.signal });

console.log('Waiting for pods; Ctrl-C ends it');
for await (const { type, object } of pods.changes()) {
  const { metadata, status } = object;
  console.log(type, `${metadata?.namespace}/${metadata?.name}`, status?.phase);
}
