import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type TestContext, test } from 'node:test';
import type { NetworkPolicySpec } from '@fairway/kinds/networking/v1';
import type { Ruleset } from '../src/nftables/ruleset.ts';
import { changeScript, fullScript } from '../src/nftables/table-script.ts';
import { policyPlan } from '../src/policies/policy-plan.ts';
import type { PolicyPod } from '../src/policies/policy-pod.ts';
import { policyFrame, policyRuleset } from '../src/policies/policy-ruleset.ts';
import { serviceFrame } from '../src/service-rules/service-frame.ts';
import { serviceRuleset } from '../src/service-rules/service-ruleset.ts';
import { examplePort } from './example-port.ts';
import { Machine, skip } from './test-machine.ts';

const [client, web, other] = ['10.244.0.2', '10.244.0.3', '10.244.0.4'];
const [router, service] = ['10.244.0.1', '10.0.0.20'];

function pod(namespace: string, app: string, address: string): PolicyPod {
  const ports = [{ name: 'http', protocol: 'TCP', port: 8080 } as const];
  return { namespace, name: app, labels: { app }, nodeName: 'n', addresses: [address], ports };
}

const pods = [pod('shop', 'client', client), pod('shop', 'web', web), pod('ops', 'other', other)];
const table = { name: 'fairway-test-policies', frame: policyFrame };

function rules(...specs: readonly NetworkPolicySpec[]): Ruleset {
  const policies = specs.map((spec, index) => {
    return { metadata: { namespace: 'shop', name: `p${index}` }, spec };
  });
  const labelsOf = (name: string) => ({ name });
  return policyRuleset(policyPlan(policies, { nodeName: 'n', pods, labelsOf }));
}

/** A machine with two pods of a namespace and one of another, and the rules that hold on it. */
class IsolatedMachine implements AsyncDisposable {
  readonly #machine: Machine;
  #holding = rules();

  private constructor(machine: Machine) {
    this.#machine = machine;
  }

  static async open(): Promise<IsolatedMachine> {
    const machine = await Machine.open(['client', 'web', 'other']);
    await Promise.all(
      ['node', 'client', 'web', 'other'].map((each) => machine.serve(each, 8080, 8081)),
    );
    const ranges = { clusterCidr: '10.244.0.0/16', serviceCidr: '10.0.0.0/24' };
    const backends = [{ address: web, port: 8080 }];
    const port = {
      ...examplePort,
      clusterAddresses: [service],
      nodePort: 30_080,
      internalBackends: backends,
      externalBackends: backends,
    };
    await machine.apply(
      fullScript({ name: 'fairway-test', frame: serviceFrame(ranges) }, serviceRuleset([port])),
    );
    await machine.apply(fullScript(table, rules()));
    return new IsolatedMachine(machine);
  }

  async hold(...specs: readonly NetworkPolicySpec[]): Promise<void> {
    const wanted = rules(...specs);
    await this.#machine.apply(changeScript(table, this.#holding, wanted));
    this.#holding = wanted;
  }

  apply(script: string): Promise<void> {
    return this.#machine.apply(script);
  }

  run(where: string, script: string): ReturnType<Machine['run']> {
    return this.#machine.run(where, script);
  }

  /** Tries connections from a place, as `address:port`, and expects each to be answered, or not to be. */
  async expect(
    from: string,
    {
      open = [],
      shut = [],
    }: { readonly open?: readonly string[]; readonly shut?: readonly string[] },
  ): Promise<void> {
    const answers = await this.#machine.in(
      from,
      `${process.execPath} -e '${tryAll}' ${[...open, '-', ...shut].join(' ')}`,
    );
    const expected = {
      open: open.map((each) => [each, true]),
      shut: shut.map((each) => [each, false]),
    };
    const seen = new Map(JSON.parse(answers) as [string, boolean][]);
    const asSeen = (those: readonly string[]) => those.map((each) => [each, seen.get(each)]);
    assert.deepEqual({ open: asSeen(open), shut: asSeen(shut) }, expected, `from ${from}`);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#machine[Symbol.asyncDispose]();
  }
}

