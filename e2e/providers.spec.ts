import AxeBuilder from '@axe-core/playwright'
import type { ProviderRow } from '../lib/model/provider'
import { expect, test } from './fixtures'

for (const scheme of ['light', 'dark'] as const)
  test(`a gateway of our own is added, known by its host, and its allow-list confirmed, in ${scheme}`, async ({
    browser,
    request,
    baseURL,
  }) => {
    const id = `litellm-${scheme}`
    const host = `${scheme}.llm.example.com`
    const context = await browser.newContext({ colorScheme: scheme, ...(baseURL && { baseURL }) })
    const page = await context.newPage()
    await page.goto('/graph')
    await page.getByRole('link', { name: 'Providers' }).click()
    await expect(page.getByRole('heading', { level: 1, name: 'Providers' })).toBeVisible()

    await page.getByLabel('Which provider is this host?').fill(host)
    await page.getByRole('button', { name: 'Ask' }).click()
    await expect(page.getByText(`${host} is of no provider that the catalogue knows.`)).toBeVisible()

    await page.getByRole('button', { name: 'Add a provider' }).click()
    const form = page.getByRole('form', { name: 'New provider' })
    await form.getByRole('button', { name: 'Save' }).click()
    await expect(form.getByText('lower-case letters, digits and single hyphens')).toBeVisible()
    await form.getByLabel('Id', { exact: true }).fill(id)
    await form.getByLabel('Name', { exact: true }).fill(`LiteLLM ${scheme} <b>`)
    await form.getByLabel('Host 1', { exact: true }).fill('api.openai.com')
    await form.getByLabel('How its list of client addresses is set (optional)').fill('In its own firewall.')
    await form.getByRole('button', { name: 'Save' }).click()
    await expect(form.getByText(/hosts\.0\.host: is a host of OpenAI/)).toBeVisible()
    await form.getByLabel('Host 1', { exact: true }).fill(host)
    expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([])
    await page.screenshot({ path: test.info().outputPath(`form-${scheme}.png`) })
    await form.getByRole('button', { name: 'Save' }).click()
    await expect(form).toHaveCount(0)

    await page.getByLabel('Find').fill(host)
    const row = page.getByRole('row', { name: new RegExp(id) })
    await expect(row).toContainText('own')
    await row.getByRole('button', { name: `LiteLLM ${scheme} <b>` }).click()
    await expect(page.getByText('In its own firewall.')).toBeVisible()
    // The demo's rule speaks of all providers.
    await expect(page.getByText(/One address or network belongs on the list of LiteLLM/)).toBeVisible()
    await expect(page.getByText('203.0.113.10/32').first()).toBeVisible()
    await page.getByRole('button', { name: 'The list is on at the provider' }).click()
    await expect(page.getByText(/confirmed on .* that the list is on, with 203\.0\.113\.10\/32/)).toBeVisible()
    expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([])
    await page.screenshot({ path: test.info().outputPath(`provider-${scheme}.png`) })

    const { providers }: { providers: ProviderRow[] } = await (await request.get('/api/providers')).json()
    expect(providers.find((provider) => provider.id === id)).toMatchObject({
      origin: 'own',
      allowList: { confirmed: { addresses: ['203.0.113.10/32'] } },
    })

    await page.getByLabel('Find').fill('')
    await page.getByLabel('Show').selectOption('allow-list')
    await page.getByRole('button', { name: 'OpenAI', exact: true }).click()
    await expect(page.getByText(/ip_not_authorized/)).toBeVisible()
    await page.screenshot({ path: test.info().outputPath(`openai-${scheme}.png`) })

    await page.getByLabel('Show').selectOption('own')
    await row.getByRole('button', { name: `LiteLLM ${scheme} <b>` }).click()
    await page.getByRole('button', { name: 'Edit' }).click()
    await page.getByRole('button', { name: 'Remove this provider' }).click()
    await expect(row).toHaveCount(0)
    await context.close()
  })
