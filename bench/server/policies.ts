import { settle } from '@fairway/host/testing';
import { type TestServer, startTestServer } from '@fairway/apiserver/testing';
import { mediansInTurns } from './in-turns.ts';

type Print = (what: string, result: string) => void;

const turns = { warmUps: 20, rounds: 21 };
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
  const ways = {
    off: (turn: number) => cpuOfConfigMaps(off, turn),
    'on, none there': (turn: number) => cpuOfConfigMaps(on, turn),
    'on, one about other objects': (turn: number) => withPolicy(on, 'secrets', turn),
    'on, one of three expressions': (turn: number) => withPolicy(on, 'configmaps', turn),
  };
  for (const [name, median] of Object.entries(await mediansInTurns(ways, turns))) {
    print(`a config map is created, policies ${name}`, `${median.toFixed(1)} µs CPU`);
  }
}

const policy = `${registration}/validatingadmissionpolicies`;
const binding = `${registration}/validatingadmissionpolicybindings`;

async function withPolicy(server: TestServer, resource: string, turn: number): Promise<number> {
  const metadata = { name: 'p' };
  const rule = { apiGroups: [''], apiVersions: ['v1'], operations: ['*'], resources: [resource] };
  const spec = { matchConstraints: { resourceRules: [rule] }, validations };
  await server.expect(201, 'POST', policy, { body: { metadata, spec } });
  const bound = { metadata, spec: { policyName: 'p', validationActions: ['Deny'] } };
  await server.expect(201, 'POST', binding, { body: bound });
  await settle();
  const body = { metadata: { name: `first-${turn}` } };
  // The first one compiles the policy.
  await server.request('POST', configMaps, { body });
  const cpuUs = await cpuOfConfigMaps(server, turn);
  await server.expect(200, 'DELETE', `${policy}/p`);
  await server.expect(200, 'DELETE', `${binding}/p`);
  await settle();
  return cpuUs;
}

async function cpuOfConfigMaps(server: TestServer, turn: number): Promise<number> {
  const names = Array.from({ length: objectsEach }, (_, at) => `c-${turn}-${at}`);
  const before = process.cpuUsage();
  for (const name of names) {
    const body = { metadata: { name }, data: { mode: 'fast', owner: 'a team', size: '12' } };
    await server.expect(201, 'POST', configMaps, { body });
  }
  const { user, system } = process.cpuUsage(before);
  return (user + system) / objectsEach;
}
