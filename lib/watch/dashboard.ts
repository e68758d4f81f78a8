/* oxlint-disable no-new -- a construct adds itself to its scope */
import { CfnDashboard } from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import { ENVIRONMENT_DIMENSION, METRICS_NAMESPACE } from '../../lambdas/contracts/metric-place.ts';
import { alarmsFor } from '../../lambdas/core/alarms.ts';
import { METRICS, type MetricName } from '../../lambdas/core/metric-names.ts';
import { hasLeases } from '../access/lease-kinds.ts';
import { arnAt, siteName, type Site } from '../site.ts';

/** One graph: a metric, split by all of its labels. */
interface Graph {
  readonly title: string;
  readonly metric: MetricName;
  readonly statistic: 'Sum' | 'Maximum' | 'p95';
}

/** What somebody looks at first, in the order of the life of a rotation. */
const GRAPHS: readonly Graph[] = [
  { title: 'Rotations by how they ended', metric: 'lockstep_rotations', statistic: 'Sum' },
  { title: 'Rotations refused', metric: 'lockstep_rotations_refused', statistic: 'Sum' },
  { title: 'Steps that failed', metric: 'lockstep_step_failures', statistic: 'Sum' },
  { title: 'Time of a step, p95', metric: 'lockstep_step_seconds', statistic: 'p95' },
  { title: 'From promotion to adoption, p95', metric: 'lockstep_adoption_seconds', statistic: 'p95' },
  { title: 'Notices to dependents', metric: 'lockstep_deliveries', statistic: 'Sum' },
  { title: 'Acknowledgements', metric: 'lockstep_acknowledgements', statistic: 'Sum' },
  { title: 'Age over cadence', metric: 'lockstep_credential_age_ratio', statistic: 'Maximum' },
  { title: 'Our reads of the vault, p95', metric: 'lockstep_vault_read_milliseconds', statistic: 'p95' },
  {
    title: 'Reads as dependents time them, p95',
    metric: 'lockstep_dependent_fetch_milliseconds',
    statistic: 'p95',
  },
  { title: 'Accesses out of character', metric: 'lockstep_findings', statistic: 'Sum' },
  { title: 'Heartbeats seen', metric: 'lockstep_heartbeat_reads', statistic: 'Sum' },
  { title: 'Dead letters', metric: 'lockstep_dead_letters', statistic: 'Maximum' },
  { title: 'Age of the newest signed head', metric: 'lockstep_seal_age_seconds', statistic: 'Maximum' },
];

/** What is looked at besides, where something can be leased. */
const GRAPHS_OF_LEASES: readonly Graph[] = [
  { title: 'Leases by what became of them', metric: 'lockstep_leases', statistic: 'Sum' },
  { title: 'Asks refused or put off', metric: 'lockstep_leases_refused', statistic: 'Sum' },
  { title: 'From an ask to a lease, p95', metric: 'lockstep_lease_issue_seconds', statistic: 'p95' },
  { title: 'Leases that are not over', metric: 'lockstep_leases_live', statistic: 'Maximum' },
  { title: 'Leases that targets owe the end of', metric: 'lockstep_lease_debt', statistic: 'Maximum' },
  { title: 'How far back the sweeper is', metric: 'lockstep_lease_sweep_age_seconds', statistic: 'Maximum' },
];

const COLUMNS = 3;
const [WIDTH, HEIGHT] = [8, 6];

/** One page that shows how everything stands. */
export class Dashboard extends Construct {
  constructor(scope: Construct, id: string, { site }: { readonly site: Site }) {
    super(scope, id);
    const graphs = hasLeases(site.inventory) ? [...GRAPHS, ...GRAPHS_OF_LEASES] : GRAPHS;
    const widgets = [alarmsWidget(site), ...graphs.map((graph, index) => graphWidget(site, graph, index))];
    new CfnDashboard(this, 'Page', {
      dashboardName: siteName(site, 'lockstep'),
      dashboardBody: JSON.stringify({ widgets }),
    });
  }
}

const alarmsWidget = (site: Site) => ({
  type: 'alarm',
  x: 0,
  y: 0,
  width: COLUMNS * WIDTH,
  height: 3,
  properties: {
    title: 'Alarms',
    alarms: alarmsFor(site.inventory).map((alarm) =>
      arnAt(site, 'cloudwatch', `alarm:${siteName(site, alarm.id)}`),
    ),
  },
});

const graphWidget = (site: Site, { title, metric, statistic }: Graph, index: number) => ({
  type: 'metric',
  x: (index % COLUMNS) * WIDTH,
  y: 3 + Math.floor(index / COLUMNS) * HEIGHT,
  width: WIDTH,
  height: HEIGHT,
  properties: {
    title,
    region: site.deployment.region,
    view: 'timeSeries',
    period: 300,
    metrics: [[{ expression: search(site, metric, statistic), id: 'all', period: 300 }]],
  },
});

function search({ inventory }: Site, metric: MetricName, statistic: string): string {
  const dimensions = [ENVIRONMENT_DIMENSION, ...METRICS[metric].labels].join(',');
  const terms = `MetricName="${metric}" ${ENVIRONMENT_DIMENSION}="${inventory.environment}"`;
  return `SEARCH('{${METRICS_NAMESPACE},${dimensions}} ${terms}', '${statistic}', 300)`;
}
