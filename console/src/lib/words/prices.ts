/** Texts of the prices. */
export const words = {
  title: 'Prices', lead: 'What a million tokens cost. Each charge keeps the price it was made by; a new price counts from its moment on.',
  table: 'Prices that count, or will', none: 'No price is known', noneHint: 'Set one, or take over the bundled ones: without a price a request cannot be covered by a budget.',
  columns: { model: 'Model', where: 'Where', input: 'Input', output: 'Output', cacheRead: 'Cache read', more: 'Also', source: 'From', since: 'Counts', actions: 'Actions' },
  everywhere: 'everywhere', coming: 'to come', hand: 'set by hand', from: 'from', menu: 'Price of', change: 'Change …', reset: 'Back to the bundled price …',
  step: 'from {tokens} tokens: {input} in, {output} out', service: '{name}: × {multiplier}', serviceOwn: '{name}: {input} in, {output} out', unit: '{kind}: {price} a million', reasoning: 'reasoning: {price}', request: '{price} a request',
  unpriced: 'Used without a price', unpricedLead: 'These calls are not charged yet. Their cost is unknown, not zero: set a price that covers their time, and they are charged once.',
  unpricedColumns: { model: 'Model', attempts: 'Calls', tokens: 'Tokens in / out', since: 'Since', actions: 'Actions' }, priceIt: 'Set its price', tokensOf: '{input} / {output}',
  set: 'Set a price', setTitle: 'Set a price', setLead: 'Dollars for a million tokens. Earlier charges stay as they are.',
  model: 'Model', input: 'Input', output: 'Output', cacheRead: 'Cache read', cacheReadHint: 'A tenth of input when left empty.', threshold: 'Long prompts from', thresholdHint: 'Tokens; from there on the two prices below count for the whole request.', longInput: 'Input, long', longOutput: 'Output, long',
  effective: 'Counts from', effectiveHint: 'Now when left empty. A time before is possible only where nothing had a price.',
  preview: 'Preview', save: 'Set price', willCount: 'It would count from', replaces: 'Until then: {input} in, {output} out ({source}).', replacesNothing: 'Nothing counted there before.',
  charges: '{count} would be charged', chargesMore: 'and more',
  refresh: 'Bundled prices', refreshTitle: 'Take over the bundled prices?', refreshLead: 'From {source}. Nothing changes until you say so; what was set by hand stays.', refreshNone: 'Nothing differs.', refreshKept: 'Set by hand and kept: {models}.', refreshApply: 'Take over', refreshColumns: { model: 'Model', before: 'Now', after: 'Then' }, rates: '{input} / {output}',
  resetTitle: 'Back to the bundled price of {model}?', resetBody: 'It counts from now on. What was charged until now stays.', resetAction: 'Take the bundled price',
} as const;