/** What is to be open has all the time it wants; what is to be shut is to keep silent while others are answered. */
const tryAll = `
  const places = process.argv.slice(1);
  const shut = new Set(places.slice(places.indexOf("-") + 1));
  const tryOne = (place) => new Promise((resolve) => {
    const [host, port, protocol] = place.split(":");
    const timeout = shut.has(place) ? 300 : 5000;
    if (protocol === "udp") {
      const socket = require("node:dgram").createSocket("udp4").on("message", () => end(true));
      const end = (is) => { socket.close(); clearTimeout(timer); resolve([place, is]); };
      const timer = setTimeout(() => end(false), timeout);
      return socket.send("x", port, host);
    }
    const socket = require("node:net").connect({ host, port, timeout });
    const end = (is) => { socket.destroy(); resolve([place, is]); };
    socket.on("data", () => end(true)).on("timeout", () => end(false)).on("error", () => end(false));
  });
  Promise.all(places.filter((each) => each !== "-").map(tryOne))
    .then((all) => console.log(JSON.stringify(all)));`;

const onWeb = { podSelector: { matchLabels: { app: 'web' } } };
const onClient = { podSelector: { matchLabels: { app: 'client' } } };
const denied = { ...onWeb, policyTypes: ['Ingress'] } as const;
const fromClient = { podSelector: { matchLabels: { app: 'client' } } };

