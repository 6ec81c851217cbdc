import type { Authentication, Authenticator, Authorizer, Decision } from '@fairway/access';
import type { Clock } from '@fairway/host';
import type { Counter, Histogram, Metrics } from '@fairway/serving/metrics';

export interface MeasureParts {
  readonly metrics: Metrics;
  readonly clock: Clock;
}

/** From a thousandth of a second, doubled fourteen times. Source: kube-apiserver 1.36. */
const accessBounds = Array.from({ length: 15 }, (_, power) => 0.001 * 2 ** power);

/** The same authenticator; what comes of it is counted. */
export function measureAuthenticator(
  authenticator: Authenticator,
  { metrics, clock }: MeasureParts,
): Authenticator {
  const results = resultSeries(metrics, {
    total: {
      name: 'authentication_attempts',
      help: 'Requests whose credentials were looked at, by what came of it.',
    },
    duration: {
      name: 'authentication_duration_seconds',
      help: 'Time to find out who asks, by what came of it.',
    },
    results: ['success', 'failure', 'error'],
  });
  const users = metrics.counter({
    name: 'authenticated_user_requests',
    help: 'Requests of users who proved who they are; few users are named.',
    labels: ['username'],
  });
  const others = users.of('other');
  const resultOf: Readonly<Record<Authentication['kind'], 'success' | 'failure'>> = {
    authenticated: 'success',
    rejected: 'failure',
    unrecognised: 'failure',
  };
  return async (request) => {
    const startMs = clock.elapsed();
    let result: 'success' | 'failure' | 'error' = 'error';
    try {
      const outcome = await authenticator(request);
      result = resultOf[outcome.kind];
      if (outcome.kind === 'authenticated') {
        const named = reportedName(outcome.user.username);
        (named === 'other' ? others : users.of(named)).add();
      }
      return outcome;
    } finally {
      results[result].took(clock.elapsed() - startMs);
    }
  };
}

/** Names would be series that others make. Source: kube-apiserver, `compressUsername`. */
function reportedName(username: string): string {
  if (internalNames.has(username)) return username;
  return username.includes('@') ? 'email_id' : 'other';
}

const internalNames: ReadonlySet<string> = new Set([
  'admin',
  'client',
  'kube_proxy',
  'kubelet',
  'system:serviceaccount:kube-system:default',
]);

/** The same authorizer; what it decides is counted. */
export function measureAuthorizer(
  authorizer: Authorizer,
  { metrics, clock }: MeasureParts,
): Authorizer {
  const results = resultSeries(metrics, {
    total: {
      name: 'authorization_attempts_total',
      help: 'Decisions about what users may do, by what was decided.',
    },
    duration: {
      name: 'authorization_duration_seconds',
      help: 'Time to decide what a user may do, by what was decided.',
    },
    results: ['allowed', 'denied', 'no-opinion', 'error'],
  });
  const decided = (decision: Decision, startMs: number): Decision => {
    results[resultOf(decision)].took(clock.elapsed() - startMs);
    return decision;
  };
  return (attributes) => {
    const startMs = clock.elapsed();
    const answer = authorizer(attributes);
    if (!(answer instanceof Promise)) return decided(answer, startMs);
    return answer.then((decision) => decided(decision, startMs));
  };
}

function resultOf({
  kind,
  evaluationError,
}: Decision): 'allowed' | 'denied' | 'no-opinion' | 'error' {
  if (kind === 'allow') return 'allowed';
  if (evaluationError !== undefined) return 'error';
  return kind === 'deny' ? 'denied' : 'no-opinion';
}

interface Result {
  readonly took: (tookMs: number) => void;
}

function resultSeries<Name extends string>(
  metrics: Metrics,
  about: {
    readonly total: { readonly name: string; readonly help: string };
    readonly duration: { readonly name: string; readonly help: string };
    readonly results: readonly Name[];
  },
): Readonly<Record<Name, Result>> {
  const labels = ['result'];
  const totals = metrics.counter({ ...about.total, labels });
  const durations = metrics.histogram({ ...about.duration, labels, bounds: accessBounds });
  const seriesOf = (name: Name): readonly [Counter, Histogram] => [
    totals.of(name),
    durations.of(name),
  ];
  return Object.fromEntries(
    about.results.map((name) => {
      let series: readonly [Counter, Histogram] | undefined;
      const took = (tookMs: number): void => {
        const [total, duration] = (series ??= seriesOf(name));
        total.add();
        duration.observe(tookMs / 1000);
      };
      return [name, { took }];
    }),
  ) as Record<Name, Result>;
}
