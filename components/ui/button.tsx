import { cva, type VariantProps } from 'class-variance-authority'
import Link from 'next/link'
import type { ComponentProps } from 'react'
import { cn } from './cn'

const look = cva(
  'inline-flex items-center justify-center gap-1.5 whitespace-nowrap rounded-md border font-medium disabled:pointer-events-none disabled:opacity-50',
  {
    variants: {
      variant: {
        plain: 'border-(--border) bg-(--surface) hover:bg-(--surface-2)',
        primary: 'border-(--accent) bg-(--accent) text-(--on-accent) hover:brightness-90',
        ghost: 'border-transparent bg-transparent hover:bg-(--surface-2)',
      },
      size: { normal: 'h-7 px-2.5', small: 'h-6 px-2 text-[12px]', icon: 'size-7 px-0' },
    },
    defaultVariants: { variant: 'plain', size: 'normal' },
  },
)

/** A button in one of three looks; `type` is `button` unless said otherwise. */
export function Button({ variant, size, className, ...props }: ComponentProps<'button'> & VariantProps<typeof look>) {
  return <button type="button" className={cn(look({ variant, size }), className)} {...props} />
}

/** A link that looks like a button: it leads to another page. */
export function ButtonLink({ className, ...props }: ComponentProps<typeof Link>) {
  return <Link className={cn(look(), className)} {...props} />
}
