import type { Tone } from '#lib/ui/tone.ts';

/** Texts of the nodes. */
export const words = {
  title: 'Nodes',
  lead: 'Nodes take the requests. Each works from the last signed snapshot it accepted, also when nothing else is there.',
  add: 'Add a node',
  table: 'Nodes',
  columns: { name: 'Node', state: 'State', revision: 'Revision', runtime: 'Runtime', region: 'Region', spool: 'Not reported yet', seen: 'Last heard', actions: 'Actions' },
  states: { LIVE: 'Live', LAGGING: 'Lagging', NACK: 'Refused', SILENT: 'Silent', REVOKED: 'Revoked' },
  stateHints: {
    LIVE: 'Heard of lately, and up to date.', LAGGING: 'Heard of lately, but behind the published revision.', NACK: 'It refused the published revision and goes on with the one before.',
    SILENT: 'Not heard of for a minute. It may still serve.', REVOKED: 'Shut out for ever.',
  },
  status: 'Revision {revision} is published; {applied} of {live} live nodes have it.',
  statusNacks: '{nacks} refused it.',
  applied: 'of',
  spoolNone: 'nothing',
  spoolEvents: 'event',
  spoolRefusing: 'takes no paid work: its spool is full',
  refusedWhy: 'Refused revision {revision} while it did "{stage}":',
  none: 'No node yet',
  noneHint: 'Make a node token and start one:',
  revoke: 'Revoke …', menu: 'Actions for',
  revokeTitle: 'Revoke {name}?', revokeBody: 'It is shut out at once and the group key changes. What it has not reported yet is lost to the accounts until you enrol it anew.', revokeAction: 'Revoke node',
  exposed: 'Secrets it could read …', exposedTitle: 'Secrets that {name} could read', exposedBody: 'Where the node was stolen, replace each of these at its vendor and here. What was replaced since is left out.', exposedNone: 'Every secret that it could read was replaced since.',
  more: 'Show more nodes',
  formTitle: 'Add a node', name: 'Name', nameHint: 'What the token is for, such as "fra-1".', region: 'Region', make: 'Make a node token',
  made: 'Start the node with this', once: 'The token works once and is shown only here. It ends', token: 'Node token', command: 'Start a node on this machine', commandDeno: 'Or on Deno',
  commandNode: 'FAIRLEAD_CONTROL_URL={url} FAIRLEAD_NODE_TOKEN={token} FAIRLEAD_NODE_NAME={name} FAIRLEAD_NODE_DATA=.fairlead-{name} FAIRLEAD_NODE_PORT=8788 node data-plane/src/main.node.ts',
} as const;

/** The colour of each state. */
export const stateTones = { LIVE: 'ok', LAGGING: 'warn', NACK: 'bad', SILENT: 'neutral', REVOKED: 'neutral' } as const satisfies Record<keyof typeof words.states, Tone>;
