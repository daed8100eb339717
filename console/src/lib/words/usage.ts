/** Texts of usage. */
export const words = {
  title: 'Usage',
  lead: 'What was used and what it cost, by whole hours. Only attempts that were admitted count.',
  range: 'Span', ranges: { day: 'Last 24 hours', week: 'Last 7 days', month: 'Last 30 days' },
  group: 'By', groups: { MODEL: 'Model', UPSTREAM: 'Provider', KEY: 'Key' },
  measure: 'Show', measures: { cost: 'Cost', tokens: 'Tokens', requests: 'Attempts' },
  cost: 'Cost', requests: 'Attempts', input: 'Input tokens', output: 'Output tokens', cache: 'Cached tokens', share: 'Share',
  excess: 'and {amount} beyond what was held',
  chart: '{measure} by {group}, {range}. The table below holds the same numbers.',
  others: 'Others',
  unknown: 'unknown',
  unsettled: 'Nothing was settled: it is free, or no price is known.',
  twin: 'The chart as a table', time: 'Time', utc: 'UTC',
  none: 'Nothing was used in this span',
  noneHint: 'Usage shows here within a few seconds of a request\'s end.',
  totals: 'Totals', all: 'All',
} as const;
