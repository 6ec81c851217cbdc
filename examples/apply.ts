// Says what shall be, and leaves the rest to whoever owns it.
import { isConflict } from '@fairway/client';
import { connect } from '@fairway/client/connect';
import { ConfigMap } from '@fairway/kinds/core/v1';

await using client = await connect({ fieldManager: 'harbour' });

try {
  const applied = await client.apply(ConfigMap, {
    metadata: { name: 'tides' },
    data: { high: '06:12', low: '12:30' },
  });
  console.log(`applied at version ${applied.metadata?.resourceVersion}`);
} catch (error) {
  if (!isConflict(error)) throw error;
  // Says who owns which field; `force: true` would take them.
  console.log(error.message);
}
