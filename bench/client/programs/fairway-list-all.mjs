import { connect } from '@fairway/client/connect';
import { Pod } from '@fairway/kinds/core/v1';
import { report } from './report.mjs';

const client = await connect();
const { items } = await client.list(Pod, { allNamespaces: true }).all();
report({ count: items.length });
await client.close();