test('network policies, in the kernel', { skip }, async (t: TestContext) => {
  await using machine = await IsolatedMachine.open();

  await t.test('without any everybody reaches everybody', async () => {
    await machine.expect('client', {
      open: [`${web}:8080`, `${service}:80`, `${web}:8080:udp`, `${other}:8080`],
    });
  });
  await t.test(
    'a closed pod is reached by its machine and by itself, and reaches others',
    async () => {
      await machine.hold(denied);
      await machine.expect('client', {
        shut: [`${web}:8080`, `${service}:80`, `${web}:8080:udp`, `${router}:30080`],
      });
      await machine.expect('node', { open: [`${web}:8080`, `${web}:8081:udp`] });
      await machine.expect('web', {
        open: [`${client}:8080`, `${service}:80`, `${other}:8080:udp`],
      });
    },
  );
  await t.test(
    'a packet of no connection that the kernel knows comes to no closed pod',
    async () => {
      const untracked = `table ip fairway-test-raw {
      chain prerouting { type filter hook prerouting priority raw; udp dport 8080 notrack; }
    }`;
      await machine.apply(untracked);
      await machine.hold({ ...onWeb, ingress: [{}] });
      await machine.expect('client', { open: [`${other}:8080:udp`], shut: [`${web}:8080:udp`] });
      await machine.apply('delete table ip fairway-test-raw');
    },
  );
  await t.test('who is let in is known by its own address, by whatever way it comes', async () => {
    await machine.hold(denied, {
      ...onWeb,
      ingress: [{ from: [fromClient], ports: [{ port: 8080 }] }],
    });
    const ways = [`${web}:8080`, `${service}:80`, `${router}:30080`];
    await machine.expect('client', { open: ways, shut: [`${web}:8081`, `${web}:8080:udp`] });
    await machine.expect('other', { shut: ways });
  });
  await t.test(
    'by namespaces, names and ranges of ports, and networks with exceptions',
    async () => {
      const namespaceSelector = { matchLabels: { name: 'ops' } };
      await machine.hold({
        ...onWeb,
        ingress: [{ from: [{ namespaceSelector }], ports: [{ port: 'http' }] }],
      });
      await machine.expect('other', { open: [`${web}:8080`], shut: [`${web}:8081`] });
      await machine.expect('client', { shut: [`${web}:8080`] });
      const ipBlock = { cidr: '10.244.0.0/24', except: [`${client}/32`] };
      const ports = [
        { port: 8081, endPort: 9000 },
        { port: 8000, endPort: 8080, protocol: 'UDP' as const },
      ];
      await machine.hold({ ...onWeb, ingress: [{ from: [{ ipBlock }], ports }] });
      await machine.expect('other', {
        open: [`${web}:8081`, `${web}:8080:udp`],
        shut: [`${web}:8080`, `${web}:8081:udp`],
      });
      await machine.expect('client', { shut: [`${web}:8081`] });
    },
  );
  await t.test('what leaves a pod is judged by the pod that it comes to', async () => {
    await machine.hold({ ...onClient, policyTypes: ['Egress'] });
    await machine.expect('client', {
      open: [`${router}:8080`],
      shut: [`${web}:8080`, `${service}:80`, `${other}:8080`],
    });
    await machine.expect('web', { open: [`${client}:8080`] });
    await machine.hold({
      ...onClient,
      egress: [{ to: [onWeb], ports: [{ port: 'http' }] }],
      policyTypes: ['Egress'],
    });
    await machine.expect('client', {
      open: [`${web}:8080`, `${service}:80`],
      shut: [`${web}:8081`, `${other}:8080`],
    });
    await machine.hold({ ...onClient, egress: [{}], policyTypes: ['Egress'] }, denied);
    await machine.expect('client', { open: [`${other}:8080`], shut: [`${web}:8080`] });
  });
  await t.test('what is forbidden ends within a connection too, in both directions', async () => {
    await machine.hold();
    await machine.run(
      'web',
      `
      require('node:net').createServer((socket) => {
        setInterval(() => socket.write('x'), 5);
        socket.on('data', () => {});
      }).listen(9000, '0.0.0.0', () => console.log('ready'));`,
    );
    const receiver = await machine.run(
      'client',
      `
      let silentMs = 0;
      const socket = require('node:net').connect({ host: '${web}', port: 9000 });
      socket.once('data', () => console.log('open')).on('data', () => (silentMs = 0));
      setInterval(() => { if ((silentMs += 20) === 400) { console.log('silent'); process.exit(); } }, 20);`,
    );
    await machine.hold(denied);
    const [said] = (await once(receiver.stdout ?? assert.fail(), 'data')) as [Buffer];
    assert.equal(String(said), 'silent\n');
  });
  await t.test('whatever stands in a policy, nftables takes its rules', async () => {
    const ports = Array.from({ length: 3_000 }, (_, at) => ({ port: 2 * at, endPort: 3 * at }));
    const networks = Array.from({ length: 500 }, (_, at) => {
      const cidr = `10.${at % 250}.${at}.0/${8 + (at % 20)}`;
      return { ipBlock: { cidr, except: ['10.1.0.0/16', '10.1.2.0/24', `10.${at % 250}.0.0/30`] } };
    });
    const names = [{ port: 'http', protocol: 'SCTP' as const }, { port: 'a\n}' }, { port: 'http' }];
    const from = [...networks, { podSelector: {} }, { namespaceSelector: {} }];
    const ingress = [{ from, ports: [...ports, ...names] }, { from }, { ports }];
    await machine.hold({ podSelector: {}, ingress, egress: [{ to: from, ports }] });
    await machine.hold();
  });
  await t.test('no packet passes a change that both before and after forbid', async () => {
    const allow = (port: number): NetworkPolicySpec => {
      return { ...onWeb, ingress: [{ from: [fromClient], ports: [{ port, protocol: 'UDP' }] }] };
    };
    await machine.hold(allow(7001));
    const counter = await machine.run(
      'web',
      `
      const seen = {};
      for (const port of [7000, 7001]) {
        require('node:dgram').createSocket('udp4')
          .on('message', (_, { address }) => {
            if (address === '${client}' && seen[address] === undefined) console.log('counting');
            seen[address] = (seen[address] ?? 0) + 1;
          })
          .bind(port, '0.0.0.0', () => port === 7001 && console.log('ready'));
      }
      process.on('SIGTERM', () => { console.log(JSON.stringify(seen)); process.exit(); });`,
    );
    const counting = once(counter.stdout ?? assert.fail(), 'data');
    const sender = `
      const socket = require('node:dgram').createSocket('udp4').on('error', () => {});
      const send = () => {
        for (const port of [7000, 7001]) socket.send('x', port, '${web}', () => {});
        setImmediate(send);
      };
      socket.bind(0, () => { console.log('ready'); send(); });`;
    await machine.run('client', sender);
    await machine.run('other', sender);
    await counting;
    for (let round = 0; round < 20; round++) await machine.hold(allow(7000 + (round % 2)));
    const told = once(counter.stdout ?? assert.fail(), 'data');
    process.kill(counter.pid ?? assert.fail(), 'SIGTERM');
    const [seen] = (await told) as [Buffer];
    assert.deepEqual(Object.keys(JSON.parse(String(seen)) as object), [client]);
  });
});
