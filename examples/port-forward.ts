// Makes a port of a pod a local one, until it is interrupted.
//
//   npm run example -- examples/port-forward.ts db-0 5432
import { once } from 'node:events';
import { connect } from '@fairway/client/connect';
import { forwardPort } from '@fairway/client/streams';

const [pod = '', port = '80'] = process.argv.slice(2);

await using client = await connect();
await using forward = await forwardPort(client, pod, Number(port), {
  onConnectionFailed: (failure) => console.error(String(failure)),
});
console.log(`127.0.0.1:${forward.localPort} leads to port ${port} of ${pod}`);

await once(process, 'SIGINT');
