/** Counters and gauges in the Prometheus text form. Labels never hold keys, tenants or anything of unbounded number. */
export interface Metrics {
  count(name: string, labels?: Record<string, string | number>, by?: number): void;
  gauge(name: string, read: () => number): void;
  text(): string;
}

/** Counters by name and labels in memory; at most `cap` series, further ones are counted as one. */
export function createMetrics(cap = 2000): Metrics {
  const roots = new Map<string, Branch>();
  const counters = new Map<string, Counter>();
  const gauges = new Map<string, () => number>();
  return {
    count(name, labels, by = 1) {
      let branch = branchOf(roots, name);
      // Found by its words as they are: a series' name is put together once.
      if (labels) for (const key in labels) branch = branchOf(branch.further ??= new Map(), labels[key] ?? '');
      branch.counter ??= counterOf(counters, cap, name, labels);
      branch.counter.value += by;
    },
    gauge(name, read) { gauges.set(name, read); },
    text() {
      const lines: string[] = [];
      let family = '';
      for (const [series, { value }] of [...counters.entries()].sort(([a], [b]) => (a < b ? -1 : 1))) {
        const name = series.split('{')[0] ?? series;
        if (name !== family) { lines.push(`# TYPE ${name} counter`); family = name; }
        lines.push(`${series} ${value}`);
      }
      for (const [name, read] of gauges) lines.push(`# TYPE ${name} gauge`, `${name} ${read()}`);
      return `${lines.join('\n')}\n`;
    },
  };
}

function plain(value: string): string {
  return /["\\\n]/.test(value) ? value.replace(/["\\\n]/g, '_') : value;
}

interface Counter { value: number }

/** What is known of a metric by the values of its labels, one after another. */
interface Branch { counter?: Counter; further?: Map<string | number, Branch> }

function branchOf<Name>(branches: Map<Name, Branch>, name: Name): Branch {
  let branch = branches.get(name);
  if (!branch) branches.set(name, branch = {});
  return branch;
}

function counterOf(counters: Map<string, Counter>, cap: number, name: string, labels: Record<string, string | number> | undefined): Counter {
  const parts = Object.entries(labels ?? {}).map(([key, value]) => `${key}="${plain(String(value))}"`);
  let series = parts.length === 0 ? name : `${name}{${parts.join(',')}}`;
  if (!counters.has(series) && counters.size >= cap) series = 'fairlead_metrics_series_dropped_total';
  let counter = counters.get(series);
  if (!counter) counters.set(series, counter = { value: 0 });
  return counter;
}
