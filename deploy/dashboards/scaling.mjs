import {
  annotation, colour, dashboard, datasourceChoice, fixedChoice, heatmap, lines, namespaceChoice, poolChoice, pools,
  query, stat, steps, table, timeline,
} from './grafana.mjs';

const wait = (range) => `sum by (le) (increase(runnerscaler_job_wait_seconds_bucket{${pools}}[${range}]))`;
const waitQuantile = (q) =>
  `histogram_quantile(${q}, sum by (le) (rate(runnerscaler_job_wait_seconds_bucket{${pools}}[$__rate_interval])))`;
const started = (range) => `sum(increase(runnerscaler_job_wait_seconds_count{${pools}}[${range}]))`;
const phases = [
  ['detect', 'until we know of it'], ['create', 'pod created'], ['schedule', 'node found'], ['start', 'containers started'],
  ['claim', 'identity claimed'], ['register', 'registered at GitHub'], ['assign', 'assigned by GitHub'],
];
const meanPhase = (phase) => {
  const of = (part) => `sum(rate(runnerscaler_runner_phase_seconds_${part}{${pools},phase="${phase}"}[$__rate_interval]))`;
  return `${of('sum')} / ${of('count')}`;
};
const runners = (state) => `sum(runnerscaler_runners{${pools},state="${state}"})`;

export const objective = fixedChoice(
  'objective', 'Wait objective (s)', '60', ['5', '10', '20', '30', '60', '120', '300', '600']);

export const notReady = annotation(
  'Pool not ready', `max by (namespace, pool) (runnerscaler_pool_condition{${pools},condition="Ready",status="false"}) == 1`,
  '{{namespace}}/{{pool}} is not ready', colour.bad);

// In the first minute of its leadership: the mark stands where it began.
export const newLeader = annotation(
  'New leader', '(runnerscaler_leader == 1) unless (runnerscaler_leader offset 1m == 1)', 'Another controller leads',
  colour.idle);

