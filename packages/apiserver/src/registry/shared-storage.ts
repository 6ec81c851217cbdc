import type { KubernetesObject } from '@fairway/protocol';
import { oneByOne } from './conversion.ts';
import type { StoredAs } from './served-resource.ts';
import {
  autoscalerToVersion1,
  autoscalerToVersion2,
  eventFromCore,
  eventToCore,
} from '@fairway/kind-rules';
import { resourcePrefix } from '../storage/storage-key.ts';

const autoscalers = {
  prefix: resourcePrefix({ group: 'autoscaling', plural: 'horizontalpodautoscalers' }),
  apiVersion: 'autoscaling/v2',
};

type Convert = (object: KubernetesObject) => KubernetesObject;

/** The default of kube-apiserver's `--event-ttl`. */
const hourMs = 60 * 60 * 1_000;

/** Resources that are the same objects under two names or in two versions. */
export function sharedStorage(eventsTimeToLiveMs = hourMs): ReadonlyMap<string, StoredAs> {
  const events = {
    prefix: resourcePrefix({ group: '', plural: 'events' }),
    apiVersion: 'v1',
    timeToLiveMs: eventsTimeToLiveMs,
  };
  return new Map<string, StoredAs>([
    ['v1/events', events],
    ['events.k8s.io/v1/events', converted(events, eventFromCore, eventToCore)],
    ['autoscaling/v2/horizontalpodautoscalers', autoscalers],
    [
      'autoscaling/v1/horizontalpodautoscalers',
      converted(autoscalers, autoscalerToVersion1, autoscalerToVersion2),
    ],
  ]);
}

function converted(storage: StoredAs, fromStored: Convert, toStored: Convert): StoredAs {
  return { ...storage, fromStored: oneByOne(fromStored), toStored: oneByOne(toStored) };
}
