import { existsSync } from 'node:fs'
import path from 'node:path'

/** Adds the variables of `.env.local`, then `.env`, in `folder`. What is set already stays, as in Next.js. */
export function loadEnvFiles(folder: string): void {
  for (const name of ['.env.local', '.env']) {
    const file = path.join(folder, name)
    if (existsSync(file)) process.loadEnvFile(file)
  }
}