export default dashboard({
  uid: 'runnerscaler-scaling',
  title: 'RunnerScaler / Scaling',
  description: 'Do jobs get their runners, how soon, and if not, why.',
  variables: [datasourceChoice, namespaceChoice, poolChoice, objective],
  annotations: [newLeader, notReady],
  rows: [
    {
      title: 'Now',
      panels: [
        stat('Waiting', 'Jobs that are queued now and that these pools are to serve.', 'short',
          `sum(runnerscaler_jobs{${pools},state="queued"})`, steps(colour.good, [10, colour.watch], [100, colour.bad])),
        stat('Oldest wait', 'How long the oldest of them has waited.', 's',
          `max(runnerscaler_jobs_oldest_wait_seconds{${pools}})`, steps(colour.good, [120, colour.watch], [900, colour.bad])),
        stat('Without a runner', 'Queued jobs for which no runner is on its way; the panel below has the reasons.', 'short',
          `sum(runnerscaler_jobs_unserved{${pools},reason!~"Creating|Scheduling|Starting|Registering|Assigning"})`,
          steps(colour.good, [1, colour.watch], [20, colour.bad])),
        stat('Running', 'Jobs that runners of these pools have.', 'short',
          `sum(runnerscaler_jobs{${pools},state="running"})`, steps(colour.idle)),
        stat('Limit used', 'Runners of all states, as a share of the pools\' limits.', 'percentunit',
          `sum(runnerscaler_runners{${pools}}) / sum(runnerscaler_runners_limit{${pools}})`,
          steps(colour.good, [0.8, colour.watch], [1, colour.bad])),
        stat('In time', 'The share of jobs that began within the objective, over the chosen time.', 'percentunit',
          `sum(increase(runnerscaler_job_wait_seconds_bucket{${pools},le=~"$objective([.]0)?"}[$__range])) / ${started('$__range')}`,
          steps(colour.bad, [0.9, colour.watch], [0.95, colour.good]), { decimals: 1 }),
        stat('Wait, 19 of 20 jobs', 'From queued to begun: as long or shorter for 95 % of the jobs of the chosen time.', 's',
          `histogram_quantile(0.95, ${wait('$__range')})`, steps(colour.good, [60, colour.watch], [300, colour.bad])),
        stat('Standby hits', 'The share of jobs whose runner was ready before they were queued. Raise warm.standby for more.',
          'percentunit',
          `sum(increase(runnerscaler_standby_hits_total{${pools}}[$__range])) / ${started('$__range')}`,
          steps(colour.idle)),
      ],
    },
    {
      title: 'Queue and runners',
      panels: [
        lines('Queue', 'Jobs that these pools are to serve. Many queued for long: see the reasons.', 'short', [
          query(`sum(runnerscaler_jobs{${pools},state="queued"})`, 'queued'),
          query(`sum(runnerscaler_jobs{${pools},state="running"})`, 'running'),
        ], { colours: { queued: colour.watch, running: colour.idle } }),
        lines('Runners by state', 'Runners, and the most that there may be (dashed). Starting ones cost a node and wait for it.',
          'short', [
            query(runners('busy'), 'busy'), query(runners('registered'), 'registered'), query(runners('standby'), 'standby'),
            query(runners('starting'), 'starting'), query(runners('finishing'), 'finishing'),
            query(`sum(runnerscaler_runners_limit{${pools}})`, 'limit', 'limit'),
          ], {
            stack: true,
            colours: { busy: colour.idle, registered: 'purple', standby: colour.good, starting: colour.watch, finishing: colour.quiet },
          }),
        lines('Jobs without a runner, by reason',
          'Why each queued job has no runner yet. Docs: conditions.md, and the reasons in metrics.md.', 'short',
          [query(`sum by (reason) (runnerscaler_jobs_unserved{${pools}}) > 0`, '{{reason}}')], { stack: true, bars: true }),
        lines('Jobs begun', 'Jobs a minute, by whether their runner was ready before they were queued.', 'short', [
          query(`sum(rate(runnerscaler_standby_hits_total{${pools}}[$__rate_interval])) * 60`, 'by a standby runner'),
          query(`(sum(rate(runnerscaler_job_wait_seconds_count{${pools}}[$__rate_interval]))`
            + ` - sum(rate(runnerscaler_standby_hits_total{${pools}}[$__rate_interval]))) * 60`, 'by a new runner'),
        ], { stack: true, colours: { 'by a standby runner': colour.good, 'by a new runner': colour.watch } }),
      ],
    },
    {
      title: 'Waiting',
      panels: [
        lines('Wait until a job begins', 'Half, 95 % and 99 % of the jobs wait no longer; the objective is dashed.', 's', [
          query(waitQuantile(0.5), 'p50'), query(waitQuantile(0.95), 'p95'), query(waitQuantile(0.99), 'p99'),
          query('vector($objective)', 'objective', 'limit'),
        ], { colours: { p50: colour.good, p95: colour.watch, p99: colour.bad } }),
        lines('Where the wait goes', 'The mean length of each part, stacked in the order in which they follow each other.', 's',
          phases.map(([phase, legend]) => query(meanPhase(phase), legend)), { stack: true, calcs: ['mean', 'max'] }),
        heatmap('Waits', 'How many jobs waited how long.', wait('$__rate_interval')),
        lines('Ages', 'The oldest job in each pool\'s queue, and the oldest reading of each account\'s queue: what is older than '
          + 'a minute or two is not seen, or not served.', 's', [
          query(`max by (namespace, pool) (runnerscaler_jobs_oldest_wait_seconds{${pools}})`, 'job in {{namespace}}/{{pool}}'),
          query('max by (account) (runnerscaler_board_age_seconds{account=~"($namespace)/.*"})', 'queue of {{account}}'),
        ]),
      ],
    },
    {
      title: 'Pools',
      panels: [
        timeline('Ready', 'Whether each pool serves its jobs.', [
          query(`max by (namespace, pool) (runnerscaler_pool_condition{${pools},condition="Ready",status="true"})`,
            '{{namespace}}/{{pool}}'),
        ], [['1', 'ready', colour.good], ['0', 'not ready', colour.bad]]),
        table('What stands in the way', 'Conditions that a person should look at: kubectl describe runnerpool has the sentence.',
          { namespace: 'Namespace', pool: 'Pool', condition: 'Condition', reason: 'Reason' },
          {
            Holds: {
              hide: true,
              expr: `max by (namespace, pool, condition, reason) (runnerscaler_pool_condition_reason{${pools}}`
                + ' * on (namespace, pool, condition) group_left () max by (namespace, pool, condition) ('
                + `runnerscaler_pool_condition{${pools},condition=~"Ready|QueueRead|BuilderSelected|CacheFound",status="false"}`
                + ` or runnerscaler_pool_condition{${pools},condition!~"Ready|QueueRead|BuilderSelected|CacheFound",status="true"}`
                + ')) == 1',
            },
          }, { w: 12 }),
      ],
    },
  ],
});
