import { defineConfig } from '@playwright/test'
import { findChromium } from './lib/server/find-chromium'

// `npm test` chooses free ports; these are for a single spec by hand: npx playwright test e2e/NAME.spec.ts
const port = Number(process.env.POSTERN_E2E_PORT ?? 3210)
const allowedEmbedOrigin = `http://127.0.0.1:${process.env.POSTERN_E2E_EMBED_PORT ?? 3211}`

export default defineConfig({
  testDir: 'e2e',
  testMatch: '*.spec.ts',
  // The journeys share one server and one machine of few cores.
  workers: 1,
  timeout: 60_000,
  globalTimeout: 22 * 60_000,
  expect: { timeout: 10_000 },
  forbidOnly: Boolean(process.env.CI),
  retries: 0,
  reporter: 'list',
  // A page on this origin may frame /embed, one on any other may not: test.info().config.metadata.allowedEmbedOrigin
  metadata: { allowedEmbedOrigin },
  use: {
    baseURL: `http://127.0.0.1:${port}`,
    viewport: { width: 1440, height: 900 },
    // A trace's film strip takes a third of what a journey costs; what the page held at each step stays in it.
    trace: { mode: 'retain-on-failure', screenshots: false, snapshots: true, sources: true },
    screenshot: 'only-on-failure',
    launchOptions: {
      executablePath: process.env.POSTERN_CHROMIUM ?? findChromium(),
      args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
    },
  },
  webServer: {
    command: 'node --conditions=react-server --import tsx lib/server/e2e-server.ts',
    url: `http://127.0.0.1:${port}/api/health/ready`,
    env: { PORT: String(port), POSTERN_EMBED_ORIGINS: allowedEmbedOrigin },
    timeout: 5 * 60_000,
    reuseExistingServer: false,
    stdout: 'pipe',
    gracefulShutdown: { signal: 'SIGTERM', timeout: 20_000 },
  },
})
