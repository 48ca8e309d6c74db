import { z } from 'zod'

const packageSchema = z.looseObject({
  dev: z.boolean().optional(),
  hasInstallScript: z.boolean().optional(),
  optionalDependencies: z.record(z.string(), z.string()).optional(),
})

/** The parts of package-lock.json (version 3) that matter here; everything else is kept as it is. */
export const lockSchema = z.looseObject({ packages: z.record(z.string(), packageSchema) })
export type Lock = z.infer<typeof lockSchema>
type LockedPackage = z.infer<typeof packageSchema>

const SYSTEMS = ['aix', 'android', 'darwin', 'freebsd', 'linux', 'netbsd', 'openbsd', 'openharmony', 'sunos', 'win32']
const PROCESSORS = ['arm', 'arm64', 'ia32', 'loong64', 'mips64el', 'ppc64', 'riscv64', 's390x', 'wasm32', 'x64']

/**
 * The lockfile with every optional platform package that its packages name. npm leaves out those that the registry in use
 * did not serve, and then `npm ci` calls its own lockfile out of step. Throws where a name does not tell its platform.
 */
export function completeLock(lock: Lock): Lock {
  const packages = { ...lock.packages }
  for (const [key, parent] of Object.entries(lock.packages))
    for (const [name, range] of Object.entries(parent.optionalDependencies ?? {})) {
      if (packages[`${key}/node_modules/${name}`] ?? packages[`node_modules/${name}`]) continue
      packages[`node_modules/${name}`] = platformPackage(name, range, parent)
    }
  return { ...lock, packages: Object.fromEntries(Object.entries(packages).sort(([a], [b]) => (a < b ? -1 : 1))) }
}

function platformPackage(name: string, range: string, parent: LockedPackage): LockedPackage {
  const words = (name.split('/').pop() ?? '').split(/[-_.]/)
  const os = SYSTEMS.filter((system) => words.includes(system))
  const cpu = PROCESSORS.filter((processor) => words.includes(processor))
  if (os.length + cpu.length === 0) throw new Error(`cannot tell the platform of ${name}`)
  return {
    version: range.replace(/^\D*/, ''),
    ...(cpu.length > 0 && { cpu }),
    ...(parent.dev && { dev: true }),
    optional: true,
    ...(os.length > 0 && { os }),
    ...(words.includes('musl') && { libc: ['musl'] }),
  }
}
