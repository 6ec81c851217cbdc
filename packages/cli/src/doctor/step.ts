import type { Client, ClusterTarget, ConnectionError, Credential } from '@fairway/client';
import type { Transport } from '@fairway/client/connect';
import type { Selection } from '@fairway/client/kubeconfig';
import type { DisposalStack, Host } from '@fairway/host';
import type { Socket } from 'node:net';
import type { ClusterFlags } from '../connection/cluster-flags.ts';
import type { NameService } from './name-service.ts';
import type { FirstAnswer } from './first-answer.ts';
import type { ServerTime } from './server-time.ts';

/** What a step says of its layer. */
export interface Finding {
  /**
   * `ok`; `warning`: it works, and something is about to break or was meant otherwise; `failed`: nobody
   * gets in here; `unknown`: it cannot be told; `skipped`: there is nothing to try; `not-tried`: a step
   * before it has failed.
   */
  readonly status: 'ok' | 'warning' | 'failed' | 'unknown' | 'skipped' | 'not-tried';
  readonly tried: string;
  readonly found: string;
  /** What helps, the likeliest first: a line to type where there is one. */
  readonly remedies?: readonly string[];
  /** For programs: what `found` says in words. */
  readonly details?: Readonly<Record<string, unknown>>;
}

/** What the steps before have found out. A step whose needs are not met is not tried. */
export interface Facts {
  readonly target?: ClusterTarget;
  /** The cluster and user of a kubeconfig; absent in a pod. */
  readonly selection?: Selection;
  readonly credential?: Credential;
  /** By its own addresses, or by a proxy that knows them. */
  readonly way?: 'direct' | 'proxied';
  readonly addresses?: readonly string[];
  readonly road?: Road;
  /** Only where the server has proved that it is the right one, or the configuration waives that. */
  readonly access?: Access;
  readonly firstAnswer?: FirstAnswer | ConnectionError;
  readonly serverTime?: ServerTime;
  readonly isApi?: true;
  /** Absent where the server does not tell it. */
  readonly version?: ServerVersion;
  readonly user?: KnownUser;
}

/** Opens a connection to the server, by the way that was found to lead there. */
export type Road = (signal?: AbortSignal) => Promise<Socket>;

/** Calls on the API, with the credential that was found. */
export interface Access {
  readonly client: Client;
  readonly transport: Transport;
}

export interface ServerVersion {
  readonly gitVersion: string;
  readonly minor: number;
}

export interface KnownUser {
  readonly username: string;
  readonly groups: readonly string[];
}

/** What a step has to work with. */
export interface Tools {
  readonly host: Host;
  readonly names: NameService;
  readonly flags: ClusterFlags;
  /** What shall be possible: verb and resource. */
  readonly wishes: readonly Wish[];
  /** One exchange with somebody else. */
  readonly stepTimeoutMs: number;
  /** Whatever is open to the end of the examination. */
  readonly open: DisposalStack;
  readonly signal: AbortSignal;
}

export interface Wish {
  readonly verb: string;
  readonly what: string;
  readonly subresource: string;
}

/** One layer on the way in. */
export interface Step {
  readonly name: string;
  /** Of the command, when this is the first step that fails. */
  readonly exitCode: number;
  readonly needs: readonly (keyof Facts)[];
  probe(tools: Tools, facts: Facts): Promise<Outcome>;
}

export interface Outcome {
  readonly finding: Finding;
  readonly facts?: Facts;
}

/** Declares a step, whose probe has what it needs. */
export function step<Need extends keyof Facts = never>(declared: {
  readonly name: string;
  readonly exitCode: number;
  readonly needs: readonly Need[];
  probe(tools: Tools, facts: Facts & Required<Pick<Facts, Need>>): Promise<Outcome>;
}): Step {
  // The runner looks at `needs` before it calls.
  return declared as Step;
}
