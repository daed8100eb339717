/** What a fault's code means, and what to do about it. */
export interface FaultWords { say: string; todo: string }

const sentences: Record<string, FaultWords> = {
  'key.missing': { say: 'The request carried no key.', todo: 'Send it as "Authorization: Bearer flk_…", or set ANTHROPIC_AUTH_TOKEN.' },
  'key.malformed': { say: 'The key was not whole.', todo: 'Copy it again: its checksum tells when a character is missing.' },
  'key.wrong-kind': { say: 'A secret of another kind was presented.', todo: 'Only keys (flk_…) call models; flm_ is for scripts and fln_ for nodes.' },
  'key.unknown': { say: 'The key is not known here.', todo: 'Create one, or check that the request went to the right install.' },
  'key.revoked': { say: 'The key was revoked.', todo: 'Create a new one.' },
  'key.paused': { say: 'The key is paused.', todo: 'Resume it on the Keys page.' },
  'key.expired': { say: 'The key has expired.', todo: 'Change its end, or create a new one.' },
  'key.guarded': { say: 'Too many wrong keys came from that address.', todo: 'Correct the key and wait a minute.' },
  'tenant.suspended': { say: 'The account is suspended.', todo: 'Ask the operator.' },
  'request.not-json': { say: 'The body was not valid JSON.', todo: 'Check the quotes of the command.' },
  'request.too-large': { say: 'The body was too large.', todo: 'Send less, or raise the node\'s limit.' },
  'request.encoding': { say: 'The body was compressed in a way that is not supported.', todo: 'Send it plain, or as gzip.' },
  'request.invalid': { say: 'The request was not valid.', todo: 'The answer the client got names the field.' },
  'request.timeout': { say: 'The body did not arrive in time.', todo: 'Send it again.' },
  'request.not-found': { say: 'There is no such endpoint on a node.', todo: 'Check the path, such as /v1/messages.' },
  'request.upgrade': { say: 'WebSocket is not offered.', todo: 'Use HTTP.' },
  'request.lossy': { say: 'The request cannot be said in the wire format of the provider that serves the model.', todo: 'Connect a provider that speaks the client\'s format.' },
  'model.missing': { say: 'The request named no model.', todo: 'Add "model" to the body.' },
  'model.unknown': { say: 'No provider here serves that model.', todo: 'Connect one that does, or ask for another model.' },
  'model.not-allowed': { say: 'The key may not use that model.', todo: 'Change the models of the key. The account may have a list of its own, under Settings.' },
  'client.not-allowed': { say: 'The key may not be used with that client.', todo: 'Change the clients of the key.' },
  'count.unsupported': { say: 'The provider of that model cannot count tokens.', todo: 'Nothing: clients go on without it.' },
  'quota.spent': { say: 'The budget is used up.', todo: 'Raise the limit, or wait until it starts anew.' },
  'quota.unavailable': { say: 'The node holds no budget and could not ask for one.', todo: 'Check that the node reaches the control plane.' },
  'pace.exceeded': { say: 'More requests or tokens in a minute than are allowed.', todo: 'Wait, or raise the pace of the key or the account.' },
  'concurrency.exceeded': { say: 'Too many requests at once.', todo: 'Wait until one ends, or let the key or the account have more at once.' },
  'sessions.exceeded': { say: 'Too many sessions of the key at once.', todo: 'Wait until one has been idle for five minutes, or let the key have more.' },
  'route.no-candidate': { say: 'No provider can serve the model now.', todo: 'Open the request to see why each was passed over.' },
  'upstream.all-failed': { say: 'Every provider that could serve it failed.', todo: 'Open the request to see what each answered.' },
  'upstream.resting': { say: 'Every provider that could serve it is resting after failures, or at its limit.', todo: 'Look at the health of the providers; add a second one.' },
  'upstream.over-quota': { say: 'The budget of every provider that could serve it is used up.', todo: 'Raise the limit of a provider on the Settings page, or add another provider.' },
  'upstream.refused': { say: 'The provider refused the request.', todo: 'Open the request to see what it answered; often its secret is wrong.' },
  'upstream.broke-off': { say: 'The provider broke off in the middle of its answer.', todo: 'Send it again.' },
  'upstream.address': { say: 'The provider\'s address is not one a node may call.', todo: 'Change its address on the Providers page.' },
  'node.starting': { say: 'The node had no configuration yet.', todo: 'Wait a few seconds.' },
  'node.stale': { say: 'The node has been without news for too long.', todo: 'Check that it reaches the control plane.' },
  'node.books-away': { say: 'The node could not reach its accounts.', todo: 'Check its Redis, and the way there.' },
  'node.spool-full': { say: 'The node cannot keep its accounts.', todo: 'Check its disk, and that it reaches the control plane.' },
  'client.left': { say: 'The client left before the answer.', todo: 'Nothing, when that was wanted.' },
  'node.bug': { say: 'Something broke in the node.', todo: 'Look into the node\'s log.' },
};

/** The words for a fault's code; also for one that is not known here. */
export function faultWords(code: string): FaultWords {
  return sentences[code] ?? { say: `The request ended with "${code}".`, todo: 'Look into the node\'s log.' };
}
