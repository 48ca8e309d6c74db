#!/usr/bin/env node
// Stands in for Prisma's schema-engine binary, so that no Prisma command tries to download it. `generate` and
// `validate` never call the engine; a command that does must fail loudly instead of exiting 0 with nothing done.
process.stderr.write(
  'no schema engine: use npm run migrate:diff, see docs/decisions/0003-prisma-without-downloads.md\n',
)
process.exit(1)
