import { type Program, kubernetesEnvironment, schemaType } from '@fairway/cel';
import type { Schema } from '@fairway/protocol';

/** Evaluations of each rule. */
const rounds = 200_000;

const text: Schema = { type: 'string' };
const integer: Schema = { type: 'integer' };

function object(properties: Readonly<Record<string, Schema>>): Schema {
  return { type: 'object', properties: new Map(Object.entries(properties)) };
}

const port = object({ name: text, port: integer, protocol: text });
const schema = object({
  spec: object({
    minReplicas: integer,
    replicas: integer,
    maxReplicas: integer,
    host: text,
    paused: { type: 'boolean' },
    ports: { type: 'array', items: port, listType: 'map', listMapKeys: ['name'] },
    labels: { type: 'object', additionalProperties: text },
    deadline: { type: 'string', format: 'duration' },
    filler: { type: 'array', items: text },
  }),
});

/** Some 20 KB of JSON. */
const value = {
  spec: {
    minReplicas: 1,
    replicas: 3,
    maxReplicas: 10,
    host: 'www.example.com',
    paused: false,
    ports: ['http', 'https', 'metrics'].map((name, at) => ({
      name,
      port: 8080 + at,
      protocol: 'TCP',
    })),
    labels: { app: 'web', tier: 'front' },
    deadline: '90s',
    filler: Array.from({ length: 400 }, (_, at) => `a text of some length, number ${at}`),
  },
};

/** Each holds. */
const rules: readonly string[] = [
  'self.spec.minReplicas <= self.spec.replicas && self.spec.replicas <= self.spec.maxReplicas',
  "!has(self.spec.host) || self.spec.host.endsWith('.example.com')",
  'self.spec.paused == oldSelf.spec.paused || self.spec.replicas == 0',
  'self.spec.ports.all(p, p.port > 0 && p.port < 65536)',
  "self.spec.ports.exists_one(p, p.name == 'metrics')",
  "self.spec.labels.all(k, v, k.size() < 64 && v != '')",
  "self.spec.?labels[?'app'].orValue('none') in ['web', 'api']",
  "self.spec.deadline < duration('1h')",
];

/** What a rule costs: in time of the processor, and in units of its budget. */
export async function runRulesBench(): Promise<void> {
  const declared = schemaType(schema, 'object');
  if (declared?.convert === undefined) throw new Error('the schema declares no type');
  const { type, convert } = declared;
  const environment = kubernetesEnvironment().withVariables({
    self: type,
    oldSelf: type,
  });
  console.log(
    `an object of ${Math.round(JSON.stringify(value).length / 1000)} KB, µs of CPU each:`,
  );
  for (const rule of rules) {
    const startUs = cpuUs();
    for (let round = 0; round < 200; round++) environment.compile(rule);
    const compileUs = (cpuUs() - startUs) / 200;
    const compiled = environment.compile(rule);
    if (compiled.kind === 'refused') throw new Error(compiled.problem);
    const evaluate = (): unknown => {
      const self = convert(value);
      return compiled.program.evaluate({ self, oldSelf: self }).result;
    };
    if (evaluate() !== true) throw new Error(`${rule} does not hold`);
    const us = measure(evaluate);
    console.log(
      `${us.toFixed(2).padStart(6)}  compiled in ${compileUs.toFixed(0).padStart(4)}  cost ${costOf(compiled.program)}  ${rule}`,
    );
  }
  await Promise.resolve();

  function costOf(program: Program): string {
    const self = convert(value);
    return String(program.evaluate({ self, oldSelf: self }).cost).padStart(3);
  }
}

function measure(run: () => unknown): number {
  for (let round = 0; round < rounds / 10; round++) run();
  const startUs = cpuUs();
  for (let round = 0; round < rounds; round++) run();
  return (cpuUs() - startUs) / rounds;
}

function cpuUs(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}
