import { defineConfig } from 'prisma/config'

// Only migrate commands need the URL; `generate` runs without a database. This file is read by the Prisma CLI alone.
export default defineConfig({
  schema: 'prisma/schema.prisma',
  migrations: { path: 'prisma/migrations' },
  datasource: { url: process.env.DATABASE_URL ?? 'postgresql://unused:unused@127.0.0.1:5432/postern' },
})
