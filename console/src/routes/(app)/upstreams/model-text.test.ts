import { expect, test } from 'vitest';
import { readMappings, writeMappings } from './model-text.ts';

test('typed models become mappings, and mappings become the same text again', () => {
  const text = 'claude-*, fast=gpt-5.5-mini';
  const read = readMappings(text);
  expect(read).toEqual([{ model: 'claude-*', upstreamModel: null }, { model: 'fast', upstreamModel: 'gpt-5.5-mini' }]);
  expect(writeMappings(read.map(({ model, upstreamModel }) => ({ model, upstreamModel: upstreamModel ?? '*' })))).toBe(text);
});

test('nothing typed is no mapping', () => {
  expect(readMappings(' , ')).toEqual([]);
});
