export {
  type Counter,
  type Family,
  type Gauge,
  type Histogram,
  Metrics,
} from './metrics/metrics.ts';
export { answerMetrics } from './metrics/answer-metrics.ts';
export { tellOfProcess } from './metrics/process-metrics.ts';
