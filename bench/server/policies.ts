import { settle } from '@fairway/host/testing';
import { type TestServer, startTestServer } from '@fairway/apiserver/testing';
import { costsInTurns, told } from './in-turns.ts';

type Print = (what: string, result: string) => void;

const turns = { warmUps: 40, rounds: 61 };
const objectsEach = 250;

const configMaps = '/api/v1/namespaces/default/configmaps';
const registration = '/apis/admissionregistration.k8s.io/v1';

const validations = [
  { expression: "object.metadata.name.startsWith('c') && size(object.data) <= 10" },
  { expression: 'object.data.all(key, value, size(value) < 1024)' },
  { expression: "request.userInfo.groups.exists(each, each == 'system:masters')" },
];

/**
 * What admission policies cost a created config map, as CPU time of this process for whole requests to a server in
 * memory: each way on a server of its own for a while, one after the other.
 */
export async function measurePolicies(print: Print): Promise<void> {
  const plugins = ['ValidatingAdmissionPolicy', 'MutatingAdmissionPolicy'];
  await using off = await startTestServer({ disabledAdmissionPlugins: plugins });
  await using unused = await startTestServer();
  await using other = await startTestServer();
  await using on = await startTestServer();
  await addPolicy(other, 'secrets');
  await addPolicy(on, 'configmaps');
  const ways = {
    off: (turn: number) => cpuOfConfigMaps(off, turn),
    'on, none there': (turn: number) => cpuOfConfigMaps(unused, turn),
    'on, one about other objects': (turn: number) => cpuOfConfigMaps(other, turn),
    'on, one of three expressions': (turn: number) => cpuOfConfigMaps(on, turn),
  };
  for (const [name, costs] of Object.entries(await costsInTurns(ways, turns))) {
    print(`a config map is created, policies ${name}`, told(costs));
  }
}

const policy = `${registration}/validatingadmissionpolicies`;
const binding = `${registration}/validatingadmissionpolicybindings`;

async function addPolicy(server: TestServer, resource: string): Promise<void> {
  const metadata = { name: 'p' };
  const rule = {
    apiGroups: [''],
    apiVersions: ['v1'],
    operations: ['CREATE'],
    resources: [resource],
  };
  const spec = { matchConstraints: { resourceRules: [rule] }, validations };
  await server.expect(201, 'POST', policy, { body: { metadata, spec } });
  const bound = { metadata, spec: { policyName: 'p', validationActions: ['Deny'] } };
  await server.expect(201, 'POST', binding, { body: bound });
  await settle();
}

async function cpuOfConfigMaps(server: TestServer, turn: number): Promise<number> {
  const names = Array.from({ length: objectsEach }, (_, at) => `c-${turn}-${at}`);
  const before = process.cpuUsage();
  for (const name of names) {
    const body = { metadata: { name }, data: { mode: 'fast', owner: 'a team', size: '12' } };
    await server.expect(201, 'POST', configMaps, { body });
  }
  const { user, system } = process.cpuUsage(before);
  // What grows makes all of them dearer, and whoever collects the garbage.
  await server.expect(200, 'DELETE', configMaps);
  return (user + system) / objectsEach;
}
