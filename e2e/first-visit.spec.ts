import { expect, test } from './fixtures'

/** What a first-time user presses; the journey below may not need more. */
const PRESSES = 6

test(`who opens the demo finds the planted bypass, reads its evidence, and shares it, in ${PRESSES} presses and without a manual`, async ({
  page,
  browser,
}) => {
  let pressed = 0
  const press = async (name: string | RegExp, role: 'button' | 'tab' = 'button') => {
    pressed += 1
    await page.getByRole(role, { name }).first().click()
  }
  await page.goto('/graph?dataset=unseen')
  await press('Load demo')
  await expect(page.getByText('dataset demo')).toBeVisible()
  await press(/^1 violation$/)
  const panel = page.getByRole('complementary')
  await expect(panel.getByRole('heading', { name: /agents \/ planner.*OpenAI/ })).toBeVisible()
  await expect(panel.getByText(/left by 203\.0\.113\.66, not by nat-a \(203\.0\.113\.10\)/i).first()).toBeVisible()
  pressed += 1
  await panel.getByText('raw rows').first().click()
  await expect(panel.locator('details[open]').getByText(/nat-gw: .*dst=203\.0\.113\.66/)).toBeVisible()
  await press('Create incident link')
  await press('Freeze and create')
  const url = await page.getByRole('textbox', { name: 'Incident link' }).inputValue()
  expect(pressed).toBeLessThanOrEqual(PRESSES)

  const stranger = await browser.newContext()
  const shared = await stranger.newPage()
  await shared.goto(url)
  await expect(shared.getByText(/left by 203\.0\.113\.66, not by nat-a/i).first()).toBeVisible()
  await stranger.close()
})
