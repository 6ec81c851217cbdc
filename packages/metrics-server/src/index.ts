export { type MetricsApi, type MetricsApiOptions, metricsApi } from './metrics-api.ts';
