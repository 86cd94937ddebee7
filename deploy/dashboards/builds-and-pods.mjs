import {
  colour, dashboard, datasourceChoice, lines, namespaceChoice, note, poolChoice, pools, query, stat, steps,
} from './grafana.mjs';
import { newLeader, notReady } from './scaling.mjs';

const lost = 'outcome=~"Lost|Evicted|OutOfMemory"';
const failed = 'outcome=~"StartDeadline|RegisterDeadline|Rejected|Failed"';
const exits = (more, range) => `increase(runnerscaler_runner_exits_total{${pools}${more ? `,${more}` : ''}}[${range}])`;
const builds = (more, range) => `increase(runnerscaler_builds_total{${pools}${more ? `,${more}` : ''}}[${range}])`;
const phase = (name) => 'histogram_quantile(0.95, sum by (le) (rate('
  + `runnerscaler_runner_phase_seconds_bucket{${pools},phase="${name}"}[$__rate_interval])))`;
const buildTime = (q) => `histogram_quantile(${q}, sum by (le, command) (rate(`
  + `runnerscaler_build_seconds_bucket{${pools}}[$__rate_interval])))`;
const cached = (range) => `sum(increase(runnerscaler_build_cached_steps_total{${pools}}[${range}]))`
  + ` / sum(increase(runnerscaler_build_steps_total{${pools}}[${range}]))`;
// A pod is called POOL-SLOT.
const ours = 'namespace=~"$namespace",pod=~"($pool)-[0-9]+",container!=""';
const used = (metric) => `sum by (container) (${metric}{${ours}})`;
const asked = (resource) =>
  `sum by (container) (kube_pod_container_resource_requests{${ours},resource="${resource}"})`;

