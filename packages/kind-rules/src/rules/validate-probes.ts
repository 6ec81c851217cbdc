import { type Draft, forbiddenField, invalidValue, required } from '@fairway/protocol';
import type { HTTPGetAction, Lifecycle, LifecycleHandler, Probe } from '@fairway/kinds/core/v1';

import {
  expectNonNegative,
  expectOneOf,
  expectPortNumber,
  expectPortOrName,
  type FieldErrors,
} from '../field-checks.ts';
import { httpHeaderName } from '../string-formats.ts';

interface ProbedContainer {
  readonly livenessProbe?: Draft<Probe>;
  readonly readinessProbe?: Draft<Probe>;
  readonly startupProbe?: Draft<Probe>;
  readonly lifecycle?: Draft<Lifecycle>;
}

/** Where a handler stands, and how long its pod has to end. */
interface HandlerPlace {
  readonly field: string;
  readonly gracePeriodSeconds: number | undefined;
}

/**
 * What is wrong with the hooks and probes of a container. The success threshold of liveness and
 * startup probes must be 1.
 * Source: core validation, validateProbe and validateLifecycle.
 */
export function validateHooksAndProbes(
  container: ProbedContainer,
  { field, gracePeriodSeconds }: HandlerPlace,
  errors: FieldErrors,
): void {
  const { lifecycle, livenessProbe, readinessProbe, startupProbe } = container;
  if (lifecycle?.postStart) {
    const place = { field: `${field}.lifecycle.postStart`, gracePeriodSeconds };
    validateHandler(lifecycle.postStart, place, errors);
  }
  if (lifecycle?.preStop) {
    const place = { field: `${field}.lifecycle.preStop`, gracePeriodSeconds };
    validateHandler(lifecycle.preStop, place, errors);
  }
  if (livenessProbe) validateOneSuccessProbe(livenessProbe, `${field}.livenessProbe`, errors);
  if (readinessProbe) {
    validateProbe(readinessProbe, `${field}.readinessProbe`, errors);
    const seconds = readinessProbe.terminationGracePeriodSeconds;
    if (seconds !== undefined && seconds !== null) {
      errors.push(
        invalidValue(
          `${field}.readinessProbe.terminationGracePeriodSeconds`,
          seconds,
          'must not be set for readinessProbes',
        ),
      );
    }
  }
  if (startupProbe) validateOneSuccessProbe(startupProbe, `${field}.startupProbe`, errors);
}

function validateOneSuccessProbe(probe: Draft<Probe>, field: string, errors: FieldErrors): void {
  validateProbe(probe, field, errors);
  if ((probe.successThreshold ?? 0) !== 1) {
    errors.push(
      invalidValue(`${field}.successThreshold`, probe.successThreshold ?? 0, 'must be 1'),
    );
  }
}

function validateProbe(probe: Draft<Probe>, field: string, errors: FieldErrors): void {
  validateHandler(probe, { field, gracePeriodSeconds: undefined }, errors);
  expectNonNegative(probe.initialDelaySeconds, `${field}.initialDelaySeconds`, errors);
  expectNonNegative(probe.timeoutSeconds, `${field}.timeoutSeconds`, errors);
  expectNonNegative(probe.periodSeconds, `${field}.periodSeconds`, errors);
  expectNonNegative(probe.successThreshold, `${field}.successThreshold`, errors);
  expectNonNegative(probe.failureThreshold, `${field}.failureThreshold`, errors);
  const seconds = probe.terminationGracePeriodSeconds;
  if (seconds !== undefined && seconds !== null && seconds <= 0) {
    errors.push(
      invalidValue(`${field}.terminationGracePeriodSeconds`, seconds, 'must be greater than 0'),
    );
  }
}

type AnyHandler = Draft<Probe> & Draft<LifecycleHandler>;

const handlerNames = ['exec', 'httpGet', 'tcpSocket', 'grpc', 'sleep'] as const;

function validateHandler(
  handler: AnyHandler,
  { field, gracePeriodSeconds }: HandlerPlace,
  errors: FieldErrors,
): void {
  const given = handlerNames.filter((name) => handler[name]);
  if (given.length === 0) errors.push(required(field, 'must specify a handler type'));
  given.forEach((name, index) => {
    const path = `${field}.${name}`;
    if (index > 0) {
      errors.push(forbiddenField(path, 'may not specify more than 1 handler type'));
    } else if (name === 'exec') {
      if (!handler.exec?.command?.length) errors.push(required(`${path}.command`));
    } else if (name === 'httpGet') {
      validateHttpGet(handler.httpGet ?? {}, path, errors);
    } else if (name === 'tcpSocket') {
      expectPortOrName(handler.tcpSocket?.port, `${path}.port`, errors);
    } else if (name === 'grpc') {
      expectPortNumber(handler.grpc?.port, `${path}.port`, errors);
    } else {
      validateSleep(handler.sleep?.seconds ?? 0, { field: path, gracePeriodSeconds }, errors);
    }
  });
}

function validateHttpGet(action: Draft<HTTPGetAction>, field: string, errors: FieldErrors): void {
  if (!action.path) errors.push(required(`${field}.path`));
  expectPortOrName(action.port, `${field}.port`, errors);
  expectOneOf(action.scheme, { field: `${field}.scheme`, supported: ['HTTP', 'HTTPS'] }, errors);
  for (const header of action.httpHeaders ?? []) {
    const wrong = httpHeaderName(header.name ?? '');
    if (wrong !== undefined) {
      errors.push(invalidValue(`${field}.httpHeaders`, header.name ?? '', wrong));
    }
  }
}

function validateSleep(seconds: number, place: HandlerPlace, errors: FieldErrors): void {
  const limit = place.gracePeriodSeconds;
  if (limit !== undefined && (seconds < 0 || seconds > limit)) {
    errors.push(
      invalidValue(
        place.field,
        seconds,
        `must be non-negative and less than terminationGracePeriodSeconds (${limit})`,
      ),
    );
  }
}
