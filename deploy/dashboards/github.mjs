import {
  accounts, choice, colour, dashboard, datasourceChoice, lines, namespaceChoice, query, stat, steps,
} from './grafana.mjs';
import { newLeader } from './scaling.mjs';

const requests = (more = '') => `runnerscaler_github_requests_total${more ? `{${more}}` : ''}`;
const remaining = `runnerscaler_github_budget_remaining{${accounts}}`;
const limit = `runnerscaler_github_budget_limit{${accounts}}`;
const untilReset = `clamp_min(runnerscaler_github_budget_reset_timestamp_seconds{${accounts}} - time(), 0)`;
// The trend of the last quarter of an hour goes on until the reset; where the limit has just been filled up, it is none.
const forecast = `clamp_min(${remaining} + clamp_max(deriv(${remaining}[15m]), 0) * ${untilReset}, 0)`;
const latency = (q) =>
  `histogram_quantile(${q}, sum by (le) (rate(runnerscaler_github_request_seconds_bucket[$__rate_interval])))`;

export default dashboard({
  uid: 'runnerscaler-github',
  title: 'RunnerScaler / GitHub',
  description: 'What GitHub is asked, what it answers, and how long its limits last.',
  variables: [
    datasourceChoice, namespaceChoice,
    choice('account', 'Account', 'label_values(runnerscaler_board_age_seconds{account=~"($namespace)/.*"}, account)'),
  ],
  annotations: [newLeader],
  rows: [
    {
      title: 'Now',
      panels: [
        stat('Budget left', 'The least that is left of an hourly limit. Below about a quarter, reading the queue pauses until the '
          + 'reset, so that runners can still be registered.', 'percentunit', `min(${remaining} / ${limit})`,
        steps(colour.bad, [0.1, colour.watch], [0.3, colour.good]), { w: 4 }),
        stat('Left at the reset', 'The same, if the trend of the last quarter of an hour goes on until the limit is filled up.',
          'percentunit', `min(${forecast} / ${limit})`, steps(colour.bad, [0.05, colour.watch], [0.25, colour.good]), { w: 4 }),
        stat('Not modified', 'The share of answers that GitHub did not count, over the chosen time.', 'percentunit',
          `sum(increase(${requests('cached="true"')}[$__range])) / sum(increase(${requests()}[$__range]))`,
          steps(colour.watch, [0.3, colour.idle], [0.6, colour.good]), { w: 4, decimals: 1 }),
        stat('Failed', 'The share of requests that GitHub did not answer, or with 5xx, over the chosen time.', 'percentunit',
          `(sum(increase(${requests('code=~"0|5.."')}[$__range])) or vector(0)) / sum(increase(${requests()}[$__range]))`,
          steps(colour.good, [0.01, colour.watch], [0.1, colour.bad]), { w: 4, decimals: 2 }),
        stat('Queue read', 'The age of the oldest reading of any repository.', 's',
          `max(runnerscaler_board_age_seconds{${accounts}})`, steps(colour.good, [180, colour.watch], [600, colour.bad]), { w: 4 }),
        stat('Repositories unread', 'Repositories that cannot be read, whole or in part.', 'short',
          `sum(runnerscaler_repositories_unread{${accounts}})`, steps(colour.good, [1, colour.watch]), { w: 4 }),
      ],
    },
    {
      title: 'Limits',
      panels: [
        lines('Budget over time', 'Requests left of each hourly limit: a saw that should not touch the ground.', 'short', [
          query(remaining, '{{account}} {{resource}}'),
        ]),
        lines('Forecast', 'What will be left when the limit is filled up, if the last quarter of an hour goes on.', 'short', [
          query(forecast, '{{account}} {{resource}}'),
        ]),
        lines('Until the reset', 'Time until each limit is filled up.', 's', [query(untilReset, '{{account}} {{resource}}')], { w: 8 }),
        lines('Counted requests', 'Requests of an hour at the present rate, without those that GitHub does not count.', 'short', [
          query(`sum(rate(${requests('cached="false"')}[$__rate_interval])) * 3600`, 'counted'),
        ], { w: 8 }),
        lines('Not modified over time', 'The share of answers that cost nothing (304).', 'percentunit', [
          query(`sum(rate(${requests('cached="true"')}[$__rate_interval])) / sum(rate(${requests()}[$__rate_interval]))`,
            'not modified'),
        ], { w: 8, max: 1 }),
      ],
    },
    {
      title: 'Requests',
      panels: [
        lines('By route', 'Requests a minute to each kind of path.', 'short', [
          query(`sum by (route) (rate(${requests()}[$__rate_interval])) * 60`, '{{route}}'),
        ], { stack: true }),
        lines('By code', 'Answers a minute by HTTP status. 0: no answer. 401 and 403: see the credential; 429: GitHub asks to slow down.',
          'short', [query(`sum by (code) (rate(${requests()}[$__rate_interval])) * 60`, '{{code}}')], {
            stack: true,
            colours: { 200: colour.good, 201: colour.good, 204: colour.good, 304: colour.idle, 0: colour.bad, 401: colour.bad,
              403: colour.bad, 404: colour.watch, 429: colour.watch, 502: colour.bad },
          }),
        lines('Time to answer', 'Half, 95 % and 99 % of the answers come sooner.', 's', [
          query(latency(0.5), 'p50'), query(latency(0.95), 'p95'), query(latency(0.99), 'p99'),
        ], { colours: { p50: colour.good, p95: colour.watch, p99: colour.bad } }),
        lines('Slowest routes', 'The time within which 95 % of the answers of a route come, for the five slowest.', 's', [
          query('topk(5, histogram_quantile(0.95, '
            + 'sum by (le, route) (rate(runnerscaler_github_request_seconds_bucket[$__rate_interval]))))', '{{route}}'),
        ]),
      ],
    },
    {
      title: 'The queue as it was read',
      panels: [
        lines('Age of the board', 'The age of the reading of the repository that was read longest ago, by account.', 's', [
          query(`max by (account) (runnerscaler_board_age_seconds{${accounts}})`, '{{account}}'),
        ], { w: 8, thresholds: steps(colour.good, [600, colour.bad]) }),
        lines('Unread over time', 'Those that cannot be read, whole or in part: the condition QueueRead names them.', 'short', [
          query(`sum by (account) (runnerscaler_repositories_unread{${accounts}})`, '{{account}}'),
        ], { w: 8 }),
        lines('Not understood', 'What GitHub said that this version does not know. It is taken in the harmless sense.', 'short', [
          query('sum by (what) (increase(runnerscaler_github_unknown_total[$__rate_interval]))', '{{what}}'),
        ], { w: 8, bars: true, stack: true }),
      ],
    },
  ],
});
