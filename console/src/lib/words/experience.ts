/** Texts of pools and campaigns. */
export const words = {
  title: 'Experience',
  lead: 'Keys for people without an account: small budgets, paid from pools whose caps can never be exceeded.',
  link: 'The public page', linkHint: 'Anyone who opens it gets a key of an open campaign.', linkLocal: 'Only this machine reaches this install.',
  pools: 'Pools', addPool: 'Create pool', poolNone: 'No pool yet', poolNoneHint: 'A pool is sponsored money under a hard cap. Create one first; campaigns spend from it.',
  campaigns: 'Campaigns', addCampaign: 'Create campaign', campaignNone: 'No campaign yet', campaignNoneHint: 'A campaign says what is offered: how much, for how long, which models.',
  spent: 'Spent', held: 'Held', left: 'Left', cap: 'Cap', excess: 'beyond what was held', resets: 'starts anew', never: 'never starts anew',
  statuses: { ACTIVE: 'Active', PAUSED: 'Paused', DRAFT: 'Draft', ENDED: 'Ended' },
  columns: { name: 'Campaign', status: 'Status', pool: 'Pool', offer: 'Each key', limits: 'Limits', link: 'Link', actions: 'Actions' },
  pause: 'Pause', resume: 'Resume', open: 'Open', menu: 'Actions for', copyLink: 'Copy the public link of',
  offer: '{budget} for {time}', perMinute: '{count} a minute', maxOutput: '{count} output tokens', allModels: 'all models', ends: 'ends',
  poolTitle: 'Create a pool', campaignTitle: 'Create a campaign', name: 'Name',
  capField: 'Cap in dollars', capHint: 'The most that can be spent in a window, over all its keys.', window: 'Starts anew',
  pool: 'Pool', keyBudget: 'Dollars for each key', hours: 'Hours each key works', models: 'Models', modelsHint: 'Names with "*", separated by commas. All when empty.',
  pace: 'Requests a minute', output: 'Output tokens of one request', pausedHint: 'A paused pool pauses its keys.',
} as const;
