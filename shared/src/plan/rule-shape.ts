// Pure. What a rule may be made of, and what it reads: checked on the syntax tree before a rule is ever run.
import type { ASTNode } from '@marcbachmann/cel-js';

/** What a rule reads of a request beyond its facts: header names in lower case, and paths of single values in the body joined by dots. */
export interface RuleNames { headers: string[]; body: string[] }

/** What the syntax tree of a rule tells. */
export interface RuleShape {
  names: RuleNames;
  zones: string[];
  /** Reads that stand alone in a top-level `&&`: without them the rule cannot fit, so nothing need be evaluated. */
  needs: RuleNames;
}

/** Why a rule cannot be used, in words that say what to do instead. */
export class RuleRefused extends Error {}

// No regular expressions (they can take for ever), no list building, no text building: with these a rule of a
// thousand characters ends after at most some thousand steps.
const calls = new Set(['has', 'size', 'int', 'double', 'string', 'fits', 'hourIn', 'minuteIn', 'weekdayIn']);
const methods = new Set(['startsWith', 'endsWith', 'contains', 'lowerAscii', 'upperAscii', 'trim', 'size']);
const loops = new Set(['exists', 'all', 'exists_one']);

/** Headers that carry secrets; what a rule reads is kept with the exchange. */
const secretHeaders = new Set(['authorization', 'proxy-authorization', 'x-api-key', 'x-goog-api-key', 'api-key', 'cookie']);
/** Where prompts live in the dialects; nothing below them is ever kept. */
const promptFields = new Set(['messages', 'input', 'contents', 'system', 'systemInstruction', 'system_instruction', 'instructions', 'prompt', 'tools', 'toolConfig', 'safeguards', 'suffix', 'prediction']);

/** Checks what a rule is made of; throws RuleRefused. */
export function shapeOf(ast: ASTNode): RuleShape {
  const headers = new Set<string>();
  const body = new Set<string>();
  const zones = new Set<string>();
  const note = (read: Read) => (read.of === 'header' ? headers : body).add(read.path);
  const walk = (node: ASTNode, bound: string | undefined): void => {
    const read = readOf(node);
    if (read) return void note(read);
    switch (node.op) {
      case 'value': return;
      case 'id':
        if (node.args === 'header' || node.args === 'body') throw new RuleRefused(`${node.args} is read by name: ${node.args}["…"], or "…" in ${node.args}.`);
        return;
      case 'call': {
        const [name, args] = node.args;
        if (!calls.has(name)) throw new RuleRefused(`${name}(…) is not part of the rule language. There are: ${[...calls].join(', ')}.`);
        if (name.endsWith('In')) zones.add(literal(args[0], `${name}(…) takes the name of a time zone, such as "Europe/Berlin".`));
        for (const arg of args) walk(arg, bound);
        return;
      }
      case 'rcall': {
        const [name, receiver, args] = node.args;
        if (loops.has(name)) {
          // One level, over the few tags of a key: nested loops multiply.
          const list = receiver.op === 'id' && receiver.args === 'tags' || receiver.op === '.' && receiver.args[0].op === 'id' && receiver.args[0].args === 'key' && receiver.args[1] === 'tags';
          if (!list || bound !== undefined) throw new RuleRefused(`${name}(…) goes over tags only, and not inside another.`);
          const [variable, test] = args;
          if (!variable || variable.op !== 'id' || !test) throw new RuleRefused(`${name} is written tags.${name}(t, t == "…").`);
          return walk(test, variable.args);
        }
        if (name === 'matches') throw new RuleRefused('matches(…) is not offered, since a regular expression can take for ever. Use fits(text, "claude-*"), startsWith or contains.');
        if (!methods.has(name)) throw new RuleRefused(`.${name}(…) is not part of the rule language. There are: ${[...methods, ...loops].join(', ')}.`);
        walk(receiver, bound);
        for (const arg of args) walk(arg, bound);
        return;
      }
      case 'in': {
        const [item, list] = node.args;
        if (list.op === 'id' && (list.args === 'header' || list.args === 'body')) return void note({ of: list.args, path: pathOf(list.args, [literal(item, `"…" in ${list.args} takes a name in quotes.`)]) });
        walk(item, bound);
        return walk(list, bound);
      }
      case 'map': throw new RuleRefused('{…} is not part of the rule language.');
      case 'list': for (const item of node.args) walk(item, bound); return;
      case '.': case '.?': return walk(node.args[0], bound);
      case '!_': case '-_': return walk(node.args, bound);
      case '?:': for (const part of node.args) walk(part, bound); return;
      default: for (const part of node.args) walk(part, bound);
    }
  };
  walk(ast, undefined);
  return { names: { headers: [...headers], body: [...body] }, zones: [...zones], needs: needsOf(ast) };
}

interface Read { of: 'header' | 'body'; path: string }

/** The header or value of the body that a chain of selections reads; undefined when it is no such chain. */
function readOf(node: ASTNode): Read | undefined {
  const path: string[] = [];
  for (let at = node; ; ) {
    if (at.op === '.') { path.unshift(at.args[1]); at = at.args[0]; continue; }
    if (at.op === '[]') {
      const [of, name] = at.args;
      if (name.op !== 'value' || typeof name.args !== 'string') return undefined;
      path.unshift(name.args);
      at = of;
      continue;
    }
    return at.op === 'id' && (at.args === 'header' || at.args === 'body') && path.length > 0 ? { of: at.args, path: pathOf(at.args, path) } : undefined;
  }
}

function pathOf(of: 'header' | 'body', path: readonly string[]): string {
  const text = path.join('.');
  if (path.some((part) => part === '' || part.length > 100) || path.length > 8) throw new RuleRefused(`${of}: "${text.slice(0, 60)}" is no name.`);
  if (of === 'header') {
    if (path.length > 1) throw new RuleRefused('A header is one text: header["x-team"].');
    if (text !== text.toLowerCase()) throw new RuleRefused(`Write header names in small letters: header["${text.toLowerCase()}"].`);
    if (secretHeaders.has(text)) throw new RuleRefused(`${text} carries a secret, so no rule may read it. Use key.name or key.tags to tell keys apart.`);
    return text;
  }
  if (path.some((part) => part.includes('.'))) throw new RuleRefused('Names in the body are written one by one: body.metadata.tier.');
  if (promptFields.has(path[0] ?? '')) throw new RuleRefused(`body.${text} leads into the prompt, which is never kept. Rules read single settings such as body.temperature.`);
  return text;
}

/** What stands alone in a top-level `&&` as a comparison of a read: without the value it can only be false or an error. */
function needsOf(ast: ASTNode): RuleNames {
  const needs: RuleNames = { headers: [], body: [] };
  const visit = (node: ASTNode): void => {
    if (node.op === '&&') { visit(node.args[0]); visit(node.args[1]); return; }
    const parts: ASTNode[] = node.op === 'rcall' ? [node.args[1]] : node.op === '==' || node.op === '!=' || node.op === '<' || node.op === '<=' || node.op === '>' || node.op === '>=' || node.op === 'in' ? [...node.args] : [];
    if (node.op === 'in' && node.args[1].op === 'id') return;
    for (const part of parts) {
      const read = readOf(part);
      if (read) (read.of === 'header' ? needs.headers : needs.body).push(read.path);
    }
  };
  visit(ast);
  return needs;
}

function literal(node: ASTNode | undefined, otherwise: string): string {
  if (node?.op !== 'value' || typeof node.args !== 'string') throw new RuleRefused(otherwise);
  return node.args;
}
