import { ENVIRONMENT_DIMENSION } from '../../contracts/metric-place.ts';
import { METRICS, type MetricDefinition, type MetricName } from '../../core/metric-names.ts';

/**
 * The combinations of dimensions under which CloudWatch has to keep a metric. It knows no sum over dimensions
 * in an alarm: what an alarm looks at must have been written exactly so. Each combination is paid for, so
 * there is the full one and those that an alarm names, no others.
 */
export function dimensionSets(name: MetricName): readonly (readonly string[])[] {
  const { labels: full, alarmedBy = [] }: MetricDefinition = METRICS[name];
  const sets = [full, ...alarmedBy].map((labels) => [ENVIRONMENT_DIMENSION, ...[...labels].sort()]);
  return [...new Map(sets.map((set) => [set.join(' '), set])).values()];
}
