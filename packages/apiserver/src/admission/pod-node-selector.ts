import type { Pod } from '@fairway/kinds/core/v1';
import { apiError, checkLabelValue, checkQualifiedName, forbidden } from '@fairway/protocol';
import type { AdmissionPlugin } from './admission-plugin.ts';
import type { ClusterReader } from '../reads/cluster-reader.ts';
import { requireNamespace } from './require-namespace.ts';

/** Node selectors as text, `env=test,disk=ssd`: of namespaces that have no annotation, and what each may ask for. */
export interface PodNodeSelectors {
  readonly clusterDefaultNodeSelector?: string;
  /** By namespace; one that is not named may ask for anything. */
  readonly allowed: Readonly<Record<string, string>>;
}

type Labels = Readonly<Record<string, string>>;

const annotation = 'scheduler.alpha.kubernetes.io/node-selector';

/** Gives pods the node selector of their namespace. Source: Kubernetes admission, PodNodeSelector. */
export function podNodeSelector(
  cluster: Pick<ClusterReader, 'find'>,
  selectors: PodNodeSelectors = { allowed: {} },
): AdmissionPlugin<Pod> {
  const selectorOf = async (name: string): Promise<Labels> => {
    const { metadata } = await requireNamespace(cluster, name);
    const own = metadata?.annotations?.[annotation];
    return readSelector(own ?? selectors.clusterDefaultNodeSelector ?? '');
  };
  return {
    name: 'PodNodeSelector',
    operations: ['CREATE'],
    resources: ['/pods'],
    async admit({ draft, namespace, name, resource }) {
      if (draft === undefined) return;
      const ofNamespace = await selectorOf(namespace);
      const own = draft.spec?.nodeSelector ?? {};
      if (areAtOdds(ofNamespace, own)) throw forbidden({ ...resource, name }, atOdds);
      if (Object.keys(ofNamespace).length === 0) return;
      draft.spec ??= {};
      draft.spec.nodeSelector = { ...ofNamespace, ...own };
    },
    async validate({ object, namespace, name, resource }) {
      const own = object?.spec?.nodeSelector ?? {};
      if (areAtOdds(await selectorOf(namespace), own))
        throw forbidden({ ...resource, name }, atOdds);
      const allowed = readSelector(selectors.allowed[namespace] ?? '');
      if (Object.keys(allowed).length === 0) return;
      if (Object.entries(own).every(([key, value]) => allowed[key] === value)) return;
      const why = 'pod node label selector labels conflict with its namespace whitelist';
      throw forbidden({ ...resource, name }, why);
    },
  };
}

const atOdds = 'pod node label selector conflicts with its namespace node label selector';

function areAtOdds(one: Labels, other: Labels): boolean {
  return Object.entries(one).some(([key, value]) => (other[key] ?? value) !== value);
}

function readSelector(text: string): Labels {
  const problem = selectorProblem(text);
  if (problem !== undefined) throw apiError('InternalError', problem);
  return Object.fromEntries(partsOf(text));
}

/** What is wrong with a node selector as text; undefined when it can be used. */
export function selectorProblem(text: string): string | undefined {
  for (const [key = '', value, ...more] of partsOf(text)) {
    if (value === undefined || more.length > 0) {
      return `invalid selector: [${[key, ...(value === undefined ? [] : [value]), ...more].join(' ')}]`;
    }
    const problem = checkQualifiedName(key) ?? checkLabelValue(value);
    if (problem !== undefined)
      return `invalid selector ${JSON.stringify(`${key}=${value}`)}: ${problem}`;
  }
  return undefined;
}

function partsOf(text: string): readonly (readonly string[])[] {
  if (text === '') return [];
  return text.split(',').map((part) => part.split('=').map((each) => each.trim()));
}
