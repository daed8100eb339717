// README: what has no price is listed, and charged once when somebody sets one.
import { AxeBuilder } from '@axe-core/playwright';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ask } from '../clients/ask.ts';
import { connect } from '../stack/providers.ts';
import { createKey } from '../stack/reads.ts';
import { openStack } from '../stack/stack.ts';
import type { Stack } from '../stack/stack.ts';
import { chromiumPath, openBrowser, signedIn } from './browser.ts';

describe.skipIf(!chromiumPath)(`prices in the console${chromiumPath ? '' : ' (no Chromium here)'}`, () => {
  let stack: Stack;
  let browser: Browser;
  beforeAll(async () => {
    [stack, browser] = await Promise.all([openStack(), openBrowser()]);
    await connect(stack, 'Any');
    await ask(stack.node.url, (await createKey(stack.api)).secret, 'chat', { model: 'gpt-6-unlisted' });
    await stack.api.until(async () => (await stack.api.run('{ unpricedModels { model } }')).unpricedModels.length > 0);
  });
  afterAll(async () => { await browser?.close(); await stack?.close(); });

  test('a model that was used without a price stands on top, and setting its price says before what it will charge', async () => {
    const { context, page, errors } = await signedIn(browser, stack, { colorScheme: 'dark' });
    await page.goto(`${stack.controlUrl}/prices`);
    await page.locator('[data-unpriced="gpt-6-unlisted"]').getByRole('button').click();
    const form = page.getByRole('dialog');
    await form.getByLabel('Input', { exact: true }).fill('2');
    await form.getByLabel('Output', { exact: true }).fill('12');
    await form.getByRole('button', { name: 'Preview', exact: true }).click();
    await form.getByText('1 call would be charged').waitFor();
    expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
    await form.getByRole('button', { name: 'Set price' }).click();
    await page.locator('[data-price="gpt-6-unlisted"]').waitFor();
    await page.locator('[data-unpriced]').waitFor({ state: 'detached' });
    expect(errors).toEqual([]);
    await context.close();
  });
});
