import type { RunningNode } from './run-local-node.ts';

/** One of the ways to run containers, with what of the machine it holds; or why the machine has none of it. */
export type FoundRuntime =
  | (AsyncDisposable &
      Pick<
        RunningNode,
        | 'address'
        | 'cgroupRoot'
        | 'hasServiceRules'
        | 'imageRemedy'
        | 'loadBalancers'
        | 'openRuntime'
        | 'processNetwork'
      > & {
        readonly kind: 'runtime';
        /** Where pods reach the API server; undefined: it need not listen for them. */
        readonly apiAddress?: string;
        /** In which pods run: `containerd 1.6.20`. */
        readonly words: string;
      })
  | { readonly kind: 'none'; readonly why: string };
