import { expect, test } from 'vitest';
import { labelsInTags } from './labels.ts';

test('the tags of a key that name a label are the labels of its requests', () => {
  expect(labelsInTags(['night', 'repo:acme/harbour', 'repo:other', 'ticket:', 'branches:x', 'branch:main'])).toEqual({ repo: 'acme/harbour', branch: 'main' });
  expect(labelsInTags([])).toEqual({});
});
