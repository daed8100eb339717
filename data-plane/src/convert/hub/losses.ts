// Pure. The one catalog of what conversions leave behind or change, by name, with what it means for people.

/** Every loss there is; beside them stands `field: …`, a field of the request that only its own dialect has. */
export const losses = {
  'answer: image': 'An image in the answer is left out: clients of this dialect are shown none.',
  'answer format: name': 'The name of an answer\'s schema is not sent.',
  'answer format: any JSON': 'Any JSON object was asked for; the model is only told so.',
  'answer format: beside tools': 'This model keeps to no format while it may call tools.',
  'assistant: file': 'A file in an earlier answer is left out.',
  'assistant: image': 'An image in an earlier answer is left out.',
  'cache mark: beyond the fourth': 'Four marks are the most; the last ones are kept.',
  'citation': 'The source of a text is left out.',
  'effort: beside a forced tool': 'This vendor does not think when a tool is forced.',
  'effort: no room for thinking': 'The output limit is too low to think.',
  'effort: not at this model': 'This model does not think.',
  'effort: off': 'This vendor cannot be told not to think.',
  'effort: earlier thinking is missing': 'Thinking is off, since this vendor demands the thinking that came before an earlier call, and nobody has it.',
  'file: of another store': 'A file by its id in one vendor\'s store means nothing to another.',
  'file: this kind': 'This vendor takes no files of this kind.',
  'file: by address': 'This vendor fetches no files of this kind by address.',
  'image: how closely': 'How closely an image shall be looked at is not said.',
  'image: by address': 'This vendor fetches no images by address.',
  'logprobs': 'Probabilities of words are left out.',
  'metadata': 'Metadata of the request is left out.',
  'sampling: frequency penalty': 'This setting is not known to the vendor.',
  'sampling: presence penalty': 'This setting is not known to the vendor.',
  'sampling: seed': 'This setting is not known to the vendor.',
  'sampling: top_p': 'This vendor takes a temperature or top_p, not both.',
  'sampling: top_k': 'This setting is not known to the vendor.',
  'server tool: code execution': 'The vendor does not run code by itself.',
  'server tool: web fetch': 'The vendor does not fetch pages by itself.',
  'server tool: web search': 'The vendor does not search the web by itself.',
  'server tool: options': 'Limits of a vendor\'s own tool are left out.',
  'server tool: beside functions': 'This vendor runs no tool of its own while it may call the client\'s.',
  'server tool: what it found': 'What a vendor\'s own tool found is told as text, or left out.',
  'service tier': 'This tier of service has no counterpart.',
  'stop sequences': 'This vendor takes none.',
  'stop sequences: beyond the fifth': 'Five are the most.',
  'stop sequences: beyond the fourth': 'Four are the most.',
  'system turn: as user text': 'An instruction between the turns is sent as the user\'s words.',
  'temperature: above 1': 'The temperature is lowered to 1.',
  'temperature: beside thinking': 'This vendor takes no temperature while it thinks.',
  'thinking': 'Thinking of an earlier answer is left out: the vendor takes none back.',
  'thinking: seal of the last text': 'A signature behind the last text is left out: clients take no block after it, and the vendor can do without.',
  'thinking: sealed by another issuer': 'Only who made it can read it.',
  'thinking: none for a call': 'A call that this vendor did not think up is sent with a mark that says so.',
  'thinking: unsigned': 'This vendor refuses thinking that it did not sign.',
  'tool: free format': 'The grammar of a tool that takes free text is told in words only.',
  'tool: name': 'A tool has another name at this vendor; calls come back under its own.',
  'tool: schema': 'Words of a JSON schema that this vendor refuses are left out.',
  'tool: strict': 'This vendor does not hold tools to their schemas.',
  'tool-call: cut by the limit': 'A call that the output limit cut is left out: what is left of its input says something else.',
  'tool-call: input that is no object': 'The input of a call is no JSON object; it is wrapped in one.',
  'tool choice: some of them': 'A choice among some tools is made by offering only these.',
  'tool-result: error flag': 'That a tool failed is said by its text alone.',
  'tool-result: media moved to the next message': 'A result holds only text; what it showed follows as the user\'s words.',
  'tool-result: missing': 'A call that was never answered gets an empty result.',
  'tool-result: sent twice': 'A result that was sent twice is sent once.',
  'tool-result: without its call': 'A result without its call is left out.',
  'tools: one at a time': 'The model may call several tools at once.',
  'turns: begin with the user': 'A line of the user is put before a conversation that does not begin with one.',
  'user': 'The end user is not named.',
  'verbosity': 'This setting is not known to the vendor.',
} as const;

/** Losses of form alone: the model is told the same in another way, or only a price may change. */
const formOnly: ReadonlySet<string> = new Set<keyof typeof losses>([
  'answer format: name', 'cache mark: beyond the fourth', 'image: how closely', 'system turn: as user text', 'tool: free format', 'tool: name', 'tool choice: some of them', 'tool-result: error flag',
  'tool-result: media moved to the next message', 'tool-result: sent twice', 'thinking: none for a call', 'thinking: seal of the last text', 'turns: begin with the user', 'temperature: beside thinking',
]);

/** Whether a loss, by its name, leaves out something that the client asked for: a strict route refuses it. */
export function losesContent(feature: string): boolean {
  return !formOnly.has(feature);
}

/** The name of a loss. */
export type LossName = keyof typeof losses;
