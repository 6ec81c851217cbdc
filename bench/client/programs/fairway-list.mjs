import { connect } from '@fairway/client/connect';
import { Pod } from '@fairway/kinds/core/v1';
import { report } from './report.mjs';

const client = await connect();
let count = 0;
for await (const pod of client.list(Pod, { allNamespaces: true })) {
  if (pod.metadata.name !== '') count++;
}
report({ count });
await client.close();
