import { RegistryMetrics } from '../../embedded/metrics/registry-metrics.ts';
import { SampleWindows } from '../../embedded/metrics/sample-windows.ts';
import { ALARMS } from '../../lambdas/core/alarms.ts';
import { FakeClock } from '../fakes/fake-clock.ts';
import { describeMetricsContract } from './metrics-contract.ts';

describeMetricsContract('the registry of metrics', async () => {
  const metrics = new RegistryMetrics({
    environment: 'test',
    clock: new FakeClock().now,
    windows: new SampleWindows(ALARMS),
    onMisfit: () => undefined,
  });
  return { metrics, published: () => metrics.text(), cleanUp: async () => undefined };
});
