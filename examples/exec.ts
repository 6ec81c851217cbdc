// Runs a command in a pod, prints what it prints, and ends as it ends.
//
//   npm run example -- examples/exec.ts web-0 -- ls -l /
import { connect } from '@fairway/client/connect';
import { exec } from '@fairway/client/streams';

const [pod = '', , ...command] = process.argv.slice(2);

await using client = await connect();
await using remote = await exec(client, pod, { command });

await Promise.all([
  (async () => {
    for await (const line of remote.stdout.lines()) console.log(line);
  })(),
  (async () => {
    for await (const line of remote.stderr.lines()) console.error(line);
  })(),
]);

const { code } = await remote.exited;
process.exitCode = code;
