import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isId } from '@fairlead/shared/id.ts';
import { expect, test } from 'vitest';
import { newBootId } from './boot.ts';

test('ids of starts rise, also when the clock was set back in between or the file is no number', () => {
  const folder = mkdtempSync(join(tmpdir(), 'fairlead-boot-'));
  try {
    const now = Date.UTC(2026, 10, 21);
    const ids = [now, now, now - 86_400_000, now - 3_600_000, now + 1].map((at) => newBootId(folder, at));
    expect([...ids].sort()).toEqual(ids);
    expect(new Set(ids).size).toBe(ids.length);
    for (const id of ids) expect(isId('boot', id)).toBe(true);
    for (const damaged of ['', 'x', '9'.repeat(15), '-1']) {
      writeFileSync(join(folder, 'boot'), damaged);
      expect(isId('boot', newBootId(folder, now)), damaged).toBe(true);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
