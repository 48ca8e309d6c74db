import { readFileSync, writeFileSync } from 'node:fs'

interface LockedPackage {
  readonly version?: string
  readonly dev?: boolean
  readonly optionalDependencies?: Readonly<Record<string, string>>
}

const OS = ['android', 'darwin', 'freebsd', 'linux', 'netbsd', 'openbsd', 'openharmony', 'win32', 'sunos', 'aix']
const CPU = ['arm', 'arm64', 'ia32', 'ppc64', 'riscv64', 's390x', 'wasm32', 'x64', 'loong64', 'mips64el']
const FILE = 'package-lock.json'

/**
 * Adds the platform packages that the registry in use did not serve, without which `npm ci` calls the lockfile out of
 * step. Run after each `npm install` (`npm run lockfile`).
 */
const lock = JSON.parse(readFileSync(FILE, 'utf8')) as {
  packages: Record<string, LockedPackage & Record<string, unknown>>
}
for (const [key, pkg] of Object.entries(lock.packages)) {
  for (const [name, range] of Object.entries(pkg.optionalDependencies ?? {})) {
    if (lock.packages[`${key}/node_modules/${name}`] ?? lock.packages[`node_modules/${name}`]) continue
    const parts = (name.split('/').pop() ?? '').split(/[-_.]/)
    const os = OS.filter((item) => parts.includes(item))
    const cpu = CPU.filter((item) => parts.includes(item))
    if (os.length + cpu.length === 0) throw new Error(`cannot tell the platform of ${name}`)
    lock.packages[`node_modules/${name}`] = {
      version: range.replace(/^\D*/, ''),
      ...(cpu.length > 0 && { cpu }),
      ...(pkg.dev && { dev: true }),
      optional: true,
      ...(os.length > 0 && { os }),
      ...(parts.includes('musl') && { libc: ['musl'] }),
    }
  }
}
lock.packages = Object.fromEntries(Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : 1)))
writeFileSync(FILE, `${JSON.stringify(lock, null, 2)}\n`)
