import path from 'node:path'
import { env } from '@/lib/env'
import { migrate } from '@/lib/store/migrate'

/** `DATABASE_URL=… node … lib/server/migrate-command.ts`: brings a database up to date and ends. */
const url = env().DATABASE_URL
if (!url) throw new Error('DATABASE_URL is not set')
await migrate(url, path.resolve(import.meta.dirname, '../../prisma/migrations'))
