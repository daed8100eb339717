// README: the console lights up step by step while one gets started.
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ask } from '../clients/ask.ts';
import { createKey } from '../stack/reads.ts';
import { openStack } from '../stack/stack.ts';
import type { Stack } from '../stack/stack.ts';
import { chromiumPath, openBrowser, signInLink, signedIn } from './browser.ts';

describe.skipIf(!chromiumPath)(`getting started in a browser${chromiumPath ? '' : ' (no Chromium here)'}`, () => {
  let stack: Stack;
  let browser: Browser;
  beforeAll(async () => { [stack, browser] = await Promise.all([openStack({ nodes: 0 }), openBrowser()]); });
  afterAll(async () => { await browser?.close(); await stack?.close(); });

  test('a sign-in link works once, and its token stays in no address', async () => {
    const link = await signInLink(stack);
    const first = await (await browser.newContext()).newPage();
    await first.goto(link);
    await first.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
    expect(first.url()).not.toContain('token');
    const second = await (await browser.newContext()).newPage();
    await second.goto(link);
    await second.getByText('This sign-in link was used already.').waitFor();
    expect(second.url()).not.toContain('token');
    await second.goto(`${stack.controlUrl}/keys`);
    await second.waitForURL('**/sign-in');
    await first.context().close();
    await second.context().close();
  });

  test('each step turns green by itself, the first request within a second of its end', async () => {
    const { context, page, errors } = await signedIn(browser, stack);
    const step = (name: string, done: boolean) => page.locator(`[data-step="${name}"][data-done="${done}"]`);
    await step('SIGNED_IN', true).waitFor();
    await step('PRACTICE_READY', true).waitFor();
    await step('NODE_LIVE', false).getByText('FAIRLEAD_NODE_TOKEN=').waitFor();
    const node = await stack.addNode();
    await step('NODE_LIVE', true).waitFor();
    await step('KEY_CREATED', false).getByText('keys create').waitFor();
    const key = await createKey(stack.api);
    await step('KEY_CREATED', true).waitFor();
    await step('FIRST_REQUEST', false).getByText('/v1/messages').waitFor();
    await page.getByText('Live', { exact: true }).waitFor();

    const heard = await ask(node.url, key.secret, 'anthropic');
    expect(heard.status).toBe(200);
    const ended = Date.now();
    await step('FIRST_REQUEST', true).waitFor();
    // The product promises a second; a busy machine gets half of one more to draw it.
    expect(Date.now() - ended).toBeLessThan(1_500);
    await page.locator(`[data-exchange="${heard.headers.get('x-fairlead-exchange') ?? ''}"]`).waitFor();
    expect(errors).toEqual([]);
    await context.close();
  });

  test('a request that failed is explained in words, with what to do', async () => {
    const { context, page } = await signedIn(browser, stack);
    const key = await createKey(stack.api, { models: ['claude-haiku-5-5'] });
    const [node] = stack.nodes;
    if (!node) throw new Error('the step before has started a node');
    expect((await ask(node.url, key.secret, 'anthropic', { model: 'claude-opus-5-5' })).status).toBe(403);
    const told = page.locator('[data-failed="model.not-allowed"]');
    await told.getByText('The key may not use that model.').waitFor();
    await told.getByRole('link', { name: 'See why' }).click();
    await page.getByRole('heading', { level: 1, name: 'claude-opus-5-5' }).waitFor();
    await page.getByText('Change the models of the key.').waitFor();
    await context.close();
  });
});
