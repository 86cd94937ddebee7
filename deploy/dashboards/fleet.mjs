import {
  colour, dashboard, datasourceChoice, lines, namespaceChoice, poolChoice, pools, query, stat, steps, table, timeline,
} from './grafana.mjs';
import { newLeader, notReady, objective } from './scaling.mjs';

const by = (metric, more = '') => `sum by (namespace, pool) (${metric}{${pools}${more}})`;
const over = (metric, more, range) => `sum by (namespace, pool) (increase(${metric}{${pools}${more}}[${range}]))`;

export default dashboard({
  uid: 'runnerscaler-fleet',
  title: 'RunnerScaler / Fleet',
  description: 'All pools of all namespaces, one line each, and the controllers.',
  from: 'now-24h',
  variables: [datasourceChoice, namespaceChoice, poolChoice, objective],
  annotations: [newLeader, notReady],
  rows: [
    {
      title: 'All pools',
      panels: [
        stat('Pools', 'Pools that the controller sees.', 'short', `count(${by('runnerscaler_runners')})`, steps(colour.idle)),
        stat('Not ready', 'Pools that do not serve their jobs.', 'short',
          `sum(runnerscaler_pool_condition{${pools},condition="Ready",status=~"false|unknown"})`,
          steps(colour.good, [1, colour.bad])),
        stat('Waiting', 'Queued jobs of all pools.', 'short', `sum(runnerscaler_jobs{${pools},state="queued"})`,
          steps(colour.good, [50, colour.watch], [500, colour.bad])),
        stat('Running', 'Jobs that have a runner.', 'short', `sum(runnerscaler_jobs{${pools},state="running"})`, steps(colour.idle)),
        stat('Runners', 'Runners of all states.', 'short', `sum(runnerscaler_runners{${pools}})`, steps(colour.idle)),
        stat('At capacity', 'Pools with jobs that wait for a slot.', 'short',
          `sum(runnerscaler_pool_condition{${pools},condition="AtCapacity",status="true"})`, steps(colour.good, [1, colour.watch])),
        stat('Leaders', 'Controllers that lead: one.', 'short', 'sum(runnerscaler_leader)',
          steps(colour.bad, [1, colour.good], [2, colour.bad])),
        stat('Version', 'Of the controllers that run; two of them during an upgrade.', 'short',
          'count by (version) (runnerscaler_build_info)', steps(colour.idle), { legend: '{{version}}', textMode: 'name' }),
      ],
    },
    {
      title: 'One line a pool',
      panels: [
        table('Pool by pool', 'Choose a line, and open the dashboard Scaling above for that pool.', { namespace: 'Namespace', pool: 'Pool' }, {
          Ready: {
            expr: `max by (namespace, pool) (runnerscaler_pool_condition{${pools},condition="Ready",status="true"})`,
            thresholds: steps(colour.bad, [1, colour.good]), mappings: [['1', 'yes', colour.good], ['0', 'no', colour.bad]],
          },
          Queued: { expr: by('runnerscaler_jobs', ',state="queued"'), thresholds: steps('text', [10, colour.watch], [100, colour.bad]) },
          'Oldest wait': {
            expr: by('runnerscaler_jobs_oldest_wait_seconds'), unit: 's',
            thresholds: steps('text', [120, colour.watch], [900, colour.bad]),
          },
          Busy: { expr: by('runnerscaler_runners', ',state="busy"') },
          Runners: { expr: by('runnerscaler_runners') },
          Limit: { expr: by('runnerscaler_runners_limit') },
          'Limit used': {
            expr: `${by('runnerscaler_runners')} / ${by('runnerscaler_runners_limit')}`, unit: 'percentunit', max: 1,
            thresholds: steps(colour.good, [0.8, colour.watch], [1, colour.bad]),
          },
          'Jobs begun': { expr: over('runnerscaler_job_wait_seconds_count', '', '$__range'), decimals: 0 },
          'In time': {
            expr: `${over('runnerscaler_job_wait_seconds_bucket', ',le=~"$objective([.]0)?"', '$__range')}`
              + ` / ${over('runnerscaler_job_wait_seconds_count', '', '$__range')}`,
            unit: 'percentunit', thresholds: steps(colour.bad, [0.9, colour.watch], [0.95, 'text']),
          },
          'Wait p95': {
            expr: 'histogram_quantile(0.95, sum by (le, namespace, pool) ('
              + `increase(runnerscaler_job_wait_seconds_bucket{${pools}}[$__range])))`, unit: 's',
          },
          'Runners lost': {
            expr: over('runnerscaler_runner_exits_total', ',outcome=~"Lost|Evicted|OutOfMemory"', '$__range'), decimals: 0,
            thresholds: steps('text', [1, colour.watch], [10, colour.bad]),
          },
          'Starts failed': {
            expr: over('runnerscaler_runner_exits_total', ',outcome=~"StartDeadline|RegisterDeadline|Rejected|Failed"', '$__range'),
            decimals: 0, thresholds: steps('text', [1, colour.watch], [10, colour.bad]),
          },
          'Builds failed': {
            expr: over('runnerscaler_builds_total', ',result="failure"', '$__range'), decimals: 0,
          },
        }, { h: 12, sortBy: [{ displayName: 'Queued', desc: true }] }),
      ],
    },
    {
      title: 'Compared',
      panels: [
        lines('Queue by pool', 'Jobs that are queued, by the pool that is to serve them.', 'short',
          [query(by('runnerscaler_jobs', ',state="queued"'), '{{namespace}}/{{pool}}')], { w: 8, stack: true }),
        lines('Runners by pool', 'Runners of all states, by their pool.', 'short', [query(by('runnerscaler_runners'), '{{namespace}}/{{pool}}')],
          { w: 8, stack: true }),
        lines('Wait by pool', '95 % of the jobs wait no longer; the objective is dashed.', 's', [
          query('histogram_quantile(0.95, sum by (le, namespace, pool) ('
            + `rate(runnerscaler_job_wait_seconds_bucket{${pools}}[$__rate_interval])))`, '{{namespace}}/{{pool}}'),
          query('vector($objective)', 'objective', 'limit'),
        ], { w: 8 }),
        timeline('Ready', 'Whether each pool serves its jobs.', [
          query(`max by (namespace, pool) (runnerscaler_pool_condition{${pools},condition="Ready",status="true"})`,
            '{{namespace}}/{{pool}}'),
        ], [['1', 'ready', colour.good], ['0', 'not ready', colour.bad]], { w: 24 }),
      ],
    },
    {
      title: 'Controllers',
      panels: [
        lines('Memory', 'Working set of each controller.', 'bytes', [
          query('process_working_set_bytes * on (namespace, job, instance) group_left () max by (namespace, job, instance) '
            + '(runnerscaler_build_info)', '{{instance}}'),
        ], { w: 8 }),
        lines('CPU', 'Cores that each controller uses.', 'short', [
          query('rate(process_cpu_seconds_total[$__rate_interval]) * on (namespace, job, instance) group_left () '
            + 'max by (namespace, job, instance) (runnerscaler_build_info)', '{{instance}}'),
        ], { w: 8 }),
        timeline('Leader', 'Which controller leads.', [query('max by (instance) (runnerscaler_leader)', '{{instance}}')],
          [['1', 'leads', colour.good], ['0', 'waits', colour.quiet]], { w: 8 }),
      ],
    },
  ],
});
