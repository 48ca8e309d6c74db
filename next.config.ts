import type { NextConfig } from 'next'

const config: NextConfig = {
  poweredByHeader: false,
  // OTLP senders drop what is answered with a redirect.
  skipTrailingSlashRedirect: true,
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
    // Loaded at run time, and only where they are used: gRPC by its listener, the SDK where OTEL_* variables ask for it.
    '@grpc/grpc-js',
    '@opentelemetry/api',
    '@opentelemetry/core',
    '@opentelemetry/sdk-node',
    '@opentelemetry/exporter-metrics-otlp-grpc',
    '@opentelemetry/exporter-metrics-otlp-http',
    '@opentelemetry/exporter-metrics-otlp-proto',
  ],
  images: { unoptimized: true },
  // `npm run verify` and `npm test` check types; a first `npm start` need not wait for that again.
  typescript: { ignoreBuildErrors: true },
}

export default config
