// Gives every namespace with the label `team` a config map that names the team, and keeps it so.
// Of several copies of this program one works; the others wait for the lease.
import { randomUUID } from 'node:crypto';
import { isAlreadyExists } from '@fairway/client';
import { connect } from '@fairway/client/connect';
import { ConfigMap, Namespace } from '@fairway/kinds/core/v1';
import { controllerReference, createController } from '@fairway/reconcile';

await using client = await connect();
const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => stop.abort());

const teams = createController(client, Namespace, {
  labelSelector: 'team',
  owns: [ConfigMap],
  leader: { lease: { namespace: 'default', name: 'teams' }, identity: randomUUID() },
  reconcile: async ({ name, object }) => {
    if (object === undefined) return;
    const data = { team: object.metadata?.labels?.['team'] ?? '' };
    const ownerReferences = [controllerReference(Namespace, object)];
    try {
      await client.create(ConfigMap, {
        metadata: { name: 'team', namespace: name, ownerReferences },
        data,
      });
      console.log(`${name} belongs to ${data.team}`);
    } catch (error) {
      if (!isAlreadyExists(error)) throw error;
      await client.patch(ConfigMap, 'team', { merge: { data } }, { namespace: name });
    }
  },
});
await teams.run({ signal: stop.signal });