export default dashboard({
  uid: 'runnerscaler-builds-and-pods',
  title: 'RunnerScaler / Builds and pods',
  description: 'How pods start and end, what their jobs build, and what the API server refuses.',
  variables: [datasourceChoice, namespaceChoice, poolChoice],
  annotations: [newLeader, notReady],
  rows: [
    {
      title: 'In the chosen time',
      panels: [
        stat('Jobs run', 'Runners that ended after their job.', 'short', `sum(${exits('outcome="RanJob"', '$__range')})`,
          steps(colour.idle), { w: 4, decimals: 0 }),
        stat('Runners lost', 'Runners that were deleted or evicted, ran out of memory, or whose node went.', 'short',
          `sum(${exits(lost, '$__range')})`, steps(colour.good, [1, colour.watch], [10, colour.bad]), { w: 4, decimals: 0 }),
        stat('Jobs interrupted', 'Jobs that had not ended when their pod had to.', 'short',
          `sum(increase(runnerscaler_jobs_interrupted_total{${pools}}[$__range]))`,
          steps(colour.good, [1, colour.watch], [5, colour.bad]), { w: 4, decimals: 0 }),
        stat('Starts failed', 'Pods that ended, or were given up, before they had a job.', 'short',
          `sum(${exits(failed, '$__range')})`, steps(colour.good, [1, colour.watch], [10, colour.bad]), { w: 4, decimals: 0 }),
        stat('Builds that fail', 'Of the image builds that ended by themselves.', 'percentunit',
          `sum(${builds('result="failure"', '$__range')}) / sum(${builds('result!="canceled"', '$__range')})`,
          steps(colour.good, [0.1, colour.watch], [0.3, colour.bad]), { w: 4 }),
        stat('From the cache', 'The share of the builds\' steps that came from a cache.', 'percentunit', cached('$__range'),
          steps(colour.watch, [0.3, colour.idle], [0.6, colour.good]), { w: 4 }),
      ],
    },
    {
      title: 'How runners end',
      panels: [
        lines('Exits by outcome', 'All runners that have gone. RanJob and Retired are the ordinary ends.', 'short', [
          query(`sum by (outcome) (${exits('', '$__rate_interval')})`, '{{outcome}}'),
        ], {
          stack: true, bars: true, calcs: ['sum'],
          colours: { RanJob: colour.good, Retired: colour.idle, NoJob: colour.quiet, Lost: colour.bad, Failed: 'dark-orange' },
        }),
        lines('Runners lost, by cause',
          'Lost: the pod was deleted, or its node went. Evicted: drained, preempted or out of disk. OutOfMemory: raise the limit. '
          + 'Interrupted: jobs that were running.', 'short', [
            query(`sum by (outcome) (${exits(lost, '$__rate_interval')})`, '{{outcome}}'),
            query(`sum(increase(runnerscaler_jobs_interrupted_total{${pools}}[$__rate_interval]))`, 'jobs interrupted'),
          ], { bars: true, calcs: ['sum'], colours: { Lost: colour.bad, OutOfMemory: 'purple', Evicted: colour.watch } }),
        lines('Start failures, by cause',
          'StartDeadline: no claim in time (image, node, network). RegisterDeadline: not online in time. Rejected: the node did '
          + 'not take it. Failed: it ended with an error.', 'short', [
            query(`sum by (outcome) (${exits(failed, '$__rate_interval')})`, '{{outcome}}'),
          ], { bars: true, stack: true, calcs: ['sum'] }),
        lines('How long pods take to start', 'The time within which 95 % of the pods got through each part.', 's', [
          query(phase('create'), 'create'), query(phase('schedule'), 'find a node'), query(phase('start'), 'pull and start'),
          query(phase('claim'), 'claim'), query(phase('register'), 'register'),
        ]),
      ],
    },
    {
      title: 'Builds',
      panels: [
        lines('Builds by result', 'Image builds of jobs, by command and result.', 'short', [
          query(`sum by (command, result) (${builds('', '$__rate_interval')})`, '{{command}}: {{result}}'),
        ], {
          w: 8, bars: true, stack: true, calcs: ['sum'],
          colours: { 'build: success': colour.good, 'build: failure': colour.bad, 'build: canceled': colour.quiet },
        }),
        lines('How long builds take', 'Half and 95 % of them are done sooner.', 's', [
          query(buildTime(0.5), '{{command}} p50'), query(buildTime(0.95), '{{command}} p95'),
        ], { w: 8 }),
        lines('Steps from the cache', 'The share of steps that did not have to be built. Docs: builder.md, on caches.', 'percentunit', [
          query(cached('$__rate_interval'), 'from the cache'),
        ], { w: 8, max: 1 }),
      ],
    },
    {
      title: 'The controller and the cluster',
      panels: [
        lines('Refused by the API server', 'Requests that the API server did not do, by reason. The condition RightsMissing says which.',
          'short', [query('sum by (verb, resource, reason) (increase(runnerscaler_api_refusals_total[$__rate_interval])) > 0',
            '{{verb}} {{resource}}: {{reason}}')], { w: 8, bars: true, stack: true, calcs: ['sum'] }),
        lines('Claims by answer', 'What pods that ask for an identity are told.', 'short', [
          query('sum by (answer) (rate(runnerscaler_claims_total[$__rate_interval])) * 60', '{{answer}}'),
        ], { w: 8, stack: true }),
        lines('Orphans removed', 'Registrations and pods that nobody owned. Now and then is well; more and more is not.', 'short', [
          query('sum by (kind) (increase(runnerscaler_swept_total[$__rate_interval]))', '{{kind}}'),
        ], { w: 8, bars: true, calcs: ['sum'] }),
        lines('Passes over a pool', 'How long 95 % of them take at most, and how many fail in a minute.', 's', [
          query(`histogram_quantile(0.95, sum by (le) (rate(runnerscaler_reconcile_seconds_bucket{${pools}}[$__rate_interval])))`, 'p95'),
          query(`sum(rate(runnerscaler_reconcile_failures_total{${pools}}[$__rate_interval])) * 60`, 'failures a minute'),
        ], { w: 8 }),
        lines('Watches opened again', 'ended is ordinary; failed and silent tell of a sick API server or network.', 'short', [
          query('sum by (resource, reason) (increase(runnerscaler_watch_restarts_total[$__rate_interval]))', '{{resource}}: {{reason}}'),
        ], { w: 8, bars: true, stack: true, calcs: ['sum'] }),
        lines('Left out', 'What pods, jobs and others wrote and was not believed: see SECURITY.md.', 'short', [
          query('sum by (what) (increase(runnerscaler_ignored_total[$__rate_interval]))', '{{what}}'),
        ], { w: 8, bars: true, stack: true, calcs: ['sum'] }),
      ],
    },
    {
      title: 'From kube-state-metrics and cAdvisor',
      panels: [
        note('Where these come from', 'These panels read what **kube-state-metrics** and the kubelet\'s **cAdvisor** tell of the '
          + 'runner pods, and stay empty where Prometheus does not scrape them. Containers: `runner` is the job, `buildkitd` its builder.'),
        lines('CPU used', 'Cores that the pods use, by container, and what they ask for (dashed).', 'short', [
          query(`sum by (container) (rate(container_cpu_usage_seconds_total{${ours}}[$__rate_interval]))`, '{{container}}'),
          query(`sum(${asked('cpu')})`, 'requested', 'limit'),
        ]),
        lines('Memory used', 'Working set of the pods, by container, and what they ask for (dashed).', 'bytes', [
          query(used('container_memory_working_set_bytes'), '{{container}}'),
          query(`sum(${asked('memory')})`, 'requested', 'limit'),
        ]),
        lines('CPU used of what is requested', 'Well below 1: lower the requests, and more pods fit on a node. Above: raise them.',
          'percentunit', [query(`sum by (container) (rate(container_cpu_usage_seconds_total{${ours}}[$__rate_interval]))`
            + ` / ${asked('cpu')}`, '{{container}}')], { w: 8 }),
        lines('Memory used of what is requested', 'Above 1, pods are the first to go when a node runs short.', 'percentunit', [
          query(`${used('container_memory_working_set_bytes')} / ${asked('memory')}`, '{{container}}'),
        ], { w: 8 }),
        lines('Containers that wait', 'By what they wait for: ImagePullBackOff, ContainerCreating, …', 'short', [
          query(`sum by (reason) (kube_pod_container_status_waiting_reason{${ours}})`, '{{reason}}'),
        ], { w: 8, bars: true, stack: true }),
      ],
    },
  ],
});
