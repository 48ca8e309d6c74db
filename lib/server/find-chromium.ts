import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'

const PLACES = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
  '/snap/bin/chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
]
const APT = '/usr/bin/apt-get'
const APT_TIMEOUT_MS = 10 * 60_000

/** The machine's own Chromium or Chrome. */
export function findChromium(): string | undefined {
  return PLACES.find((place) => existsSync(place))
}

/** The machine's browser, else Debian's package where we may install it. Throws with what to install. */
export function findOrInstallChromium(): string {
  const found = findChromium()
  if (found) return found
  if (process.getuid?.() === 0 && existsSync(APT)) {
    console.log('Installing Chromium from the system’s packages …')
    for (const args of [['update'], ['install', '-y', '--no-install-recommends', 'chromium']])
      spawnSync(APT, args, { stdio: ['ignore', 'ignore', 'inherit'], timeout: APT_TIMEOUT_MS })
    const installed = findChromium()
    if (installed) return installed
  }
  throw new Error(
    'The browser tests need Chromium or Chrome.\n  Debian, Ubuntu: sudo apt-get install chromium\n' +
      '  Fedora: sudo dnf install chromium\n  macOS: brew install --cask google-chrome',
  )
}
