// Pure.

/** Whether a model name fits a pattern in which `*` stands for anything; letter case does not matter. */
export function modelFits(pattern: string, model: string): boolean {
  if (pattern === '*') return true;
  const parts = pattern.toLowerCase().split('*');
  const name = model.toLowerCase();
  if (parts.length === 1) return parts[0] === name;
  const first = parts[0] ?? '';
  const last = parts[parts.length - 1] ?? '';
  if (!name.startsWith(first) || !name.endsWith(last) || name.length < first.length + last.length) return false;
  let at = first.length;
  const end = name.length - last.length;
  for (const part of parts.slice(1, -1)) {
    const found = name.indexOf(part, at);
    if (found < 0 || found + part.length > end) return false;
    at = found + part.length;
  }
  return true;
}

/** Whether any pattern fits. */
export function anyModelFits(patterns: readonly string[], model: string): boolean {
  return patterns.some((pattern) => modelFits(pattern, model));
}
