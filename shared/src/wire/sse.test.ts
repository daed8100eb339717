import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createSseParser, encodeSseFrame, SseFrameTooLarge, writeSseFrame, type SseFrame } from './sse.ts';

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

function parse(chunks: readonly Uint8Array[]): SseFrame[] {
  const parser = createSseParser();
  return [...chunks.flatMap((chunk) => parser.push(chunk)), ...parser.end()];
}

function cut(bytes: Uint8Array, at: readonly number[]): Uint8Array[] {
  const places = [...new Set(at.map((n) => n % (bytes.length + 1)))].sort((a, b) => a - b);
  return [0, ...places].map((from, i) => bytes.subarray(from, places[i] ?? bytes.length));
}

const lineText = fc.string({ unit: 'binary', maxLength: 20 }).map((s) => s.replace(/[\r\n]/g, '·'));
const frame: fc.Arbitrary<SseFrame> = fc.record(
  { data: fc.array(lineText, { minLength: 1, maxLength: 3 }).map((lines) => lines.join('\n')), event: lineText, id: lineText },
  { requiredKeys: ['data'] },
);

describe('frames', () => {
  it.each([
    ['line feeds', 'event: a\ndata: 1\n\ndata: 2\n\n'],
    ['carriage returns', 'event: a\rdata: 1\r\rdata: 2\r\r'],
    ['both', 'event: a\r\ndata: 1\r\n\r\ndata: 2\r\n\r\n'],
    ['no space after the colon', 'event:a\ndata:1\n\ndata:2\n\n'],
    ['comments and spare blank lines', ': hello\n\n\n: x\nevent: a\n: y\ndata: 1\n\n:\n\ndata: 2\n\n'],
    ['a byte order mark', '\ufeffevent: a\ndata: 1\n\ndata: 2\n\n'],
    ['no blank line at the end', 'event: a\ndata: 1\n\ndata: 2'],
  ])('are the same with %s', (_name, text) => {
    expect(parse([bytesOf(text)])).toEqual([{ event: 'a', data: '1' }, { data: '2' }]);
  });

  it('join their data lines and keep only the first space', () => {
    expect(parse([bytesOf('data:  a\ndata\ndata: b: c\nid: 7\nretry: 5\n\n')])).toEqual([{ data: ' a\n\nb: c', id: '7' }]);
  });

  it('need data: an event name alone is no frame', () => {
    expect(parse([bytesOf('event: ping\n\ndata:\n\n')])).toEqual([{ data: '' }]);
  });

  it('are given as soon as their blank line is seen, also when it is a carriage return', () => {
    const parser = createSseParser();
    expect(parser.push(bytesOf('data: 1\r\n\r'))).toEqual([{ data: '1' }]);
    expect(parser.push(bytesOf('\ndata: 2\n\n'))).toEqual([{ data: '2' }]);
  });

  it('larger than the limit are refused rather than held', () => {
    const parser = createSseParser({ maxFrameBytes: 16 });
    expect(parser.push(bytesOf('data: 123456789\n\n'))).toHaveLength(1);
    expect(() => parser.push(bytesOf('data: 12345678901'))).toThrow(SseFrameTooLarge);
  });

  it('are the same however the bytes are cut, with any line ending', () => {
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 6 }), fc.constantFrom('\n', '\r', '\r\n'), fc.boolean(), fc.array(fc.nat(), { maxLength: 30 }), (frames, ending, bom, at) => {
        const text = `${bom ? '\ufeff' : ''}${frames.map(writeSseFrame).join('')}`.replaceAll('\n', ending);
        expect(parse(cut(bytesOf(text), at))).toEqual(parse([bytesOf(text)]));
        expect(parse([...bytesOf(text)].map((byte) => Uint8Array.of(byte)))).toEqual(parse([bytesOf(text)]));
      }),
    );
  });

  it('come back as they were written', () => {
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 6 }), (frames) => {
        expect(parse(frames.map(encodeSseFrame))).toEqual(frames.map((f) => JSON.parse(new TextDecoder().decode(bytesOf(JSON.stringify(f))))));
      }),
    );
  });

  it('cannot be forged through a name that spans lines', () => {
    expect(() => writeSseFrame({ event: 'a\ndata: forged', data: '' })).toThrow(TypeError);
  });
});
