import { readFileSync, writeFileSync } from 'node:fs'
import { completeLock, lockSchema } from './complete-lock'

// `npm run lockfile`, to be run after each `npm install`; see lib/server/complete-lock.ts.
const FILE = 'package-lock.json'
const lock = lockSchema.parse(JSON.parse(readFileSync(FILE, 'utf8')))
writeFileSync(FILE, `${JSON.stringify(completeLock(lock), null, 2)}\n`)
