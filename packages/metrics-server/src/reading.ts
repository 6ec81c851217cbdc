/** What something has used until a moment. */
export interface Usage {
  /** In milliseconds since 1970, by the clock of its machine. */
  readonly timeMs: number;
  /** Of all its life, in core-seconds. */
  readonly cpuSeconds: number;
  readonly memoryBytes: number;
}

export interface ContainerUsage extends Usage {
  readonly startedMs: number;
}

/** What a kubelet has told at one moment. */
export interface Reading {
  /** Undefined where it was not told whole. */
  readonly node: Usage | undefined;
  /** By `containerKey`. */
  readonly containers: ReadonlyMap<string, ContainerUsage>;
}

export function containerKey(namespace: string, pod: string, container: string): string {
  return `${namespace}/${pod}/${container}`;
}

const cpuOfNode = 'node_cpu_usage_seconds_total';
const memoryOfNode = 'node_memory_working_set_bytes';
const cpuOfContainer = 'container_cpu_usage_seconds_total';
const memoryOfContainer = 'container_memory_working_set_bytes';
const startOfContainer = 'container_start_time_seconds';

/**
 * Reads what a kubelet tells at `/metrics/resource`. What is not told whole is left out. `nowMs`: where no time
 * is told.
 *
 * Source: Prometheus, text-based exposition format; Kubernetes, kubelet resource metrics.
 */
export function parseReading(text: string, nowMs: number): Reading {
  let node: Partial<Usage> = {};
  const containers = new Map<string, Partial<ContainerUsage>>();
  for (const { name, labels, value, timeMs = nowMs } of samplesOf(text)) {
    if (name === cpuOfNode) node = { ...node, cpuSeconds: value, timeMs };
    if (name === memoryOfNode) node = { ...node, memoryBytes: value };
    const field = fields.get(name);
    if (field === undefined) continue;
    const { namespace = '', pod = '', container = '' } = labels;
    const key = containerKey(namespace, pod, container);
    const known = containers.get(key) ?? {};
    const at = field === 'cpuSeconds' ? { timeMs } : {};
    const told = field === 'startedMs' ? value * 1_000 : value;
    containers.set(key, { ...known, ...at, [field]: told });
  }
  return {
    node: isWhole(node) ? node : undefined,
    containers: new Map([...containers].flatMap(([key, usage]) => whole(key, usage))),
  };
}

const fields: ReadonlyMap<string, keyof ContainerUsage> = new Map([
  [cpuOfContainer, 'cpuSeconds'],
  [memoryOfContainer, 'memoryBytes'],
  [startOfContainer, 'startedMs'],
]);

function isWhole<Told extends Partial<Usage>>(usage: Told): usage is Told & Usage {
  return usage.cpuSeconds !== undefined && usage.memoryBytes !== undefined;
}

function whole(
  key: string,
  usage: Partial<ContainerUsage>,
): readonly (readonly [string, ContainerUsage])[] {
  if (!isWhole(usage)) return [];
  const { startedMs = 0 } = usage;
  return [[key, { ...usage, startedMs }]];
}

interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
  readonly timeMs?: number;
}

/** `name{label="text",…} value time`; what is no sample is passed over. */
function* samplesOf(text: string): Generator<Sample> {
  for (const line of text.split('\n')) {
    const [, name = '', pairs = '', value = '', time] =
      /^([a-z_:][\w:]*)(?:\{(.*)\})? +(\S+)(?: +(-?\d+))?\s*$/i.exec(line) ?? [];
    const number = Number(value);
    if (name === '' || !Number.isFinite(number)) continue;
    const labels = labelsOf(pairs);
    yield { name, labels, value: number, ...(time === undefined ? {} : { timeMs: Number(time) }) };
  }
}

function labelsOf(pairs: string): Readonly<Record<string, string>> {
  const labels = pairs.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g);
  return Object.fromEntries(
    [...labels].map(([, name = '', text = '']) => [name, text.replaceAll(/\\(.)/g, unescaped)]),
  );
}

function unescaped(_: string, letter: string): string {
  return letter === 'n' ? '\n' : letter;
}
