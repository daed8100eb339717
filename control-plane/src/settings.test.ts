import { expect, test } from 'vitest';
import { SettingsInvalid, isLoopback, readSettings } from './settings.ts';

test('nothing set gives an install that only this machine reaches', () => {
  const settings = readSettings({});
  expect([settings.host, settings.port, settings.nodeUrl, settings.publicUrl]).toEqual(['127.0.0.1', 4400, 'http://127.0.0.1:8787', undefined]);
  expect(settings.databaseUrl).toMatch(/^file:.*\.fairlead\/control\/fairlead\.db$/);
  expect(isLoopback(settings)).toBe(true);
});

test('every problem is told at once, and none repeats a secret', () => {
  const env = { FAIRLEAD_CONTROL_PORT: '70000', FAIRLEAD_DATABASE_URL: 'oracle://user:hunter2@db', FAIRLEAD_PUBLIC_URL: 'ftp://x', FAIRLEAD_KEK: 'c2hvcnQ=', FAIRLEAD_TRUSTED_PROXIES: '10.0.0.0/8, 10.0.0.0/99', FAIRLEAD_API_POINTS_PER_MINUTE: '59999' };
  let problems: readonly string[] = [];
  try { readSettings(env); } catch (cause) { if (cause instanceof SettingsInvalid) problems = cause.problems; }
  for (const name of Object.keys(env)) expect(problems.some((problem) => problem.startsWith(name)), name).toBe(true);
  expect(problems.join()).not.toMatch(/hunter2|c2hvcnQ/);
});

test('a public URL, or a host that others reach, is no loopback install', () => {
  expect(isLoopback(readSettings({ FAIRLEAD_PUBLIC_URL: 'https://ai.example/' }))).toBe(false);
  expect(isLoopback(readSettings({ FAIRLEAD_HOST: '0.0.0.0' }))).toBe(false);
});
