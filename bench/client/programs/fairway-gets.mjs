import { connect } from '@fairway/client/connect';
import { Pod } from '@fairway/kinds/core/v1';
import { report } from './report.mjs';

const client = await connect();
for (let i = 0; i < 200; i++) await client.get(Pod, 'web-0');
report();
await client.close();
