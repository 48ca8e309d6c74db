'use client'
import {
  BrainCircuit,
  Cable,
  Database,
  DoorOpen,
  Settings,
  ShieldCheck,
  Table2,
  TriangleAlert,
  Waypoints,
} from 'lucide-react'
import Link from 'next/link'
import { usePathname } from 'next/navigation'
import { cn } from '@/components/ui/cn'

const PLACES = [
  { href: '/graph', name: 'Graph', icon: Waypoints },
  { href: '/flows', name: 'Flows', icon: Table2 },
  { href: '/egress', name: 'Egress', icon: DoorOpen },
  { href: '/incidents', name: 'Incidents', icon: TriangleAlert },
  { href: '/policies', name: 'Policies', icon: ShieldCheck },
  { href: '/providers', name: 'Providers', icon: BrainCircuit },
  { href: '/sources', name: 'Sources', icon: Cable },
  { href: '/datasets', name: 'Datasets', icon: Database },
  { href: '/settings', name: 'Settings', icon: Settings },
] as const

/** The way between pages: a rail at the left, a bar at the bottom of narrow windows. */
export function Rail() {
  const pathname = usePathname()
  return (
    <nav
      aria-label="Pages"
      className="order-last flex border-t border-(--border) bg-(--surface) lg:order-first lg:w-14 lg:flex-col lg:border-t-0 lg:border-r"
    >
      {PLACES.map(({ href, name, icon: Icon }) => {
        const isHere =
          pathname.startsWith(href) ||
          (href === '/incidents' && pathname.startsWith('/findings')) ||
          (href === '/sources' && pathname.startsWith('/connect'))
        return (
          <Link
            key={href}
            href={href}
            aria-current={isHere ? 'page' : undefined}
            className={cn(
              'grid flex-1 justify-items-center gap-0.5 border-transparent py-2 text-[10px] text-(--text-muted) hover:bg-(--surface-2) hover:text-(--text) lg:flex-none lg:border-l-2',
              isHere && 'border-(--accent) font-medium text-(--text)',
            )}
          >
            <Icon aria-hidden size={18} />
            {name}
          </Link>
        )
      })}
    </nav>
  )
}
