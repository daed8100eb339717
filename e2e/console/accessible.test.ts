// README: the console can be used by everybody, in both themes.
import { AxeBuilder } from '@axe-core/playwright';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ask } from '../clients/ask.ts';
import { createKey, issueExperienceKey } from '../stack/reads.ts';
import { openStack } from '../stack/stack.ts';
import type { Stack } from '../stack/stack.ts';
import { chromiumPath, openBrowser, signedIn } from './browser.ts';

describe.skipIf(!chromiumPath)(`the console for everybody${chromiumPath ? '' : ' (no Chromium here)'}`, () => {
  let stack: Stack;
  let browser: Browser;
  let exchangeId: string;
  let claimPath: string;
  beforeAll(async () => {
    [stack, browser] = await Promise.all([openStack(), openBrowser()]);
    const key = await createKey(stack.api, { name: 'laptop', budget: { limit: '5', window: 'MONTH' }, models: ['claude-*', 'gpt-*'] });
    exchangeId = (await ask(stack.node.url, key.secret, 'anthropic', { stream: true, headers: { 'x-fairlead-repo': 'acme/harbour', 'x-session-id': 'ses-1' } })).headers.get('x-fairlead-exchange') ?? '';
    await ask(stack.node.url, key.secret, 'gemini');
    const { upstreams } = await stack.api.run('{ upstreams(first: 1) { nodes { id } } }');
    await stack.api.run('mutation ($input: RouteCreateInput!) { routeCreate(input: $input) { userErrors { message } } }', { input: { name: 'long ones', models: ['claude-*'], when: 'inputTokens > 100000', targets: [{ upstreamId: upstreams.nodes[0].id }] } });
    await stack.api.run('mutation ($input: UpstreamBalanceSetInput!) { upstreamBalanceSet(input: $input) { userErrors { message } } }', { input: { upstreamId: upstreams.nodes[0].id, source: 'JSON', path: '/_practice/bill', left: '$.totalNano', unit: 'TOKENS' } });
    const { upstream: watched } = await stack.api.run('query ($id: ID!) { upstream(id: $id) { credentials { id } } }', { id: upstreams.nodes[0].id });
    await stack.api.run('mutation ($input: CredentialBalanceRefreshInput!) { credentialBalanceRefresh(input: $input) { userErrors { message } } }', { input: { credentialId: watched.credentials[0].id } });
    claimPath = new URL((await issueExperienceKey(stack.api)).claimUrl).pathname;
    await stack.api.run('mutation { managementTokenCreate(input: { name: "nightly", scopes: ["keys:read"] }) { userErrors { message } } }');
    await stack.api.until(async () => (await stack.api.run('query ($id: ID!) { exchange(id: $id) { charges { id } } }', { id: exchangeId })).exchange?.charges.length > 0);
  });
  afterAll(async () => { await browser?.close(); await stack?.close(); });

  /** Every page, with something that is only there when it has been drawn whole. */
  const pages = (): [path: string, drawn: string][] => [
    ['/', '[data-exchange]'], ['/keys', 'tbody tr'], ['/upstreams', '[data-balance]'], ['/routes', '[data-route]'], ['/prices', '[data-price]'], ['/requests', '[data-exchange]'], [`/requests/${exchangeId}`, 'tbody tr'], ['/usage', 'figure'], ['/billing', '[data-audit] dl'], ['/nodes', 'tbody tr'],
    ['/experience', '[data-campaign]'], ['/settings', 'tbody tr'], ['/keys?create', '[role=dialog] form'], ['/sign-in', 'form'], ['/try', 'main li'], [claimPath, 'dl'], ['/nowhere', 'h1'],
  ];

  /** What a theme can break; all else is the same in both. */
  const ofColour = ['color-contrast', 'link-in-text-block'];

  test('no page breaks a rule of accessibility in either theme, each has one heading and a title, and none scrolls sideways on 360 pixels', async () => {
    const { context, page } = await signedIn(browser, stack, { colorScheme: 'light' });
    const wide = page.viewportSize() ?? { width: 1280, height: 720 };
    const found: string[] = [];
    for (const [path, drawn] of pages()) {
      await page.goto(stack.controlUrl + path);
      await page.locator(drawn).first().waitFor();
      for (const [colorScheme, rules] of [['light', undefined], ['dark', ofColour]] as const) {
        await page.emulateMedia({ colorScheme });
        // What fades in has less contrast until it has arrived.
        await page.evaluate('Promise.allSettled(document.getAnimations().filter((one) => one.effect.getTiming().iterations !== Infinity).map((one) => one.finished))');
        // Without frames of others there is nothing that needs a page of axe's own for each look.
        const axe = new AxeBuilder({ page }).setLegacyMode(true);
        const { violations } = await (rules ? axe.withRules([...rules]) : axe).analyze();
        found.push(...violations.map((violation) => `${path}, ${colorScheme}: ${violation.id} ${violation.nodes.map((node) => node.html).join(' ').slice(0, 300)}`));
      }
      expect(await page.locator('h1').count(), path).toBe(1);
      expect(await page.title(), path).toMatch(/.+ · Fairlead$/);
      await page.emulateMedia({ colorScheme: 'light' });
      await page.setViewportSize({ width: 360, height: 720 });
      expect(await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth'), path).toBeLessThanOrEqual(0);
      await page.setViewportSize(wide);
    }
    expect(found).toEqual([]);
    await context.close();
  });

  test('on a small screen the menu opens as a dialog', async () => {
    const { context, page } = await signedIn(browser, stack);
    await page.setViewportSize({ width: 360, height: 720 });
    await page.goto(stack.controlUrl);
    await page.getByRole('button', { name: 'Open the menu' }).click();
    await page.getByRole('dialog').getByRole('link', { name: 'Keys' }).click();
    await page.getByRole('heading', { level: 1, name: 'Keys' }).waitFor();
    await context.close();
  });

  test('a chosen theme is kept, also over a reload', async () => {
    const { context, page } = await signedIn(browser, stack, { colorScheme: 'light' });
    const canvas = () => page.evaluate('getComputedStyle(document.documentElement).backgroundColor');
    const light = await canvas();
    await page.getByRole('button', { name: 'Theme: as the system' }).click();
    await page.getByRole('button', { name: 'Theme: light' }).click();
    await page.getByRole('button', { name: 'Theme: dark' }).waitFor();
    const dark = await canvas();
    expect(dark).not.toBe(light);
    await page.reload();
    await page.getByRole('button', { name: 'Theme: dark' }).waitFor();
    expect(await canvas()).toBe(dark);
    await context.close();
  });
});
