import { connect } from '@fairway/client/connect';
import { Pod } from '@fairway/kinds/core/v1';

await using client = await connect();
const { items } = await client.list(Pod, { allNamespaces: true }).all();
console.log(`There are ${items.length} pods in the cluster`);
