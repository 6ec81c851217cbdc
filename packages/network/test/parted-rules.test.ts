import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { nodejsHost } from '@fairway/host/nodejs';
import { nftOf } from '../src/nftables/nft.ts';
import { fullScript } from '../src/nftables/table-script.ts';
import { serviceFrame } from '../src/service-rules/service-frame.ts';
import { serviceRuleset } from '../src/service-rules/service-ruleset.ts';
import { examplePort } from './example-port.ts';
import { skip } from './test-machine.ts';

test(
  'who is not root of the machine loads the rules of 2,000 services in parts',
  { skip },
  async () => {
    const frame = serviceFrame({ clusterCidr: '10.244.0.0/16', serviceCidr: '10.0.0.0/16' });
    const ports = Array.from({ length: 2_000 }, (_, index) => {
      const backend = { address: `10.244.${index >> 8}.${index & 255}`, port: 8080 };
      return {
        ...examplePort,
        key: `shop/web-${index}/tcp/http`,
        clusterAddresses: [`10.0.${index >> 8}.${index & 255}`],
        internalBackends: [backend],
        externalBackends: [backend],
      };
    });
    const script = fullScript({ name: 'parts', frame }, serviceRuleset(ports));
    // The bound of a message is another one for root of a namespace only.
    const holder = spawn('unshare', ['-r', '-n', 'sh', '-c', 'echo ready; exec cat']);
    await once(holder.stdout, 'data');
    const words = ['nsenter', '-t', String(holder.pid), '-U', '-n', '--preserve-credentials'];
    const enter = async () => words;
    const { processes, environment } = nodejsHost();
    try {
      const whole = nftOf({ processes, environment, enter });
      await assert.rejects(whole.apply(script), /Message too long/);
      assert.equal(await whole.hasTable('parts'), false);
      await nftOf({ processes, environment, enter, mayBeParted: true }).apply(script);
      const { output } = await processes.run({
        file: 'nsenter',
        arguments: [...words.slice(1), 'nft', 'list', 'map', 'ip', 'parts', 'service-addresses'],
        environment: environment.variables,
        input: 'none',
        errors: 'in-output',
        outputBytesMax: 1024 * 1024,
        timeoutMs: 30_000,
      });
      assert.equal(Buffer.from(output).toString().match(/goto/g)?.length, 2_000);
    } finally {
      holder.kill();
    }
  },
);
