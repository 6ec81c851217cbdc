// Keeps a copy of all config maps in memory, without their data, and says what changes.
import { connect } from '@fairway/client/connect';
import { ConfigMap } from '@fairway/kinds/core/v1';
import { createInformer } from '@fairway/reconcile';

await using client = await connect();
const stop = new AbortController();
process.once('SIGTERM', () => stop.abort());

const configMaps = createInformer(client, ConfigMap, {
  allNamespaces: true,
  as: 'metadata',
  index: { app: ({ metadata }) => metadata?.labels?.['app'] },
  signal: stop.signal,
});
await configMaps.synced;
console.log(`${configMaps.size} config maps, ${configMaps.by('app', 'web').length} of app web`);

for await (const { type, object } of configMaps.changes()) {
  console.log(type, `${object.metadata?.namespace}/${object.metadata?.name}`);
}
