// README: each account sees its own, and the console outlives what is behind it.
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ask } from '../clients/ask.ts';
import { createKey } from '../stack/reads.ts';
import { openStack } from '../stack/stack.ts';
import type { Stack } from '../stack/stack.ts';
import { chromiumPath, everythingIn, openBrowser, signedIn } from './browser.ts';

describe.skipIf(!chromiumPath)(`members in a browser${chromiumPath ? '' : ' (no Chromium here)'}`, () => {
  let stack: Stack;
  let browser: Browser;
  let key: { id: string; secret: string };
  beforeAll(async () => {
    [stack, browser] = await Promise.all([openStack(), openBrowser()]);
    key = await createKey(stack.api, { name: 'home-secret-plan' });
    await ask(stack.node.url, key.secret, 'anthropic');
  });
  afterAll(async () => { await browser?.close(); await stack?.close(); });

  test('the owner of another account works in it, sees nothing of this one and none of the operator\'s pages', async () => {
    const { tenantCreate } = await stack.api.run('mutation { tenantCreate(input: { name: "Guests", ownerName: "Gita" }) { signInUrl userErrors { message } } }');
    const page = await (await browser.newContext()).newPage();
    const errors: string[] = [];
    page.on('pageerror', (error) => errors.push(error.message));
    await page.goto(tenantCreate.signInUrl);
    const menu = page.getByRole('navigation', { name: 'Main' });
    await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
    await page.getByText('No request yet').waitFor();
    expect(await menu.getByRole('link').allTextContents()).toEqual(['Overview', 'Requests', 'Usage', 'Billing', 'Keys', 'Providers', 'Routes', 'Prices', 'Settings']);
    for (const [place, drawn] of [['Requests', 'No request yet'], ['Usage', 'Nothing was used in this span'], ['Billing', 'Explain a number'], ['Keys', 'No key yet'], ['Providers', 'Connect a provider'], ['Routes', 'No route'], ['Prices', 'preset:practice'], ['Settings', 'Gita']] as const) {
      await menu.getByRole('link', { name: place }).click();
      await page.getByRole('heading', { level: 1, name: place }).waitFor();
      await page.getByText(drawn).first().waitFor();
      expect(await everythingIn(page), place).not.toContain('home-secret-plan');
    }
    await menu.getByRole('link', { name: 'Keys' }).click();
    await page.getByRole('button', { name: 'Create key' }).click();
    await page.getByRole('dialog').getByLabel('Name').fill('guest key');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'I have stored it' }).click();
    await page.getByRole('row', { name: /^guest key/ }).waitFor();
    expect(errors).toEqual([]);
    await page.context().close();
  });

  test('after signing out nothing is shown any more', async () => {
    const { context, page } = await signedIn(browser, stack);
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.waitForURL('**/sign-in');
    await page.goto(`${stack.controlUrl}/keys`);
    await page.waitForURL('**/sign-in');
    expect(await everythingIn(page)).not.toContain('home-secret-plan');
    await context.close();
  });

  test('when the control plane is gone the page says so, and goes on by itself when it is back', async () => {
    const { context, page } = await signedIn(browser, stack);
    await page.goto(`${stack.controlUrl}/requests`);
    await page.locator('[data-exchange]').first().waitFor();
    await stack.control.kill('SIGKILL');
    await page.getByRole('alert').filter({ hasText: 'The control plane does not answer.' }).first().waitFor();
    await page.getByText('Reconnecting').waitFor();
    // What was there stays, and the node goes on without it.
    expect(await page.locator('[data-exchange]').count()).toBeGreaterThan(0);
    const heard = await ask(stack.node.url, key.secret, 'anthropic');
    expect(heard.status).toBe(200);
    await stack.control.restart();
    await page.locator(`[data-exchange="${heard.headers.get('x-fairlead-exchange') ?? ''}"]`).waitFor({ timeout: 30_000 });
    await page.getByText('Live', { exact: true }).waitFor({ timeout: 20_000 });
    expect(await page.getByRole('alert').filter({ hasText: 'does not answer' }).count()).toBe(0);
    await context.close();
  });
});
