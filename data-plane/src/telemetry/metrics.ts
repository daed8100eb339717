/** Counters and gauges in the Prometheus text form. Labels never hold keys, tenants or anything of unbounded number. */
export interface Metrics {
  count(name: string, labels?: Record<string, string | number>, by?: number): void;
  gauge(name: string, read: () => number): void;
  text(): string;
}

/** Counters by name and labels in memory; at most `cap` series, further ones are counted as one. */
export function createMetrics(cap = 2000): Metrics {
  const counters = new Map<string, number>();
  const gauges = new Map<string, () => number>();
  return {
    count(name, labels = {}, by = 1) {
      let parts = '';
      for (const key in labels) parts += `${parts === '' ? '' : ','}${key}="${plain(String(labels[key]))}"`;
      let series = parts === '' ? name : `${name}{${parts}}`;
      if (!counters.has(series) && counters.size >= cap) series = 'fairlead_metrics_series_dropped_total';
      counters.set(series, (counters.get(series) ?? 0) + by);
    },
    gauge(name, read) { gauges.set(name, read); },
    text() {
      const lines: string[] = [];
      let family = '';
      for (const [series, value] of [...counters.entries()].sort(([a], [b]) => (a < b ? -1 : 1))) {
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
