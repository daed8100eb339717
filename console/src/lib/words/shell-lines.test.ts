import { expect, test } from 'vitest';
import { claudeLine, curlLine, exportLines, quoted } from './shell-lines.ts';

test('a value with a blank or a quote stays one word in a shell', () => {
  expect(quoted('http://127.0.0.1:8787')).toBe('http://127.0.0.1:8787');
  expect(quoted(`it's here`)).toBe(`'it'\\''s here'`);
});

test('the variables come as one line or as exports', () => {
  const env = [{ name: 'A', value: 'x' }, { name: 'B', value: 'y z' }];
  expect(claudeLine(env)).toBe("A=x B='y z' claude");
  expect(exportLines(env)).toBe("export A=x\nexport B='y z'");
});

test('the curl line asks the node with the key', () => {
  expect(curlLine('http://n', 'flk_x', 'm')).toContain(`http://n/v1/messages -H "authorization: Bearer flk_x"`);
});
