import { settle } from '@fairway/host/testing';
import { type TestServer, startTestServer } from '@fairway/apiserver/testing';

type Print = (what: string, result: string) => void;

/** The first ones are for the compiler of the machine, and not counted. */
const warmUps = 20;
const rounds = 21;
const objectsEach = 500;

const configMaps = '/api/v1/namespaces/default/configmaps';
const registration = '/apis/admissionregistration.k8s.io/v1';

const validations = [
  { expression: "object.metadata.name.startsWith('c') && size(object.data) <= 10" },
  { expression: 'object.data.all(key, value, size(value) < 1024)' },
  { expression: "request.userInfo.groups.exists(each, each == 'system:masters')" },
];

/**
 * What admission policies cost a created config map, as CPU time of this process for whole requests to a server in
 * memory: each way for a while, one after the other on one server, and of each the median.
 */
export async function measurePolicies(print: Print): Promise<void> {
  const plugins = ['ValidatingAdmissionPolicy', 'MutatingAdmissionPolicy'];
  await using off = await startTestServer({ disabledAdmissionPlugins: plugins });
  await using on = await startTestServer();
  const ways: Readonly<Record<string, (round: string) => Promise<number>>> = {
    off: (round) => cpuOfConfigMaps(off, round),
    'on, none there': (round) => cpuOfConfigMaps(on, round),
    'on, one about other objects': (round) => withPolicy(on, 'secrets', round),
    'on, one of three expressions': (round) => withPolicy(on, 'configmaps', round),
  };
  const figures = new Map<string, number[]>(Object.keys(ways).map((name) => [name, []]));
  for (let round = 0; round < warmUps + rounds; round++) {
    for (const [at, [name, measure]] of Object.entries(ways).entries()) {
      const cpuUs = await measure(`${round}-${at}`);
      if (round >= warmUps) figures.get(name)?.push(cpuUs);
    }
  }
  for (const [name, each] of figures) {
    const median = each.toSorted((one, other) => one - other)[Math.floor(each.length / 2)] ?? 0;
    print(`a config map is created, policies ${name}`, `${median.toFixed(1)} µs CPU`);
  }
}

const policy = `${registration}/validatingadmissionpolicies`;
const binding = `${registration}/validatingadmissionpolicybindings`;

async function withPolicy(server: TestServer, resource: string, round: string): Promise<number> {
  const metadata = { name: 'p' };
  const rule = { apiGroups: [''], apiVersions: ['v1'], operations: ['*'], resources: [resource] };
  const spec = { matchConstraints: { resourceRules: [rule] }, validations };
  await server.expect(201, 'POST', policy, { body: { metadata, spec } });
  const bound = { metadata, spec: { policyName: 'p', validationActions: ['Deny'] } };
  await server.expect(201, 'POST', binding, { body: bound });
  await settle();
  const body = { metadata: { name: `first-${round}` } };
  // The first one compiles the policy.
  await server.request('POST', configMaps, { body });
  const cpuUs = await cpuOfConfigMaps(server, round);
  await server.expect(200, 'DELETE', `${policy}/p`);
  await server.expect(200, 'DELETE', `${binding}/p`);
  await settle();
  return cpuUs;
}

async function cpuOfConfigMaps(server: TestServer, round: string): Promise<number> {
  const names = Array.from({ length: objectsEach }, (_, at) => `c-${round}-${at}`);
  const before = process.cpuUsage();
  for (const name of names) {
    const body = { metadata: { name }, data: { mode: 'fast', owner: 'a team', size: '12' } };
    await server.expect(201, 'POST', configMaps, { body });
  }
  const { user, system } = process.cpuUsage(before);
  return (user + system) / objectsEach;
}
