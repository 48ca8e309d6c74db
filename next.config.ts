import type { NextConfig } from 'next'

const config: NextConfig = {
  poweredByHeader: false,
  // Compression would hold back server-sent events; a reverse proxy does it better.
  compress: false,
  // A lockfile in a parent folder must not become the root.
  turbopack: { root: import.meta.dirname },
  serverExternalPackages: [
    'pg',
    'pg-copy-streams',
    'pino',
    '@prisma/adapter-pg',
    '@prisma/client',
    '@kubernetes/client-node',
  ],
  images: { unoptimized: true },
  // `npm run verify` and `npm test` check types; a first `npm start` need not wait for that again.
  typescript: { ignoreBuildErrors: true },
}

export default config
