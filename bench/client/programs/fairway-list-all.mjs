import { connect } from '@fairway/client/connect';
import { Pod } from '@fairway/kinds/core/v1';
import { report } from './report.mjs';

const started = process.cpuUsage();
const client = await connect();
const { items } = await client.list(Pod, { allNamespaces: true }).all();
report(started, { count: items.length });
await client.close();
