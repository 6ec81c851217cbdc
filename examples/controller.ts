// Gives every namespace with the label `team` a config map that names the team, and keeps it so.
// Of several copies of this program one works; the others wait for the lease.
//
//   kubectl create namespace shop && kubectl label namespace shop team=blue
import { randomUUID } from 'node:crypto';
import { isAlreadyExists } from '@fairway/client';
import { connect } from '@fairway/client/connect';
import { ConfigMap, Namespace } from '@fairway/kinds/core/v1';
import { controllerReference, createController, createLeaderElector } from '@fairway/reconcile';

await using client = await connect();
const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => stop.abort());

const elector = createLeaderElector({
  client,
  lease: { namespace: 'default', name: 'teams' },
  identity: randomUUID(),
});

const teams = createController(client, Namespace, {
  name: 'teams',
  labelSelector: 'team',
  owns: [ConfigMap],
  elector,
  reconcile: async ({ name, object, record }) => {
    if (object === undefined) return;
    const data = { team: object.metadata?.labels?.['team'] ?? '' };
    const ownerReferences = [controllerReference(Namespace, object)];
    try {
      await client.create(ConfigMap, {
        metadata: { name: 'team', namespace: name, ownerReferences },
        data,
      });
      console.log(`${name} belongs to ${data.team}`);
      record({ type: 'Normal', reason: 'TeamNamed', message: `it belongs to ${data.team}` });
    } catch (error) {
      if (!isAlreadyExists(error)) throw error;
      await client.patch(ConfigMap, 'team', { merge: { data } }, { namespace: name });
    }
  },
});
console.log('Waiting for namespaces with the label team; Ctrl-C ends it');
await teams.run({ signal: stop.signal });
