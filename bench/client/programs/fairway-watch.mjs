import { connect } from '@fairway/client/connect';
import { Pod } from '@fairway/kinds/core/v1';
import { report } from './report.mjs';

const client = await connect();
let count = 0;
for await (const { object } of client.watch(Pod, { allNamespaces: true, resourceVersion: '1' })) {
  if (object.metadata.name !== '') count++;
}
report({ count });
await client.close();
