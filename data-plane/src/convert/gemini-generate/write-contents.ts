// Pure. Turns as this dialect's contents.
import { GEMINI_NO_SIGNATURE, type GeminiContent, type GeminiPart } from '@fairlead/shared/wire/gemini-generate.ts';
import type { Part, ToolResultPart, Turn } from '../hub/conversation.ts';
import type { LossList } from '../hub/loss.ts';
import { sealFor } from '../hub/seal.ts';
import type { Target } from '../hub/target.ts';
import { pairTools } from '../hub/tool-pairs.ts';
import { toldServerTool } from '../hub/told-server-tool.ts';
import { generationOf } from './models.ts';
import { ON_TEXT } from './seals.ts';
import { argsOf } from './write-parts.ts';
import { fitsInResult, mediaPart } from './write-media.ts';

type Write = { readonly nameOf: (callId: string) => string; readonly target: Target; readonly losses: LossList };
type Side = { readonly role: 'user' | 'model'; parts: GeminiPart[] };

/** What the user is made to say where a conversation does not begin with them. */
const GOES_ON = '(The conversation goes on.)';

/** Contents that alternate and begin with the user, with every result right behind its call, as the vendor wants them. */
export function contentsOf(turns: readonly Turn[], target: Target, losses: LossList): GeminiContent[] {
  const names = new Map(turns.flatMap((turn) => turn.parts.flatMap((part) => (part.kind === 'tool-call' ? [[part.id, part.name] as const] : []))));
  const write: Write = { nameOf: (callId) => names.get(callId) ?? callId, target, losses };
  const sides: Side[] = [];
  for (const turn of pairTools(turns, losses)) {
    const role = turn.role === 'assistant' ? 'model' : 'user';
    if (turn.role === 'system') losses.add('system turn: as user text');
    const parts = role === 'model' ? modelParts(turn.parts, write) : userParts(turn, write);
    const last = sides.at(-1);
    if (parts.length === 0) continue;
    if (last?.role === role) last.parts.push(...parts);
    else sides.push({ role, parts });
  }
  if (sides[0]?.role !== 'user') {
    losses.add('turns: begin with the user');
    sides.unshift({ role: 'user', parts: [{ text: GOES_ON }] });
  }
  return sides.map((side) => (side.role === 'model' && generationOf(target.model) === 'levels' ? { ...side, parts: signed(side.parts, losses) } : side));
}

/** Since the third generation the first call of a step must bear a signature; where none is to be had, the vendor's own word for that stands. */
function signed(parts: readonly GeminiPart[], losses: LossList): GeminiPart[] {
  const first = parts.findIndex((part) => part.functionCall !== undefined);
  if (first < 0 || parts[first]?.thoughtSignature !== undefined) return [...parts];
  losses.add('thinking: none for a call');
  return parts.map((part, at) => (at === first ? { ...part, thoughtSignature: GEMINI_NO_SIGNATURE } : part));
}

function userParts(turn: Turn, write: Write): GeminiPart[] {
  const { losses } = write;
  return turn.parts.flatMap((part): GeminiPart[] => {
    switch (part.kind) {
      case 'text':
        return part.text === '' ? [] : [{ text: turn.role === 'system' ? `<system-reminder>\n${part.text}\n</system-reminder>` : part.text }];
      case 'image':
      case 'file':
        return mediaPart(part, losses);
      case 'tool-result':
        return resultParts(part, write);
      default:
        return [];
    }
  });
}

function modelParts(parts: readonly Part[], { target, losses }: Write): GeminiPart[] {
  const out: GeminiPart[] = [];
  for (const part of parts) {
    switch (part.kind) {
      case 'text':
        if (part.citations && part.citations.length > 0) losses.add('citation');
        if (part.text !== '') out.push({ text: part.text });
        break;
      case 'image':
      case 'file':
        out.push(...mediaPart(part, losses));
        break;
      case 'tool-call': {
        const seal = sealFor(part.seal, 'gemini-generate', target, losses);
        out.push({ functionCall: { id: part.id, name: part.name, args: argsOf(part.input, losses) }, ...(seal && { thoughtSignature: seal.data }) });
        break;
      }
      case 'thinking': {
        // Thoughts without a signature tell this vendor nothing.
        if (!part.seal) losses.add('thinking');
        const seal = sealFor(part.seal, 'gemini-generate', target, losses);
        if (seal) out.push({ text: part.text, thought: true, thoughtSignature: seal.data });
        break;
      }
      case 'sealed-thinking': {
        const seal = sealFor(part.seal, 'gemini-generate', target, losses);
        if (seal) out.push(...onText(out, seal.id, seal.data));
        break;
      }
      case 'server-tool':
        out.push(...toldServerTool(part, losses).map((text) => ({ text })));
        break;
      case 'tool-result':
        break;
    }
  }
  return out;
}

/** A signature back on the text before it, where it stood; else on an empty one. */
function onText(out: GeminiPart[], id: string | undefined, thoughtSignature: string): GeminiPart[] {
  const last = out.at(-1);
  if (id !== ON_TEXT || last?.text === undefined || last.thoughtSignature !== undefined) return [{ text: '', thoughtSignature }];
  out[out.length - 1] = { ...last, thoughtSignature };
  return [];
}

/** A result, and behind it what it shows that the vendor does not take within one. */
function resultParts(result: ToolResultPart, { nameOf, target, losses }: Write): GeminiPart[] {
  const text = result.parts.flatMap((part) => (part.kind === 'text' ? [part.text] : [])).join('\n');
  const shown = result.parts.flatMap((part) => (part.kind === 'text' ? [] : mediaPart(part, losses)));
  const within = generationOf(target.model) === 'levels' ? shown.filter(fitsInResult) : [];
  const behind = shown.filter((part) => !within.includes(part));
  if (behind.length > 0) losses.add('tool-result: media moved to the next message');
  const blobs = within.flatMap(({ inlineData }) => (inlineData ? [{ inlineData }] : []));
  return [{ functionResponse: { id: result.callId, name: nameOf(result.callId), response: result.isError ? { error: text } : text === '' && shown.length > 0 ? {} : { output: text }, ...(blobs.length > 0 && { parts: blobs }) } }, ...behind];
}
